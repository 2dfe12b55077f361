"""Whoever materialises one mart, check or feed gets exactly that, and nothing that is published changes."""

import shutil
from dataclasses import replace

import dagster as dg
import duckdb
import pytest

from orchestration import night
from orchestration.core import candidate
from orchestration.core.files import sha256_of
from orchestration.core.settings import PROJECT
from orchestration.defs import asset_keys
from orchestration.defs.definitions import build_definitions
from orchestration.ingest.landing.deliveries import deliveries
from orchestration.release.publish import PublicationRefused
from orchestration.transform import dbt
from tests.conftest import settings_at

HARM = asset_keys.table_key("marts", "harm")
STREET = asset_keys.feed_key("police/street_crime")
ANOTHER_DAY = "2027-02-25T02:00:00+00:00"  # other periods are due


def alone(settings, *keys, **options):
    """What Dagster does when these assets, with their checks, are materialised by hand."""
    job = build_definitions(settings).resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(
            asset_selection=list(keys), instance=instance, raise_on_error=False, **options
        )


def materialised(run):
    return {event.asset_key for event in run.get_asset_materialization_events()}


def why(run):
    """The reason that a failed run gives people."""
    (failure,) = [event for event in run.all_events if event.is_step_failure]
    return failure.step_failure_data.user_failure_data.description


def tables(settings):
    """Every table of the candidate with a hash of its rows, whatever their order."""
    with duckdb.connect(str(candidate.path_of(settings)), read_only=True) as connection:
        names = connection.sql(
            "select schema_name || '.' || table_name from duckdb_tables() order by all"
        ).fetchall()
        return {
            name: connection.sql(f"select bit_xor(hash(t)), count(*) from {name} as t").fetchone()
            for (name,) in names
        }


def test_a_mart_alone_is_built_over_the_candidate(copied):
    settings, published = copied.settings, copied.settings.published.resolve()
    with duckdb.connect(str(candidate.path_of(settings))) as connection:
        connection.execute("delete from marts.harm")
        connection.execute("checkpoint")
    made = night.read_build(settings)
    damaged = night.Build(sha256_of(candidate.path_of(settings)), made.inputs, made.failed)
    night._record(settings, damaged)
    before = tables(settings)
    whole = sha256_of(settings.warehouse / "dbt" / "manifest.json")
    run = alone(settings, HARM)
    assert run.success
    assert materialised(run) == {HARM}
    assert {result.asset_key for result in run.get_asset_check_evaluations()} == {HARM}
    after = tables(settings)
    assert after["marts.harm"][1] > 0
    assert {name for name in after if after[name] != before[name]} == {"marts.harm"}
    # What the whole was built from is still what `csp dbt` compares with.
    assert sha256_of(settings.warehouse / "dbt" / "manifest.json") == whole
    # Of the same inputs, so it may be judged; until it is, there is no verdict on it.
    assert night.read_build(settings).parts == ()
    refused = alone(settings, asset_keys.PUBLISHED)
    assert why(refused).startswith("not published: the verdict is on another candidate")
    assert settings.published.resolve() == published


def test_a_candidate_in_parts_of_other_inputs_is_never_judged_for_publication(copied):
    later = settings_at(copied.settings.home, copied.source, now=ANOTHER_DAY)
    night.write_manifest(later, copied.contracts)
    assert night.inputs_of(later, copied.contracts) != night.read_build(later).inputs
    assert alone(later, HARM).success
    assert night.read_build(later).parts == ("harm",)
    with pytest.raises(PublicationRefused, match="built in parts from other inputs"):
        night.gate_two(later)


def test_a_mart_that_fails_says_why_and_leaves_the_candidate_as_it_was(copied, tmp_path):
    project = tmp_path / "project"
    for part in ("dbt_project", "seeds", "expectations"):
        shutil.copytree(PROJECT / part, project / part)
    broken = project / "dbt_project/models/marts/assessment/harm.sql"
    broken.write_text(
        broken.read_text(encoding="utf-8").replace("select", "select no_such_column,", 1),
        encoding="utf-8",
    )
    settings = replace(copied.settings, project=project)
    dbt.prepare(settings)
    before = sha256_of(candidate.path_of(settings))
    run = alone(settings, HARM)
    assert not run.success
    reason = why(run)
    assert "dbt: harm" in reason and "the candidate is as it was" in reason
    assert "no_such_column" in reason and "harm.sql" in reason and "LINE" in reason
    assert sha256_of(candidate.path_of(settings)) == before
    assert not (settings.warehouse / "part").exists()


def test_without_a_candidate_it_says_what_to_do(copied):
    candidate.drop(copied.settings)
    assert "run the nightly job first" in why(alone(copied.settings, HARM))


def test_a_test_alone_changes_nothing(copied):
    before = sha256_of(candidate.path_of(copied.settings))
    (test,) = [
        unique_id
        for unique_id in dbt._parsed(copied.settings).nodes
        if unique_id.startswith("test.") and ".unique_together_harm" in unique_id
    ]
    (result,) = [
        result
        for result in night.build_part(copied.settings, copied.contracts, [test])
        if result.unique_id == test
    ]
    assert result.status == "pass"
    assert sha256_of(candidate.path_of(copied.settings)) == before


def test_a_feed_alone_is_taken_in_by_month_and_again_only_if_asked(copied):
    settings = copied.settings
    judged = lambda run: next(iter(run.get_asset_materialization_events())).materialization.metadata  # noqa: E731
    run = alone(settings, STREET, partition_key="2026-05")
    assert run.success
    assert materialised(run) == {STREET}
    assert judged(run)["judged now"].value == 0
    records = {path: path.stat().st_mtime_ns for path in (settings.raw / "police").rglob("*.json")}
    again = {"ops": {"police__street_crime": {"config": {"again": True}}}}
    run = alone(settings, STREET, partition_key="2026-05", run_config=again)
    assert run.success
    assert judged(run)["judged now"].value == 1
    changed = [path for path, at in records.items() if path.stat().st_mtime_ns != at]
    assert [path.parent.name.partition(".")[0] for path in changed] == ["2026-05"]
    assert not night.work(settings, copied.contracts).is_needed
    assert {d.state for d in deliveries(settings, copied.contracts)} == {"passed"}


def test_a_month_that_never_came_fails_in_words(copied):
    run = alone(copied.settings, STREET, partition_key="2026-10")
    assert not run.success
    assert why(run) == "police/street_crime has no 2026-10: nothing was delivered that counts"
