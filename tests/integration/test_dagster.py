"""Proves that Dagster runs the real night: every step and check, nothing twice, nothing unjudged."""

import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from orchestration import night
from orchestration.core.files import sha256_of
from orchestration.core.settings import PROJECT
from orchestration.defs import asset_keys, dbt_checks, instance
from orchestration.defs.definitions import build_definitions
from orchestration.defs.jobs import NIGHTLY
from orchestration.ingest.landing.deliveries import REFUSED as REFUSED_BY_GATE_1
from orchestration.ingest.landing.deliveries import deliveries
from orchestration.quality.gate_two import read_verdict
from orchestration.release.verify import read_manifest
from orchestration.synthetic import sample
from orchestration.synthetic.faults.catalogue import FAULTS
from orchestration.transform import dbt
from tests.conftest import MONTHS, settings_at, the_only_night
from tests.support import parsed
from tests.support.commands import REFUSED, csp
from tests.support.nights import STREET, count_of, published

NEWEST = "2026-08"
STEPS = {
    "landing__deliveries",
    "gate_1",
    "contracts",
    "anomalies",
    "dbt_build",
    "gate_2",
    "published__warehouse",
}


def run_job(settings, **options):
    """The nightly job on `settings`, in an instance of its own."""
    job = build_definitions(settings).resolve_job_def(NIGHTLY)
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(instance=instance, raise_on_error=False, **options)


def succeeded(run):
    return {event.step_key for event in run.all_events if event.is_step_success}


def skipped(run):
    return {event.step_key for event in run.all_events if event.is_step_skipped}


def checks(run):
    """The evaluations of a run, by check name and then by asset."""
    found = defaultdict(dict)
    for evaluation in run.get_asset_check_evaluations():
        found[evaluation.check_name][evaluation.asset_key.to_user_string()] = evaluation
    return found


def tree(settings):
    """Every published file with its hash, and where the link points."""
    root = settings.published.resolve()
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return root, {path.relative_to(root).as_posix(): sha256_of(path) for path in files}


def of_street_crime(home, month):
    """The deliveries of one month of the feed, in the order they came."""
    return [
        delivery
        for delivery in deliveries(home.settings, home.contracts)
        if (delivery.receipt.feed, delivery.receipt.period) == ("police/street_crime", month)
    ]


def tick(settings):
    """One evaluation of the schedule, as the daemon does it."""
    repository = build_definitions(settings).get_repository_def()
    schedule = repository.get_schedule_def("nightly_at_two")
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance=instance,
            repository_def=repository,
            resources=repository.get_top_level_resources(),
        )
        return schedule.evaluate_tick(context)


def test_every_step_succeeded(built):
    assert built.run.success
    assert succeeded(built.run) == STEPS


def test_every_check_was_evaluated_and_passed(built):
    found = checks(built.run)
    assert set(found["contract"]) == set(found["anomalies"]) == set(built.contracts)
    suites = {path.stem for path in built.settings.mart_suites.glob("*.yaml")}
    assert {key.split("/")[1] for key in found["gate_2"]} == suites
    manifest = json.loads(dbt.manifest_path(built.settings).read_text(encoding="utf-8"))
    names = dbt_checks.short_names(manifest)
    tests = set(names.values())
    assert len(names) > 200 and max(map(len, tests)) < 60
    told = [event for check in tests for event in found[check].values()]
    assert len(told) == len(names)
    assert set(found) - {"contract", "anomalies", "gate_2"} == tests
    failed = [(name, e) for name in found for e in found[name].values() if not e.passed]
    # Chance is warned of now and then, and no warning stops a night.
    assert {name for name, _ in failed} <= {"anomalies"} and len(failed) <= len(
        built.contracts
    ) / 20
    assert {e.severity for _, e in failed} <= {dg.AssetCheckSeverity.WARN}


def test_the_grid_shows_the_delivered_months(built):
    months = {
        delivery.receipt.period
        for delivery in deliveries(built.settings, built.contracts)
        if delivery.receipt.feed == "police/street_crime"
    }
    assert len(months) > 20
    key = asset_keys.feed_key("police/street_crime")
    assert built.instance.get_materialized_partitions(key) == months


