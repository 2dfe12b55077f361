"""An edition is the same bytes from the same deliveries and code, and one changed byte is found."""

import json
import shutil
import subprocess
import sys

import dagster as dg
import pytest

from orchestration.defs.definitions import build_definitions
from orchestration.release.verify import differences
from orchestration.transform import dbt
from tests.conftest import settings_at
from tests.support import editions, parsed
from tests.support.commands import DONE, REFUSED, csp
from tests.support.editions import FIRST, PUBLIC, REPORT, SECOND, SENSITIVE

VERDICT, EDITION = "assessment__assessment_verdict", "assessment__strategic_assessment"
CONFIG = {"ops": {EDITION: {"config": {"sign_off": editions.CHAIR}}}}


def run_job(settings, **options):
    """The job `assessment` for 2025-26, in an instance of its own."""
    job = build_definitions(settings).resolve_job_def("assessment")
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(
            instance=instance, partition_key=SECOND, raise_on_error=False, **options
        )


def why(run, step):
    """Why a step failed, as people are told; the words of its cause."""
    (failure,) = [e for e in run.all_events if e.is_step_failure and e.step_key == step]
    return failure.step_failure_data.error.to_string()


@pytest.fixture(scope="module")
def other(issued_home, tmp_path_factory):
    """Another home with the same publication and editions, and no workspace of an analyst."""
    home = tmp_path_factory.mktemp("other") / "home"
    rooms = ("landing", "raw", "sample", "editions", ".published", "published")
    settings = settings_at(editions.linked(issued_home.home, home, *rooms))
    parsed.lend(settings)
    dbt.prepare(settings)
    return settings


@pytest.fixture(scope="module")
def run_again(other):
    """The Dagster job on the other home, and the bytes that were issued there before it."""
    before = editions.bytes_of(other.editions / SECOND)
    return before, run_job(other, run_config=CONFIG)


def test_dagster_renders_2025_26_anew_byte_for_byte(other, run_again, issued_home):
    before, run = run_again
    assert run.success
    issued = run.asset_materializations_for_node(EDITION)[0].metadata
    assert issued["was there already"].value is True
    expected = {
        variant: (issued_home.editions / SECOND / "v1" / variant / "manifest.json")
        for variant in (SENSITIVE, PUBLIC)
    }
    hashes = editions.bytes_of(issued_home.editions / SECOND / "v1")
    for variant in expected:
        assert issued[f"sha256 of {variant}"].value == hashes[f"{variant}/manifest.json"]
    assert editions.bytes_of(other.editions / SECOND) == before
    assert [path.name for path in (other.editions / SECOND).iterdir()] == ["v1"]


def test_the_run_shows_every_check_of_gate_3(run_again, other):
    _, run = run_again
    found = {evaluation.check_name: evaluation for evaluation in run.get_asset_check_evaluations()}
    written = other.assessment_suites / "gate_3.yaml"
    from orchestration.quality.check_register import load_checks

    assert set(load_checks(written)) <= set(found)
    assert all(evaluation.passed for evaluation in found.values())


def test_a_failed_check_keeps_the_release_from_running(other, run_again):
    words = other.assessments / SECOND / "commentary" / "county_lines.md"
    kept = words.read_bytes()
    before = editions.editions_of(other.home)
    try:
        editions.put(words, b"## Why\n\n## So what\n\nWatch the lines that are known together.\n")
        run = run_job(other, run_config=CONFIG)
    finally:
        editions.put(words, kept)
    assert not run.success
    steps = {event.step_key for event in run.all_events if event.is_step_start}
    assert VERDICT in steps and EDITION not in steps
    failed = [e for e in run.get_asset_check_evaluations() if not e.passed]
    assert [evaluation.check_name for evaluation in failed] == ["checklist"]
    assert any("3/county_lines" in str(entry.value) for entry in failed[0].metadata.values())
    assert editions.editions_of(other.home) == before


def release_alone(settings):
    """The asset materialised on its own, as somebody can in the web interface."""
    job = build_definitions(settings).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(
            instance=instance,
            partition_key=SECOND,
            raise_on_error=False,
            asset_selection=[dg.AssetKey(["assessment", "strategic_assessment"])],
            run_config=CONFIG,
        )


