"""The formulas (statistics, and which points lie in which areas) and their thresholds, on any connection.

A formula is written once, in `dbt_project/formulas/`, and is one of the inputs of a night and of an
edition: if it changes, both are rebuilt. dbt calls it through a plugin
(`transform/formulas.py`), the edition and disclosure control through `define`. Its macros belong to one
connection, or to a database in memory beside it, and are never written into another.
"""

from __future__ import annotations

import csv
import functools
import math
import re
from collections.abc import Mapping
from pathlib import Path

import duckdb

from orchestration.core.errors import WarehouseError
from orchestration.core.settings import PROJECT

SEED = "threshold_register.csv"  # a table of the register
_FORMULAS = PROJECT / "dbt_project" / "formulas"
# In this order: the later ones call the others.
_FILES = (
    "distributions.sql",
    "statistics.sql",
    "change.sql",
    "funnel.sql",
    "season.sql",
    "concentration.sql",
    "control_chart.sql",
    "polygons.sql",
)
# Below this many events the limits of a count are exact; from there on Byar's are as good.
_EXACT_BELOW = 10
# Student's t is used with as many degrees of freedom as pairs of months in ten years allow.
_MOST_FREEDOM = 120
_CREATE = "create or replace"
_SHARED = "formulas"


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
    connection.execute(_text_of(thresholds))


def share(connection: duckdb.DuckDBPyConnection, thresholds: Mapping[str, float]) -> None:
    """Define them once for all cursors of a connection, in a database in memory that `find` lets them use.

    To define them on a cursor takes 20 ms, and dbt opens one for every model and test.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"attach if not exists ':memory:' as {_SHARED}")
        cursor.execute(f"use {_SHARED}")
        cursor.execute(_text_of(thresholds).replace(f"{_CREATE} temp", _CREATE))


def find(cursor: duckdb.DuckDBPyConnection) -> None:
    """Let a cursor find what was shared, after what its own database holds. That stays the default."""
    own = cursor.execute("select current_database() || '.' || current_schema()").fetchone()
    assert own is not None
    cursor.execute(f"set search_path = '{own[0]},{_SHARED}.main'")


def define_polygons(connection: duckdb.DuckDBPyConnection) -> None:
    """Define those about areas and points alone, for all cursors of a connection in memory.

    They need no threshold; the others are slower to define.
    """
    polygons = (_FORMULAS / "polygons.sql").read_text(encoding="utf-8")
    connection.execute(polygons.replace(f"{_CREATE} temp", _CREATE))


def text() -> str:
    """The formulas as they are written, in the order in which they are defined."""
    return "\n".join((_FORMULAS / name).read_text(encoding="utf-8") for name in _FILES)


def _text_of(thresholds: Mapping[str, float]) -> str:
    values = "".join(
        f"{_CREATE} temp macro {name}() as cast('{value!r}' as double);\n"
        for name, value in thresholds.items()
    )
    lists = "".join(
        f"{_CREATE} temp macro {name}() as {list(numbers)!r}::double[];\n"
        for name, numbers in _quantiles(thresholds.get("confidence_percent", 95.0)).items()
    )
    return "\n".join([values, lists, text()])


@functools.lru_cache(maxsize=8)
def _quantiles(percent: float) -> dict[str, tuple[float, ...]]:
    """Quantiles that are more than a line of SQL, at the level of the confidence intervals, two-sided.

    `exact_lowers` and `exact_uppers` are the limits of Poisson counts from 0 to 9 (Garwood F. Biometrika 28
    (1936), by chi-squared), `student_points` those of Student's t by degrees of freedom from 1.
    """
    from scipy import special  # here, since importing this module must cost nothing

    tail = (1 - percent / 100) / 2
    counts = range(_EXACT_BELOW)
    return {
        "exact_lowers": tuple(float(special.gammaincinv(n, tail)) if n else 0.0 for n in counts),
        "exact_uppers": tuple(float(special.gammainccinv(n + 1, tail)) for n in counts),
        "student_points": tuple(
            float(special.stdtrit(freedom, 1 - tail)) for freedom in range(1, _MOST_FREEDOM + 1)
        ),
    }


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
