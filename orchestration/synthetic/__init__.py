"""The synthetic city: made-up extracts of every feed, labelled so, and named faults to spoil them with."""

# The door: what other rooms may use.
__all__ = ["engine", "faults", "sample"]
