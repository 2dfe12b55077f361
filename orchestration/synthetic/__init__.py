"""The synthetic city: synthetic extracts of every feed, labelled as such, and named faults to inject."""

# The door: what other rooms may use.
__all__ = ["engine", "faults", "sample"]
