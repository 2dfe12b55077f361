"""Queries of an edition that decide something, over a few rows each, worked by hand."""

import duckdb
import pandas as pd
import pytest

from orchestration.figures import warehouse_tables
from tests.support import strategy, thresholds

YEAR = warehouse_tables.year_of("2025-26")
FACT = (
    "measure_id varchar, area_type varchar, area_code varchar, period_type varchar, period_start date, "
    'period_end date, strategy_year varchar, "count" bigint, denominator bigint, denominator_year integer, '
    "previous_count bigint, change bigint, comparison_missing_reason varchar"
)


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        thresholds.publish(made)
        strategy.publish(made)
        yield made


def years(connection, measure, now, before, **other):
    """A measure's two years: counts of the city and, where given, of rows without a place."""
    people = other.get("people", [(1100, 2025), (1000, 2024)])
    lines = other.get("lines", {"NO_LOCATION": (0, 0), "UNKNOWN_CODE": (0, 0)})
    reason = other.get("reason")
    periods = [("2025-04-01", "2026-03-31", "2025-26"), ("2024-04-01", "2025-03-31", "2024-25")]
    rows = []
    for place, period in enumerate(periods):
        count = (now, before)[place]
        previous = before if place == 0 and reason is None else None
        change = now - before if previous is not None else None
        rows.append(
            [measure, "city", "D1", "strategy_year", *period, count, *people[place], previous, change,
             reason if place == 0 else "no_earlier_period"]
        )  # fmt: skip
        rows += [
            [
                measure,
                "unplaced",
                code,
                "strategy_year",
                *period,
                counts[place],
                None,
                None,
                None,
                None,
                None,
            ]
            for code, counts in lines.items()
        ]
    connection.executemany(f"insert into marts.fct_measure values ({', '.join('?' * 13)})", rows)


@pytest.fixture
def decomposed(connection):
    connection.execute(f"create table marts.fct_measure ({FACT})")
    connection.execute(
        "create table marts.dim_measure as select * from (values"
        " ('asb', 'police/x', 'count'), ('share', 'police/x', 'proportion'))"
        " t(measure_id, feed, method)"
    )
    connection.execute(
        "create table marts.dim_break as select break_id, feed, measure_id, break_on::date as break_on, title"
        " from (values ('b1', 'police/x', 'asb', '2025-06-01', 'New rule'),"
        " ('b2', 'police/x', null, '2024-05-01', 'New system'), ('b3', null, null, '2025-01-01', 'Wards'),"
        " ('b4', 'police/x', 'asb', '2024-04-01', 'On the first day'),"
        " ('b5', 'police/x', 'other', '2025-06-01', 'Of another'),"
        " ('b6', 'police/x', 'asb', '2026-04-01', 'Later')) t(break_id, feed, measure_id, break_on, title)"
    )

    def made(now, before, **other):
        years(connection, "asb", now, before, **other)
        years(connection, "share", 1, 2)
        found = warehouse_tables.table(connection, "decomposition", YEAR)
        assert found.measure_id.tolist() == ["asb"]
        return found.iloc[0]

    return made


def test_a_change_is_people_coverage_and_the_rest(decomposed):
    """1,000 residents with 200 incidents and 50 rows without a place; then 1,100 with 260 and 20. Last
    year's rate over this year's people gives 220: 20 of the change. Four fifths of all rows had a place;
    at that share 224 of this year's 280 would have had one: at most 36 of the change. 4 are left.
    """
    lines = {"NO_LOCATION": (15, 30), "UNKNOWN_CODE": (5, 20), "OUTSIDE_AREA": (900, 10)}
    found = decomposed(260, 200, lines=lines)
    parts = ["previous_count", "count", "change", "population_part", "coverage_part", "remainder"]
    assert found[parts].tolist() == [200, 260, 60, 20, 36, 4]
    assert found.breaks == "New system; New rule"
    assert found[["not_decomposed_because", "population_unknown_because"]].isna().all()
    assert pd.isna(found.coverage_unknown_because)


def test_fewer_people_and_fewer_places_lower_the_count(decomposed):
    lines = {"NO_LOCATION": (50, 0), "UNKNOWN_CODE": (0, 0)}
    found = decomposed(150, 200, people=[(900, 2025), (1000, 2024)], lines=lines)
    assert found[["change", "population_part", "coverage_part", "remainder"]].tolist() == [
        -50, -20, -50, 20,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("people", "why"),
    [
        ([(1000, 2022), (1000, 2022)], "same_population_estimate"),
        ([(None, None), (None, None)], "no_rate"),
        ([(1000, 2022), (None, None)], "no_rate"),
    ],
)
def test_people_that_are_not_known_are_no_part_and_no_zero(decomposed, people, why):
    found = decomposed(260, 200, people=people)
    assert pd.isna(found.population_part)
    assert found.population_unknown_because == why
    assert (found.coverage_part, found.remainder) == (0, 60)


