"""How far the rows of a delivery may differ from those of its feed's other deliveries by chance.

Expected is what the feed's own history says for that period, in one of two ways; of the two, the one
that fits the feed better:

    season    the same season of other years, moved by how much the periods around differ from theirs
    level     the median of the nearest other periods

How far deliveries scatter about what is expected of them is measured, robustly, on the feed's other
deliveries, and never taken to be less than that of a Poisson count. So a large, steady feed is held
closely, and a small one is allowed what chance does to small counts. The limits are those of a count
(Wilson EB, Hilferty MM. PNAS 17 (1931), as in Byar's method) at the normal point of the percentage in
the register, widened for the measured scatter by Student's t.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import duckdb

from orchestration.core import formulas, register
from orchestration.core.engine import connect
from orchestration.core.settings import Settings

# Of the periods beside one, as many as make up a year of months.
NEAREST = 12
# The tenth at either end is drawn in, so that a bad delivery or two do not hide the next. Of normal scores
# the rest has this standard deviation, and is about this share as efficient as all of them.
_DRAWN_IN = 0.1
_OF_NORMAL_SCORES = 0.8238
_EFFICIENCY = 0.8
_LEAST_PAIRS = 3


@dataclass(frozen=True)
class Counted:
    """A delivery and its rows. `turn` numbers the periods of its kind in order; `season` is the month in
    which the period begins. Deliveries are compared within a part of the feed."""

    delivery: str
    part: str
    turn: int
    season: int
    rows: int


@dataclass(frozen=True)
class Expected:
    """The rows expected in a delivery, and the limits of chance, in rows.

    `fewest` and `most`: beyond them a delivery is told as unusual. `critical_fewest` and `critical_most`:
    what is only seen by chance as rarely as the register says of a refusal.
    """

    rows: float
    others: int
    fewest: float
    most: float
    critical_fewest: float
    critical_most: float


def thresholds_of(settings: Settings) -> dict[str, float]:
    """The register's thresholds.

    Raises:
        SettingsError, BadThreshold: the register cannot be read.
    """
    return formulas.read_thresholds(register.table(settings, "threshold_register"))


def normal_point(percent: float, shared_by: int = 1) -> float:
    """The two-sided normal point of a percentage; of many tests made together, each gets an equal share
    of what is left to chance (Bonferroni)."""
    return NormalDist().inv_cdf(1 - (1 - percent / 100) / (2 * shared_by))


def define(connection: duckdb.DuckDBPyConnection, thresholds: Mapping[str, float]) -> None:
    """Define the formulas of this module, and the register's, on a connection.

    `count_score(n, expected)` is about a standard normal score of a Poisson count; `scatter(list)` the
    standard deviation of scores, with the ends drawn in; `widened(point, scatter, others)` the point of
    Student's t for as many others, times the scatter; `fewest_rows` and `most_rows` are the limits.
    """
    formulas.define(connection, thresholds)
    connection.execute(
        f"""
        create or replace temp macro count_score(n, expected) as
            3 * sqrt(expected) * (pow((n + 0.5) / expected, 1 / 3.0) - 1 + 1 / (9 * expected));
        create or replace temp macro scatter(scores) as
            sqrt(list_avg(list_transform(scores, lambda x: pow(greatest(least(
                x, list_aggregate(scores, 'quantile_cont', 1 - {_DRAWN_IN})),
                list_aggregate(scores, 'quantile_cont', {_DRAWN_IN})), 2)))) / {_OF_NORMAL_SCORES};
        -- Wallace DL. Bounds on normal approximations to Student's. Ann Math Stat 30 (1959), inverted.
        create or replace temp macro student_point(point, freedom) as
            sqrt(freedom * (exp(
                least(pow(point * (8 * freedom + 3) / (8 * freedom + 1), 2) / freedom, 100)
            ) - 1));
        create or replace temp macro widened(point, spread, others) as
            case
                -- If the others scatter less than counts do, nothing is left to be estimated.
                when spread <= 1 then point
                else spread * student_point(point, greatest({_EFFICIENCY} * (others - 1), 1))
            end;
        create or replace temp macro fewest_rows(expected, point) as
            greatest(byar_lower(expected, point) - 1, 0);
        create or replace temp macro most_rows(expected, point) as byar_upper(expected, point);
        """
    )


def expectations(
    counted: Sequence[Counted],
    thresholds: Mapping[str, float],
) -> dict[str, Expected]:
    """What is expected of each delivery, by its id. One with too few others is left out: no verdict."""
    if not counted:
        return {}
    with connect(threads=1) as connection:
        define(connection, thresholds)
        connection.execute(
            "create temp table history "
            "(delivery varchar, part varchar, turn integer, season integer, n double)"
        )
        connection.executemany(
            "insert into history values (?, ?, ?, ?, ?)",
            [(one.delivery, one.part, one.turn, one.season, one.rows) for one in counted],
        )
        found = connection.execute(
            _EXPECTED,
            {
                "least": int(thresholds["least_deliveries"]),
                "unusual": normal_point(thresholds["unusual_percent"]),
                "critical": normal_point(thresholds["refusal_percent"]),
            },
        ).fetchall()
    return {row[0]: Expected(*row[1:]) for row in found}


def in_words(rows: int, expected: Expected | None) -> tuple[bool, str]:
    """Whether a number of rows is unusual, and the sentence for people. Without a verdict it is not."""
    if expected is None:
        return False, "the number of rows is not judged: there are too few other deliveries"
    if expected.fewest <= rows <= expected.most:
        return (
            False,
            "the number of rows is within chance of what the feed's other deliveries make usual",
        )
    which = "fewer" if rows < expected.rows else "more"
    percent = abs(100.0 * (rows - expected.rows) / expected.rows)
    return True, (
        f"{percent:.0f} % {which} rows than {expected.others} other deliveries make usual for the time, "
        "which is beyond chance"
    )


# Logarithms, so that seasons and years multiply. `pairs`: a delivery beside one of the same season.
_EXPECTED = f"""
    with logs as (select *, ln(n + 0.5) as log_n from history),
    pairs as (
        select a.part, a.delivery, a.turn, b.delivery as other, a.turn - b.turn as span, b.log_n as base,
            a.log_n - b.log_n as change
        from logs as a
        inner join logs as b on b.part = a.part and b.season = a.season and b.turn <> a.turn
    ),
    around as (
        select mine.delivery, mine.other, mine.base, near.change
        from pairs as mine
        inner join pairs as near
            on near.part = mine.part and near.span = mine.span and near.turn <> mine.turn
        qualify row_number() over (
            partition by mine.delivery, mine.other order by abs(near.turn - mine.turn), near.turn
        ) <= {NEAREST}
    ),
    moved as (
        select delivery, other, any_value(base) + median(change) as log_n
        from around group by delivery, other having count(*) >= {_LEAST_PAIRS}
    ),
    beside as (
        select mine.delivery, near.log_n
        from logs as mine
        inner join logs as near on near.part = mine.part and near.turn <> mine.turn
        qualify row_number() over (
            partition by mine.delivery order by abs(near.turn - mine.turn), near.turn
        ) <= {NEAREST}
    ),
    levels as (select delivery, median(log_n) as log_n from beside group by delivery),
    -- One year may be bad: what lies twice or half its level says nothing of the season, unless all years
    -- do; and of two years the level decides between them.
    sound as (
        select moved.delivery, moved.log_n
        from moved
        inner join logs on logs.delivery = moved.other
        inner join levels on levels.delivery = moved.other
        qualify abs(logs.log_n - levels.log_n) < ln(2)
            or bool_and(abs(logs.log_n - levels.log_n) >= ln(2)) over (partition by moved.delivery)
    ),
    votes as (
        select delivery, log_n from sound
        union all
        select delivery, log_n from levels
        where delivery in (select delivery from sound group by delivery having count(*) = 2)
    ),
    expected as (
        select delivery, 'season' as way, greatest(exp(median(log_n)) - 0.5, 0.5) as n
        from votes group by delivery
        union all
        select delivery, 'level', greatest(exp(log_n) - 0.5, 0.5) from levels
    ),
    scores as (
        select history.*, expected.way, expected.n as expected,
            count_score(history.n, expected.n) as score
        from history inner join expected on expected.delivery = history.delivery
    ),
    measured as (
        select mine.delivery, mine.way, mine.n, mine.expected, count(*) as others,
            scatter(list(other.score)) as spread,
            case when min(other.n) = max(other.n) then min(other.n) end as fixed
        from scores as mine
        inner join scores as other
            on other.part = mine.part and other.way = mine.way and other.delivery <> mine.delivery
        group by all having count(*) >= $least
    ),
    chosen as (
        select * from measured
        qualify row_number() over (
            partition by delivery
            -- A season is only believed where it fits clearly better: it costs more to estimate.
            order by spread * case way when 'season' then 1.1 else 1 end, way
        ) = 1
    )
    -- A table of as many rows in every other delivery is no count of events: any change is told.
    select delivery, coalesce(fixed, expected), others,
        coalesce(fixed, fewest_rows(expected, widened($unusual, spread, others))),
        coalesce(fixed, most_rows(expected, widened($unusual, spread, others))),
        fewest_rows(expected, widened($critical, spread, others)),
        most_rows(expected, widened($critical, spread, others))
    from chosen
"""