HOLD = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_the_release_alone_waits_for_no_other_run_and_disturbs_none(other, run_again):
    """Two that issue the same year would render into the same folder."""
    before = editions.editions_of(other.home)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(other.home / "run.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        run = release_alone(other)
    finally:
        holder.communicate(b"")
    assert not run.success
    assert "not issued: another run is on" in why(run, EDITION)
    assert editions.editions_of(other.home) == before


@pytest.mark.parametrize("verdict", ["held", "gone"])
def test_the_release_alone_refuses(other, run_again, verdict):
    """The asset materialised on its own looks for the verdict itself."""
    before = editions.editions_of(other.home)
    if verdict == "gone":
        (other.editions / ".candidate" / f"{SECOND}.verdict.json").unlink()
    run = release_alone(other)
    assert not run.success
    assert "not issued: " in why(run, EDITION)
    assert editions.editions_of(other.home) == before


@pytest.fixture
def edition(issued_home, tmp_path):
    """A copy of 2025-26 as it was issued, with the index of editions."""
    root = editions.linked(issued_home.home, tmp_path, "editions") / "editions"
    return root / SECOND / "v1"


def test_csp_verify_says_so(issued_home):
    for year in (FIRST, SECOND):
        answer = csp("verify", issued_home.editions / year / "v1", home=issued_home.home)
        assert (answer.code, answer.text) == (DONE, "All files are as published.\n")
        for variant in (SENSITIVE, PUBLIC):
            assert differences(issued_home.editions / year / "v1" / variant) == []


KINDS = (
    f"{REPORT}.html", f"{REPORT}.pdf", f"{REPORT}.xlsx", "quality.html", "datapackage.json",
    "parquet/figures.parquet", "csv/headline.csv", "manifest.json", "issue.json",
)  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [f"{variant}/{kind}" for variant in (SENSITIVE, PUBLIC) for kind in KINDS]
    + [f"{SENSITIVE}/evidence/{kind}" for kind in ("verdict.json", "disclosure_decisions.parquet")],
)
def test_one_changed_byte_is_found(edition, name):
    path = edition / name
    content = bytearray(path.read_bytes())
    place = len(content) // 2
    content[place] ^= 1
    editions.put(path, bytes(content))
    found = differences(edition)
    assert any(line.startswith(name) or name in line for line in found), found


def test_csp_verify_refuses_and_names_the_file(edition, issued_home):
    path = edition / PUBLIC / "csv" / "headline.csv"
    editions.put(path, path.read_bytes() + b" ")
    answer = csp("verify", edition, home=issued_home.home)
    assert answer.code == REFUSED
    assert answer.is_one_sentence(f"{PUBLIC}/csv/headline.csv has changed")


@pytest.mark.parametrize("variant", [SENSITIVE, PUBLIC])
def test_a_file_added_or_removed_is_found(edition, variant):
    editions.put(edition / variant / "parquet" / "more.parquet", b"PAR1")
    (edition / variant / f"{REPORT}.pdf").unlink()
    assert differences(edition) == [
        f"{variant}/{REPORT}.pdf is missing",
        f"{variant}/parquet/more.parquet is not in the manifest",
    ]


def test_a_variant_taken_away_or_a_file_beside_them_is_found(edition):
    editions.put(edition / "notes.txt", b"for the chair")
    assert differences(edition) == ["notes.txt is not part of the edition"]
    (edition / "notes.txt").unlink()
    shutil.rmtree(edition / PUBLIC)
    assert differences(edition) == [
        f"{PUBLIC}/issue.json is not the record in the index of editions"
    ]


def test_a_record_sealed_anew_is_found_by_the_index(edition):
    """Whoever changes a file, its manifest, and seals the record again has the index against them."""
    from orchestration.core.files import sha256_of, write_json
    from orchestration.release.verify import issue_text

    folder = edition / PUBLIC
    csv = folder / "csv" / "headline.csv"
    editions.put(csv, csv.read_bytes() + b" ")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"]["csv/headline.csv"]["sha256"] = sha256_of(csv)
    write_json(folder / "manifest.json", manifest)
    record = json.loads((folder / "issue.json").read_text(encoding="utf-8"))
    record["manifest_sha256"] = sha256_of(folder / "manifest.json")
    editions.put(folder / "issue.json", issue_text(record).encode())
    assert differences(folder) == []  # carried elsewhere, it is whole in itself
    assert differences(edition) == [
        f"{PUBLIC}/issue.json is not the record in the index of editions"
    ]
