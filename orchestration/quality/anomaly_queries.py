"""The arithmetic of anomalies, as one query over the Parquet of a feed's deliveries.

Every delivery is compared with the median of the others, its own left out, so that one bad month
neither hides itself nor spoils the rest. A difference counts when it is both large (so that it
matters) and larger than chance makes it in so few rows. Rows, days, places, values and blanks are judged
by chance alone, as `chance` measures it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from orchestration.contracts.model import Contract
from orchestration.core.sql import literal
from orchestration.quality import chance, chance_queries

_LEAST_OTHERS = 3
_LEAST_ROWS = 30
_LEAST_OTHERS_FOR_END = 6
# Several periods caught up in one day say nothing about how long a delivery usually takes.
_MOST_IN_A_DAY = 2


def findings(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    files: Sequence[str],
    about: Sequence[tuple[Any, ...]],
    judged: Sequence[str],
    thresholds: Mapping[str, float],
    wards: str | None = None,
    encryption: str = "",
) -> list[tuple[str, str, bool, str]]:
    """The findings: delivery, kind, whether it is an anomaly, and the sentence for people.

    `about`: delivery, season (month it begins in), first day, first day after, day received, seq, and its
    number among periods of its kind. `wards`: see `chance_queries`.
    `encryption` is the argument by which the files are read (`encryption.reading`).
    """
    connection.execute(
        "create temp table about (delivery varchar, season varchar, begins date, ends date, "
        "received date, seq integer, turn integer)"
    )
    connection.executemany("insert into about values (?, ?, ?, ?, ?, ?, ?)", list(about))
    connection.execute(
        f"create temp table base as {_base(contract, encryption)}", {"files": list(files)}
    )
    connection.execute(
        "create temp table cells (delivery varchar, name varchar, value varchar, n bigint, "
        "is_blank boolean)"
    )
    for column in (*contract.watch.codes, *contract.watch.mix):
        connection.execute(
            f"insert into cells select _delivery, '{column}', coalesce({column}, '(blank)'), "
            f"count(*), {column} is null "
            f"from read_parquet($files, hive_partitioning = false{encryption}) group by all",
            {"files": list(files)},
        )
    query = f"""
        with {_SHARES}, {_MIX}, {_LAG}, {_END}
        select * from shares_found
        union all select * from mix_found union all select * from lag_found
        union all select * from end_found
    """
    by_chance = chance_queries.findings_query(
        connection, contract, files, thresholds, wards, encryption
    )
    found = connection.execute(
        f"select * from (({query}) union all ({by_chance})) "
        "where delivery in (select unnest($judged)) order by all",
        {
            "judged": list(judged),
            "codes": list(contract.watch.codes),
            "mix": list(contract.watch.mix),
        },
    ).fetchall()
    return [
        *_rows_found(connection, judged, thresholds),
        *((delivery, kind, bool(flag), text) for delivery, kind, flag, text in found),
    ]


def _rows_found(
    connection: duckdb.DuckDBPyConnection, judged: Sequence[str], thresholds: Mapping[str, float]
) -> list[tuple[str, str, bool, str]]:
    """The number of rows of the deliveries, judged by chance; `chance.expectations` says how."""
    counted = [
        chance.Counted(*row)
        for row in connection.execute(
            "select base.delivery, '', about.turn, about.season::integer, base.n "
            "from base inner join about on about.delivery = base.delivery order by all"
        ).fetchall()
    ]
    expected = chance.expectations(counted, thresholds)
    return [
        (one.delivery, "rows", *chance.in_words(one.rows, expected.get(one.delivery)))
        for one in counted
        if one.delivery in judged
    ]


def _base(contract: Contract, encryption: str) -> str:
    """One row per delivery: what is counted over its rows."""
    watch = contract.watch
    formats = {column.name: column.date_format for column in contract.columns}
    event = "null::date"
    if watch.event:
        event = f"try_strptime({watch.event}, {literal(formats[watch.event] or '')})::date"
    blank = " or ".join(f"{name} is null" for name in watch.location) or "null::boolean"
    columns = ", ".join(column.name for column in contract.columns)
    return f"""
        select
            _delivery as delivery,
            count(*) as n,
            count(*) filter (where {blank}) as blank,
            {"true" if watch.location else "false"} as has_location,
            count(*) - count(distinct hash({columns})) as repeated,
            median({event} - date '1970-01-01') as middle_day,
            max({event}) as last_day
        from read_parquet($files, hive_partitioning = false{encryption})
        group by _delivery
    """


# Three shares compared in the same way: rows without a location, rows with codes that are in no other
# delivery, and rows that repeat another row of their delivery.
_SHARES = """
    known as (
        select name, value, count(distinct delivery) as deliveries
        from cells where name in (select unnest($codes)) and not is_blank group by all
    ),
    lone as (
        select delivery, max(rows_lone) as rows_lone from (
            select cells.delivery, cells.name,
                sum(case when known.deliveries = 1 then cells.n else 0 end) as rows_lone
            from cells
            inner join known on known.name = cells.name and known.value = cells.value
            group by all
        ) group by all
    ),
    shares as (
        select delivery, 'location' as kind, n, blank / n as share from base where has_location
        union all
        select delivery, 'repeats', n, repeated / n from base
        union all
        select base.delivery, 'codes', n, coalesce(lone.rows_lone, 0) / n
        from base left join lone on lone.delivery = base.delivery
        where len($codes::varchar[]) > 0
    ),
    beside as (
        select mine.delivery, mine.kind, mine.n, mine.share, count(*) as others,
            median(other.share) as usual, mad(other.share) as spread
        from shares as mine
        inner join shares as other on other.kind = mine.kind and other.delivery <> mine.delivery
        group by all
    ),
    shares_found as (
        select
            delivery,
            kind,
            case when kind = 'location' then abs(share - usual) else share - usual end
            > greatest(
                case when kind = 'codes' then 0.10 else 0.05 end
                + 4 * sqrt(greatest(usual, 0.01) * (1 - usual) / n),
                6 * spread
            ),
            format(
                case kind
                    when 'location' then '{:.0f} % of rows are without a location, where {:.0f} % are usual'
                    when 'repeats' then '{:.0f} % of rows repeat another, where {:.0f} % are usual'
                    else '{:.0f} % of rows have a code that no other delivery holds, where {:.0f} % are usual'
                end,
                100.0 * share,
                100.0 * usual
            )
        from beside
        where others >= LEAST_OTHERS and n >= LEAST_ROWS
    )
