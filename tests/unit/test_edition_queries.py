"""Which rows an edition's queries of the marts take, and in what order: over a few rows, by hand."""

import duckdb
import pandas as pd
import pytest

from orchestration.figures import warehouse_tables
from tests.support import strategy, thresholds

YEAR = warehouse_tables.year_of("2025-26")
FACT = """
    measure_id varchar, area_type varchar, area_code varchar, area_name varchar, period_type varchar,
    period_start date, period_end date, strategy_year varchar, "count" bigint, modelled_count double,
    denominator bigint, rate double, rate_lower double, rate_upper double, previous_count bigint,
    change bigint, change_percent double, change_is_significant boolean, missing_reason varchar,
    comparison_missing_reason varchar, is_provisional boolean, rows_left_out bigint,
    warned_deliveries bigint
"""
ENDS = {"month": 1, "quarter": 3, "pooled_3_years": 36}  # months; every other kind has twelve


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        thresholds.publish(made)
        strategy.publish(made)
        made.execute(f"create table marts.fct_measure ({FACT})")
        yield made


def have(connection, table, columns, *rows):
    """A table of the marts with these rows; `columns` as SQL declares them."""
    connection.execute(f"create table marts.{table} ({columns})")
    marks = ", ".join("?" * len(columns.split(", ")))
    connection.executemany(f"insert into marts.{table} values ({marks})", [list(r) for r in rows])


def fact(connection, number, measure, area, kind, starts, **other):
    """A fact that is known by its count; its strategy year is the one that it ends in."""
    area_type, _, code = area.partition(" ")
    first = pd.Timestamp(starts)
    last = first + pd.DateOffset(months=ENDS.get(kind, 12), days=-1)
    year = last.year - (last.month < 4)
    row = {
        "measure_id": measure, "area_type": area_type, "area_code": code or "E", "period_type": kind,
        "area_name": f"{code} by name", "period_start": first.date(), "period_end": last.date(),
        "strategy_year": f"{year}-{year - 1999}", "count": number, **other,
    }  # fmt: skip
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join("?" * len(row))
    connection.execute(
        f"insert into marts.fct_measure ({names}) values ({marks})", list(row.values())
    )


def counts(connection, table):
    return warehouse_tables.table(connection, table, YEAR)["count"].tolist()


@pytest.fixture
def city(connection):
    """Facts of a headline measure (`asb`) and of others, each known by its count."""
    have(
        connection, "dim_measure", "measure_id varchar, method varchar",
        ("asb", "count"), ("minor", "count"), ("share", "proportion"), ("deaths", "count"),
    )  # fmt: skip
    have(
        connection, "priority_change", "measure_id varchar, is_headline boolean",
        ("asb", True), ("asb", False), ("minor", False),
    )  # fmt: skip
    have(
        connection, "dim_area", "area_type varchar, area_code varchar, ward_code varchar",
        ("lsoa", "L1", "W1"), ("lsoa", "L2", "W2"), ("ward", "L1", "W9"),
    )  # fmt: skip
    for number, measure, area, kind, starts in (
        (0, "asb", "unplaced NO_LOCATION", "strategy_year", "2025-04-01"),
        (1, "asb", "unplaced UNKNOWN_CODE", "strategy_year", "2025-04-01"),
        (2, "asb", "unplaced UNKNOWN_CODE", "strategy_year", "2024-04-01"),
        (3, "asb", "unplaced UNKNOWN_CODE", "month", "2025-04-01"),
        (10, "asb", "city", "strategy_year", "2025-04-01"),
        (11, "asb", "city", "strategy_year", "2024-04-01"),
        (12, "asb", "city", "strategy_year", "2022-04-01"),
        (13, "asb", "city", "strategy_year", "2026-04-01"),
        (14, "asb", "city", "month", "2026-03-01"),
        (15, "asb", "city", "month", "2023-04-01"),
        (16, "asb", "city", "month", "2023-03-01"),
        (17, "asb", "city", "month", "2026-04-01"),
        (18, "asb", "city", "quarter", "2026-01-01"),
        (20, "asb", "city", "rolling_12m", "2023-04-01"),
        (21, "asb", "city", "rolling_12m", "2023-03-01"),
        (22, "asb", "city", "rolling_12m", "2025-04-01"),
        (23, "asb", "city", "rolling_12m", "2025-05-01"),
        (24, "asb", "ward W1", "rolling_12m", "2025-04-01"),
        (25, "share", "city", "rolling_12m", "2025-04-01"),
        (30, "deaths", "city", "calendar_year", "2020-01-01"),
        (31, "asb", "city", "academic_year", "2024-09-01"),
        (32, "asb", "city", "pooled_3_years", "2022-04-01"),
        (33, "deaths", "city", "calendar_year", "2026-01-01"),
        # A measure with strategy years has calendar years for analysts only.
        (34, "asb", "city", "calendar_year", "2024-01-01"),
        (40, "asb", "ward W1", "strategy_year", "2025-04-01"),
        (41, "asb", "ward W1", "strategy_year", "2024-04-01"),
        (42, "asb", "ward W1", "month", "2025-04-01"),
        (43, "minor", "ward W1", "strategy_year", "2025-04-01"),
        (50, "asb", "lsoa L1", "strategy_year", "2025-04-01"),
        (51, "asb", "lsoa L1", "strategy_year", "2024-04-01"),
        (52, "asb", "lsoa L1", "month", "2025-04-01"),
        (53, "minor", "lsoa L1", "strategy_year", "2025-04-01"),
        (60, "minor", "city", "strategy_year", "2025-04-01"),
        (61, "unregistered", "city", "strategy_year", "2025-04-01"),
    ):
        fact(connection, number, measure, area, kind, starts)
    return connection


