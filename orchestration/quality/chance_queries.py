"""Anomalies within a delivery that are judged by chance: shares of blanks and values, places, days.

Every share is compared with the mean of the nearest other deliveries (without the least and the
greatest), and its scatter is that of the feed's other deliveries about theirs, never less than a Poisson
count's (`chance`). All shares of a kind are one family: the more there are, the further each may lie.
What the same season of another year shows as well is the season's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from orchestration.contracts.model import Column, Contract
from orchestration.quality import chance

# A place has vanished if no more of what is expected of it is left.
_HARDLY_ANY = 0.2
# In a large feed chance is less than what matters to anybody: in shares of all rows.
_MATTERS = 0.03
_AS_MUCH = 0.7
_LONGER = 1.5


def findings_query(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    files: Sequence[str],
    thresholds: Mapping[str, float],
    wards: str | None = None,
    encryption: str = "",
) -> str:
    """A query of findings as `anomaly_queries.findings` has them; the tables it reads are made here.

    It needs the tables `about` and `base`. `wards` is a file of LSOA (2021) and ward codes, where the
    area's are known: places of rows with an LSOA are then wards, which are large enough to be judged.
    """
    chance.define(connection, thresholds)
    source = f"read_parquet($files, hive_partitioning = false{encryption})"
    connection.execute(
        "create temp table counts (delivery varchar, kind varchar, name varchar, value varchar, "
        "n double, total double)"
    )
    optional = [
        column.name
        for column in contract.columns
        if not column.required and column.name not in contract.watch.location
    ]
    if optional:
        blanks = ", ".join(f"count(*) - count({name}) as {name}" for name in optional)
        connection.execute(
            f"insert into counts select delivery, 'blanks', name, '', n, total from (unpivot "
            f"(select _delivery as delivery, count(*) as total, {blanks} from {source} group by all) "
            f"on {', '.join(optional)} into name name value n)",
            {"files": list(files)},
        )
    for column in contract.columns:
        if _is_category(column):
            _count(connection, "values", column.name, column.name, source, files)
    if place := _place(contract):
        of_row = place
        if wards and place.startswith("lsoa"):
            connection.execute(
                f"create temp table ward_of as select lsoa_2021_code as lsoa, any_value(ward_code) as ward "
                f"from read_csv('{wards}', all_varchar = true) group by all"
            )
            of_row = f"coalesce((select ward from ward_of where lsoa = {place}), {place})"
        _count(connection, "places", place, of_row, source, files)
    _count_days(connection, contract, source, files)
    connection.execute("create temp table points (kind varchar, point double)")
    families = connection.execute(
        "select kind, count(distinct (name, value)) from counts group by kind"
    ).fetchall()
    if families:
        connection.executemany(
            "insert into points values (?, ?)",
            [
                (kind, chance.normal_point(thresholds["unusual_percent"], size))
                for kind, size in families
            ],
        )
    return f"""
        with {_SHARES.format(least=int(thresholds["least_deliveries"]))},
        {_DAYS.format(least=int(thresholds["least_deliveries"]))}
        select * from shares_found union all select * from days_found
    """


def _is_category(column: Column) -> bool:
    return len(column.allowed) > 1 and not column.pseudonym


def _place(contract: Contract) -> str | None:
    names = {column.name for column in contract.columns if not column.pseudonym}
    return next((n for n in ("lsoa_code", "ward_code", "outward_postcode") if n in names), None)


def _count(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    name: str,
    value: str,
    source: str,
    files: Sequence[str],
) -> None:
    """Count the rows of every value in every delivery, nought included."""
    connection.execute(
        f"""
        insert into counts
        with found as (
            select _delivery as delivery, {value} as value, count(*) as n
            from {source} where {name} is not null group by all
        ),
        totals as (select delivery, sum(n) as total from found group by delivery)
        select totals.delivery, '{kind}', '{name}', every.value, coalesce(found.n, 0), totals.total
        from totals
        cross join (select distinct value from found) as every
        left join found on found.delivery = totals.delivery and found.value = every.value
        """,
        {"files": list(files)},
    )


def _count_days(
    connection: duckdb.DuckDBPyConnection, contract: Contract, source: str, files: Sequence[str]
) -> None:
    """Count the rows of every day of a delivery's period, nought included."""
    event = contract.watch.event
    form = next((c.date_format for c in contract.columns if c.name == event), None)
    day = f"try_strptime({event}, '{form}')::date" if event and form else "null::date"
    connection.execute(
        f"""
        create temp table days as
        with found as (
            select _delivery as delivery, {day} as day, count(*) as n from {source} group by all
        ),
        calendar as (
            select delivery, unnest(range(begins, ends, interval 1 day))::date as day from about
        )
        select calendar.delivery, calendar.day, coalesce(found.n, 0) as n
        from calendar
        left join found on found.delivery = calendar.delivery and found.day = calendar.day
        where calendar.delivery in (select delivery from found where day is not null)
        """,
        {"files": list(files)},
    )