""".replace("LEAST_OTHERS", str(_LEAST_OTHERS)).replace("LEAST_ROWS", str(_LEAST_ROWS))

# Categories: half the summed difference of shares to all the others together (total variation
# distance). So many rows drawn from the others would differ by `noise`; others differ by `usual`.
_MIX = """
    kept as (select * from cells where name in (select unnest($mix))),
    totals as (select name, value, sum(n) as n from kept group by all),
    sizes as (select name, delivery, sum(n) as n from kept group by all),
    sums as (select name, sum(n) as n, count(distinct delivery) as deliveries from kept group by all),
    compared as (
        select
            sizes.delivery, sizes.name, sizes.n, sums.deliveries - 1 as others,
            coalesce(kept.n, 0) / sizes.n as mine,
            (totals.n - coalesce(kept.n, 0)) / (sums.n - sizes.n) as theirs
        from sizes
        inner join sums on sums.name = sizes.name and sums.n > sizes.n
        inner join totals on totals.name = sizes.name
        left join kept on kept.delivery = sizes.delivery and kept.name = totals.name
            and kept.value = totals.value
    ),
    distances as (
        select delivery, name, n, others,
            0.5 * sum(abs(mine - theirs)) as distance,
            0.5 * sum(sqrt(2 * theirs * (1 - theirs) / (pi() * n))) as noise
        from compared group by all
    ),
    mixes as (
        select mine.delivery, mine.name, mine.distance,
            mine.distance > greatest(0.10 + 3 * mine.noise, 3 * median(other.distance)) as is_far
        from distances as mine
        inner join distances as other on other.name = mine.name and other.delivery <> mine.delivery
        where mine.others >= LEAST_OTHERS and mine.n >= LEAST_ROWS
        group by mine.delivery, mine.name, mine.distance, mine.noise
    ),
    mix_found as (
        select delivery, 'mix', bool_or(is_far),
            format(
                '{:.0f} % of rows would need another “{}” to be mixed as usual',
                100 * arg_max(distance, (is_far, distance)), arg_max(name, (is_far, distance))
            )
        from mixes group by all
    )
""".replace("LEAST_OTHERS", str(_LEAST_OTHERS)).replace("LEAST_ROWS", str(_LEAST_ROWS))

# From the median event to the day of receipt, for deliveries that arrived one at a time.
_LAG = """
    turns as (
        select about.delivery,
            (about.received - date '1970-01-01') - base.middle_day as days
        from about inner join base on base.delivery = about.delivery
        where about.seq = 1 and base.middle_day is not null
        qualify count(*) over (partition by about.received) <= MOST_IN_A_DAY
    ),
    lag_found as (
        select mine.delivery, 'lag', mine.days > median(other.days) + 31,
            format(
                'it came {:.0f} days after the middle of its events, where {:.0f} are usual',
                mine.days, median(other.days)
            )
        from turns as mine
        inner join turns as other on other.delivery <> mine.delivery
        group by mine.delivery, mine.days
        having count(*) >= LEAST_OTHERS
    )
""".replace("LEAST_OTHERS", str(_LEAST_OTHERS)).replace("MOST_IN_A_DAY", str(_MOST_IN_A_DAY))

# An extract made before its period was over ends days earlier than any other.
_END = """
    quiet as (
        select about.delivery, date_diff('day', base.last_day, about.ends) - 1 as days
        from about inner join base on base.delivery = about.delivery
        where base.last_day is not null and base.n >= LEAST_ROWS
    ),
    end_found as (
        select mine.delivery, 'end', mine.days > max(other.days) + 4,
            format('no event in the last {} days of the period, where at most {} are usual',
                mine.days, greatest(0, max(other.days)))
        from quiet as mine
        inner join quiet as other on other.delivery <> mine.delivery
        group by mine.delivery, mine.days
        having count(*) >= LEAST_OTHERS
    )
""".replace("LEAST_OTHERS", str(_LEAST_OTHERS_FOR_END)).replace("LEAST_ROWS", str(_LEAST_ROWS))
