"""Text as SQL writes it, for the places where DuckDB takes no parameter."""

from __future__ import annotations

import re
from pathlib import Path


def literal(value: object) -> str:
    """What `value` is as text, as a literal of SQL."""
    return "'" + str(value).replace("'", "''") + "'"


def as_pattern(path: Path) -> str:
    """A path where DuckDB takes a glob pattern: what would match other files is made plain."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))
