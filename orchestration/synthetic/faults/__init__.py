"""Named faults: what partners do to files, each with the outcome that it must lead to."""

# The door: what other rooms may use.
__all__ = ["catalogue"]
