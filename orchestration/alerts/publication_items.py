"""Items on the publication: late periods, changed numbers, new signals.

They are queried from the published databases as sets. Numbers of cells and names of measures are
reported, never the count in a cell.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import duckdb

from orchestration.alerts.items import Item, Rules
from orchestration.alerts.wording import some
from orchestration.core import vocabulary
from orchestration.core.engine import connect
from orchestration.core.settings import Settings
from orchestration.core.sql import literal
from orchestration.core.wording import counted, day
from orchestration.release.earlier_names import by_todays_names
from orchestration.release.verify import BrokenManifest, known_manifest, read_manifest

_DATABASE = "warehouse.duckdb"
# Rows sent again are rejected too, but nothing is lost by them.
_LEFT_OUT = """
with by_reason as (
    select feed, delivery_id, reject_reason, count(*) as rejected
    from now_.governance.rejected_rows
    where not starts_with(reject_reason, 'repeated')
    group by all
),
whole as (
    select feed, delivery_id, cast(sum(rejected) as bigint) as rejected,
        list({'reason': reject_reason, 'number': rejected} order by rejected desc, reject_reason)
            as reasons
    from by_reason group by all
),
hidden as (
    select measures.feed, figures.period_start,
        count(distinct figures.measure_id) as measures
    from now_.marts.fct_measure as figures
    inner join {measures} as measures using (measure_id)
    where figures.missing_reason = 'rows_left_out' and figures.area_type = 'city'
        and figures.period_type in ('month', 'quarter', 'academic_year', 'strategy_year')
    group by all
)
select whole.feed, ledger.period, whole.delivery_id, ledger.rows_staged, whole.rejected,
    list_transform(whole.reasons, x -> (x.reason, x.number)), coalesce(max(hidden.measures), 0)
from whole
inner join now_.governance.reconciliation as ledger
    on ledger.feed = whole.feed and ledger.delivery_id = whole.delivery_id and ledger.is_current
left join now_.governance.completeness as periods
    on periods.feed = whole.feed and periods.period = ledger.period and periods.is_expected_part
