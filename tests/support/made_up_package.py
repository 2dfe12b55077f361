"""An edition made up for tests of the package: two rows in every table, of every declared column; the
thresholds are those of the register."""

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from orchestration.edition.figures.contents import Edition
from orchestration.edition.package import typed_tables
from orchestration.figures import warehouse_tables
from orchestration.quality.waivers import Waiver
from tests.support import thresholds

# Identifiers that tables share, so that names are found.
_KEYS = {
    "measure_id": ["fires", "thefts"],
    "headline_measure_id": ["fires", "thefts"],
    "priority_id": ["calm", "safety"],
    "ward_code": ["W1", "W2"],
    "feed": ["harbour/boats", "harbour/fires"],
    "area_type": ["city", "ward"],
    "status": ["new", "revised"],
}
_EMPTY = {"suppressed", "previous_suppressed", "missing_reason", "comparison_missing_reason"}
_BY_TYPE = {
    "integer": [12, 0],
    "number": [1.5, 0.0],
    "boolean": [True, False],
    "date": pd.to_datetime(["2025-04-01", "2025-05-01"]),
    "datetime": pd.to_datetime(["2026-04-02 03:04:05", "2026-04-02 03:04:06"]),
}


def frame(name: str) -> pd.DataFrame:
    """A table of the edition with two rows."""
    return pd.DataFrame({column.name: _values(column) for column in typed_tables.columns_of(name)})


def _values(column: typed_tables.Column) -> Any:
    if column.name in _EMPTY:
        return pd.Series([None, None], dtype=object)
    if column.name == "is_rounded":
        return [False, False]
    if column.name in _KEYS:
        return _KEYS[column.name]
    return _BY_TYPE.get(column.type, [f"{column.name} one", f"{column.name} two"])


def edition(**changes: Any) -> Edition:
    """The edition, with these of its fields changed."""
    whole = Edition(
        year=warehouse_tables.year_of("2025-26"),
        variant="official-sensitive",
        version=1,
        mode="refresh",
        is_draft=False,
        is_synthetic=True,
        area_code="E1",
        area_name="Harbourton",
        data_as_at="2026-04-02",
        tables={name: frame(name) for name in warehouse_tables.names()}
        | {"thresholds": thresholds.frame()},
        changes=frame("changes"),
        checklist=frame("checklist"),
        ranking=frame("ranking"),
        gates=frame("gates"),
        waivers=(Waiver("completeness", "harbour/boats", "A flood.", "Chair", date(2026, 12, 31)),),
        reasons=(),
        commentary={"calm": "### Why\n\nIt was calm.", "safety": "It was safe."},
        boundaries=pd.DataFrame({"area_type": [], "area_code": [], "boundary_geojson": []}),
    )
    return replace(whole, **changes)


def few(*tables: str, **changes: Any) -> Edition:
    """The edition with these tables only, and those that hold names: a sheet takes its time."""
    whole = edition(**changes)
    kept = {"methods", "headline", "thresholds", "wards", *tables}
    return replace(whole, tables={name: whole.tables[name] for name in sorted(kept)})


def with_cells(given: Edition, table: str, row: int, **values: Any) -> Edition:
    """The edition with these cells of one row of a table changed."""
    changed = given.tables[table].copy()
    for column, value in values.items():
        changed[column] = changed[column].astype(object)
        changed.loc[row, column] = value
    return replace(given, tables={**given.tables, table: changed})
