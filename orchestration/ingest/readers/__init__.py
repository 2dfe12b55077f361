"""Readers: a landed file of any agreed format becomes all-text Parquet, or is refused whole."""

# The door: what other rooms may use.
__all__ = ["parse", "raw_files", "rewritten"]
