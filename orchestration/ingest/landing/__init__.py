"""Landing: bytes as received, each with a receipt; which files are accepted, kept, current and purged."""

# The door: what other rooms may use.
__all__ = [
    "clock",
    "damage",
    "deliveries",
    "erased",
    "near_names",
    "originals",
    "parts",
    "pull",
    "pull_record",
    "purge",
    "receipts",
    "retention",
]
