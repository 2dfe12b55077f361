"""The cells: every count of people or events that an edition prints, each decided about once.

A cell of `figures` is a measure, area and period. The answers of a consultation and the offence groups
of the external reconciliation are cells too; their names begin with `consultation/` and `external/`.
"""

from __future__ import annotations

import duckdb
import pandas as pd

from orchestration.core.errors import WarehouseError

# What a cell holds: the count, the base of a share, and for a ranked answer how many put it first.
ITEMS = ("count", "base", "first")
KEY = ("measure_id", "area_type", "area_code", "period_type", "period_start")


class UnknownMeasure(WarehouseError):
    """A figure is of a measure that the register does not have. One sentence."""


def decide(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `cell` of a workspace: one row per cell with the primary decision.

    Columns: `cell` (its key as text), the five columns of the key, `value_<item>` (true, null where the
    cell has none), the rule (`suppress_to`, `round_to`, `least_width`, `is_exact`), `reason` (why it is
    not shown, or null). A count is `small` where it, its base or the rest of the base is from 1 to
    `suppress_to`: the complement of a share tells as much as the share.

    Raises:
        UnknownMeasure: `figures` has a measure that `methods` has not.
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
    connection.execute(_CELLS)


def hide(connection: duckdb.DuckDBPyConnection, cells: list[str]) -> None:
    """Hide these cells too, with the reason `linked`: they would give away another one."""
    chosen = pd.DataFrame({"cell": cells}, dtype="object")
    connection.register("_chosen", chosen)
    connection.execute(
        "update cell set reason = 'linked' where reason is null and cell in (select cell from _chosen)"
    )
    connection.unregister("_chosen")


def rounded(value: str, to: str = "round_to") -> str:
    """SQL: a count to the nearest multiple (a half goes up), exact where the multiple is 1."""
    return f"cast(floor(({value} + {to} // 2) / {to}) * {to} as bigint)"


def key_of(*parts: str) -> str:
    """SQL: the text that names a cell, from SQL for the five columns of its key."""
    first, *others, start = parts
    return f"concat_ws('|', {first}, {', '.join(others)}, strftime({start}, '%Y-%m-%d'))"


FIGURE = key_of("f.measure_id", "f.area_type", "f.area_code", "f.period_type", "f.period_start")


def consultation_cell(alias: str, code: str) -> str:
    """SQL: the cell of an answer, or of a question's base where `code` is an empty text."""
    return (
        f"concat_ws('|', 'consultation/' || {alias}.strand || '/' || {alias}.question_id, 'answer',"
        f" {code}, 'edition', '')"
    )


_SMALL = """
case
    when is_withheld then 'geography'
    when is_off_period then 'period'
    when is_exact then null
    when method = 'published' and value_count is not null then 'derived'
    when {tests} then 'small'
end
"""
_TESTS = " or ".join(
    f"coalesce({amount} between 1 and suppress_to, false)"
    for amount in (
        "value_count", "value_base", "value_base - value_count", "value_first",
        "value_count - value_first",
    )
)  # fmt: skip

_CELLS = f"""
create table cell as
with
    figure as (
        select {FIGURE} as cell, f.measure_id, f.area_type, f.area_code, f.period_type,
            cast(f.period_start as date) as period_start, cast(f.period_end as date) as period_end,
            cast(f."count" as bigint) as value_count,
            case when m.has_base then cast(f.denominator as bigint) end as value_base,
            cast(null as bigint) as value_first, m.method,
            case f.area_type when 'lsoa' then 3 when 'ward' then 2 else 1 end > m.finest as is_withheld,
            m.only_years
            and not (f.period_type = 'strategy_year' and f.area_type in ('city', 'unplaced'))
            as is_off_period,
            m.suppress_to, m.round_to, m.least_width, m.is_exact
        from figures as f inner join measure as m on m.measure_id = f.measure_id
    ),
    strictest as (select suppress_to, round_to, least_width from rules where rule_id = 'hes_1_7_round_5'),
    answer as (
        select {consultation_cell("c", "c.answer_code")} as cell, c.strand, c.question_id, c.answer_code,
            c.respondents as value_count, c.base as value_base, c.first_choices as value_first
        from consultation as c
        union all
        select {consultation_cell("c", "''")}, c.strand, c.question_id, '', max(c.base), null, null
        from consultation as c group by c.strand, c.question_id
    ),
    other as (
        select cell, 'consultation/' || strand || '/' || question_id as measure_id, 'answer' as area_type,
            answer_code as area_code, 'edition' as period_type, value_count, value_base, value_first
        from answer
        union all
        select concat_ws('|', 'external/' || offence_group, 'city', '', 'edition', ''),
            'external/' || offence_group, 'city', '', 'edition', our_count, null, null
        from external
    ),
    together as (
        select * from figure
        union all by name
        select other.*, 'count' as method, false as is_withheld, false as is_off_period,
            strictest.*, false as is_exact
        from other cross join strictest
    )
select * exclude (is_withheld, is_off_period), {_SMALL.format(tests=_TESTS)} as reason
from together
order by cell
"""


def shown(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `shown`: what is printed of each cell, null where it is not shown or not known.

    An answer is hidden with its question's base, whose reason it then has. `is_rounded` says that a
    count other than 0 was rounded.
    """
    figures = ", ".join(
        f"case when reason is null then {rounded(f'value_{item}')} end as shown_{item}"
        for item in ITEMS
    )
    connection.execute(
        f"""
        create or replace table shown as
        with reasoned as (
            select cell.* replace (coalesce(cell.reason, base.reason) as reason)
            from cell left join cell as base
                on cell.area_type = 'answer' and cell.area_code <> ''
                and base.measure_id = cell.measure_id and base.area_type = 'answer' and base.area_code = ''
        )
        select * exclude (method), {figures},
            reason is null and round_to > 1
            and (coalesce(value_count, 0) > 0 or coalesce(value_base, 0) > 0) as is_rounded
        from reasoned
        order by cell
        """
    )