@pytest.mark.parametrize(
    ("lines", "before", "why"),
    [
        ({}, 200, "counted_as_a_whole"),
        ({"NO_LOCATION": (None, 10)}, 200, "rows_without_place_not_known"),
        ({"NO_LOCATION": (10, None)}, 200, "rows_without_place_not_known"),
        ({"NO_LOCATION": (10, 0)}, 0, "nothing_the_year_before"),
    ],
)
def test_coverage_that_is_not_known_is_no_part_and_no_zero(decomposed, lines, before, why):
    found = decomposed(260, before, lines=lines)
    assert pd.isna(found.coverage_part)
    assert found.coverage_unknown_because == why
    assert found.remainder == 260 - before - found.population_part


def test_what_cannot_be_compared_is_not_decomposed_and_says_why(decomposed):
    found = decomposed(260, 200, reason="break_in_series")
    assert found.not_decomposed_because == "break_in_series"
    assert (
        found[["previous_count", "change", "population_part", "coverage_part", "remainder"]]
        .isna()
        .all()
    )
    assert found[["population_unknown_because", "coverage_unknown_because"]].isna().all()
    assert found["count"] == 260
    assert found.breaks == "New system; New rule"


def test_wards_are_flagged_by_headline_measures_and_years_running(connection):
    """Five wards. `w1` is above in all three years, `w2` in this year and the first only, `w3` in the
    year before. A measure of which more is better, one that is no headline and a later year flag nobody.
    """
    connection.execute(
        "create table marts.dim_measure as select * from (values ('asb', 'Incidents', 'down'),"
        " ('hate', 'Hate crimes', 'neutral'), ('help', 'Help', 'up'), ('minor', 'Minor', 'down'))"
        " t(measure_id, measure_name, polarity)"
    )
    connection.execute(
        "create table marts.priority_change as select measure_id, measure_id <> 'minor' as is_headline"
        " from marts.dim_measure"
    )
    connection.execute(
        """
        create table marts.ward_funnel as
        select measure_id, 'strategy_year' as period_type, strategy_year, 'w' || ward as area_code,
            'Ward ' || ward as area_name,
            10.0 - ward as rate,
            case
                when measure_id in ('help', 'minor') then 'above the outer limit'
                when strategy_year = '2026-27' then 'above the outer limit'
                when ward = 1 and measure_id = 'asb' then 'above the outer limit'
                when ward = 1 and strategy_year = '2025-26' then 'above the outer limit'
                when ward = 2 and measure_id = 'hate' and strategy_year <> '2024-25'
                then 'above the outer limit'
                when ward = 3 and measure_id = 'hate' and strategy_year = '2024-25'
                then 'above the outer limit'
                when ward = 4 then 'above the inner limit'
                else 'below the outer limit'
            end as position
        from (select unnest(['asb', 'hate', 'help', 'minor']) as measure_id),
            (select unnest(['2023-24', '2024-25', '2025-26', '2026-27']) as strategy_year),
            (select unnest(range(1, 6)) as ward)
        """
    )
    found = warehouse_tables.table(connection, "ward_flags", YEAR)
    columns = ["ward_code", "measures", "above_outer_limit", "in_top_fifth", "years_on_list"]
    assert found[columns].to_numpy().tolist() == [
        ["w1", 2, 2, 2, 3], ["w2", 2, 1, 0, 1], ["w3", 2, 0, 0, 0], ["w4", 2, 0, 0, 0], ["w5", 2, 0, 0, 0],
    ]  # fmt: skip
    assert found.flagged_measures.tolist()[:2] == ["Incidents; Hate crimes", "Hate crimes"]
    assert found.flagged_measures.isna().tolist() == [False, False, True, True, True]
    connection.execute("delete from marts.ward_funnel where strategy_year = '2024-25'")
    gap = (
        warehouse_tables.table(connection, "ward_flags", YEAR).set_index("ward_code").years_on_list
    )
    assert (gap["w1"], gap["w2"]) == (1, 1)


