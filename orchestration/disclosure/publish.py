"""The public tables, made from what is shown of the cells; one query per table in `public/`."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd

from orchestration.core.errors import WarehouseError
from orchestration.disclosure import allow_list, months, queries

_MARKS = ("suppressed", "previous_suppressed", "is_rounded")
# Why a row is not in a public table at all.
_NOT_LISTED = ("geography", "detail")
# Perception and the ward flags are derived from public tables, so those come first.
_FIRST = ("consultation", "headline", "wards")
# Without counts of their own, but read alongside tables that have them.
_READ_TOO = ("breaks", "methods")
# These print the previous year's count as well.
_COMPARED = ("headline", "needs_assessment")


class RowsLost(WarehouseError):
    """A public table does not have the rows of the true one. One sentence."""


def marked() -> list[str]:
    """The tables that print counts or values derived from them: those with the column `suppressed`."""
    return queries.public_tables()


def unmarked(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables of the sensitive edition, with control columns that say that nothing was controlled.

    Adds `suppressed` (null) and `is_rounded` (false) to every table of `marked()`, and
    `previous_suppressed` (null) to those that also print the previous year.
    """
    made, names = {}, set(marked())
    for name, frame in tables.items():
        if name in names:
            nothing = pd.Series([None] * len(frame), index=frame.index, dtype="object")
            marks = {"suppressed": nothing, "is_rounded": False}
            before = {"previous_suppressed": nothing} if name in _COMPARED else {}
            made[name] = frame.assign(**marks, **before)
        else:
            made[name] = frame
    return made


def without_marks(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables without the control columns, as the warehouse has them."""
    names = set(marked())
    return {
        name: frame.drop(columns=list(_MARKS), errors="ignore") if name in names else frame
        for name, frame in tables.items()
    }


def queried(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables that the queries of control and audit read: those with counts, and the register."""
    wanted = {*marked(), *_READ_TOO}
    return {name: frame for name, frame in tables.items() if name in wanted}


def uncounted(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The public tables that `queried` leaves out: no count is in them, so nothing but the list of columns
    decides what of them is published.

    Raises:
        MissingColumn: a listed table or column is missing.
    """
    counted = queried(tables)
    return {
        name: frame for name, frame in allow_list.allowed(tables).items() if name not in counted
    }


def published(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Every public table, from the workspace's table `shown`; only the columns that may be published, and no
    measure at a geography below its lowest publishable one.

    Raises:
        RowsLost: a row matched no cell, or more than one.
        MissingColumn: a listed table or column is missing.
    """
    names = marked()
    made = dict(tables)
    months.judge(connection, months.SHOWN)
    for name in [*_FIRST, *(name for name in names if name not in _FIRST)]:
        made[name] = _made(connection, name)
        if len(made[name]) != len(tables[name]):
            raise RowsLost(
                f"the public table {name} has {len(made[name])} rows and not {len(tables[name])},"
                " because a row has no cell of its own in figures"
            )
    return allow_list.allowed({name: _at_home(made[name]) for name in sorted(made)})


def _at_home(frame: pd.DataFrame) -> pd.DataFrame:
    """A table without the rows of places below the lowest geography at which their measure may appear, and
    without those of a detail in which it may not."""
    if "suppressed" not in frame:
        return frame
    return frame[~frame["suppressed"].isin(_NOT_LISTED)].reset_index(drop=True)


def _made(connection: duckdb.DuckDBPyConnection, name: str) -> pd.DataFrame:
    connection.execute(f"create or replace table public_{name} as {queries.public(name)}")
    return connection.execute(f"select * from public_{name} order by rowid").df()
