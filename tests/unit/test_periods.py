"""Periods of every kind, their months and their due dates."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.core import periods

KINDS = [kind for kind in periods.KINDS if kind != periods.EDITION]
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
months = days.map(periods.month_of)
kinds = st.sampled_from(KINDS)


@given(months, st.integers(-400, 400))
def test_adding_months_goes_back_and_forth(month, count):
    there = periods.add_months(month, count)
    assert periods.is_month(there)
    assert periods.add_months(there, -count) == month


@given(months, st.integers(0, 60))
def test_months_between_holds_both_ends(first, count):
    last = periods.add_months(first, count)
    found = periods.months_between(first, last)
    assert (found[0], found[-1], len(found)) == (first, last, count + 1)


@pytest.mark.parametrize("text", ["2024-13", "2024-00", "202404", "April", "2024-4", "", "٢٠٢٤-04"])
def test_what_is_not_a_month(text):
    assert not periods.is_month(text)


@pytest.mark.parametrize(
    ("kind", "month", "label", "first", "last"),
    [
        ("month", "2025-06", "2025-06", "2025-06", "2025-06"),
        ("quarter", "2025-06", "2025-Q2", "2025-04", "2025-06"),
        ("quarter", "2025-12", "2025-Q4", "2025-10", "2025-12"),
        ("financial_year", "2025-03", "2024-25", "2024-04", "2025-03"),
        ("financial_year", "2025-04", "2025-26", "2025-04", "2026-03"),
        ("financial_year", "1999-04", "1999-00", "1999-04", "2000-03"),
        ("academic_year", "2024-08", "2023-24", "2023-09", "2024-08"),
        ("academic_year", "2024-09", "2024-25", "2024-09", "2025-08"),
        ("calendar_year", "2024-12", "2024", "2024-01", "2024-12"),
    ],
)
def test_the_period_of_a_month(kind, month, label, first, last):
    assert periods.label_of(kind, month) == label
    assert (periods.first_month(kind, label), periods.last_month(kind, label)) == (first, last)


@pytest.mark.parametrize(
    ("kind", "label"),
    [
        ("month", "2025-Q2"),
        ("quarter", "2025-06"),
        ("quarter", "2025-Q5"),
        ("quarter", "2025-q2"),
        ("quarter", "Q2-2025"),
        ("financial_year", "2024-26"),
        ("financial_year", "2024"),
        ("financial_year", "2024-2025"),
        ("academic_year", "2024-Q1"),
        ("calendar_year", "24"),
        ("calendar_year", "2024-25"),
        ("edition", ""),
    ],
)
def test_what_is_not_a_period(kind, label):
    assert not periods.is_period(kind, label)


@pytest.mark.parametrize(
    ("kind", "label"),
    [("month", "2025-06"), ("quarter", "2025-Q1"), ("financial_year", "2009-10"),
     ("academic_year", "2023-24"), ("calendar_year", "2024"), ("edition", "May 2025 (V3)")],
)  # fmt: skip
def test_what_is_a_period(kind, label):
    assert periods.is_period(kind, label)


@given(kinds, months)
def test_a_month_lies_in_its_period_and_nowhere_else(kind, month):
    label = periods.label_of(kind, month)
    assert periods.is_period(kind, label)
    first, last = periods.first_month(kind, label), periods.last_month(kind, label)
    assert first <= month <= last
    assert len(periods.months_between(first, last)) == periods.months_in(kind)
    assert {periods.label_of(kind, other) for other in periods.months_between(first, last)} == {
        label
    }
    assert periods.label_of(kind, periods.add_months(last, 1)) != label


@given(kinds, st.text(alphabet="0123456789-Qq/ ", max_size=8))
def test_any_text_is_a_period_exactly_if_it_is_written_as_one(kind, text):
    if periods.is_period(kind, text):
        assert periods.label_of(kind, periods.first_month(kind, text)) == text
    else:
        with pytest.raises(ValueError, match=r"is not an? "):
            periods.first_month(kind, text)


@given(kinds, months, st.integers(0, 80))
def test_periods_between_are_whole_in_order_and_without_gaps(kind, first, count):
    last = periods.add_months(first, count)
    found = periods.periods_between(kind, first, last)
    covered = [
        month
        for label in found
        for month in periods.months_between(
            periods.first_month(kind, label), periods.last_month(kind, label)
        )
    ]
    assert covered == (periods.months_between(covered[0], covered[-1]) if covered else [])
    assert all(first <= month <= last for month in covered)
    # What is left out at either end is less than a period.
    left_out = count + 1 - len(covered)
    assert left_out <= 2 * (periods.months_in(kind) - 1)


@pytest.mark.parametrize(
    ("kind", "today", "latency", "due"),
    [
        ("month", "2026-11-30", 2, "2026-08"),
        ("month", "2026-12-01", 2, "2026-09"),
        ("month", "2027-02-28", 2, "2026-11"),
        # The law: April to June is owed by 30 September, so from 1 October it is due.
        ("quarter", "2026-09-30", 3, "2026-Q1"),
        ("quarter", "2026-10-01", 3, "2026-Q2"),
        ("financial_year", "2026-06-30", 3, "2024-25"),
        ("financial_year", "2026-07-01", 3, "2025-26"),
        ("academic_year", "2026-08-31", 0, "2024-25"),
        ("academic_year", "2026-09-01", 0, "2025-26"),
        ("calendar_year", "2026-12-31", 0, "2025"),
        ("calendar_year", "2027-01-01", 0, "2026"),
        ("calendar_year", "2027-06-30", 6, "2025"),
    ],
)
def test_what_is_due(kind, today, latency, due):
    assert periods.due_through(kind, date.fromisoformat(today), latency) == due


@given(kinds, days, st.integers(0, 24))
def test_the_newest_due_period_is_due_and_the_next_is_not(kind, today, latency):
    due = periods.due_through(kind, today, latency)
    ends = periods.last_month(kind, due)
    assert periods.add_months(ends, latency) < periods.month_of(today)
    next_ends = periods.add_months(ends, periods.months_in(kind))
    assert periods.add_months(next_ends, latency) >= periods.month_of(today)


def test_an_edition_has_no_months():
    for question in (
        lambda: periods.months_in("edition"),
        lambda: periods.first_month("edition", "2025"),
        lambda: periods.due_through("edition", date(2026, 1, 1), 0),
        lambda: periods.periods_between("edition", "2025-01", "2025-02"),
    ):
        with pytest.raises(ValueError, match="has no months"):
            question()
