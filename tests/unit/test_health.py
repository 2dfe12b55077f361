"""`csp health`: each thing that monitoring asks for is found to be so, and not so."""

import os
from datetime import timedelta

import pytest

from orchestration.alerts import health
from orchestration.alerts.ledger import Ledger, write
from orchestration.core import candidate, records
from orchestration.ingest.landing.pull_record import Pull, remember
from orchestration.quality.gate_two import verdict_path
from orchestration.scrub import state
from tests.conftest import settings_at

A_DAY = timedelta(hours=30)
SHA = "0" * 64


def well(settings, **options):
    """Whether each thing is well, by name."""
    found = health.findings(settings, A_DAY, **options)
    return {finding.what: finding.is_well for finding in found}


def test_of_an_empty_home_nothing_is_known_to_be_well(tmp_path):
    found = well(settings_at(tmp_path))
    assert found == {
        "night": False, "publication": False, "gate 2": False, "kept bytes": True, "digest": True
    }  # fmt: skip


def test_a_night_that_did_not_come_is_noticed(tmp_path):
    remember(settings_at(tmp_path), Pull())
    assert well(settings_at(tmp_path))["night"]
    later = settings_at(tmp_path, now="2026-11-24T09:00:00+00:00")
    assert not well(later)["night"]


def built(settings, sha256=SHA, failed=()):
    settings.warehouse.mkdir(parents=True)
    made = {"candidate_sha256": sha256, "inputs": "", "failed": list(failed)}
    records.write(candidate.build_record_of(settings), made)


def judged(settings, allow=True):
    reasons = [] if allow else ["fct_measure: no"]
    records.write(
        verdict_path(settings),
        {"allow": allow, "reasons": reasons, "candidate_sha256": SHA, "inputs": "", "outcomes": {}},
    )


@pytest.mark.parametrize("allow", [True, False])
def test_a_candidate_that_is_held_is_noticed(tmp_path, allow):
    settings = settings_at(tmp_path)
    built(settings)
    judged(settings, allow)
    assert well(settings)["gate 2"] is allow


def test_the_verdict_of_an_earlier_build_says_nothing_of_the_last(tmp_path):
    settings = settings_at(tmp_path)
    built(settings, sha256="1" * 64)
    judged(settings)
    assert not well(settings)["gate 2"]
    candidate.build_record_of(settings).unlink()  # as a build that dies leaves it
    assert not well(settings)["gate 2"]


def test_a_build_that_failed_is_noticed_though_gate_2_never_saw_it(tmp_path):
    settings = settings_at(tmp_path)
    built(settings, failed=["harm"])
    judged(settings)
    assert not well(settings)["gate 2"]


@pytest.mark.parametrize("stands", [True, False])
def test_a_fault_that_stands_is_noticed(tmp_path, stands):
    settings = settings_at(tmp_path)
    fault = state.Fault("kept", "an original is gone", stands=stands)
    found = state.State(settings.now.isoformat(), 1, 1, "", (fault,))
    state.save(settings, found)
    assert well(settings)["kept bytes"] is not stands


def test_a_digest_that_did_not_go_out_is_noticed(tmp_path):
    settings = settings_at(tmp_path)
    (tmp_path / "alerts").mkdir()
    sent = Ledger("control_room", up_to=settings.now.isoformat())
    write(settings, sent)
    assert well(settings)["digest"]
    later = settings_at(tmp_path, now="2026-11-24T06:00:00+00:00")
    write(later, sent.failed("the server is down", later.now))
    assert not well(later)["digest"]


def test_a_backup_that_is_old_damaged_or_not_there_is_noticed(tmp_path):
    settings, backups = settings_at(tmp_path / "home"), tmp_path / "backups"
    backups.mkdir()
    assert not well(settings, backups=backups)["backup"]
    archive = backups / "csp-20261123T060000Z.tar.gz"
    archive.write_bytes(b"")
    assert well(settings, backups=backups)["backup"]
    damaged = backups / "csp-20261124T060000Z-damaged.tar.gz"
    damaged.write_bytes(b"")
    assert not well(settings, backups=backups)["backup"]
    damaged.unlink()
    os.utime(archive, (1, 1))
    assert not well(settings, backups=backups)["backup"]


@pytest.mark.parametrize(
    "ago, words",
    [
        (timedelta(seconds=90), "1 minute ago"),
        (timedelta(hours=3), "3 hours ago"),
        (timedelta(days=4), "4 days ago"),
    ],
)
def test_an_age_is_told_in_the_unit_that_people_use(ago, words):
    assert health.in_words(ago) == words
