"""What an edition says of its sources: periods owed, rules failed, rows rejected and accounted for."""

import duckdb
import pytest

from orchestration.figures import warehouse_tables
from tests.support import strategy, thresholds

YEAR = warehouse_tables.year_of("2025-26")


@pytest.fixture
def connection():
    with duckdb.connect() as made:
        thresholds.publish(made)
        strategy.publish(made)
        yield made


def have(connection, table, columns, *rows):
    """A table of governance with these rows; `columns` as SQL declares them."""
    connection.execute(f"create table governance.{table} ({columns})")
    if rows:
        marks = ", ".join("?" * len(columns.split(", ")))
        connection.executemany(
            f"insert into governance.{table} values ({marks})", [list(row) for row in rows]
        )


def cells(frame, *columns):
    found = frame[list(columns)].astype(object)
    return found.where(found.notna(), None).to_numpy().tolist()


@pytest.fixture
def owed(connection):
    """Months of `police/x` around the year; editions of `reference/y`, one here, and of `reference/z`."""
    have(
        connection, "completeness",
        "feed varchar, period varchar, period_start date, period_end date, state varchar, "
        "is_expected_part boolean",
        ("police/x", "2025-03", "2025-03-01", "2025-03-31", "missing", True),
        ("police/x", "2025-04", "2025-04-01", "2025-04-30", "delivered", True),
        ("police/x", "2025-05", "2025-05-01", "2025-05-31", "refused", True),
        ("police/x", "2025-06", "2025-06-01", "2025-06-30", "missing", True),
        ("police/x", "2026-03", "2026-03-01", "2026-03-31", "not_due", True),
        ("police/x", "2025-07", "2025-07-01", "2025-07-31", "missing", False),
        ("police/x", "2026-04", "2026-04-01", "2026-04-30", "missing", True),
        ("school/w", "2024-25", "2024-09-01", "2025-08-31", "delivered", True),
        ("school/w", "2023-24", "2023-09-01", "2025-04-01", "delivered", True),
        ("reference/y", "2021", None, None, "missing", True),
        ("reference/y", "2023", None, None, "delivered", True),
        ("reference/z", "2021", None, None, "missing", True),
    )  # fmt: skip
    have(
        connection, "feeds", "feed varchar, title varchar, cadence varchar, owner varchar",
        ("police/x", "X", "month", "Police"), ("school/w", "W", "year", "Schools"),
        ("reference/y", "Y", "edition", "ONS"), ("reference/z", "Z", "edition", "ONS"),
    )  # fmt: skip
    return connection


def test_a_feed_owes_the_periods_that_end_in_the_year(owed):
    found = warehouse_tables.table(owed, "completeness", YEAR)
    names = (
        "feed",
        "periods",
        "delivered",
        "refused",
        "missing",
        "not_due",
        "periods_not_delivered",
    )
    assert cells(found, *names) == [
        ["police/x", 4, 1, 1, 1, 1, "2025-05, 2025-06, 2026-03"],
        ["reference/y", 2, 1, 0, 1, 0, "2021"],
        ["reference/z", 1, 0, 0, 1, 0, "2021"],
        ["school/w", 2, 2, 0, 0, 0, None],
    ]


def test_any_edition_that_was_delivered_answers_for_its_feed(owed):
    found = warehouse_tables.table(owed, "owed_periods", YEAR)
    assert cells(found, "feed", "period", "state") == [
        ["police/x", "2025-04", "delivered"],
        ["police/x", "2025-05", "refused"],
        ["police/x", "2025-06", "missing"],
        ["police/x", "2026-03", "not_due"],
        ["reference/y", "2023", "delivered"],
        ["reference/z", "2021", "missing"],
        ["school/w", "2023-24", "delivered"],
        ["school/w", "2024-25", "delivered"],
    ]


def test_prescribed_information_is_that_of_quarters_that_begin_in_the_year(connection):
    have(
        connection, "prescribed_information",
        "paragraph varchar, partner varchar, information varchar, period varchar, "
        "due_on date, state varchar, months_delivered integer, share_with_blank_fields double, "
        "verified varchar, period_start date",
        *(
            ("1", "Police", "Crimes", quarter, None, "delivered", 3, 0.0, "verified", starts)
            for quarter, starts in (
                ("2026-Q2", "2026-04-01"), ("2026-Q1", "2026-01-01"), ("2025-Q2", "2025-04-01"),
                ("2025-Q1", "2025-01-01"),
            )
        ),
    )  # fmt: skip
    found = warehouse_tables.table(connection, "prescribed", YEAR)
    assert found.information_period.tolist() == ["2025-Q2", "2026-Q1"]


