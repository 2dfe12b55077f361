"""Every file of the synthetic city passes gate 1 under its own contract."""

import pytest

from orchestration import night
from orchestration.ingest.landing.deliveries import PASSED
from orchestration.synthetic import sample
from tests.conftest import settings_at

MONTHS = 14  # holds a November, and a whole year of every kind


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    settings = settings_at(folder / "home", folder / "source")
    names = sample.write(settings, folder / "source", months=MONTHS)
    contracts = night.contracts_of(settings)
    pulled = night.pull(settings, contracts)
    return (
        settings,
        contracts,
        names,
        pulled,
        night.gate_one(settings, contracts, lambda line: None),
    )


def test_every_file_is_known_and_landed_once(judged):
    _, contracts, names, pulled, _ = judged
    assert (pulled.undeclared, pulled.misdated, pulled.known) == ([], [], 0)
    assert len(pulled.landed) == len(names) - 1  # all but the marker
    assert {receipt.feed for receipt in pulled.landed} == set(contracts)
    assert all(receipt.synthetic for receipt in pulled.landed)


def test_every_file_passes_its_contract(judged):
    *_, gate = judged
    refused = {
        f"{receipt.feed} {receipt.slot}": record.reason
        for receipt, record in gate.decided.items()
        if record.state != PASSED
    }
    assert refused == {}


def test_no_file_fails_even_a_warning(judged):
    *_, gate = judged
    warned = {
        (receipt.feed, rule["rule"])
        for receipt, record in gate.decided.items()
        for rule in record.rules
        if rule["outcome"] != "passed"
    }
    assert warned == set()


def test_every_planned_period_is_there(judged):
    settings, contracts, _, pulled, _ = judged
    plan = sample.plan_of(settings, contracts, MONTHS)
    landed = {(receipt.feed, receipt.period) for receipt in pulled.landed}
    assert {(feed, label) for feed, labels in plan.items() for label in labels} <= landed
