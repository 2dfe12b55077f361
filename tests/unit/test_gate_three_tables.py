"""The tables that gate 3 looks at, of a warehouse of a few rows; and periods in words."""

from datetime import date

import duckdb
import pandas as pd
import pytest

from orchestration.core.wording import counted, day, joined
from orchestration.edition.gate.wording import spans
from orchestration.figures import warehouse_tables
from orchestration.quality.statements import is_reason, is_somebody

YEAR = warehouse_tables.year_of("2025-26")
TABLES = warehouse_tables._TABLES
COMPLETENESS = (
    "feed varchar, period varchar, period_start date, period_end date, state varchar, "
    "is_expected_part boolean"
)
DELIVERIES = (
    "feed varchar, delivery_id varchar, contract_version varchar, state varchar, is_current boolean"
)
RESULTS = "feed varchar, delivery_id varchar, rule varchar, severity varchar, outcome varchar"
LEDGER = "feed varchar, delivery_id varchar, unexplained_difference bigint"


@pytest.fixture
def warehouse():
    with duckdb.connect() as connection:
        connection.execute("create schema governance")
        for name, columns in [
            ("completeness", COMPLETENESS), ("deliveries", DELIVERIES), ("gate_results", RESULTS),
            ("reconciliation", LEDGER),
        ]:  # fmt: skip
            connection.execute(f"create table governance.{name} ({columns})")
        yield connection


def put(connection, table, *rows):
    marks = ", ".join("?" * len(rows[0]))
    connection.executemany(f"insert into governance.{table} values ({marks})", rows)


def rows_of(connection, name):
    query = (TABLES / f"{name}.sql").read_text(encoding="utf-8")
    years = {"year_start": YEAR.starts_on, "year_end": YEAR.ends_on}
    return connection.execute(query, years if "$year_start" in query else {}).fetchall()


def month(label, state="delivered", is_own=True, feed="a/x"):
    period = pd.Period(label, "M")
    return (feed, label, period.start_time.date(), period.end_time.date(), state, is_own)


def edition(label, state, feed="b/e"):
    return (feed, label, None, None, state, True)


def test_the_periods_that_the_year_needs_are_those_that_end_in_it(warehouse):
    put(
        warehouse, "completeness", month("2025-03"), month("2025-04"), month("2026-03", "missing"),
        month("2026-04"), month("2025-05", is_own=False),
        ("s/y", "2024-25", date(2024, 9, 1), date(2025, 8, 31), "delivered", True),
        ("s/y", "2025-26", date(2025, 9, 1), date(2026, 8, 31), "not_due", True),
    )  # fmt: skip
    assert [
        (feed, period, state) for feed, period, *_, state in rows_of(warehouse, "owed_periods")
    ] == [
        ("a/x", "2025-04", "delivered"),
        ("a/x", "2026-03", "missing"),
        ("s/y", "2024-25", "delivered"),
    ]


def test_any_edition_that_was_delivered_answers_for_its_feed(warehouse):
    put(warehouse, "completeness", edition("2024", "delivered"), edition("2025", "refused"))
    put(warehouse, "completeness", edition("2025", "refused", "c/e"))
    assert [(r[0], r[1], r[-1]) for r in rows_of(warehouse, "owed_periods")] == [
        ("b/e", "2024", "delivered"),
        ("c/e", "2025", "refused"),
    ]


def test_deliveries_that_count_are_told_by_how_gate_1_judged_them(warehouse):
    put(
        warehouse, "deliveries", ("a/x", "1", "1.0.0", "passed", True), ("a/x", "2", "1.0.0", "passed", True),
        ("a/x", "3", "1.0.0", "passed", True), ("a/x", "4", "0.9.0", "passed", True),
        ("a/x", "5", "1.0.0", "refused", False), ("a/x", "6", "1.0.0", "passed", True),
    )  # fmt: skip
    put(
        warehouse, "gate_results",
        ("a/x", "1", "r", "critical", "passed"), ("a/x", "1", "s", "warning", "failed"),
        ("a/x", "2", "r", "critical", "errored"), ("a/x", "2", "s", "critical", "failed"),
        ("a/x", "4", "r", "critical", "passed"), ("a/x", "5", "r", "critical", "failed"),
        ("b/x", "3", "r", "critical", "passed"), ("a/x", "6", "s", "info", "errored"),
    )  # fmt: skip
    assert rows_of(warehouse, "judged_deliveries") == [
        ("a/x", "0.9.0", "passed", 1, 0, 0, 0, 0),
        ("a/x", "1.0.0", "passed", 4, 1, 2, 1, 1),
    ]


