"""Every named fault gives its outcome, the others go on, and no value from a file gets out."""

import json

import pytest

from orchestration import night
from orchestration.ingest.deliveries import PASSED, REFUSED, deliveries
from orchestration.synthetic import faults as known
from orchestration.synthetic import sample
from orchestration.synthetic.faults import FAULTS, UnknownFault
from tests.conftest import settings_at

NEWEST = "2026-08"


@pytest.fixture(scope="module")
def good_months(tmp_path_factory):
    """Seven good months, landed and passed, so that a fault meets a feed with a history."""
    folder = tmp_path_factory.mktemp("good")
    settings = settings_at(folder / "home", folder / "source")
    sample.write(settings, folder / "source", months=7)
    for path in (folder / "source").glob(f"{NEWEST}-*"):
        path.unlink()
    contracts = night.contracts_of(settings)
    night.pull(settings, contracts)
    assert not night.gate_one(settings, contracts, lambda line: None).in_state(REFUSED)
    return folder


@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_gives_its_outcome(name, good_months, tmp_path):
    import shutil

    fault = FAULTS[name]
    shutil.copytree(good_months / "home", tmp_path / "home")
    settings = settings_at(tmp_path / "home", tmp_path / "source")
    sample.write(settings, tmp_path / "source", months=1, faults=[name])
    contracts = night.contracts_of(settings)
    said = []
    pulled = night.pull(settings, contracts, only=["street_crime"])
    night.gate_one(settings, contracts, said.append)
    found = [
        delivery
        for delivery in deliveries(settings, contracts)
        if delivery.receipt.period == NEWEST and delivery.receipt.feed == "police/street_crime"
    ]
    others = [d for d in deliveries(settings, contracts) if d.receipt.period != NEWEST]
    assert all(delivery.is_current for delivery in others)  # nothing else was stopped
    if fault.outcome in (known.MISSING, known.UNDECLARED, known.MISDATED):
        assert found == []
        assert len(pulled.undeclared) == (fault.outcome == known.UNDECLARED)
        assert len(pulled.misdated) == (fault.outcome == known.MISDATED)
        return
    (delivery,) = found  # sent twice or not, it is one delivery
    if fault.outcome == known.REFUSED:
        assert delivery.state == REFUSED
        blocked_by = {rule["rule"] for rule in delivery.record.rules if rule["outcome"] == "failed"}
        assert fault.rule in blocked_by
        assert not delivery.is_current
        report = settings.quarantine / delivery.receipt.feed / delivery.receipt.delivery_id
        assert fault.rule in json.dumps(json.loads((report / "report.json").read_text())["rules"])
        letter = (report / "report.txt").read_text()
        assert delivery.record.reason in letter
        assert "SYNTHETIC" in letter
        set_aside = next(report.glob("*.csv"))
        assert set_aside.read_bytes() == delivery.receipt.bytes_path(settings).read_bytes()
        assert len(said) == 1
    else:
        assert delivery.state == PASSED, delivery.record
        assert delivery.is_current
        assert said == []


def test_an_unknown_fault_is_one_sentence(tmp_path):
    with pytest.raises(UnknownFault, match="--list-faults"):
        sample.write(settings_at(tmp_path), tmp_path / "s", months=1, faults=["gremlins"])


def test_the_sample_is_the_same_every_time(tmp_path):
    settings = settings_at(tmp_path)
    names = sample.write(settings, tmp_path / "a", months=2)
    sample.write(settings, tmp_path / "b", months=3)  # a month does not depend on its neighbours
    sample.write(settings, tmp_path / "c", months=2, seed=7)
    assert any("2026-08" in name for name in names)
    street = f"{NEWEST}-staffordshire-street.csv"
    assert (tmp_path / "a" / street).read_bytes() == (tmp_path / "b" / street).read_bytes()
    assert (tmp_path / "a" / street).read_bytes() != (tmp_path / "c" / street).read_bytes()
