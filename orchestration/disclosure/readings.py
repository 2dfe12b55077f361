"""What a reader can learn from the public tables about each cell: every place in which it is printed.

This is the attacker's side. It knows the rules, the register and the public tables, and uses none of
the code that made them: counts are read from every table, and rates, limits, shares, differences and
centres are converted back into counts.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd

from orchestration.disclosure.queries import make, query


def read(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables `printed` (a row per place in which a cell appears) and `reading` of a workspace.

    `reading` is one row per cell, item (count, base, first) and place: the lowest and highest whole
    number that the place allows; `high` is null where it sets no bound.
    """
    for name in ("year", "city", "place", "printed"):
        make(connection, name)
    connection.execute(f"insert into printed by name {query('printed_answers')}")
    connection.register("_limits", _limits(connection))
    connection.execute("create table limits as select * from _limits")
    make(connection, "reading")


def _limits(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Counts implied by the upper limits of rates: the rows of `printed` with `implied`."""
    frame = connection.execute(query("limits")).df()
    limits = frame["limit_count"].to_numpy(dtype=float)
    numbers = int(limits.max() if len(limits) else 0) + 2
    uppers = connection.execute(query("count_uppers"), {"numbers": numbers}).fetchnumpy()["upper"]
    place = np.clip(np.searchsorted(uppers, limits), 1, len(uppers) - 1)
    nearest = np.where(
        np.abs(uppers[place] - limits) < np.abs(uppers[place - 1] - limits), place, place - 1
    )
    near = np.abs(uppers[nearest] - limits) <= 1e-6 * np.maximum(limits, 1)
    return frame.assign(implied=nearest)[near].drop(columns="limit_count")