def test_figures_are_the_cells_that_any_table_prints_and_no_other(city):
    """Of the whole area, months since the baseline and years of any kind; of parts, the year alone."""
    assert set(counts(city, "figures")) == {
        0, 1, 10, 11, 12, 14, 15, 20, 22, 25, 30, 31, 32, 40, 43, 50, 60,
    }  # fmt: skip


def test_years_are_of_the_whole_area_and_any_kind_up_to_the_assessments(city):
    assert set(counts(city, "years")) == {10, 11, 12, 30, 31, 32, 60, 61}


def test_rolling_years_begin_with_the_baseline_and_end_with_the_year(city):
    assert counts(city, "rolling") == [20, 22]


def test_the_map_has_the_years_lsoas_of_headline_measures_with_their_ward(city):
    found = warehouse_tables.table(city, "lsoas", YEAR)
    assert found["count"].tolist() == [50]
    assert found.ward_code.tolist() == ["W1"]


def test_rows_without_a_place_are_those_of_the_year_that_there_are(city):
    found = warehouse_tables.table(city, "unplaced", YEAR)
    assert found[["line_code", "count"]].to_numpy().tolist() == [["UNKNOWN_CODE", 1]]


def test_wards_have_their_place_in_the_years_funnel_or_none(city):
    have(
        city, "ward_funnel",
        "measure_id varchar, area_type varchar, area_code varchar, period_type varchar, period_start date, "
        "city_rate double, "
        "lower_95 double, "
        "upper_95 double, lower_998 double, upper_998 double, position varchar, dispersion double, "
        "differs_throughout boolean, tau_squared double",
        *(
            ("asb", "ward", ward, kind, starts, 5, 4, 6, 3, 7, position, 2, True, 0.1)
            for ward, kind, starts, position in (
                ("W1", "strategy_year", "2025-04-01", "within"),
                ("W1", "year_to_date", "2025-04-01", "above the outer limit"),
                ("W1", "strategy_year", "2024-04-01", "above the outer limit"),
                ("W2", "strategy_year", "2025-04-01", "above the inner limit"),
            )
        ),
    )  # fmt: skip
    found = warehouse_tables.table(city, "wards", YEAR)
    assert found[["measure_id", "count"]].to_numpy().tolist() == [["asb", 40], ["minor", 43]]
    assert found.position.fillna("none").tolist() == ["within", "none"]


@pytest.mark.parametrize(
    ("table", "measures"),
    [
        ("case_reviews", ["reviews"]),
        ("cross_check", ["ambulance_assault_calls", "violence_with_injury"]),
    ],
)
def test_a_table_by_year_goes_from_the_baseline_to_the_assessments_year(
    connection, table, measures
):
    have(
        connection, "dim_measure",
        "measure_id varchar, measure_name varchar, published_by_law boolean",
        ("reviews", "Reviews", True), ("ambulance_assault_calls", "Calls", False),
        ("violence_with_injury", "Violence", False), ("asb", "Incidents", False),
    )  # fmt: skip
    for measure in ("violence_with_injury", "reviews", "asb", "ambulance_assault_calls"):
        for number, year in enumerate(range(2022, 2027)):
            fact(connection, number, measure, "city", "strategy_year", f"{year}-04-01")
        fact(connection, 10, measure, "ward W1", "strategy_year", "2025-04-01")
        fact(connection, 11, measure, "city", "month", "2025-04-01")
    found = warehouse_tables.table(connection, table, YEAR)
    assert found[["measure_id", "strategy_year", "count"]].to_numpy().tolist() == [
        [measure, year, number]
        for measure in measures
        for number, year in enumerate(("2023-24", "2024-25", "2025-26"), start=1)
    ]


