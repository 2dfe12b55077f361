"""Secondary protection: what else to hide, so that sums do not give away what is hidden."""

from __future__ import annotations

import duckdb
import pandas as pd

from orchestration.core.errors import WarehouseError

# The least useful goes first; the year of the whole area and the base of a question stay longest.
_USEFULNESS = """
case
    when period_type = 'rolling_12m' then 0
    when area_type = 'unplaced' then 1
    when area_type = 'lsoa' then 2
    when area_type = 'ward' then 3
    when period_type = 'month' then 4
    when area_type = 'answer' and area_code <> '' then 5
    when period_type in ('calendar_year', 'academic_year') then 6
    else 9
end
"""
_FARTHEST = 50


class Unprotectable(WarehouseError):
    """A count of few people can be worked out, and nothing is left to hide. One sentence."""


def choose(
    control: duckdb.DuckDBPyConnection,
    attacked: duckdb.DuckDBPyConnection,
    pins: frozenset[tuple[str, str]],
) -> list[str]:
    """The cells to hide next, in order, so that the pinned cells and items get more room.

    For each pinned one: of all cells printed in its equations (and, where these hold none, in the
    equations next to them, and so on) all rolling totals of one measure, or else the least useful one,
    of these the smallest. Never an exact one, a zero, or one that the previous edition already printed.
    `control` has the table `cell`, `attacked` is the attacker's workspace.

    Raises:
        Unprotectable: a pinned cell has nothing left around it.
    """
    candidates = control.execute(
        f"select cell, measure_id, value_count as value, {_USEFULNESS} as usefulness from cell"
        " where reason is null and not is_exact and value_count > 0"
    ).df()
    attacked.register("_candidates", candidates)
    attacked.register("_pins", pd.DataFrame(sorted(pins), columns=["cell", "item"], dtype="object"))
    attacked.execute(_START)
    chosen: set[str] = set()
    reached = -1
    for _ in range(_FARTHEST):
        attacked.execute(_STEP)
        found = attacked.execute(_PICK).df()
        chosen.update(found["cell"])
        attacked.execute(_SERVED)
        left = attacked.execute("select count(*) from _reach").fetchone()
        assert left is not None
        if left[0] == 0:
            return sorted(chosen)
        if left[0] == reached:
            break
        reached = left[0]
    names = attacked.execute("select distinct target from _reach order by 1 limit 3").fetchall()
    raise Unprotectable(
        "nothing is left to hide that would protect " + ", ".join(str(name) for (name,) in names)
    )


_START = """
create or replace table _reach as select cell as target, cell, item from _pins;
create or replace table _offer as
select c.* from _candidates as c
where c.cell not in (select cell from printed where source = 'before' and shown is not null);
"""

_STEP = """
create or replace table _reach as
select target, cell, item from _reach
union
select r.target, h.cell, h.item
from (select distinct target, relation from _reach inner join held using (cell, item)) as r
inner join held as h on h.relation = r.relation
"""

_PICK = """
with
    offered as (
        select distinct r.target, o.* from _reach as r inner join _offer as o on o.cell = r.cell
    ),
    best as (
        select * from offered
        qualify row_number() over (partition by target order by usefulness, value, cell) = 1
    )
select distinct o.cell
from offered as o inner join best as b on b.target = o.target
where o.cell = b.cell
    or (b.usefulness = 0 and o.usefulness = 0 and o.measure_id = b.measure_id)
order by 1
"""

_SERVED = """
delete from _reach where target in (
    select r.target from _reach as r inner join _offer as o on o.cell = r.cell
)
"""
