"""Housekeeping: old runs are removed with their events, checks and logs, except where figures trace to them.

Dagster keeps runs for ever (Dagster issues #4100 and #33785). A run that published, issued an edition
or took in a delivery is kept as long as the instance is; the others (nights that changed nothing,
refused nights) are of no interest after a year. The manifests of publications and editions are the
record, not Dagster: nothing is lost even if its whole database is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dagster import (
    AssetKey,
    AssetRecordsFilter,
    DagsterInstance,
    DagsterRunStatus,
    RunsFilter,
)

from orchestration.defs.dagster_internals import remove_run

# The tag of a night that found nothing new. It still leaves 2 MB: every asset and check is planned for.
IDLE = {"nothing_was_new": "true"}
KEPT_IDLE = 7
KEPT_DAYS = 400  # a strategy year, plus time to write its assessment
_AT_ONCE = 500
_FINISHED = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]


@dataclass(frozen=True)
class Pruned:
    """How many runs from before a given day were removed, and how many were kept for what they made."""

    gone: int
    kept: int


def prune_runs(instance: DagsterInstance, before: datetime, keep: Iterable[AssetKey]) -> Pruned:
    """Remove finished runs created before a given time, except those that made one of the assets.

    Unfinished runs are left to run monitoring. If killed half way, the removal is completed by the
    next call: events are removed first and the run, by which they are found, last.
    """
    kept = {run_id for key in keep for run_id in _makers(instance, key)}
    old = run_ids(instance, RunsFilter(statuses=_FINISHED, created_before=before))
    gone = [run_id for run_id in old if run_id not in kept]
    for run_id in gone:
        remove_run(instance, run_id)
    return Pruned(len(gone), len(old) - len(gone))


def prune_idle(instance: DagsterInstance, most: int = KEPT_IDLE) -> int:
    """Remove all but the newest nights that found nothing new; return how many went.

    What a deployment whose sources are asked every night leaves is bounded by this, not by its age.
    """
    filters = RunsFilter(statuses=[DagsterRunStatus.SUCCESS], tags=IDLE)
    gone = run_ids(instance, filters)[most:]
    for run_id in gone:
        remove_run(instance, run_id)
    return len(gone)


def run_ids(instance: DagsterInstance, filters: RunsFilter | None = None) -> list[str]:
    """The runs that a filter lets through, the newest first, asked for page by page."""
    found: list[str] = []
    cursor = None
    while page := instance.get_run_records(filters, limit=_AT_ONCE, cursor=cursor):
        found += [record.dagster_run.run_id for record in page]
        cursor = found[-1]
    return found


def _makers(instance: DagsterInstance, key: AssetKey) -> set[str]:
    """The runs that made an asset, or a partition of it."""
    found: set[str] = set()
    cursor, has_more = None, True
    while has_more:
        page = instance.fetch_materializations(AssetRecordsFilter(key), _AT_ONCE, cursor)
        found |= {record.run_id for record in page.records}
        cursor, has_more = page.cursor, page.has_more
    return found
