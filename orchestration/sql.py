"""Text as SQL writes it, for the places where DuckDB takes no parameter."""

from __future__ import annotations


def literal(value: object) -> str:
    """What `value` is as text, as a literal of SQL."""
    return "'" + str(value).replace("'", "''") + "'"
