"""Text as SQL writes it, where DuckDB does not accept a parameter."""

from __future__ import annotations

import re
from pathlib import Path


def literal(value: object) -> str:
    """The text of `value` as an SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"


def as_pattern(path: Path) -> str:
    """A path where DuckDB expects a glob pattern: wildcards in it are escaped."""
    return re.sub(r"([*?\[])", r"[\1]", str(path))
