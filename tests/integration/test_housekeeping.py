"""Proves that old runs go with all their traces, and that what made a figure stays, in both databases."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy

from orchestration.defs import asset_keys, instance
from orchestration.defs import housekeeping as wiring
from orchestration.defs.prune_runs import IDLE, Pruned, prune_idle, prune_runs
from orchestration.defs.tonight import Tonight
from orchestration.release.publish import tidy
from tests.conftest import settings_at
from tests.support.postgres import postgresql

FEED = asset_keys.feed_key("police/street_crime")
KEEP = [asset_keys.PUBLISHED, asset_keys.STRATEGIC_ASSESSMENT, FEED]
TABLES = ("event_logs", "asset_check_executions")


@pytest.fixture(scope="module")
def address():
    with postgresql() as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def dagster(request, tmp_path, monkeypatch):
    """An instance with runs of several kinds, and who they are by what they did."""
    monkeypatch.setenv("DAGSTER_HOME", "")
    settings = settings_at(tmp_path)
    if request.param == "postgresql":
        settings = replace(settings, database=request.getfixturevalue("address"))
        monkeypatch.setenv("CSP_DATABASE", settings.database)
    with instance.open_instance(settings) as opened:
        for run in opened.get_runs():
            opened.delete_run(run.run_id)
        yield opened


def run_that_makes(opened, key, partition=None):
    """A real run with a real materialisation and check; its id."""
    name = "_".join(key.path)

    @dg.asset(key=key, check_specs=[dg.AssetCheckSpec("sound", asset=key)])
    def made(context):
        if partition:
            context.log_event(dg.AssetMaterialization(FEED, partition=partition))
        yield dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True)])

    job = dg.define_asset_job(f"makes_{name}", executor_def=dg.in_process_executor)
    definitions = dg.Definitions(assets=[made], jobs=[job])
    result = definitions.resolve_job_def(f"makes_{name}").execute_in_process(instance=opened)
    assert result.success
    return result.run_id


def traces(opened, run_id):
    """How many rows and files there are of a run, by place."""
    with opened.event_log_storage.index_connection() as connection:
        found = {
            table: connection.execute(
                sqlalchemy.text(f"select count(*) from {table} where run_id = :run"),
                {"run": run_id},
            ).scalar()
            for table in TABLES
        }
    files = [path for path in Path(opened.root_directory).rglob("*") if run_id in str(path)]
    found["files"] = sum(path.is_file() for path in files)
    return {place: count for place, count in found.items() if count}


def test_only_old_runs_that_made_nothing_kept_go_and_leave_no_trace(dagster):
    other = dg.AssetKey(["landing", "deliveries"])
    idle = run_that_makes(dagster, other)
    published = run_that_makes(dagster, asset_keys.PUBLISHED)
    issued = run_that_makes(dagster, asset_keys.STRATEGIC_ASSESSMENT)
    delivered = run_that_makes(dagster, dg.AssetKey("elsewhere"), partition="2026-08")
    unfinished = dagster.create_run_for_job(dg.GraphDefinition(name="g").to_job()).run_id
    moment = datetime.now(UTC)
    young = run_that_makes(dagster, other)
    assert traces(dagster, idle)["asset_check_executions"] == 1
    before = {run: traces(dagster, run) for run in (published, issued, delivered, young)}

    assert prune_runs(dagster, moment, KEEP) == Pruned(gone=1, kept=3)

    left = {run.run_id for run in dagster.get_runs()}
    assert left == {published, issued, delivered, unfinished, young}
    assert traces(dagster, idle) == {}
    assert {run: traces(dagster, run) for run in before} == before
    assert dagster.get_materialized_partitions(FEED) == {"2026-08"}
    assert prune_runs(dagster, moment, KEEP) == Pruned(gone=0, kept=3)  # idempotent


def test_the_pages_of_a_long_history_are_all_read(dagster, monkeypatch):
    monkeypatch.setattr("orchestration.defs.prune_runs._AT_ONCE", 2)
    idle = [run_that_makes(dagster, dg.AssetKey("idle")) for _ in range(3)]
    kept = [run_that_makes(dagster, asset_keys.PUBLISHED) for _ in range(3)]
    assert prune_runs(dagster, datetime.now(UTC), KEEP) == Pruned(gone=3, kept=3)
    assert {run.run_id for run in dagster.get_runs()} == set(kept)
    assert idle


def test_of_nights_that_found_nothing_new_the_newest_stay(dagster):
    made = [run_that_makes(dagster, dg.AssetKey("idle")) for _ in range(4)]
    for run in made[:3]:
        dagster.add_run_tags(run, IDLE)
    assert prune_idle(dagster, 2) == 1
    assert {run.run_id for run in dagster.get_runs()} == set(made[1:])
    assert traces(dagster, made[0]) == {}
    assert prune_idle(dagster, 2) == 0


def test_the_job_prunes_by_days_and_spares_the_last_publications(dagster, tmp_path):
    settings = settings_at(tmp_path, now=(datetime.now(UTC) + timedelta(days=3)).isoformat())
    store = settings.home / ".published"
    for name in ("a", "b", "c", "d", ".part-killed"):
        (store / name).mkdir(parents=True)
    settings.published.symlink_to(".published/a")
    run_that_makes(dagster, dg.AssetKey("idle"))
    definitions = dg.Definitions(
        jobs=[wiring.build_job()], resources={"tonight": Tonight(settings, {})}
    )
    job = definitions.resolve_job_def(wiring.HOUSEKEEPING)
    assert job.execute_in_process(instance=dagster).success
    assert len(dagster.get_runs()) == 2  # 400 days is the default
    config = {"ops": {"prune": {"config": {"days": 1}}}}
    own = job.execute_in_process(instance=dagster, run_config=config).run_id
    assert [run.run_id for run in dagster.get_runs()] == [own]
    left = {path.name for path in store.iterdir()}
    assert "a" in left
    assert ".part-killed" not in left
    assert len(left) in (3, 4)  # three, and the current one where it is older
    assert tidy(settings) == 0
    none = {"ops": {"prune": {"config": {"days": 0}}}}
    assert not job.execute_in_process(
        instance=dagster, run_config=none, raise_on_error=False
    ).success


def test_a_sqlite_shard_is_gone_with_its_run(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", "")
    with instance.open_instance(settings_at(tmp_path)) as opened:
        run = run_that_makes(opened, dg.AssetKey("idle"))
        shard = next((tmp_path / "dagster").rglob(f"{run}.db"))
        with sqlite3.connect(shard) as connection:
            assert connection.execute("select count(*) from event_logs").fetchone()[0] > 0
        prune_runs(opened, datetime.now(UTC), KEEP)
        assert not list(shard.parent.glob(f"{run}*"))
        tags = shard.parents[1] / "runs.db"
        with sqlite3.connect(tags) as connection:
            left = connection.execute(
                "select count(*) from run_tags where run_id = ?", [run]
            ).fetchone()
        assert left == (0,)
