"""The formulas of the field and their thresholds, on any connection of DuckDB.

The text of a formula stands once, in `dbt_project/formulas/`, where it is part of what a night and an
edition are made from: change it, and both are made anew. dbt calls it through a plugin
(`transform/formulas.py`), the edition and disclosure control through `define`. Its macros are temporary:
they belong to one connection and are never written into a database.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping
from pathlib import Path

import duckdb

from orchestration.core.errors import WarehouseError
from orchestration.core.settings import PROJECT

SEED = "threshold_register.csv"  # a table of the register
_FORMULAS = PROJECT / "dbt_project" / "formulas"
# In this order: the control chart calls the others.
_FILES = ("statistics.sql", "control_chart.sql")


class BadThreshold(WarehouseError):
    """A threshold cannot be used. One sentence that names it."""


def read_thresholds(path: Path) -> dict[str, float]:
    """The thresholds of a seed (threshold, value, unit, meaning, source), by name, in the seed's order.

    Raises:
        BadThreshold: a name is no word of small letters or is there twice, or a value is no number.
    """
    found: dict[str, float] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            name = row["threshold"]
            if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or name in found:
                raise BadThreshold(
                    f"{path.name}: {name!r} is no name of a threshold, or there twice"
                )
            found[name] = _number(path, name, row["value"])
    return found


def define(connection: duckdb.DuckDBPyConnection, thresholds: Mapping[str, float]) -> None:
    """Give a connection, which may be read-only, every formula and every threshold as a macro.

    A threshold is a macro without arguments that has its name: `minimum_base()`. One that a formula
    needs and `thresholds` lacks is an error of DuckDB when that formula is called.
    """
    values = "".join(
        f"create or replace temp macro {name}() as cast('{value!r}' as double);\n"
        for name, value in thresholds.items()
    )
    texts = [(_FORMULAS / name).read_text(encoding="utf-8") for name in _FILES]
    connection.execute("\n".join([values, *texts]))


def printed(thresholds: Mapping[str, float]) -> dict[str, str]:
    """Thresholds as text has them, with two decimals at most: `20`, `99.8`, `1.96`."""
    return {name: f"{value:,.2f}".rstrip("0").rstrip(".") for name, value in thresholds.items()}


def _number(path: Path, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadThreshold(f"{path.name}: the value of {name} is not a number")
    return value
