"""Months and due dates."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration import periods

months = st.dates(date(1990, 1, 1), date(2090, 12, 31)).map(periods.month_of)


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


@pytest.mark.parametrize(
    ("today", "due"),
    [("2026-11-30", "2026-08"), ("2026-12-01", "2026-09"), ("2027-02-28", "2026-11")],
)
def test_a_month_is_due_when_the_second_month_after_it_has_ended(today, due):
    assert periods.due_through(date.fromisoformat(today), 2) == due


@pytest.mark.parametrize("text", ["2024-13", "2024-00", "202404", "April", "2024-4", ""])
def test_what_is_not_a_month(text):
    assert not periods.is_month(text)
