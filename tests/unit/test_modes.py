"""File modes: private in CSP_HOME and readable for the group where it is published, whatever the umask."""

import os
import stat
from dataclasses import asdict

import duckdb
import pytest

from orchestration.core import files
from orchestration.quality.gate_two import Verdict, verdict_path
from orchestration.release import controlled_copy
from orchestration.release.publish import publish
from tests.conftest import settings_at
from tests.support import parsed


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_written_is_private(umask, tmp_path):
    path = tmp_path / "a" / "b" / "file.json"
    files.write_json(path, {})
    assert mode(path) == 0o600
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700


def test_a_file_that_was_open_to_all_is_not_when_it_is_written_again(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("x")
    path.chmod(0o666)
    files.write_text(path, "y")
    assert mode(path) == 0o600


def test_a_home_is_tightened_but_for_what_is_shared(umask, tmp_path):
    home, shared = tmp_path / "home", tmp_path / "home" / ".published"
    for path in (home / "raw" / "x.parquet", home / "run.lock", shared / "one" / "marts.parquet"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        path.chmod(0o666)
    (home / "published").symlink_to(".published/one")
    outside = tmp_path / "outside"
    outside.write_text("x")
    outside.chmod(0o644)
    (home / "link").symlink_to(outside)
    shared.chmod(0o2777)  # hands its group on
    files.tighten(home, [shared, home / "editions"])  # there are no editions yet
    assert mode(home) == 0o710
    assert (mode(home / "raw"), mode(home / "raw" / "x.parquet")) == (0o700, 0o600)
    assert mode(home / "run.lock") == 0o600
    assert (mode(shared), mode(shared / "one")) == (0o2750, 0o750)
    assert mode(shared / "one" / "marts.parquet") == 0o640
    assert mode(outside) == 0o644  # a link is not followed
    assert not [
        path for path in home.rglob("*") if mode(path) & stat.S_IRWXO and path.name != "link"
    ]


def test_a_shared_folder_is_for_its_group(umask, tmp_path):
    (tmp_path / "p" / "parquet").mkdir(parents=True)
    (tmp_path / "p" / "parquet" / "t.parquet").write_text("x")
    files.share(tmp_path / "p")
    assert mode(tmp_path / "p") == mode(tmp_path / "p" / "parquet") == 0o750
    assert mode(tmp_path / "p" / "parquet" / "t.parquet") == 0o640


def test_a_publication_is_for_its_group_and_what_it_was_made_from_is_not(
    umask, tmp_path, monkeypatch
):
    settings = settings_at(tmp_path / "home")
    parsed.lend(settings)
    candidate = settings.warehouse / "candidate.duckdb"
    files.private_folder(settings.warehouse)
    with duckdb.connect(str(candidate)) as connection:
        connection.execute("create schema marts; create table marts.t as select 1 as n")
        connection.execute(
            "create schema governance; create table governance.held_measures (measure_id varchar, "
            "state varchar, waiver_scope varchar, feed varchar, sentence varchar)"
        )
    verdict = Verdict(True, (), files.sha256_of(candidate), "0" * 64, {})
    files.write_json(verdict_path(settings), asdict(verdict))
    # The controlled copy is made from tables that this candidate lacks.
    monkeypatch.setattr(controlled_copy, "write", lambda *given, **more: {})
    publish(settings, candidate, {"synthetic": True})
    files.tighten(settings.home, [settings.home / ".published"])
    published = [path for path in settings.published.resolve().rglob("*") if path.is_file()]
    assert {path.name for path in published} == {
        "warehouse.duckdb", "manifest.json", "dbt.html", "t.parquet", "held_measures.parquet",
    }  # fmt: skip
    assert {mode(path) for path in published} == {0o640}
    folders = {path.parent for path in published} | {settings.home / ".published"}
    assert {mode(path) for path in folders} == {0o750}
    assert (mode(settings.home), mode(settings.warehouse), mode(candidate)) == (0o710, 0o700, 0o600)
