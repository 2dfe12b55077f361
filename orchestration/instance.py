"""The Dagster instance of this warehouse: `CSP_HOME/dagster`, and a run's failure in one sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dagster import DagsterEvent, DagsterInstance, DagsterRunStatus, RunsFilter

from orchestration.files import write_text
from orchestration.settings import Settings

FROM_THE_COMMAND_LINE = {"launched_by": "csp"}
_CONFIGURATION = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
"""


def prepare_home(settings: Settings) -> Path:
    """Have the Dagster home with its configuration; an edited configuration is left alone."""
    home = settings.home / "dagster"
    configuration = home / "dagster.yaml"
    if not configuration.exists():
        write_text(configuration, _CONFIGURATION)
    return home


@contextmanager
def open_instance(settings: Settings) -> Iterator[DagsterInstance]:
    """The instance that `make dev` shows, so that a run from the command line is in the UI too."""
    home = prepare_home(settings)
    before = os.environ.get("DAGSTER_HOME")
    os.environ["DAGSTER_HOME"] = str(home)
    try:
        with DagsterInstance.from_config(str(home)) as instance:
            _bury_the_dead(instance)
            yield instance
    finally:
        if before is None:
            del os.environ["DAGSTER_HOME"]
        else:
            os.environ["DAGSTER_HOME"] = before


def _bury_the_dead(instance: DagsterInstance) -> None:
    """Mark runs of the command line as failed that a kill left "started" in the UI.

    Whoever opens the instance holds the only run's place (`night.alone`), so none of them lives.
    """
    unfinished = RunsFilter(
        statuses=[DagsterRunStatus.STARTING, DagsterRunStatus.STARTED],
        tags=FROM_THE_COMMAND_LINE,
    )
    for run in instance.get_runs(unfinished):
        instance.report_run_failed(run, "the process was killed; a later run took its place")


def why(event: DagsterEvent) -> str:
    """Why a step failed, in one sentence: the innermost message, without the traceback."""
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        return failure.user_failure_data.description
    error = failure.error
    while error is not None and error.cause is not None:
        error = error.cause
    lines = error.message.strip().splitlines() if error else ["no reason was recorded"]
    message = " ".join(lines) if lines[0].endswith(":") else lines[0]
    return f"{event.step_key}: {message.split(': ', 1)[-1]}"
