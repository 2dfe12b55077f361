"""What the published database says about one figure. Each query answers one question."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb

from orchestration.core.errors import WarehouseError
from orchestration.release.earlier_names import by_todays_names

Row = dict[str, Any]

# One row per figure of a measure, with the usual names of its period. Districts of a peer group have
# figures of their own that are not in `fct_measure`.
_FIGURES = """
with facts as (
    -- A publication of an earlier release has no such column.
    select * from marts.fct_measure where measure_id = $measure
    union all by name
    select cast(null as bigint) as rows_left_out where false
),
figures as (
    select area_type, area_code, area_name, period_type, period_start, period_end, "count",
        modelled_count, denominator, rate, rate_lower, rate_upper, missing_reason, rows_left_out,
        is_provisional, 'fct_measure' as mart
    from facts
    union all by name
    select distinct 'district' as area_type, area_code, area_name, period_type, period_start,
        period_end, "count", denominator, rate, rate_lower, rate_upper, false as is_provisional,
        'peer_comparison' as mart
    from marts.peer_comparison where measure_id = $measure and not is_own_area
),
labelled as (
    select figures.* replace (
            cast(figures.period_start as date) as period_start,
            cast(figures.period_end as date) as period_end
        ),
        periods.period_name,
        case figures.period_type
            when 'month' then strftime(figures.period_start, '%Y-%m')
            when 'quarter' then year(figures.period_start) || '-Q' || quarter(figures.period_start)
            when 'calendar_year' then cast(year(figures.period_start) as varchar)
            when 'year_to_date' then 'april to ' || strftime(figures.period_end, '%Y-%m')
            when 'rolling_12m' then '12m to ' || strftime(figures.period_end, '%Y-%m')
            when 'pooled_3_years' then '3y to ' || strftime(figures.period_end, '%Y-%m')
            else year(figures.period_start) || '-'
                || right(cast(year(figures.period_end) as varchar), 2)
        end as period
    from figures
    left join marts.dim_period as periods
        on periods.period_type = figures.period_type
        and periods.period_start = figures.period_start and periods.period_end = figures.period_end
)
"""
# A name shared by two kinds of year means the strategy year. Without a name: the newest known year,
# otherwise the newest period of any kind.
_FIGURE = f"""{_FIGURES}
select * from labelled
where area_type = $area_type and area_code = $area_code
    and ($period is null or $period in (
        lower(period), lower(period_name), period_start || '..' || period_end
    ))
order by
    ($period is null and "count" is null and modelled_count is null),
    list_position(
        ['strategy_year', 'calendar_year', 'academic_year', 'quarter', 'month'], period_type
    ) nulls last,
    period_end desc
limit 1
"""
_AREAS = f"""{_FIGURES}
select distinct area_type, area_code, area_name from labelled order by all
"""
_PERIODS = f"""{_FIGURES}
select period from labelled where area_type = $area_type and area_code = $area_code
group by period, period_type order by period_type, max(period_end) desc
"""
_DELIVERIES = """
select deliveries.feed, deliveries.period, deliveries.part, deliveries.delivery_id,
    deliveries.sha256, deliveries.received_at, deliveries.contract_version, deliveries.row_count
from governance.deliveries as deliveries
left join (
    select distinct feed, part, period, period_start, period_end from governance.completeness
) as periods
    on periods.feed = deliveries.feed and periods.part = deliveries.part
    and periods.period = deliveries.period
where deliveries.is_current and list_contains($feeds, deliveries.feed)
    and (
        $start is null or periods.period_start is null
        or (periods.period_start <= $end and periods.period_end >= $start)
    )
order by deliveries.feed, periods.period_start, deliveries.period, deliveries.part
"""
_NOT_DELIVERED = """
select period, state from governance.completeness
where feed = $feed and is_expected_part and state <> 'delivered'
    and period_start <= $end and period_end >= $start
order by period_start
"""
_GATE_1 = """
select outcome, severity, count(*) as rules,
    coalesce(list(distinct sentence order by sentence) filter (where outcome <> 'passed'), []) as said
from governance.gate_results
where list_contains($keys, feed || ' ' || delivery_id)
group by outcome, severity order by outcome, severity
"""
_FROZEN = """
select * from read_parquet($path)
where measure_id = $measure and area_type = $area_type and area_code = $area_code
    and period_type = $period_type and cast(period_start as date) = $period_start
"""


class ExplainError(WarehouseError):
    """What was requested does not exist. One sentence, with the closest matches."""


def measure(connection: duckdb.DuckDBPyConnection, measure_id: str) -> Row | None:
    """The measure's row of the register; `None` where there is no such measure."""
    measures = by_todays_names(connection, "marts.dim_measure")
    found = _rows(
        connection, f"select * from {measures} as m where measure_id = $id", {"id": measure_id}
    )
    return found[0] if found else None


