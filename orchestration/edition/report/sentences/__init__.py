"""Sentences made from figures by rule: about measures, months, places and sources."""

# The door: what other rooms may use.
__all__ = ["measures", "months", "places", "sources"]
