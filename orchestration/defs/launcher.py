"""Launching runs of the service, and finding out whether a launched run still has its process.

Dagster's own launcher cannot do that. A run whose machine stopped would be "started" for ever, and
with one run at a time no further night would run.
"""

from __future__ import annotations

from pathlib import Path

from dagster import DagsterRun, DefaultRunLauncher

from orchestration.core import one_run
from orchestration.defs.dagster_internals import (
    CheckRunHealthResult,
    WorkerStatus,
    health_by_code_server,
)
from orchestration.defs.instance import FROM_THE_COMMAND_LINE


class WatchedRunLauncher(DefaultRunLauncher):
    """Dagster's default launcher, able to tell run monitoring whether a run is still alive."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """True: run monitoring checks runs, and marks those without a process as failed."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Ask the code server that launched the run whether it still has it.

        A command line run has no such server. It holds the lock on its home from before it begins until
        after it has ended, and otherwise loses it only with its process.
        """
        if FROM_THE_COMMAND_LINE.items() <= run.tags.items():
            return self._health_by_lock()
        return health_by_code_server(self, run.run_id)

    def _health_by_lock(self) -> CheckRunHealthResult:
        if one_run.is_held(Path(self._instance.root_directory).parent):
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its process is gone")
