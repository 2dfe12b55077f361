"""The scrub: everything that is kept is read again in turn, and what is damaged is made again or named."""

# The door: what other rooms may use.
__all__ = ["fsck", "state"]
