"""Every named fault gives its outcome, the others go on, and no value from a file gets out."""

import json
import shutil

import pytest

from orchestration import night
from orchestration.ingest.deliveries import PASSED, REFUSED, deliveries
from orchestration.synthetic import faults as known
from orchestration.synthetic import sample
from orchestration.synthetic.faults import FAULTS, UnknownFault
from tests.conftest import settings_at

SPOILED = sorted({fault.feed for fault in FAULTS.values()})


@pytest.fixture(scope="module")
def good_months(tmp_path_factory):
    """Good months, landed and passed, so that a fault meets a feed with a history;
    the newest, which it spoils, is not among them."""
    folder = tmp_path_factory.mktemp("good")
    settings = settings_at(folder / "home", folder / "source")
    sample.write(settings, folder / "source", months=7, only=SPOILED)
    contracts = night.contracts_of(settings)
    for feed in SPOILED:
        newest = sample.periods_of(settings, contracts[feed])[-1]
        (folder / "source" / sample.name_of(settings, contracts[feed], newest)).unlink()
    night.pull(settings, contracts)
    assert not night.gate_one(settings, contracts, lambda line: None).in_state(REFUSED)
    return folder


@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_gives_its_outcome(name, good_months, tmp_path):
    fault = FAULTS[name]
    shutil.copytree(good_months / "home", tmp_path / "home")
    settings = settings_at(tmp_path / "home", tmp_path / "source")
    sample.write(settings, tmp_path / "source", months=1, faults=[name], only=[fault.feed])
    contracts = night.contracts_of(settings)
    before = {delivery.receipt for delivery in deliveries(settings, contracts)}
    said = []
    pulled = night.pull(settings, contracts)
    night.gate_one(settings, contracts, said.append)
    after = deliveries(settings, contracts)
    found = [delivery for delivery in after if delivery.receipt not in before]
    others = [delivery for delivery in after if delivery.receipt in before]
    assert all(delivery.is_current for delivery in others)  # nothing else was stopped
    if fault.outcome in (known.MISSING, known.UNDECLARED, known.MISDATED):
        assert found == []
        assert len(pulled.undeclared) == (fault.outcome == known.UNDECLARED)
        assert len(pulled.misdated) == (fault.outcome == known.MISDATED)
        return
    (delivery,) = found  # sent twice or not, it is one delivery
    assert delivery.receipt.feed == fault.feed
    if fault.outcome == known.REFUSED:
        assert delivery.state == REFUSED
        blocked_by = {rule["rule"] for rule in delivery.record.rules if rule["outcome"] == "failed"}
        assert fault.rule in blocked_by
        assert fault.words in delivery.record.reason
        assert not delivery.is_current
        report = settings.quarantine / delivery.receipt.feed / delivery.receipt.delivery_id
        assert fault.rule in json.dumps(json.loads((report / "report.json").read_text())["rules"])
        letter = (report / "report.txt").read_text()
        assert delivery.record.reason in letter
        assert "SYNTHETIC" in letter
        set_aside = next(report.glob(f"*{delivery.receipt.ending}"))
        assert set_aside.read_bytes() == delivery.receipt.bytes_path(settings).read_bytes()
        assert len(said) == 1
    else:
        assert delivery.state == PASSED, delivery.record
        assert delivery.is_current
        assert said == []


def test_an_unknown_fault_is_one_sentence(tmp_path):
    with pytest.raises(UnknownFault, match="--list-faults"):
        sample.write(settings_at(tmp_path), tmp_path / "s", months=1, faults=["gremlins"])
