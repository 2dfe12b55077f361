"""Everything used from Dagster's private modules; no other module may import one.

Dagster may change these without notice, so each comment says why no public name will do, and
`tests/unit/test_dagster_internals.py` reports what an upgrade has removed.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import grpc  # type: ignore[import-untyped]
from dagster import DagsterError, DagsterInstance, DefaultRunLauncher, deserialize_value

# What `check_run_worker_health` must return: the launcher is public, the method's types are not.
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus

# `delete_run` is the only public way to remove runs; the storages and tables below hold what it leaves.
from dagster._core.storage.event_log import SqlEventLogStorage, SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.runs import SqlRunStorage
from dagster._core.storage.runs.schema import RunTagsTable

# What the pages' application is made from; only the command `dagster-webserver` makes one, without a socket.
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget

# The only request about a run's process that a code server answers; the public API can only end it.
from dagster._grpc.types import CanCancelExecutionRequest

__all__ = [
    "CheckRunHealthResult",
    "WorkerStatus",
    "health_by_code_server",
    "remove_run",
    "workspace",
]

_SECONDS = 30


def health_by_code_server(launcher: DefaultRunLauncher, run_id: str) -> CheckRunHealthResult:
    """Ask the code server that launched a run whether it still has the run's process.

    A run that was not launched by a code server, or whose server is too busy to answer within 30
    seconds, counts as running: the check is repeated later.
    """
    # Inherited; only `terminate` is public, which would end the run in question.
    client = launcher._get_grpc_client_for_termination(run_id)  # type: ignore[no-untyped-call]
    if client is None:
        return CheckRunHealthResult(WorkerStatus.RUNNING)
    try:
        answer = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run_id), _SECONDS)
    except DagsterError as problem:
        if _took_too_long(problem):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its code server is gone")
    held: Any = deserialize_value(answer)
    if held.can_cancel:
        return CheckRunHealthResult(WorkerStatus.RUNNING)
    return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its process is gone")


def _took_too_long(problem: Exception) -> bool:
    cause = problem.__cause__
    return isinstance(cause, grpc.Call) and cause.code() == grpc.StatusCode.DEADLINE_EXCEEDED


def remove_run(instance: DagsterInstance, run_id: str) -> None:
    """Remove a run and what `DagsterInstance.delete_run` leaves: logs, checks, tags, its SQLite file.

    Events are removed first and the run, by which they are found, last: if killed half way, it can
    be repeated.
    """
    instance.compute_log_manager.delete_logs(prefix=[run_id])
    events, runs = instance.event_log_storage, instance.run_storage
    assert isinstance(events, SqlEventLogStorage)
    with events.index_connection() as connection:
        checks = AssetCheckExecutionsTable
        connection.execute(checks.delete().where(checks.c.run_id == run_id))
        events.delete_events_for_run(connection, run_id)
    if isinstance(events, SqliteEventLogStorage):  # one database per run, beside the index
        shard = Path(events.path_for_shard(run_id))
        for path in shard.parent.glob(f"{shard.name}*"):
            path.unlink(missing_ok=True)
    assert isinstance(runs, SqlRunStorage)
    with runs.connect() as connection:
        connection.execute(RunTagsTable.delete().where(RunTagsTable.c.run_id == run_id))
    runs.delete_run(run_id)


def workspace(instance: DagsterInstance, file: Path, *, read_only: bool) -> WorkspaceProcessContext:
    """What the pages show: the code locations of a workspace file, loaded while it is entered."""
    return WorkspaceProcessContext(
        instance,
        version=version("dagster-webserver"),
        read_only=read_only,
        workspace_load_target=WorkspaceFileTarget(paths=[str(file)]),
    )
