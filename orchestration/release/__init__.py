"""Publication: the judged candidate becomes what analysts read, with a manifest to verify it by."""

# The door: what other rooms may use.
__all__ = ["earlier_names", "provenance", "publish", "role_copies", "roles", "verify"]