def test_the_plan_stands_as_it_did_at_the_newest_quarter_of_the_year(connection):
    """The quarter that begins on the last day is the year's, the one after it is not."""
    have(
        connection, "plan_progress",
        "action_ref varchar, priority_id varchar, action varchar, led_by varchar, period_start date, "
        "due_on date, rag varchar, progress_percent double, is_overdue boolean",
        ("a1", "p2", "Lights", "Council", "2025-10-01", "2026-06-30", "red", 10, True),
        ("a1", "p2", "Lights", "Council", "2026-01-01", "2026-06-30", "amber", 50, False),
        ("a2", "p1", "Patrols", "Police", "2026-01-01", "2026-01-31", "green", 80, False),
        ("a3", "p1", "Ended", "Police", "2025-10-01", "2025-12-31", "complete", 100, False),
        ("a1", "p2", "Lights", "Council", "2026-04-01", "2026-06-30", "complete", 100, False),
    )  # fmt: skip
    found = warehouse_tables.table(connection, "plan", YEAR)
    assert found[["action_ref", "rag"]].to_numpy().tolist() == [["a2", "green"], ["a1", "amber"]]
    connection.execute(
        "update marts.plan_progress set period_start = '2026-03-31' where rag = 'red'"
    )
    assert warehouse_tables.table(connection, "plan", YEAR).rag.tolist() == ["red"]


def test_a_headline_row_joins_the_years_change_to_the_whole_areas_figure(connection):
    have(
        connection, "dim_priority", "priority_id varchar, priority_name varchar, sort_order integer",
        ("late", "Late", 2), ("early", "Early", 1),
    )  # fmt: skip
    have(
        connection, "dim_measure",
        "measure_id varchar, unit varchar, rate_per integer, method varchar, polarity varchar, "
        "verified varchar",
        ("asb", "incidents", 1000, "count", "down", "verified"),
        ("bins", "bins", 1000, "count", "down", "verified"),
    )  # fmt: skip
    changed = [
        (priority, measure, measure.upper(), kind, year, headline, True, "more", "worse", None, 1, 9, 2,
         0.01, 3)
        for priority, measure, headline in (
            ("late", "asb", True), ("early", "asb", False), ("early", "bins", True),
        )
        for kind in ("strategy_year", "calendar_year")
        for year in ("2024-25", "2025-26")
    ]  # fmt: skip
    have(
        connection, "priority_change",
        "priority_id varchar, measure_id varchar, measure_name varchar, period_type varchar, "
        "strategy_year varchar, is_headline boolean, change_is_significant boolean, finding varchar, "
        "verdict varchar, "
        "change_not_judged varchar, change_lower double, change_upper double, dispersion double, "
        "change_p_value double, tests_together integer",
        *changed,
    )  # fmt: skip
    for number, area, kind, starts in (
        (10, "city", "strategy_year", "2025-04-01"),
        (11, "city", "strategy_year", "2024-04-01"),
        (12, "ward W1", "strategy_year", "2025-04-01"),
        (13, "city", "rolling_12m", "2025-04-01"),
    ):
        for measure in ("asb", "bins"):
            fact(connection, number, measure, area, kind, starts)
    found = warehouse_tables.table(connection, "headline", YEAR)
    assert found[["priority_id", "measure_id", "count"]].to_numpy().tolist() == [
        ["early", "bins", 10], ["early", "asb", 10], ["late", "asb", 10],
    ]  # fmt: skip


def test_a_break_is_listed_for_every_measure_that_it_touches(connection):
    have(
        connection, "dim_break",
        "break_id varchar, feed varchar, measure_id varchar, break_on date, effect varchar, title varchar, "
        "description varchar, verified varchar",
        ("feed", "police/x", None, "2026-03-31", "not_comparable", "System", "", "verified"),
        ("one", "police/x", "asb", "2025-06-01", "event", "Rule", "", "verified"),
        ("all", None, None, "2025-01-01", "event", "Wards", "", "verified"),
        ("later", "police/x", "asb", "2026-04-01", "event", "Later", "", "verified"),
    )  # fmt: skip
    have(
        connection, "dim_measure", "measure_id varchar, feed varchar",
        ("asb", "police/x"), ("hate", "police/x"), ("fires", "fire/x"),
    )  # fmt: skip
    found = warehouse_tables.table(connection, "breaks", YEAR)
    assert found[["break_id", "measure_id"]].fillna("").to_numpy().tolist() == [
        ["all", ""], ["one", "asb"], ["feed", "asb"], ["feed", "hate"],
    ]  # fmt: skip
