"""Sentences made from figures by rule: about measures, months, places and sources."""

# The public interface: what other packages may use.
__all__ = ["measures", "months", "places", "sources"]
