"""Secondary suppression: what else to hide, so that sums do not disclose what is hidden."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import pandas as pd

from orchestration.core.errors import WarehouseError
from orchestration.disclosure.queries import make, query

_FARTHEST = 50


class Unprotectable(WarehouseError):
    """A small count of people can be worked out, and there is nothing left to hide. One sentence."""


@dataclass(frozen=True)
class Chosen:
    """Cells to hide, and cells of which it must not even be known why they are hidden; both in order."""

    hidden: list[str]
    veiled: list[str]


def choose(
    control: duckdb.DuckDBPyConnection,
    attacked: duckdb.DuckDBPyConnection,
    pins: frozenset[tuple[str, str]],
    last: Chosen | None = None,
) -> Chosen:
    """The cells to hide next, so that the intervals of the pinned cells and items widen.

    For each pinned one, the choice is among all cells printed in its equations (or, where these print
    none, in the adjacent equations, and so on): all rolling totals of one measure, or else the least
    useful cell, the smallest if there are several. Never an exact cell, a zero, or one that the previous
    edition already printed. Where there is none, what the hidden cells beside an open total say of
    themselves (small, linked, or a zero) is withheld.
    `control` has the table `cell`, `attacked` is the attacker's workspace, `last` what was chosen before.

    Raises:
        Unprotectable: no cell around a pinned one is left to hide.
    """
    candidates = control.execute(query("candidates")).df()
    attacked.register("_candidates", candidates)
    attacked.register("_pins", pd.DataFrame(sorted(pins), columns=["cell", "item"], dtype="object"))
    make(attacked, "reach_start", "_reach")
    make(attacked, "offer", "_offer")
    chosen: set[str] = set()
    reached = left = -1
    for _ in range(_FARTHEST):
        make(attacked, "reach_step", "_reach")
        found = attacked.execute(query("reach_pick")).df()
        chosen.update(found["cell"])
        attacked.execute(f"delete from _reach where target in ({query('reach_served')})")
        counted = attacked.execute("select count(*) from _reach").fetchone()
        assert counted is not None
        left = int(counted[0])
        if left in (0, reached):
            break
        reached = left
    veiled: list[str] = []
    if left:
        attacked.register("_veilable", control.execute(query("not_veiled")).df())
        veiled = [str(cell) for (cell,) in attacked.execute(query("veilable")).fetchall()]
        # Hiding what protects the others would go on to the last cell, for nothing.
        if not veiled or last == Chosen(sorted(chosen), veiled):
            names = attacked.execute("select distinct target from _reach order by 1 limit 3")
            raise Unprotectable(
                "nothing is left to hide that would protect "
                + ", ".join(str(name) for (name,) in names.fetchall())
            )
    return Chosen(sorted(chosen), veiled)
