"""What a reader can read off the public tables about each cell: every place in which it is printed.

This is the attacker's side. It knows the rules, the register and the public tables, and it uses nothing
of what made them: counts are read from every table, and rates, limits, shares, differences and centres
are turned back into counts.
"""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from orchestration.disclosure.cells import key_of

_YEAR = "y.starts_on"
_CITY_YEAR = f"'city', (select area_code from city), 'strategy_year', {_YEAR}"
_LABEL = "make_date(cast(t.strategy_year[1:4] as integer), 4, 1)"


def _printed(
    table: str, key: str, count: str = '"count"', base: str = "null", source: str = "", **more: str
) -> str:
    """SQL: rows of one table as readings: source, key, shown count and base, rate, limit, marks."""
    reason = more.get("reason", "t.suppressed")
    return f"""
    select '{source or table}' as source, t.measure_id, {key}, t.{count} as shown, {base} as shown_base,
        {more.get("rate", "null")} as rate, {more.get("limit", "null")} as rate_limit,
        {reason} as reason, t.is_rounded
    from {table} as t cross join year as y {more.get("join", "")} {more.get("where", "")}
    """


def _keys(*parts: str) -> str:
    names = ("area_type", "area_code", "period_type", "period_start")
    return ", ".join(f"{part} as {name}" for part, name in zip(parts, names, strict=True))


_C = "(select area_code from city)"
_PRINTED = [
    _printed("figures", _keys("t.area_type", "t.area_code", "t.period_type", "t.period_start"),
             base="t.denominator", rate="t.rate"),
    _printed("years", _keys("'city'", _C, "t.period_type", "t.period_start"),
             base="t.denominator", rate="t.rate", limit="t.rate_upper"),
    _printed("headline", _keys("'city'", _C, "'strategy_year'", _YEAR),
             base="t.denominator", rate="t.rate", limit="t.rate_upper"),
    _printed("headline", _keys("'city'", _C, "'strategy_year'", f"{_YEAR} - interval 1 year"),
             count="previous_count", source="headline before", reason="t.previous_suppressed",
             where="where t.comparison_missing_reason is null"),
    _printed("decomposition", _keys("'city'", _C, "'strategy_year'", _YEAR)),
    _printed("decomposition", _keys("'city'", _C, "'strategy_year'", f"{_YEAR} - interval 1 year"),
             count="previous_count", source="decomposition before",
             where="where t.previous_count is not null"),
    _printed("needs_assessment", _keys("'city'", _C, "t.period_type", "t.period_start"),
             base="t.denominator", rate="t.rate", limit="t.rate_upper",
             where="where t.period_start is not null"),
    _printed("needs_assessment",
             _keys("'city'", _C, "t.period_type", "t.period_start - interval 1 year"),
             count="previous_count", source="needs_assessment before", reason="t.previous_suppressed",
             where="where t.period_start is not null and t.comparison_missing_reason is null"),
    _printed("monthly", _keys("'city'", _C, "'month'", "t.month_start")),
    _printed("rolling", _keys("'city'", _C, "'rolling_12m'",
             "date_trunc('month', t.period_end) - interval 11 month")),
    _printed("wards", _keys("'ward'", "t.ward_code", "'strategy_year'", _YEAR),
             base="t.denominator", rate="t.rate", limit="t.rate_upper"),
    _printed("lsoas", _keys("'lsoa'", "t.lsoa_2021_code", "'strategy_year'", _YEAR),
             base="t.denominator", rate="t.rate"),
    _printed("unplaced", _keys("'unplaced'", "t.line_code", "'strategy_year'", _YEAR)),
    _printed("case_reviews", _keys("'city'", _C, "'strategy_year'", _LABEL)),
    _printed("cross_check", _keys("'city'", _C, "'strategy_year'", _LABEL)),
    _printed("concentration", _keys("'city'", _C, "'strategy_year'", _LABEL)),
    _printed("peers", _keys("'city'", "t.area_code", "'strategy_year'", _YEAR),
             base="t.denominator", rate="t.rate", limit="t.rate_upper", where="where t.is_own_area"),
    _printed("(select *, headline_measure_id as measure_id from perception)",
             _keys("'city'", _C, "'strategy_year'",
                   "make_date(cast(t.record_year[1:4] as integer), 4, 1)"),
             count="record_count", source="perception", where="where t.record_year is not null"),
    _printed("before", _keys("t.area_type", "t.area_code", "t.period_type", "t.period_start"),
             base="t.denominator", rate="t.rate"),
    f"""
    select 'wards city_rate', t.measure_id, 'city', {_C}, 'strategy_year', {_YEAR}, null, null,
        max(t.city_rate), null, null, true
    from wards as t cross join year as y
    where t.city_rate is not null group by t.measure_id, y.starts_on
    """,
]  # fmt: skip