def test_differences_of_two_deliveries_do_not_cancel_out_and_none_is_no_zero(warehouse):
    put(
        warehouse,
        "deliveries",
        *((feed, str(n), "1", "passed", True) for feed in "ab" for n in range(4)),
    )
    put(
        warehouse, "reconciliation", ("a", "0", 5), ("a", "1", -5), ("a", "2", 0), ("a", "3", None),
        ("b", "0", 0), ("b", "1", 0), ("b", "2", 0),
    )  # fmt: skip
    assert rows_of(warehouse, "ledger") == [("a", 4, 4, 3), ("b", 4, 3, 0)]


def periods(*rows):
    return pd.DataFrame(
        [(label, pd.Timestamp(first), pd.Timestamp(last)) for label, first, last in rows],
        columns=["period", "period_start", "period_end"],
    )


def in_months(*labels):
    return periods(
        *((m, pd.Period(m).start_time, pd.Period(m).end_time.normalize()) for m in labels)
    )


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (in_months("2025-03"), ["March 2025"]),
        (in_months("2025-04", "2025-03"), ["March 2025", "April 2025"]),
        (in_months("2025-11", "2025-12", "2026-01"), ["November 2025 to January 2026"]),
        (in_months("2025-04", "2025-06", "2025-07", "2026-03"),
         ["April 2025", "June 2025", "July 2025", "March 2026"]),
        (in_months(*(f"2025-{m:02d}" for m in range(1, 13))), ["January 2025 to December 2025"]),
        (periods(("2025-Q2", "2025-04-01", "2025-06-30")), ["April 2025 to June 2025"]),
        (periods(("2025-Q2", "2025-04-01", "2025-06-30"), ("2025-Q3", "2025-07-01", "2025-09-30")),
         ["April 2025 to September 2025"]),
        (periods(("2025-26", "2025-04-01", "2026-03-31")), ["the year 2025-26"]),
        (periods(("2024-25", "2024-09-01", "2025-08-31")), ["the academic year 2024-25"]),
        (periods(("2025", "2025-01-01", "2025-12-31")), ["the calendar year 2025"]),
        (periods(("any edition", None, None)), ["any edition"]),
        (periods(("2024", None, None)), ["the edition 2024"]),
        (periods(), []),
    ],
)  # fmt: skip
def test_periods_in_words_leave_none_out(given, told):
    assert spans(given) == told


def test_lists_numbers_and_days_in_words():
    assert [joined(list("abc"[:n])) for n in (1, 2, 3)] == ["a", "a and b", "a, b and c"]
    assert [counted(n, "row") for n in (0, 1, 1204)] == ["0 rows", "1 row", "1,204 rows"]
    assert counted(2, "delivery", "deliveries") == "2 deliveries"
    assert day(date(2026, 3, 1)) == "1 March 2026"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("The service changed its system in March.", True),
        ("Dim data yet: figures follow.", True),
        ("The team had more to do than it could.", True),
        ("Too short a reason", False),
        ("a b c d e f g h i j k l m n o p", False),
        ("to be confirmed with the partner soon", False),
        ("1234 5678 9012 3456 7890 1234", False),
        ("The first line of it\nand the second one.", False),
    ],
)
def test_what_is_a_reason(text, is_one):
    assert is_reason(text) is is_one


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("A. Khan", True), ("Chair of the partnership", True), ("Zoë Ó", True), ("me", False),
     ("Unknown", False), ("TBC", False), ("  ", False), ("--- 1", False), ("Chair\nDeputy", False),
     ("no\u200bbody", False), ("none\u00ad", False), ("Chair\x1b[8m", False), ("Ms\u00a0Khan", True)],
)  # fmt: skip
def test_who_is_somebody(name, is_one):
    assert is_somebody(name) is is_one