# Where most rows have a value, those that do not are counted: the rarer is nearer to a Poisson count.
_SHARES = f"""
    near as (
        select mine.delivery, mine.kind, mine.name, mine.value, mine.n, mine.total,
            other.n / other.total as share
        from counts as mine
        inner join about as a on a.delivery = mine.delivery
        inner join counts as other on other.kind = mine.kind and other.name = mine.name
            and other.value = mine.value and other.delivery <> mine.delivery
        inner join about as b on b.delivery = other.delivery
        where mine.total > 0 and other.total > 0
        qualify row_number() over (
            partition by mine.delivery, mine.kind, mine.name, mine.value
            order by abs(date_diff('day', a.begins, b.begins)), b.begins
        ) <= {chance.NEAREST}
    ),
    usual as (
        select delivery, kind, name, value, n, total,
            (sum(share) - min(share) - max(share)) / (count(*) - 2) as share
        from near group by all having count(*) >= {{least}}
    ),
    rarer as (
        select delivery, kind, name, value, n / total as found, share as usual,
            case when share > 0.5 then -1 else 1 end as way,
            case when share > 0.5 then total - n else n end as n,
            greatest(case when share > 0.5 then 1 - share else share end * total, 0.5) as expected
        from usual
    ),
    scored as (
        select rarer.*, about.season, count_score(rarer.n, expected) as score
        from rarer inner join about on about.delivery = rarer.delivery
    ),
    judged_shares as (
        select mine.delivery, mine.kind, mine.name, mine.value, mine.found, mine.usual, mine.n,
            mine.expected, mine.score, mine.way, count(*) as others, scatter(list(other.score)) as spread,
            coalesce(bool_or(
                other.season = mine.season
                and other.way * sign(other.score) = mine.way * sign(mine.score)
                and abs(other.score) >= {_AS_MUCH} * abs(mine.score)
            ), false) as is_seasonal
        from scored as mine
        inner join scored as other on other.kind = mine.kind and other.name = mine.name
            and other.value = mine.value and other.delivery <> mine.delivery
        group by all having count(*) >= {{least}}
    ),
    limited as (
        select judged_shares.*, widened(point, spread, others) as point
        from judged_shares inner join points on points.kind = judged_shares.kind
    ),
    beyond as (
        select *,
            not is_seasonal
            and case
                when kind = 'places' then way = 1 and n < fewest_rows(expected, point)
                    and n <= {_HARDLY_ANY} * expected
                else abs(found - usual) >= {_MATTERS}
                    and (n < fewest_rows(expected, point) or n > most_rows(expected, point))
            end as is_beyond
        from limited
    ),
    shares_found as (
        select delivery, kind, bool_or(is_beyond),
            case kind
                when 'blanks' then format(
                    'column “{{{{}}}}” is blank in {{{{:.0f}}}} % of rows, '
                    || 'where {{{{:.0f}}}} % are usual{{{{}}}}',
                    arg_max(name, (is_beyond, abs(score))),
                    100 * arg_max(found, (is_beyond, abs(score))),
                    100 * arg_max(usual, (is_beyond, abs(score))),
                    case when count(*) filter (where is_beyond) > 1
                        then format(' (and so for {{{{}}}} more)', count(*) filter (where is_beyond) - 1)
                        else '' end
                )
                when 'values' then format(
                    'one value of “{{{{}}}}” has {{{{:.0f}}}} % of rows, '
                    || 'where {{{{:.0f}}}} % are usual{{{{}}}}',
                    arg_max(name, (is_beyond, abs(score))),
                    100 * arg_max(found, (is_beyond, abs(score))),
                    100 * arg_max(usual, (is_beyond, abs(score))),
                    case when count(*) filter (where is_beyond) > 1
                        then format(' (and so for {{{{}}}} more)', count(*) filter (where is_beyond) - 1)
                        else '' end
                )
                else format(
                    '{{{{}}}} of {{{{}}}} places have hardly any rows, '
                    || 'where {{{{:.0f}}}} rows are usual for them',
                    count(*) filter (where is_beyond), count(*),
                    coalesce(sum(expected) filter (where is_beyond), 0)
                )
            end
        from beyond group by delivery, kind
    )
"""

# Days in a row without rows. Expected is by day of the week; days scatter as in the feed's other deliveries.
_DAYS = f"""
    weekdays as (
        select isodow(day) as weekday, avg(n) as usual from days group by all
    ),
    expected_days as (
        select days.delivery, days.day, days.n,
            sum(days.n) over (partition by days.delivery) * usual
            / nullif(sum(usual) over (partition by days.delivery), 0) as expected
        from days inner join weekdays on weekdays.weekday = isodow(days.day)
    ),
    unevenness as (
        select delivery, count(*) as days, sum(n) as total,
            greatest(sum(pow(n - expected, 2) / nullif(expected, 0)) / nullif(count(*) - 1, 0), 1) as factor
        from expected_days group by delivery having sum(n) > 0
    ),
    islands as (
        select *, day - (row_number() over (partition by delivery, n = 0 order by day))::integer as island
        from expected_days
    ),
    runs as (
        select delivery, island, count(*) as days, sum(expected) as expected
        from islands where n = 0 group by delivery, island
    ),
    longest as (
        select unevenness.*, coalesce(max(runs.expected), 0) as missed,
            coalesce(arg_max(runs.days, runs.expected), 0) as run
        from unevenness left join runs on runs.delivery = unevenness.delivery
        group by all
    ),
    days_found as (
        select mine.delivery, 'days',
            exp(-mine.missed / median(other.factor)) * mine.days < 1 - unusual_percent() / 100
            and mine.missed / mine.total > {_LONGER} * max(other.missed / other.total),
            format(
                'no row for {{{{}}}} days in a row, in which {{{{:.0f}}}} rows are usual',
                mine.run, mine.missed
            )
        from longest as mine
        inner join longest as other on other.delivery <> mine.delivery
        group by mine.delivery, mine.missed, mine.days, mine.total, mine.run
        having count(*) >= {{least}}
    )
"""