left join hidden on hidden.feed = whole.feed and hidden.period_start = periods.period_start
where periods.period_start is null or periods.period_start >= $first
group by all order by all
"""


def current(settings: Settings) -> str:
    """The name of the current publication; empty before the first."""
    return settings.published.resolve().name if settings.published.exists() else ""


def before(settings: Settings, last_reported: str) -> str:
    """The publication to compare the current one with: the last one reported, if it is still kept.

    Otherwise the oldest one kept: changes may then be missed, but none is reported twice.
    """
    now = current(settings)
    if last_reported == now:
        return now
    store = settings.home / ".published"
    kept = [path for path in store.glob("[!.]*") if (path / _DATABASE).exists()]
    if any(path.name == last_reported for path in kept):
        return last_reported
    older = sorted((path for path in kept if path.name != now), key=lambda p: p.stat().st_mtime)
    return older[0].name if older else ""


def late_items(settings: Settings, rules: Rules) -> list[Item]:
    """What is owed by law or agreement and missing, and what will soon be due by law."""
    if not current(settings):
        return []
    first_day = settings.today - timedelta(days=rules.missing_for_days)
    with _open(settings, current(settings)) as connection:
        ledger = by_todays_names(connection, "governance.prescribed_information", "now_")
        owed = connection.execute(
            f"""
            select feed, paragraph, information, list(period order by period_start),
                list(state order by period_start), max(due_on), min(due_on)
            from {ledger} as owed
            where state in ('missing', 'incomplete', 'refused')
                and due_on < $today and due_on >= $first
            group by all order by all
            """,
            {"today": settings.today, "first": first_day},
        ).fetchall()
        soon = connection.execute(
            f"""
            select feed, paragraph, information, period, due_on, months_delivered
            from {ledger} as owed
            where state not in ('on_time', 'late', 'delivered_before_ledger', 'other_cycle')
                and months_delivered < 3 and period_end < $today
                and due_on between $today and $soon
            order by all
            """,
            {
                "today": settings.today,
                "soon": settings.today + timedelta(days=rules.due_soon_days),
            },
        ).fetchall()
        agreed = connection.execute(
            """
            select feed, list(period order by period_start), max(due_on)
            from now_.governance.completeness as periods
            where is_expected_part and state in ('missing', 'refused')
                and due_on < $today and due_on >= $first
                and not exists (
                    select 1 from now_.governance.prescribed_information as owed
                    where owed.feed = periods.feed
                )
            group by all order by all
            """,
            {
                "today": settings.today,
                "first": first_day,
            },
        ).fetchall()
    items = []
    for feed, paragraph, information, periods, states, last, first in owed:
        since = day(last) if first == last else f"{day(first)} to {day(last)}"
        late = some([f"{p} ({vocabulary.said(s)})" for p, s in zip(periods, states, strict=True)])
        sentence = (
            f"{feed}: {information} for {late}, owed by {since} under the Crime and Disorder "
            f"(Prescribed Information) Regulations 2007, schedule, {paragraph}."
        )
        key = f"late:{feed}:{paragraph}:{','.join(periods)}:{','.join(states)}"
        items.append(_standing(key, "late", sentence, feed))
    for feed, paragraph, information, period, owed_by, months in soon:
        sentence = (
            f"{feed}: {information} for {period} is owed by {day(owed_by)}; {months} of its 3 "
            f"months are here (Prescribed Information Regulations 2007, schedule, {paragraph})."
        )
        items.append(_standing(f"due:{feed}:{paragraph}:{period}", "due", sentence, feed))
    for feed, periods, last in agreed:
        sentence = f"{feed}: {some(periods)}, agreed for {day(last)} at the latest."
        items.append(_standing(f"missing:{feed}:{','.join(periods)}", "late", sentence, feed))
    return items


def left_out_items(settings: Settings, rules: Rules) -> list[Item]:
    """The rows of current deliveries that were rejected, and how many measures they take away.

    Said once for each delivery, like what is unusual about it.
    """
    if not current(settings):
        return []
    first_day = settings.today - timedelta(days=rules.missing_for_days)
    with _open(settings, current(settings)) as connection:
        measures = by_todays_names(connection, "marts.dim_measure", "now_")
        found = connection.execute(
            _LEFT_OUT.replace("{measures}", measures), {"first": first_day}
        ).fetchall()
    return [
        Item(
            f"left_out:{delivery}:{rejected}:{hidden}",
            "anomalies",
            f"{feed}, {period}: {counted(rejected, 'row')} of {total:,} could not be used "
            f"({some([f'{number:,} × {_reason(reason)}' for reason, number in reasons])})"
            + (
                f"; so {counted(hidden, 'measure is', 'measures are')} not shown for that period."
                if hidden
                else "; their number stands beside the figures."
            ),
            (feed.split("/", maxsplit=1)[0],),
        )
        for feed, period, delivery, total, rejected, reasons, hidden in found
    ]


def _reason(code: str) -> str:
    return code.replace("_", " ")


def held_items(settings: Settings) -> list[Item]:
    """The measures that gate 2 holds, or that a waiver releases."""
    if not current(settings):
        return []
    folder = _folder(settings, current(settings))
    read_manifest(folder)  # one that is broken is told
    manifest = known_manifest(folder) or {}
    return [
        _standing(
            f"held:{entry['scope']}:{entry['state']}",
            "held",
            f"{entry['sentence']}.",
            entry["feed"],
        )
        for entry in manifest.get("held", [])
    ]


def change_items(settings: Settings, last_reported: str) -> list[Item]:
    """The measures whose numbers differ from those in the last publication reported."""
    now, then = current(settings), before(settings, last_reported)
    if not now or not then or now == then:
        return []
    if _is_synthetic(settings, now) != _is_synthetic(settings, then):
        sentence = "What is published is of another kind (made up or real) than before."
        return [Item(f"changed:{now}", "changes", sentence)]
    with _open(settings, now, then) as connection:
        rows = connection.execute(_CHANGES).fetchall()
    items = [
        Item(
            f"changed:{now}:{measure}",
            "changes",
            f"{name} ({measure}): {counted(revised, 'figure')} revised, {withdrawn:,} withdrawn, "
            f"in periods from {first:%Y-%m} to {last:%Y-%m}.",
        )
        for measure, name, revised, withdrawn, _, first, last in rows
        if revised or withdrawn
    ]
    fresh = [row for row in rows if row[4]]
    if fresh:
        cells = sum(row[4] for row in fresh)
        sentence = f"{counted(len(fresh), 'measure')} with new figures ({cells:,} of them)."
        items.append(Item(f"changed:{now}:new", "changes", sentence))
    return items


# A cell is a measure in an area and period. Rolling twelve-month sums follow from other cells.
_CHANGES = """
    with
        cells as (
            select measure_id, period_start,
                before.value as old_value, after.value as new_value
            from (
                select measure_id, area_type, area_code, period_type, period_start,
                    row("count", modelled_count, round(rate, 9)) as value
                from then_.marts.fct_measure
                where period_type <> 'rolling_12m' and missing_reason is null
            ) as before
            full join (
                select measure_id, area_type, area_code, period_type, period_start,
                    row("count", modelled_count, round(rate, 9)) as value
                from now_.marts.fct_measure
                where period_type <> 'rolling_12m' and missing_reason is null
            ) as after
            using (measure_id, area_type, area_code, period_type, period_start)
            where before.value is distinct from after.value
        )
    select cells.measure_id, coalesce(any_value(names.measure_name), cells.measure_id),
        count(*) filter (where old_value is not null and new_value is not null) as revised,
        count(*) filter (where new_value is null) as withdrawn,
        count(*) filter (where old_value is null) as new_cells,
        min(period_start) filter (where old_value is not null),
        max(period_start) filter (where old_value is not null)
    from cells
    left join now_.marts.dim_measure as names on names.measure_id = cells.measure_id
    group by cells.measure_id
    order by revised + withdrawn desc, cells.measure_id
