"""Landing: bytes as received, each with a receipt; which files are accepted, kept, current and purged."""

# The door: what other rooms may use.
__all__ = [
    "deliveries",
    "near_names",
    "originals",
    "pull",
    "pull_record",
    "purge",
    "receipts",
    "retention",
]