def test_a_revision_is_told_for_every_measure_of_its_feed_and_refused_files_revise_nothing(
    connection,
):
    connection.execute(
        "create table governance.revisions as select feed, part, period, was as delivery_id, was as sha256,"
        " since::timestamp as known_until, rows_before::bigint as row_count, becomes as replaced_by,"
        " state as replaced_by_state, rows_after::bigint as replaced_by_row_count,"
        " (rows_after - rows_before)::bigint as row_difference from (values"
        " ('police/x', '', '2025-03', 'd1', '2025-07-01', 10, 'd2', 'passed', 12),"
        " ('police/x', '', '2025-04', 'd3', '2025-07-02', 10, 'd4', 'refused', 99),"
        " ('reference/population', '', '2024', 'd5', '2025-07-03', 5, 'd6', 'passed', 5))"
        " t(feed, part, period, was, since, rows_before, becomes, state, rows_after)"
    )
    connection.execute(
        "create table governance.deliveries as select * from (values ('police/x', 'd2', 's2'),"
        " ('police/x', 'd4', 's4'), ('reference/population', 'd6', 's6')) t(feed, delivery_id, sha256)"
    )
    connection.execute(
        "create table governance.completeness as select feed, '' as part, period, starts::date as"
        " period_start, ends::date as period_end from (values"
        " ('police/x', '2025-03', '2025-03-01', '2025-03-31'), ('police/x', '2025-03', '2025-03-01',"
        " '2025-03-31'), ('reference/population', '2024', null, null)) t(feed, period, starts, ends)"
    )
    connection.execute(
        "create table marts.dim_measure as select * from (values ('asb', 'police/x'), ('hate', 'police/x'),"
        " ('fires', 'fire/x')) t(measure_id, feed)"
    )
    found = warehouse_tables.table(connection, "revisions", YEAR)
    assert found[["feed", "measure_id", "sha256", "row_difference"]].fillna("none").to_numpy().tolist() == [
        ["police/x", "asb", "s2", 2], ["police/x", "hate", "s2", 2],
        ["reference/population", "none", "s6", 0],
    ]  # fmt: skip
    assert found.period_start.isna().tolist() == [False, False, True]


def test_the_needs_assessment_takes_the_year_or_the_newest_period_of_another_kind(connection):
    """`knives` has strategy years, `excluded` school years alone, `admitted` a pooled rate beside strategy
    years that its publisher does not make, `late` a strategy year that is not due.
    """
    connection.execute(
        "create table marts.dim_measure as select measure_id, 'x' as unit, 1000 as rate_per, method,"
        " 'down' as polarity from (values ('knives', 'count'), ('excluded', 'count'),"
        " ('admitted', 'published'), ('late', 'count'), ('unused', 'count')) t(measure_id, method)"
    )
    connection.execute(
        "create table marts.needs_assessment as select section, place as section_order, 1 as sort_order,"
        " measure_id, upper(measure_id) as measure_name, 'Why' as why_here, 'unverified' as verified"
        " from (values ('kinds', 1, 'knives'), ('causes', 2, 'excluded'), ('partners', 5, 'admitted'),"
        " ('cohorts', 3, 'late'), ('places', 4, 'absent')) t(section, place, measure_id)"
    )
    connection.execute(
        """
        create table marts.fct_measure as
        select measure_id, 'city' as area_type, 'D1' as area_code, 'City' as area_name, period_type,
            starts::date as period_start, ends::date as period_end, strategy_year, number::bigint as "count",
            (number - 1)::bigint as previous_count, 1::bigint as change, null::double as change_percent,
            9::bigint as denominator, rate::double as rate, rate::double as rate_lower,
            rate::double as rate_upper, tested::boolean as change_is_significant, reason as missing_reason,
            null::varchar as comparison_missing_reason, false as is_provisional
        from (values
            ('knives', 'strategy_year', '2025-04-01', '2026-03-31', '2025-26', 20, 2.0, true, null),
            ('knives', 'strategy_year', '2024-04-01', '2025-03-31', '2024-25', 99, 9.0, true, null),
            ('knives', 'month', '2026-03-01', '2026-03-31', '2025-26', 7, 1.0, true, null),
            ('excluded', 'academic_year', '2023-09-01', '2024-08-31', '2023-24', 30, 3.0, false, null),
            ('excluded', 'academic_year', '2024-09-01', '2025-08-31', '2024-25', 31, 3.1, false, null),
            ('excluded', 'academic_year', '2025-09-01', '2026-08-31', '2025-26', 32, 3.2, false, null),
            ('admitted', 'strategy_year', '2025-04-01', '2026-03-31', '2025-26', null, null, null,
                'not_published'),
            ('admitted', 'pooled_3_years', '2021-04-01', '2024-03-31', '2023-24', 50, 6.0, null, null),
            ('admitted', 'pooled_3_years', '2022-04-01', '2025-03-31', '2024-25', 60, 5.0, true, null),
            ('late', 'strategy_year', '2025-04-01', '2026-03-31', '2025-26', null, null, null, 'not_yet_due')
        ) t(measure_id, period_type, starts, ends, strategy_year, number, rate, tested, reason)
        """
    )
    found = warehouse_tables.table(connection, "needs_assessment", YEAR).set_index("measure_id")
    assert found.index.tolist() == ["knives", "excluded", "late", "absent", "admitted"]
    assert found["count"].fillna(-1).to_dict() == {
        "knives": 20, "excluded": 31, "late": -1, "absent": -1, "admitted": 60,
    }  # fmt: skip
    assert found.finding.to_dict() == {
        "knives": "more", "excluded": "no clear change", "late": "cannot be judged",
        "absent": "cannot be judged", "admitted": "lower",
    }  # fmt: skip
    assert found.missing_reason.fillna("").to_dict()["late"] == "not_yet_due"
    assert found.detail.to_dict()["knives"] == "Why"
    assert found.detail.to_dict()["excluded"] == "Why; of 1 September 2024 to 31 August 2025"
