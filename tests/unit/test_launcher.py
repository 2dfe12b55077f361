"""Proves that a run of the command line is known to live by its lock, and to be dead without it."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import dagster as dg
import pytest
from dagster._core.launcher.base import WorkerStatus

from orchestration.core.settings import RUN_LOCK
from orchestration.defs.instance import FROM_THE_COMMAND_LINE
from orchestration.defs.launcher import WatchedRunLauncher

HOLD = """
import sys
from filelock import FileLock
with FileLock(sys.argv[1], timeout=0):
    print("held", flush=True)
    sys.stdin.read()
"""
LAUNCHER = """
run_launcher:
  module: orchestration.defs.launcher
  class: WatchedRunLauncher
"""


@contextmanager
def held(lock):
    """A process that holds the lock, until it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout.readline() == b"held\n"
        yield
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def instance(tmp_path):
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text(LAUNCHER)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def health(instance, **tags):
    assert isinstance(instance.run_launcher, WatchedRunLauncher)
    run = dg.DagsterRun(job_name="nightly", tags=tags, status=dg.DagsterRunStatus.STARTED)
    return instance.run_launcher.check_run_worker_health(run).status


def test_a_run_of_the_command_line_lives_as_long_as_its_lock(instance, tmp_path):
    with held(tmp_path / RUN_LOCK):
        assert health(instance, **FROM_THE_COMMAND_LINE) is WorkerStatus.RUNNING
    assert health(instance, **FROM_THE_COMMAND_LINE) is WorkerStatus.NOT_FOUND


def test_looking_takes_the_lock_from_nobody(instance, tmp_path):
    assert health(instance, **FROM_THE_COMMAND_LINE) is WorkerStatus.NOT_FOUND
    with held(tmp_path / RUN_LOCK):
        pass


def test_of_another_run_without_a_server_nothing_is_known(instance):
    assert health(instance) is WorkerStatus.RUNNING