def test_tables_show_their_rows_and_columns(built):
    event = built.instance.get_latest_materialization_event(
        asset_keys.table_key("marts", "fct_measure")
    )
    metadata = event.asset_materialization.metadata
    with built.connect() as connection:
        (rows,) = connection.sql("select count(*) from marts.fct_measure").fetchone()
        columns = connection.sql("select * from marts.fct_measure limit 0").columns
    assert metadata["dagster/row_count"].value == rows
    shown = metadata["dagster/column_schema"].value.columns
    assert [column.name for column in shown] == columns
    came_from = metadata["dagster/column_lineage"].value.deps_by_column
    assert set(came_from) == set(columns)
    figure = asset_keys.table_key("intermediate", "int_measure_figure")
    assert dg.TableColumnDep(figure, "event_count") in came_from["count"]
    (count,) = [column for column in shown if column.name == "count"]
    assert "intermediate/int_measure_figure.event_count" in count.description
    assert (built.settings.dbt_target / "column_lineage.json").exists()


def test_the_night_closes_the_candidate(built):
    """A process that keeps it open, as the tests and a notebook would, cannot run a second night."""
    with duckdb.connect(str(dbt.candidate_path(built.settings)), read_only=True) as connection:
        assert connection.sql("select 1").fetchone() == (1,)


