"""Every file of the synthetic city is known, landed once, and passes gate 1 under its own contract."""

from datetime import timedelta

import pytest

from orchestration.ingest.landing.deliveries import PASSED, deliveries
from orchestration.ingest.landing.pull_record import pulls_since
from orchestration.synthetic import sample
from tests.conftest import MONTHS


@pytest.fixture(scope="module")
def found(built):
    return deliveries(built.settings, built.contracts)


def test_every_file_is_known_and_landed_once(built):
    (pulled,) = pulls_since(built.settings, built.settings.now - timedelta(days=1))
    assert (pulled["undeclared"], pulled["misdated"], pulled["known"]) == ([], [], 0)
    files = [path for path in built.source.rglob("*") if path.is_file()]
    assert len(pulled["landed"]) == len(files) - 1  # all but the marker
    assert {receipt["feed"] for receipt in pulled["landed"]} == set(built.contracts)
    assert all(receipt["synthetic"] for receipt in pulled["landed"])


def test_every_file_passes_its_contract(found):
    refused = {
        f"{delivery.receipt.feed} {delivery.receipt.slot}": delivery.record.reason
        for delivery in found
        if delivery.state != PASSED
    }
    assert refused == {}


def test_no_file_fails_even_a_warning(found):
    """But for what chance makes of size and content now and then, which test_dagster.py holds to a few."""
    warned = {
        (delivery.receipt.feed, rule["rule"])
        for delivery in found
        for rule in delivery.record.rules
        if rule["outcome"] != "passed" and not rule["rule"].startswith("anomaly:")
    }
    assert warned == set()


def test_every_planned_period_is_there(built, found):
    plan = sample.plan_of(built.settings, built.contracts, MONTHS)
    landed = {(delivery.receipt.feed, delivery.receipt.period) for delivery in found}
    assert {(feed, label) for feed, labels in plan.items() for label in labels} <= landed