def measures(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The identifiers of every measure, in order."""
    query = "select measure_id from marts.dim_measure order by measure_id"
    return [row["measure_id"] for row in _rows(connection, query, {})]


def priorities(connection: duckdb.DuckDBPyConnection, measure_id: str) -> list[str]:
    """The priorities that the measure serves. For shipped ones the name is also that of a mart."""
    query = (
        "select distinct priority_id from marts.priority_change where measure_id = $id order by 1"
    )
    return [row["priority_id"] for row in _rows(connection, query, {"id": measure_id})]


def figure(
    connection: duckdb.DuckDBPyConnection, measure_id: str, area: str | None, period: str | None
) -> Row:
    """The single figure of the measure for an area (code or name) and a period.

    Raises:
        ExplainError: the measure has no figure for that area or that period.
    """
    place = _area(connection, measure_id, area)
    asked = {
        "measure": measure_id,
        "area_type": place["area_type"],
        "area_code": place["area_code"],
    }
    given = period.strip().lower() if period is not None else None
    found = _rows(connection, _FIGURE, {**asked, "period": given})
    if not found:
        known = [row["period"] for row in _rows(connection, _PERIODS, asked)]
        raise ExplainError(
            f"{measure_id} has no period {period} for {place['area_name']}; {_near(period, known)}"
        )
    return found[0]


def deliveries(
    connection: duckdb.DuckDBPyConnection, feeds: Sequence[str], span: Row | None = None
) -> list[Row]:
    """The current deliveries of these feeds; with a span (`start`, `end`), those that overlap it.

    A delivery of an edition has no months and belongs to every figure of its feed.
    """
    given = {"feeds": list(feeds), "start": None, "end": None, **(span or {})}
    return _rows(connection, _DELIVERIES, given)


def not_delivered(connection: duckdb.DuckDBPyConnection, feed: str, span: Row) -> list[Row]:
    """Periods of the feed within the span that were not delivered, and their state."""
    return _rows(connection, _NOT_DELIVERED, {"feed": feed, **span})


def gate_1(connection: duckdb.DuckDBPyConnection, found: Iterable[Row]) -> list[Row]:
    """How many rules of gate 1 had which outcome over these deliveries. Counts only."""
    keys = [f"{row['feed']} {row['delivery_id']}" for row in found]
    return _rows(connection, _GATE_1, {"keys": keys})


def frozen(
    connection: duckdb.DuckDBPyConnection, edition: Path, measure_id: str, known: Row
) -> Row:
    """The same figure as an edition's folder holds it, and whether today's is still the same.

    If the folder has both variants, the full one is used.

    Raises:
        ExplainError: the folder contains no edition's figures.
    """
    files = sorted(edition.rglob("figures.parquet"))
    files.sort(key=lambda path: "official-sensitive" not in path.parts)
    if not files:
        raise ExplainError(f"{edition} holds no figures of an edition")
    asked = {key: known[key] for key in ("area_type", "area_code", "period_type", "period_start")}
    found = _rows(connection, _FROZEN, {"path": str(files[0]), "measure": measure_id, **asked})
    if not found:
        return {"is_printed": False}
    compared = ("count", "modelled_count", "missing_reason")
    return {
        **found[0],
        "is_printed": True,
        "is_same": all(found[0].get(key) == known[key] for key in compared),
    }


def unknown(kind: str, given: str, known: Sequence[str]) -> ExplainError:
    """The error for an unknown name, with the closest matches."""
    return ExplainError(f"there is no {kind} {given}; {_near(given, known)}")


def _area(connection: duckdb.DuckDBPyConnection, measure_id: str, area: str | None) -> Row:
    areas = _rows(connection, _AREAS, {"measure": measure_id})
    if area is None:
        wanted = [row for row in areas if row["area_type"] == "city"]
    else:
        name = area.strip().lower()
        wanted = [
            row for row in areas if name in (row["area_code"].lower(), row["area_name"].lower())
        ]
    if not wanted:
        known = [name for row in areas for name in (row["area_code"], row["area_name"])]
        raise ExplainError(
            f"{measure_id} has no figures for {area or 'the whole area'}; {_near(area, known)}"
        )
    return wanted[0]


def _near(given: str | None, known: Sequence[str]) -> str:
    """The closest matches; if there are none, a few of the existing names."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches((given or "").lower(), by_lower, n=3, cutoff=0.6)
    if close:
        return f"did you mean {', '.join(by_lower[name] for name in close)}?"
    some = list(dict.fromkeys(known))[:3]
    return f"there are {', '.join(some)} and others" if some else "there are none"


def _rows(connection: duckdb.DuckDBPyConnection, query: str, given: Row) -> list[Row]:
    result = connection.execute(query, given)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
