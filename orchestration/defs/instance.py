"""The Dagster instance of this warehouse: `CSP_HOME/dagster`, and a run's failure in one sentence.

Runs are kept in SQLite beside the data, or in the PostgreSQL database that a deployment names: with a
daemon and pages beside the runs, SQLite ends in "database is locked" (Dagster issues #2884 and #3238).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from dagster import DagsterEvent, DagsterInstance, DagsterRunStatus, RunsFilter

from orchestration.core import plain_yaml
from orchestration.core.exhausted import Exhausted
from orchestration.core.files import require_writable, write_text
from orchestration.core.settings import Settings, SettingsError

_OLD_LAUNCHER = "module: orchestration.launcher"  # where it was in older releases
FROM_THE_COMMAND_LINE = {"launched_by": "csp"}
_CONFIGURATION = """\
telemetry:
  enabled: false
nux:
  enabled: false
concurrency:
  runs:
    max_concurrent_runs: 1
run_retries:
  enabled: true
  max_retries: 0
  retry_on_asset_or_op_failure: false
"""


def prepare_home(settings: Settings) -> Path:
    """Create the Dagster home with its configuration; an edited configuration is left alone.

    Raises:
        SettingsError: the configuration stores runs in a different place from the settings, or is
            that of an older release.
        NotWritable: the home cannot be written, where Dagster records what it does.
    """
    require_writable(settings.home)
    home = settings.home / "dagster"
    configuration = home / "dagster.yaml"
    is_served = settings.database is not None
    if not configuration.exists():
        service = settings.project / "deploy" / "dagster.yaml"
        write_text(
            configuration, service.read_text(encoding="utf-8") if is_served else _CONFIGURATION
        )
    elif _OLD_LAUNCHER in configuration.read_text(encoding="utf-8"):
        raise SettingsError("dagster/dagster.yaml is of an older release; run csp upgrade")
    elif is_served != _names_postgresql(configuration):
        there, wanted = ("SQLite", "is") if is_served else ("PostgreSQL", "is not")
        raise SettingsError(
            f"dagster/dagster.yaml keeps runs in {there} and CSP_DATABASE {wanted} set; "
            "remove that file, or set what it needs"
        )
    return home


def _names_postgresql(configuration: Path) -> bool:
    try:
        found = plain_yaml.load(configuration.read_text(encoding="utf-8"))
    except yaml.YAMLError:
        raise SettingsError("dagster/dagster.yaml cannot be read as YAML") from None
    return "postgres" in (found or {}).get("storage", {})


@contextmanager
def open_instance(settings: Settings) -> Iterator[DagsterInstance]:
    """The instance that `make dev` shows, so that runs from the command line appear in the UI too.

    Raises:
        SettingsError: the database of runs cannot be reached.
    """
    with connected(settings) as instance:
        _fail_killed_runs(instance)
        yield instance


@contextmanager
def connected(settings: Settings) -> Iterator[DagsterInstance]:
    """The same for whoever only looks, and does not hold the lock on the home.

    Raises:
        SettingsError: the database of runs cannot be reached.
    """
    home = prepare_home(settings)
    before = os.environ.get("DAGSTER_HOME")
    os.environ["DAGSTER_HOME"] = str(home)
    try:
        with _from(home) as instance:
            yield instance
    finally:
        if before is None:
            del os.environ["DAGSTER_HOME"]
        else:
            os.environ["DAGSTER_HOME"] = before


@contextmanager
def looked_at(settings: Settings) -> Iterator[DagsterInstance | None]:
    """The same where there is one already; nothing is made for a look, and there is none to see then.

    Raises:
        SettingsError: the database of runs cannot be reached.
        NotWritable: the home cannot be written, where Dagster opens what it recorded.
    """
    if not (settings.home / "dagster" / "dagster.yaml").exists():
        yield None
        return
    with connected(settings) as instance:
        yield instance


def _from(home: Path) -> DagsterInstance:
    from dagster_postgres.utils import DagsterPostgresException

    try:
        return DagsterInstance.from_config(str(home))
    except DagsterPostgresException:  # the exception's own message may hold the address
        raise SettingsError("the database of CSP_DATABASE cannot be reached") from None


def _fail_killed_runs(instance: DagsterInstance) -> None:
    """Mark command line runs that were killed, and are still "started" in the UI, as failed.

    The caller holds the lock on the home (`night.alone`), so none of them can still be running.
    """
    unfinished = RunsFilter(
        statuses=[DagsterRunStatus.STARTING, DagsterRunStatus.STARTED],
        tags=FROM_THE_COMMAND_LINE,
    )
    for run in instance.get_runs(unfinished):
        instance.report_run_failed(run, "the process was killed; a later run took its place")


def why(event: DagsterEvent) -> str:
    """Why a step failed, in one sentence: the innermost message without the traceback."""
    failure = event.step_failure_data
    if failure.user_failure_data and failure.user_failure_data.description:
        return failure.user_failure_data.description
    error = failure.error
    while error is not None and error.cause is not None and error.cls_name != Exhausted.__name__:
        error = error.cause
    lines = error.message.strip().splitlines() if error else ["no reason was recorded"]
    message = " ".join(lines) if lines[0].endswith(":") else lines[0]
    return f"{event.step_key}: {message.split(': ', 1)[-1]}"