_READ = f"""
create table printed as
with every as ({" union all ".join(_PRINTED)}),
-- The people that a rate is over are known to everybody, where they are not a count of the measure's own.
known_people as (
    select m.denominator_group, f.area_type, f.area_code, f.period_type, f.period_start,
        max(f.denominator) as people
    from people as f inner join measure as m on m.measure_id = f.measure_id
    where m.denominator_group <> 'own' group by all
)
select {key_of("e.measure_id", "e.area_type", "e.area_code", "e.period_type", "e.period_start")} as cell,
    e.source, e.measure_id, e.area_type, e.area_code, e.period_type,
    cast(e.period_start as date) as period_start, cast(e.shown as bigint) as shown,
    case when m.has_base then cast(e.shown_base as bigint) end as shown_base,
    e.rate, e.rate_limit, e.reason, coalesce(e.is_rounded, false) as is_rounded,
    coalesce(e.shown_base, own.denominator, k.people) as people, m.has_base, m.rate_per, m.method,
    m.suppress_to, m.round_to, m.least_width, m.is_exact, m.finest, m.only_years
from every as e
inner join measure as m on m.measure_id = e.measure_id
left join figures as own
    on own.measure_id = e.measure_id and own.area_type = e.area_type and own.area_code = e.area_code
    and own.period_type = e.period_type and own.period_start = e.period_start
left join known_people as k
    on k.denominator_group = m.denominator_group and k.area_type = e.area_type
    and k.area_code = e.area_code and k.period_type = e.period_type and k.period_start = e.period_start
"""

_ANSWERS = """
insert into printed by name
with strictest as (select suppress_to, round_to, least_width from rules where rule_id = 'hes_1_7_round_5'),
answers as (
    select 'consultation' as source, strand, question_id, answer_code, respondents as shown,
        base as shown_base, first_choices as shown_first, share_of_respondents as rate, suppressed as reason,
        is_rounded
    from consultation
    union all
    -- A base is read where any answer of the question prints it.
    select 'consultation base', strand, question_id, '', max(base), null, null, null,
        case when max(base) is null then max(suppressed) end, bool_or(is_rounded)
    from consultation group by strand, question_id
    union all
    select 'perception ranked', 'adult', 'rank_priorities', priority_id, named_among_three,
        respondents_who_ranked, named_first, null, suppressed, is_rounded
    from perception where named_among_three is not null
    union all
    select 'perception support', 'adult', 'support_' || priority_id, 'yes',
        cast(round(share_of_respondents_in_support * respondents_on_support) as integer),
        respondents_on_support, null, null, null, is_rounded
    from perception where share_of_respondents_in_support is not null
)
select concat_ws('|', 'consultation/' || strand || '/' || question_id, 'answer', answer_code, 'edition', '')
    as cell, source, 'consultation/' || strand || '/' || question_id as measure_id, 'answer' as area_type,
    answer_code as area_code, 'edition' as period_type, shown, shown_base, shown_first, rate, reason,
    coalesce(is_rounded, false) as is_rounded, shown_base as people, answer_code <> '' as has_base,
    1 as rate_per, 'count' as method, strictest.*, false as is_exact, 3 as finest, false as only_years
from answers cross join strictest
union all by name
select concat_ws('|', 'external/' || offence_group, 'city', '', 'edition', '') as cell, 'external' as source,
    'external/' || offence_group as measure_id, 'city' as area_type, '' as area_code,
    'edition' as period_type,
    coalesce(our_count, their_count + difference,
        cast(round(their_count * (1 + difference_percent / 100)) as bigint)) as shown,
    suppressed as reason, is_rounded, false as has_base, 1 as rate_per, 'count' as method, strictest.*,
    false as is_exact, 3 as finest, false as only_years
from external cross join strictest
"""

