"""The cells: every count of people or events that an edition prints, each decided on once.

A cell of `figures` is a measure, area and period. The answers of a consultation and the offence groups
of the external reconciliation are cells too; their keys begin with `consultation/` and `external/`.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from orchestration.core.errors import WarehouseError
from orchestration.disclosure.queries import make

# The items of a cell: the count, the base of a share and, for a ranked answer, the first choices.
ITEMS = ("count", "base", "first")
KEY = ("measure_id", "area_type", "area_code", "period_type", "period_start")


class UnknownMeasure(WarehouseError):
    """A figure belongs to a measure that is not in the register. One sentence."""


def decide(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `cell` of a workspace: one row per cell with the primary decision.

    Columns: `cell` (its key as text), the five columns of the key, `value_<item>` (true, null where the
    cell has none), the rule (`suppress_to`, `round_to`, `least_width`, `is_exact`), `reason` (why it is
    not shown, or null). A count is `small` where it, its base or the rest of the base is from 1 to
    `suppress_to`: the complement of a share discloses as much as the share.

    Raises:
        UnknownMeasure: `figures` has a measure that `methods` lacks.
    """
    unknown = connection.execute(
        "select distinct measure_id from figures where measure_id not in (select measure_id from methods)"
        " order by 1"
    ).fetchall()
    if unknown:
        names = ", ".join(str(name) for (name,) in unknown)
        raise UnknownMeasure(
            f"figures of {names} have no rule, because the register has no such measure"
        )
    make(connection, "cell")


def hide(connection: duckdb.DuckDBPyConnection, cells: list[str]) -> None:
    """Hide these cells too, with the reason `linked`: they would disclose another one."""
    chosen = pd.DataFrame({"cell": cells}, dtype="object")
    connection.register("_chosen", chosen)
    connection.execute(
        "update cell set reason = 'linked' where reason is null and cell in (select cell from _chosen)"
    )
    connection.unregister("_chosen")


def shown(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `shown`: what is printed of each cell, null where it is not shown or not known.

    An answer is hidden together with its question's base and takes over its reason. `is_rounded` says
    that a count other than 0 was rounded.
    """
    make(connection, "shown")