@pytest.fixture
def delivered(connection):
    """Three deliveries of `a` (one replaced, one refused), one of `b` and `c`; `d` never delivered."""
    have(
        connection, "deliveries",
        "feed varchar, delivery_id varchar, contract_version varchar, state varchar, is_current boolean, "
        "row_count bigint, period varchar, part varchar, sha256 varchar, received_at timestamp",
        ("a", "a1", "1.0", "passed", True, 90, "2025-05", "", "x1", "2025-06-01"),
        ("a", "a2", "1.0", "passed", False, 500, "2025-04", "", "x2", "2025-06-01"),
        ("a", "a3", "1.0", "refused", True, 10, "2025-04", "", "x3", "2025-07-01"),
        ("a", "a4", "1.0", "passed", True, 0, "2025-06", "", "x4", "2025-07-01"),
        ("b", "b1", "2.0", "passed", True, 99, "2025-04", "", "x5", "2025-06-01"),
        ("c", "c1", "1.0", "passed", True, 95, "2025-04", "", "x6", "2025-06-01"),
    )  # fmt: skip
    have(
        connection, "gate_results",
        "feed varchar, delivery_id varchar, rule varchar, outcome varchar, severity varchar",
        ("a", "a1", "r1", "passed", "critical"), ("a", "a1", "r2", "failed", "warning"),
        ("a", "a1", "r3", "failed", "warning"), ("a", "a3", "r1", "failed", "critical"),
        ("a", "a3", "r2", "errored", "critical"), ("b", "a1", "r1", "errored", "warning"),
        ("a", "a2", "r1", "errored", "critical"), ("c", "c1", "r1", "errored", "critical"),
        ("c", "c1", "r2", "passed", "critical"),
    )  # fmt: skip
    have(
        connection, "reconciliation",
        "feed varchar, delivery_id varchar, unexplained_difference bigint",
        ("a", "a1", 2), ("a", "a3", -2), ("a", "a4", 0), ("b", "b1", None), ("c", "a1", 5),
        ("c", "c1", 1),
    )  # fmt: skip
    have(
        connection, "feeds", "feed varchar, title varchar, owner varchar",
        *((feed, feed.upper(), "Owner") for feed in "abcd"),
    )  # fmt: skip
    have(connection, "rejected_rows", "feed varchar")
    return connection


def test_deliveries_that_count_are_judged_by_the_rules_that_ran_on_them(delivered):
    found = warehouse_tables.table(delivered, "judged_deliveries", YEAR)
    names = ("deliveries", "without_rules", "with_errors", "with_failures", "with_warnings")
    assert cells(found, "feed", "state", *names) == [
        ["a", "passed", 2, 1, 0, 0, 1],
        ["a", "refused", 1, 0, 1, 1, 0],
        ["b", "passed", 1, 1, 0, 0, 0],
        ["c", "passed", 1, 0, 1, 0, 0],
    ]


def test_the_ledger_counts_deliveries_that_are_not_explained_and_never_nets_them(delivered):
    found = warehouse_tables.table(delivered, "ledger", YEAR)
    assert cells(found, "feed", "deliveries", "in_ledger", "unexplained") == [
        ["a", 4, 3, 2],
        ["b", 1, 1, 1],
        ["c", 1, 1, 1],
    ]


def test_the_sources_are_the_deliveries_that_count(delivered):
    assert warehouse_tables.table(delivered, "sources", YEAR).sha256.tolist() == [
        "x3",
        "x1",
        "x4",
        "x5",
        "x6",
    ]


def test_quality_counts_what_each_feed_brought_and_none_for_one_that_brought_nothing(delivered):
    found = warehouse_tables.table(delivered, "quality", YEAR)
    names = ("deliveries", "set_aside", "row_count", "rules_run", "rules_failed", "rules_errored")
    assert cells(found, "feed", *names, "rows_rejected", "unexplained") == [
        ["a", 4, 1, 100, 6, 3, 2, 0, 0],
        ["b", 1, 0, 99, 1, 0, 1, 0, 0],
        ["c", 1, 0, 95, 2, 0, 1, 0, 6],
        ["d", 0, 0, 0, 0, 0, 0, 0, 0],
    ]


@pytest.mark.parametrize(
    ("feed", "rejected", "share"),
    [
        ("b", 0, "none"),
        ("a", 1, "under_1_percent"),  # 1 of 101
        ("b", 1, "1_to_5_percent"),  # 1 of 100
        ("c", 4, "1_to_5_percent"),  # 4 of 99
        ("c", 5, "over_5_percent"),  # 5 of 100
        ("d", 1, "over_5_percent"),  # of none that was kept
    ],
)
def test_the_share_of_rejected_rows_is_of_all_rows_and_given_in_classes(
    delivered, feed, rejected, share
):
    delivered.executemany(
        "insert into governance.rejected_rows values (?)", [[feed]] * max(rejected, 1)
    )
    if not rejected:
        delivered.execute("delete from governance.rejected_rows")
    found = warehouse_tables.table(delivered, "quality", YEAR).set_index("feed")
    assert found.share_rejected[feed] == share
    assert found.rows_rejected[feed] == rejected
