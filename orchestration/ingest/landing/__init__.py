"""Landing: bytes as received with a receipt each; which files are taken, kept, current and purged."""

# The door: what other rooms may use.
__all__ = ["deliveries", "pull", "pull_record", "purge", "receipts", "retention"]