"""


def signal_items(settings: Settings, rules: Rules, last_reported: str) -> list[Item]:
    """Control chart alarms that were not in the last publication reported: signals in the bad direction
    that the same month of the year before does not explain. One of an older release tells every signal."""
    now, then = current(settings), before(settings, last_reported)
    if not now or not then or now == then:
        return []
    if _is_synthetic(settings, now) != _is_synthetic(settings, then):
        return []
    with _open(settings, now, then) as connection:
        knows_alarms = connection.execute(
            "select count(*) from duckdb_columns() where database_name = 'now_' "
            "and table_name = 'process_control' and column_name = 'is_alarm'"
        ).fetchone() != (0,)
        is_told = "chart.is_alarm" if knows_alarms else "chart.signal is not null"
        charts = by_todays_names(connection, "marts.process_control", "now_")
        charts_then = by_todays_names(connection, "marts.process_control", "then_")
        rows = connection.execute(
            f"""
            select chart.measure_id, chart.area_code, chart.period_start, chart.signal,
                coalesce(names.measure_name, chart.measure_id), chart.area_name
            from {charts} as chart
            anti join {charts_then} as known
                on known.measure_id = chart.measure_id and known.area_type = chart.area_type
                and known.area_code = chart.area_code and known.period_start = chart.period_start
                and known.signal = chart.signal
            left join now_.marts.dim_measure as names on names.measure_id = chart.measure_id
            where {is_told} and chart.period_start > (
                select max(period_start) from {charts} as every_chart
            ) - to_months($months)
            order by chart.area_type, chart.period_start desc, chart.measure_id, chart.area_code
            """,
            {"months": rules.signal_months},
        ).fetchall()
    return [
        Item(
            f"signal:{measure}:{area}:{month}:{signal}",
            "signals",
            f"{name}, {place}: {signal} in {month:%B %Y}.",
        )
        for measure, area, month, signal, name, place in rows
    ]


def is_synthetic(settings: Settings) -> bool:
    """Whether the publication is synthetic; one whose manifest is damaged is not said to be."""
    try:
        return bool(current(settings)) and _is_synthetic(settings, current(settings))
    except (BrokenManifest, KeyError):
        return False


def _is_synthetic(settings: Settings, name: str) -> bool:
    manifest = known_manifest(_folder(settings, name))
    return bool(manifest and manifest["synthetic"])


def _folder(settings: Settings, name: str) -> Path:
    return settings.home / ".published" / name


@contextmanager
def _open(settings: Settings, now: str, then: str = "") -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection with both publications attached, as `now_` and `then_`."""
    with connect(threads=2) as connection:
        for alias, name in (("now_", now), ("then_", then)):
            if name:
                path = literal(_folder(settings, name) / _DATABASE)
                connection.execute(f"attach {path} as {alias} (read_only)")
        yield connection


def _standing(key: str, section: str, sentence: str, feed: str) -> Item:
    return Item(key, section, sentence, (feed.split("/", maxsplit=1)[0],), is_standing=True)
