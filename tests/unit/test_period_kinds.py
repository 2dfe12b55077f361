"""Periods of every kind from the file's name to the status: landing, manifest, states."""

import pytest

from orchestration.cli.summary import _feed_states
from orchestration.ingest.landing.deliveries import Delivery, Record
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.landing.selection import misdated
from orchestration.transform import manifest
from tests.conftest import settings_at
from tests.support.made_up import load

PATTERN = r"boats_(?P<period>[0-9Q-]+)\.csv"


def of_kind(tmp_path, kind, **properties):
    return load(
        tmp_path / kind, period={"kind": kind, "from": "name"}, filePattern=PATTERN, **properties
    )


@pytest.mark.parametrize(
    ("kind", "period", "words"),
    [
        ("month", "2025-06", None),
        ("month", "2026-11", None),
        ("quarter", "2026-Q4", None),
        ("quarter", "2027-Q1", "names 2027-Q1, a quarter that has not begun"),
        ("quarter", "2025-06", "names 2025-06, which is not a quarter"),
        ("quarter", "2023-Q1", "names 2023-Q1, earlier than the feed is kept from (2023-04)"),
        ("financial_year", "2023-24", None),
        ("financial_year", "2022-23", "names 2022-23, earlier than the feed is kept from"),
        ("financial_year", "2027-28", "names 2027-28, a financial year that has not begun"),
        ("academic_year", "2024-26", "names 2024-26, which is not an academic year"),
        ("calendar_year", "2023", "names 2023, earlier"),
        ("calendar_year", "2026", None),
        ("edition", "2001", None),
    ],
)
def test_periods_that_cannot_be(tmp_path, kind, period, words):
    contract = of_kind(tmp_path, kind, keptFrom="2023-04")
    found = misdated(contract, period, settings_at(tmp_path), {})
    assert found is None if words is None else words in found


def delivery(period, state="passed", current=True):
    receipt = Receipt(
        "harbour/boats", period, "", 1, "a" * 64, 9, f"boats_{period}.csv", 0.0,
        "2026-11-01T00:00:00+00:00", False, ".csv",
    )  # fmt: skip
    return Delivery(receipt, Record("x", "1.0.0", state, 3, "", ""), current)


def test_the_manifest_knows_months_of_every_kind(tmp_path):
    settings = settings_at(tmp_path)
    quarterly = of_kind(
        tmp_path, "quarter", prescribed="Schedule, para. 3", prescribedFields=["area", "people"]
    )
    rows = manifest.tables(settings, {quarterly.feed: quarterly}, [delivery("2026-Q2")])
    (feed,), (received,) = rows["feeds"], rows["deliveries"]
    assert {key: feed[key] for key in (
        "period_kind", "period_months", "due_through", "due_first_month", "statutory", "prescribed",
        "prescribed_fields",
    )} == {
        "period_kind": "quarter", "period_months": 3, "due_through": "2026-Q3",
        "due_first_month": "2026-07", "statutory": True, "prescribed": "Schedule, para. 3",
        "prescribed_fields": "area,people",
    }  # fmt: skip
    assert (received["period"], received["first_month"]) == ("2026-Q2", "2026-04")
    edition = of_kind(tmp_path, "edition")
    rows = manifest.tables(settings, {edition.feed: edition}, [delivery("V3")])
    (feed,), (received,) = rows["feeds"], rows["deliveries"]
    nothing = ("period_months", "due_through", "due_first_month", "prescribed", "prescribed_fields")
    assert [feed[key] for key in nothing] == [None] * 5
    assert (feed["statutory"], received["first_month"]) == (False, None)
    manifest.write(settings, {edition.feed: edition}, rows)


@pytest.mark.parametrize(
    ("kind", "found", "expected"),
    [
        ("quarter", [delivery("2023-Q2"), delivery("2023-Q3", "refused", False)],
         {"2023-Q2": "delivered", "2023-Q3": "refused", "2023-Q4": "missing",
          "2026-Q3": "missing", "2026-Q4": "not_due"}),
        ("financial_year", [delivery("2024-25")],
         {"2023-24": "missing", "2024-25": "delivered", "2025-26": "missing", "2026-27": "not_due"}),
        ("academic_year", [delivery("2022-23")],
         {"2022-23": "delivered", "2023-24": "missing", "2025-26": "missing", "2026-27": "not_due"}),
        ("calendar_year", [], {"2024": "missing", "2025": "missing", "2026": "not_due"}),
        ("edition", [], {"any edition": "missing"}),
        ("edition", [delivery("V2")], {"V2": "delivered"}),
    ],
)  # fmt: skip
def test_the_states_of_every_kind_of_period(tmp_path, kind, found, expected):
    states = _feed_states(settings_at(tmp_path), of_kind(tmp_path, kind), found)
    assert {period: states.get(period) for period in expected} == expected
    assert list(states) == sorted(states)
    assert set(states) - set(expected) <= {
        f"202{n}-Q{q}" for n in range(7) for q in range(1, 5)
    } | {"2024-25"}


def test_what_was_owed_before_the_feed_is_kept_is_not_missing(tmp_path):
    contract = of_kind(tmp_path, "quarter", keptFrom="2026-02")
    assert _feed_states(settings_at(tmp_path), contract, []) == {
        "2026-Q2": "missing", "2026-Q3": "missing", "2026-Q4": "not_due",
    }  # fmt: skip