# What a shown number says: 0 is 0; a rounded one is what rounds to it and is not suppressed.
_READINGS = """
create table reading as
with
    items as (
        select *, 'count' as item, shown as value from printed
        union all by name
        select *, 'base' as item, shown_base as value from printed where has_base
        union all by name
        select *, 'first' as item, shown_first as value from printed where shown_first is not null
    ),
    told as (
        select *, value as seen from items
        union all by name
        -- A rate over known people gives its count back, and so does a limit of it.
        select * replace (source || ' rate' as source),
            cast(round(rate * people / rate_per) as bigint) as seen
        from items
        where item = 'count' and not is_exact and rate is not null and people > 0
        union all by name
        select * replace (source || ' limit' as source), implied as seen from limits
    )
select cell, item, source, measure_id, area_type, period_type, finest, only_years, is_exact,
    suppress_to, round_to, least_width, reason, seen,
    case
        when seen is null and reason = 'small' and not has_base then 1
        when seen is null and reason = 'linked' then suppress_to + 1
        when seen is null then 0
        when seen = 0 or is_exact or not is_rounded or seen % round_to <> 0 then seen
        else greatest(seen - round_to // 2, suppress_to + 1)
    end as low,
    case
        when seen is null and reason = 'small' and not has_base then suppress_to
        when seen is null then null
        when seen = 0 or is_exact or not is_rounded or seen % round_to <> 0 then seen
        else seen - round_to // 2 + round_to - 1
    end as high
from told
where seen is not null or reason is not null
"""


def read(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables `printed` (a row per place in which a cell stands) and `reading` of a workspace.

    `reading` is one row per cell, item (count, base, first) and place: the lowest and highest whole
    number that the place allows; `high` is null where it sets no bound.
    """
    connection.execute(
        "create table year as select max(cast(period_start as date)) as starts_on from figures"
        " where period_type = 'strategy_year' and area_type = 'city'"
    )
    connection.execute(
        "create table city as select min(area_code) as area_code from figures where area_type = 'city'"
    )
    connection.execute(_READ)
    connection.execute("alter table printed add column shown_first bigint")
    connection.execute(_ANSWERS)
    connection.register("_limits", _limits(connection))
    connection.execute("create table limits as select * from _limits")
    connection.execute(_READINGS)


def _limits(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """Counts that upper limits of rates (Byar) give back: the rows of `printed` with `implied`."""
    frame = connection.execute(
        "select *, 'count' as item, shown as value, rate_limit * people / rate_per as limit_count"
        " from printed where rate_limit is not null and people > 0 and not is_exact and not has_base"
    ).df()
    limits = frame["limit_count"].to_numpy(dtype=float)
    counts = np.arange(0, int(limits.max() if len(limits) else 0) + 2)
    uppers = _byar_upper(counts)
    place = np.clip(np.searchsorted(uppers, limits), 1, len(uppers) - 1)
    nearest = np.where(
        np.abs(uppers[place] - limits) < np.abs(uppers[place - 1] - limits), place, place - 1
    )
    near = np.abs(uppers[nearest] - limits) <= 1e-6 * np.maximum(limits, 1)
    return frame.assign(implied=nearest)[near].drop(columns="limit_count")


def _byar_upper(count: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    more = count.astype(float) + 1
    found: npt.NDArray[np.float64] = (
        more * (1 - 1 / (9 * more) + 1.959963985 / (3 * np.sqrt(more))) ** 3
    )
    return found