def test_the_definitions_validate_in_a_prepared_home_without_any_other_setting(built):
    dagster = Path(sys.executable).with_name("dagster")
    finished = subprocess.run(
        [str(dagster), "definitions", "validate", "-w", "workspace.yaml"],
        cwd=PROJECT,
        env={"CSP_HOME": str(built.settings.home)},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    assert "All code locations passed validation" in finished.stdout + finished.stderr


LOAD = """
import json, os, sys
from orchestration.defs.definitions import build_definitions
from orchestration.core.settings import from_environment
build_definitions(from_environment(os.environ)).resolve_asset_graph()
print(json.dumps([n for n in ("great_expectations", "dbt.cli.main") if n in sys.modules]))
"""


def test_loading_the_definitions_is_cheap_and_changes_nothing(tmp_path):
    home = tmp_path / "home"
    parsed.lend(settings_at(home))
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    finished = subprocess.run(
        [sys.executable, "-c", LOAD],
        cwd=PROJECT,
        env={**os.environ, "CSP_HOME": str(home)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert json.loads(finished.stdout) == []
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


def test_a_second_run_with_nothing_new_does_not_build(copied):
    before = tree(copied.settings)
    candidate = dbt.candidate_path(copied.settings)
    built_at = candidate.stat().st_mtime_ns
    run = run_job(copied.settings)
    assert run.success
    assert succeeded(run) == {"landing__deliveries", "gate_1"}
    assert skipped(run) == STEPS - succeeded(run)
    assert candidate.stat().st_mtime_ns == built_at
    assert tree(copied.settings) == before


@pytest.mark.parametrize("harm", ["candidate_changed", "no_verdict"])
def test_publication_alone_refuses_what_was_not_judged(copied, harm):
    before = tree(copied.settings)
    if harm == "no_verdict":
        (copied.settings.warehouse / "verdict.json").unlink()
    else:
        with duckdb.connect(str(dbt.candidate_path(copied.settings))) as connection:
            connection.execute('update marts.fct_measure set "count" = 7 where "count" = 6')
    run = run_job(copied.settings, asset_selection=[asset_keys.PUBLISHED])
    assert not run.success
    (failure,) = [event for event in run.all_events if event.is_step_failure]
    assert failure.step_key == "published__warehouse"
    description = failure.step_failure_data.user_failure_data.description
    assert description.startswith("not published: ")
    assert tree(copied.settings) == before


def test_a_refresh_that_gate_2_holds_fails_its_run_and_publishes_nothing(tmp_path):
    """One month that all happened elsewhere keeps its contract, but says nothing of the city."""
    settings = settings_at(tmp_path / "home", tmp_path / "source")
    sample.write(settings, tmp_path / "source", months=1, only=["police/street_crime"])
    path = tmp_path / "source" / STREET.format(month=NEWEST)
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"\bE01\d{6}\b", "E01000001", text), encoding="utf-8")
    answer = csp("refresh", home=settings.home, source=tmp_path / "source")
    assert answer.code == REFUSED
    assert answer.text.startswith("Running the night: ")
    assert "Gate 2  hold" in answer.text
    assert "Published  nothing yet" in answer.text
    line = answer.error.splitlines()[-1]  # after lines of progress, on a slow machine
    assert line.startswith("Error: ")
    assert "something_is_known" in answer.text
    assert not line.endswith(":")  # a whole sentence, not the head of a list
    assert not settings.published.exists()
    with the_only_night(settings) as (run, _):
        assert not run.success
        assert succeeded(run) == STEPS - {"gate_2", "published__warehouse"}
        gates = checks(run)["gate_2"]
    suites = {path.stem for path in settings.mart_suites.glob("*.yaml")}
    assert {key.split("/")[1] for key in gates} == suites  # what failed hides no other
    held = gates["marts/fct_measure"]
    assert not held.passed
    assert "not so: " in held.metadata["something_is_known"].value
    verdict = read_verdict(settings)
    assert not verdict.allow
    assert any("something_is_known" in reason for reason in verdict.reasons)


def test_a_night_of_corrections(copied):
    """A month is corrected, one is refused, one is gone from the source: one night, which warns and goes
    on, and a reader who has the publication open all the while."""
    settings = copied.settings
    skip = tick(settings)
    assert skip.run_requests == []
    assert "nothing is new" in skip.skip_message

    corrected, spoiled, gone = "2026-05", NEWEST, "2024-07"
    path = copied.source / STREET.format(month=corrected)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    asb = next(
        n
        for n, line in enumerate(lines)
        if line.startswith(",") and "E010" in line and "E01099999" not in line
    )
    path.write_text("".join([*lines, lines[asb]]), encoding="utf-8")
    FAULTS["renamed_column"].apply(copied.source / STREET.format(month=spoiled))
    (copied.source / STREET.format(month=gone)).rename(copied.source / "gone")
    count, _ = count_of(settings, corrected)
    unspoiled, ungone = (count_of(settings, month) for month in (spoiled, gone))
    (request,) = tick(settings).run_requests
    assert request.tags["why"].startswith("2 new or changed files")

    with published(settings) as reader:
        before = reader.sql('select sum("count") from marts.fct_measure').fetchone()
        run = run_job(settings)
        # The reader keeps the snapshot.
        assert reader.sql('select sum("count") from marts.fct_measure').fetchone() == before
    assert run.success
    assert succeeded(run) == STEPS
    found = checks(run)["contract"]
    assert [key for key, evaluation in found.items() if not evaluation.passed] == [
        "police/street_crime"
    ]
    refused = found["police/street_crime"]
    assert refused.severity == dg.AssetCheckSeverity.WARN
    assert refused.metadata["refused or errored"].value == 1

    # The correction replaces its month, and the old one is kept.
    assert count_of(settings, corrected) == (count + 1, None)
    kept = of_street_crime(copied, corrected)
    assert [(d.state, d.is_current) for d in kept] == [("passed", False), ("passed", True)]
    with published(settings) as connection:
        now = connection.sql('select sum("count") from marts.fct_measure').fetchone()
        superseded, difference = connection.sql(
            "select sum(rows_superseded), sum(unexplained_difference) from governance.reconciliation"
        ).fetchone()
    assert now != before
    assert superseded == len(lines) - 1
    assert difference == 0
    # The refused one leaves the last good month live.
    assert count_of(settings, spoiled) == unspoiled
    assert [d.state for d in of_street_crime(copied, spoiled)] == ["passed", REFUSED_BY_GATE_1]
    # What was landed once stays published.
    assert count_of(settings, gone) == ungone
    after = read_manifest(settings.published)
    assert len([d for d in after["deliveries"] if d["feed"] == "police/street_crime"]) == MONTHS

    assert not night.work(settings, copied.contracts).is_needed
    assert tick(settings).run_requests == []


def test_a_killed_run_of_the_command_line_does_not_stay_started(copied, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", "")  # opening the instance sets it; put it back afterwards
    with instance.open_instance(copied.settings) as dagster:
        run = dagster.create_run_for_job(
            build_definitions(copied.settings).resolve_job_def(NIGHTLY),
            tags=instance.FROM_THE_COMMAND_LINE,
        )
        started = dg.DagsterEvent(dg.DagsterEventType.RUN_START.value, NIGHTLY)
        dagster.report_dagster_event(started, run.run_id)
    with instance.open_instance(copied.settings) as dagster:
        assert dagster.get_run_by_id(run.run_id).status == dg.DagsterRunStatus.FAILURE
