"""Launching runs of the service, and finding out whether a launched run still has its process.

Dagster's own launcher cannot say that. A run whose machine stopped would be "started" for ever, and
with one run at a time no night would follow it.
"""

from __future__ import annotations

import json
from pathlib import Path

import grpc  # type: ignore[import-untyped]
from dagster import DagsterRun, DefaultRunLauncher
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value
from filelock import FileLock, Timeout

from orchestration.core.settings import RUN_LOCK
from orchestration.defs.instance import FROM_THE_COMMAND_LINE

_SECONDS = 30


class WatchedRunLauncher(DefaultRunLauncher):
    """Dagster's default launcher, with an answer to "does this run live?" for run monitoring."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Yes: run monitoring asks, and marks a run without a process as failed."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Ask the code server that launched the run whether it still holds it.

        A run of the command line has no such server. It holds the lock on its home from before it
        begins until after it ended, and loses it only with its process.
        """
        if FROM_THE_COMMAND_LINE.items() <= run.tags.items():
            return self._health_by_lock()
        if GRPC_INFO_TAG not in run.tags:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        server = json.loads(run.tags[GRPC_INFO_TAG])
        client = DagsterGrpcClient(
            host=server["host"],
            port=server.get("port"),
            socket=server.get("socket"),
            use_ssl=bool(server.get("use_ssl", False)),
        )
        try:
            answer = client.can_cancel_execution(
                CanCancelExecutionRequest(run_id=run.run_id), _SECONDS
            )
        except DagsterUserCodeUnreachableError as problem:
            if _took_too_long(problem):  # busy is not dead; it is asked again
                return CheckRunHealthResult(WorkerStatus.RUNNING)
            return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its code server is gone")
        if deserialize_value(answer, CanCancelExecutionResult).can_cancel:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its process is gone")

    def _health_by_lock(self) -> CheckRunHealthResult:
        home = Path(self._instance.root_directory).parent
        try:
            # Held for no longer than it takes to see that nobody else does.
            with FileLock(home / RUN_LOCK, timeout=0):
                return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its process is gone")
        except Timeout:
            return CheckRunHealthResult(WorkerStatus.RUNNING)


def _took_too_long(problem: Exception) -> bool:
    cause = problem.__cause__
    return isinstance(cause, grpc.Call) and cause.code() == grpc.StatusCode.DEADLINE_EXCEEDED
