"""Housekeeping: old runs go, with their events, checks and logs; what says how a figure came about stays.

Dagster keeps runs for ever (Dagster issues #4100 and #33785). A run that published, issued an edition
or took in a delivery is kept as long as the instance is; of the others (nights that changed nothing,
refused nights) nobody asks after a year. The manifests of publications and editions are the record,
not Dagster: nothing is lost if its whole database is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dagster import AssetKey, AssetRecordsFilter, DagsterInstance, RunsFilter
from dagster._core.storage.dagster_run import FINISHED_STATUSES
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage
from dagster._core.storage.runs import SqlRunStorage
from dagster._core.storage.runs.schema import RunTagsTable

KEPT_DAYS = 400  # a strategy year, and time to write its assessment
_AT_ONCE = 500


@dataclass(frozen=True)
class Pruned:
    """How many runs of before a day went, and how many stay for what they made."""

    gone: int
    kept: int


def prune_runs(instance: DagsterInstance, before: datetime, keep: Iterable[AssetKey]) -> Pruned:
    """Remove the finished runs created before a moment, but for those that made one of the assets.

    A run that is not finished is left to run monitoring. Killed half way, it is finished by the next
    call: events go first, the run by which they are found goes last.
    """
    kept = {run_id for key in keep for run_id in _makers(instance, key)}
    old = _finished(instance, before)
    gone = [run_id for run_id in old if run_id not in kept]
    for run_id in gone:
        _remove(instance, run_id)
    return Pruned(len(gone), len(old) - len(gone))


def _finished(instance: DagsterInstance, before: datetime) -> list[str]:
    """The finished runs that were created before a moment, page by page."""
    found: list[str] = []
    filters = RunsFilter(statuses=list(FINISHED_STATUSES), created_before=before)
    cursor = None
    while page := instance.get_run_records(filters, limit=_AT_ONCE, cursor=cursor):
        found += [record.dagster_run.run_id for record in page]
        cursor = found[-1]
    return found


def _makers(instance: DagsterInstance, key: AssetKey) -> set[str]:
    """The runs that made an asset, or a part of it."""
    found: set[str] = set()
    cursor, has_more = None, True
    while has_more:
        page = instance.fetch_materializations(AssetRecordsFilter(key), _AT_ONCE, cursor)
        found |= {record.run_id for record in page.records}
        cursor, has_more = page.cursor, page.has_more
    return found


def _remove(instance: DagsterInstance, run_id: str) -> None:
    """Remove a run with what `DagsterInstance.delete_run` leaves: logs, checks, tags, its SQLite file."""
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    events, runs = instance.event_log_storage, instance.run_storage
    assert isinstance(events, SqlEventLogStorage)
    with events.index_connection() as connection:
        checks = AssetCheckExecutionsTable
        connection.execute(checks.delete().where(checks.c.run_id == run_id))
        events.delete_events_for_run(connection, run_id)
    if isinstance(events, SqliteEventLogStorage):  # a database a run, beside the index
        shard = Path(events.path_for_shard(run_id))
        for path in shard.parent.glob(f"{shard.name}*"):
            path.unlink(missing_ok=True)
    assert isinstance(runs, SqlRunStorage)
    with runs.connect() as connection:
        connection.execute(RunTagsTable.delete().where(RunTagsTable.c.run_id == run_id))
    runs.delete_run(run_id)
