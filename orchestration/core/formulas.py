"""The statistical formulas and their thresholds, on any DuckDB connection.

A formula is written once, in `dbt_project/formulas/`, and is one of the inputs of a night and of an
edition: if it changes, both are rebuilt. dbt calls it through a plugin
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
    """A threshold cannot be used. The message is one sentence that names it."""


def read_thresholds(path: Path) -> dict[str, float]:
    """The thresholds of a seed (threshold, value, unit, meaning, source), by name, in the seed's order.

    Raises:
        BadThreshold: a name is not a lower-case word or is repeated, or a value is not a number.
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
    """Define every formula and threshold as a macro on a connection, which may be read-only.

    A threshold is a macro of the same name without arguments: `minimum_base()`. If `thresholds` lacks
    one that a formula needs, DuckDB raises an error when that formula is called.
    """
    values = "".join(
        f"create or replace temp macro {name}() as cast('{value!r}' as double);\n"
        for name, value in thresholds.items()
    )
    texts = [(_FORMULAS / name).read_text(encoding="utf-8") for name in _FILES]
    connection.execute("\n".join([values, *texts]))


def printed(thresholds: Mapping[str, float]) -> dict[str, str]:
    """Thresholds formatted for text, with two decimals at most: `20`, `99.8`, `1.96`."""
    return {name: f"{value:,.2f}".rstrip("0").rstrip(".") for name, value in thresholds.items()}


def _number(path: Path, name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadThreshold(f"{path.name}: the value of {name} is not a number")
    return value
