"""The cells: every count of people or events that an edition prints, each decided on once.

A cell of `figures` is a measure, area and period. So is one of `profiles`: its kind of area begins with
`profile/` and names the dimension, its area is the value. The answers of a consultation and the offence
groups of the external reconciliation are cells too; their keys begin with `consultation/` and `external/`.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd

from orchestration.core.engine import connect
from orchestration.core.errors import WarehouseError
from orchestration.disclosure.queries import make, query

# The items of a cell: the count, the base of a share and, for a ranked answer, the first choices.
ITEMS = ("count", "base", "first")
KEY = ("measure_id", "area_type", "area_code", "period_type", "period_start")


def counts(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The figures of an edition's tables with the counts of its profiles, which editions issued before there
    were any do not have."""
    profiles = tables.get("profiles")
    if profiles is None:
        return tables["figures"]
    if "is_published" in profiles:
        profiles = profiles[profiles["is_published"].astype(bool)]
    with connect() as connection:
        connection.execute(query("macros"))
        connection.register("figures", tables["figures"])
        connection.register("leaving_profile", profiles)
        return connection.execute(query("counts")).df()


class UnknownMeasure(WarehouseError):
    """A figure belongs to a measure that is not in the register. One sentence."""


def decide(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `cell` of a workspace: one row per cell with the primary decision.

    Columns: `cell` (its key as text), the five columns of the key, `value_<item>` (true, null where the
    cell has none), the rule (`suppress_to`, `round_to`, `least_width`, `is_exact`), `reason` (why it is
    not shown, or null). A count is `small` where it, its base or the rest of the base is from 1 to
    `suppress_to`: the complement of a share discloses as much as the share. It is `open` or `linked`
    where a total that others publish would disclose it.

    Raises:
        UnknownMeasure: `figures` has a measure that `methods` lacks.
    """
    make(connection, "leaving_profile")
    make(connection, "counts")
    unknown = connection.execute(
        "select distinct measure_id from counts where measure_id not in (select measure_id from methods)"
        " order by 1"
    ).fetchall()
    if unknown:
        names = ", ".join(str(name) for (name,) in unknown)
        raise UnknownMeasure(
            f"figures of {names} have no rule, because the register has no such measure"
        )
    make(connection, "edition_year")
    make(connection, "city")
    make(connection, "cell")
    _of_few(connection)
    _beside_open_totals(connection)


def _of_few(connection: duckdb.DuckDBPyConnection) -> None:
    """Hide the whole profile, zeros included, of a figure that is not shown or is too few to be divided;
    and ask for no more uncertainty than a figure that is printed exactly leaves to its parts."""
    make(connection, "profile_whole")
    connection.execute(
        "update cell set reason = 'open' where (reason is null or reason = 'small')"
        " and cell in (select cell from profile_whole where is_few)"
    )
    connection.execute(
        "update cell set least_width = least(least_width, w.value_count)"
        " from profile_whole as w where w.cell = cell.cell and w.is_exact and w.value_count > 0"
    )


def _beside_open_totals(connection: duckdb.DuckDBPyConnection) -> None:
    """Decide on cells that a reader can bound by a total that others publish exactly.

    Where the total is so small that hiding, a zero or a rounded number would tell more than the total
    itself, all of its parts are hidden with the reason `open`, zeros included; where one of two parts is
    small, the other is hidden too. Both follow from the total and from which part is small, never from
    by how much, so that the decision discloses nothing. A cell's interval cannot stay wider than the
    total leaves it: `least_width` is no more than that.
    """
    make(connection, "open_total")
    for name, reason, instead in (
        ("open_small", "open", "reason is null or reason = 'small'"),
        ("open_other", "linked", "reason is null and value_count > 0"),
    ):
        connection.execute(
            f"update cell set reason = '{reason}' where ({instead}) and cell in ({query(name)})"
        )
    connection.execute(
        "update cell set least_width = least(least_width, w.widest)"
        f" from ({query('open_width')}) as w where w.cell = cell.cell"
    )


def hide(connection: duckdb.DuckDBPyConnection, cells: list[str]) -> None:
    """Hide these cells too, with the reason `linked`: they would disclose another one."""
    chosen = pd.DataFrame({"cell": cells}, dtype="object")
    connection.register("_chosen", chosen)
    connection.execute(
        "update cell set reason = 'linked' where reason is null and cell in (select cell from _chosen)"
    )
    connection.unregister("_chosen")


def veil(connection: duckdb.DuckDBPyConnection, cells: list[str]) -> None:
    """Say nothing more of these cells than that they are hidden (`open`): not that they are small, linked
    or zero, which would disclose another one."""
    chosen = pd.DataFrame({"cell": cells}, dtype="object")
    connection.register("_chosen", chosen)
    connection.execute(
        "update cell set reason = 'open' where not is_exact"
        " and (reason is null or reason in ('small', 'linked'))"
        " and cell in (select cell from _chosen)"
    )
    connection.unregister("_chosen")


def shown(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `shown`: what is printed of each cell, null where it is not shown or not known.

    An answer is hidden together with its question's base and takes over its reason. `is_rounded` says
    that a count other than 0 was rounded.
    """
    make(connection, "shown")
