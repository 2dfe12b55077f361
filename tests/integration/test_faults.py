"""Every named fault gives its outcome, the others go on, and no value from a file gets out.

What a fault does to figures, where no gate stops it, is in test_faults_downstream.py.
"""

import json
import shutil

import pytest

from orchestration import extracts, night
from orchestration.core.files import write_json
from orchestration.ingest.landing.deliveries import PASSED, REFUSED, deliveries
from orchestration.ingest.transports import SYNTHETIC_MARKER
from orchestration.synthetic import sample
from orchestration.synthetic.faults import catalogue as known
from orchestration.synthetic.faults.catalogue import FAULTS, UnknownFault
from tests.conftest import settings_at

SPOILED = sorted({fault.feed for fault in FAULTS.values()})


@pytest.fixture(scope="module")
def contracts(tmp_path_factory):
    return night.contracts_of(settings_at(tmp_path_factory.mktemp("nothing")))


@pytest.fixture(scope="module")
def good_months(contracts, tmp_path_factory):
    """Good deliveries, landed and passed, so that a fault meets a feed with a history; the newest of
    each feed, which a fault spoils, is not among them but in `newest`."""
    folder = tmp_path_factory.mktemp("good")
    settings = settings_at(folder / "home", folder / "source")
    sample.write(settings, folder / "source", months=18, only=SPOILED)
    for feed in SPOILED:
        period = sample.periods_of(settings, contracts[feed])[-1]
        name = sample.name_of(settings, contracts[feed], period)
        (folder / "newest" / feed).mkdir(parents=True)
        (folder / "source" / name).rename(folder / "newest" / feed / name.rpartition("/")[2])
    extracts.pull(settings, contracts)
    assert not night.gate_one(settings, contracts, lambda line: None).in_state(REFUSED)
    return folder


@pytest.fixture
def spoil(good_months, tmp_path):
    """A home with the good deliveries of the fault's feed, and a source with its spoiled newest."""

    def prepare(fault):
        for room in ("landing", "raw"):
            if (good_months / "home" / room / fault.feed).exists():
                shutil.copytree(
                    good_months / "home" / room / fault.feed, tmp_path / "home" / room / fault.feed
                )
        shutil.copytree(good_months / "newest" / fault.feed, tmp_path / "source")
        (path,) = (tmp_path / "source").iterdir()
        write_json(tmp_path / "source" / SYNTHETIC_MARKER, {"synthetic": True})
        fault.apply(path)
        return settings_at(tmp_path / "home", tmp_path / "source")

    return prepare


@pytest.mark.parametrize("name", FAULTS)
def test_the_fault_gives_its_outcome(name, spoil, contracts):
    fault = FAULTS[name]
    settings = spoil(fault)
    before = {delivery.receipt for delivery in deliveries(settings, contracts)}
    said = []
    pulled = extracts.pull(settings, contracts)
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
    broken = {rule["rule"] for rule in delivery.record.rules if rule["outcome"] != "passed"}
    if fault.outcome == known.REFUSED:
        assert delivery.state == REFUSED
        assert fault.rule in broken
        assert fault.words in delivery.record.reason
        assert not delivery.is_current
        assert_reported(settings, delivery, fault)
        assert len(said) == 1
    else:
        assert delivery.state == PASSED, delivery.record
        assert delivery.is_current
        if fault.rule in {rule.rejects for rule in contracts[fault.feed].rejecting}:
            assert fault.rule in delivery.record.rejected
            assert len(said) == 1 and fault.rule in said[0]
        else:
            assert said == [] and not delivery.record.rejected
        assert (fault.rule in broken) == (fault.outcome == known.WARNED)
        assert fault.outcome != known.ACCEPTED or not broken


def assert_reported(settings, delivery, fault):
    """The partner's letter says why, the file lies beside it, and landing has its bytes."""
    report = settings.quarantine / delivery.receipt.feed / delivery.receipt.delivery_id
    assert fault.rule in json.dumps(json.loads((report / "report.json").read_text())["rules"])
    letter = (report / "report.txt").read_text()
    assert delivery.record.reason in letter
    assert "SYNTHETIC" in letter
    set_aside = report / delivery.receipt.source_path
    assert set_aside.read_bytes() == delivery.receipt.bytes_path(settings).read_bytes()


def test_a_sample_has_the_faults_that_are_asked_for(good_months, tmp_path):
    for name in ("factors_total", "tools_thousands"):
        fault = FAULTS[name]
        copies = []
        for home in ("one", "two"):
            settings = settings_at(tmp_path / name / home)
            sample.write(settings, settings.home, months=1, faults=[name], only=[fault.feed])
            copies.append(next((settings.home / "council").iterdir()).read_bytes())
        assert copies[0] == copies[1]  # the same faults give the same bytes
        (good,) = (good_months / "newest" / fault.feed).iterdir()
        assert copies[0] != good.read_bytes()


def test_an_unknown_fault_is_one_sentence(tmp_path):
    with pytest.raises(UnknownFault, match="--list-faults"):
        sample.write(settings_at(tmp_path), tmp_path / "s", months=1, faults=["gremlins"])


def test_every_format_and_every_outcome_is_spoiled(contracts):
    assert len(FAULTS) >= 25
    formats = {contracts[fault.feed].format for fault in FAULTS.values()}
    assert formats == {contract.format for contract in contracts.values()} - {"geojson"}
    assert {fault.outcome for fault in FAULTS.values()} == {
        known.ACCEPTED, known.WARNED, known.REFUSED, known.REJECTED_ROWS, known.MISSING,
        known.UNDECLARED, known.MISDATED,
    }  # fmt: skip
    assert {fault.feed.split("/")[0] for fault in FAULTS.values()} == {
        contract.partner for contract in contracts.values()
    }
