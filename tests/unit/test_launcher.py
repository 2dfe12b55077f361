"""Proves that a run is known to live by its lock or its code server, and to be dead without it."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import dagster as dg
import pytest

from orchestration.core.settings import RUN_LOCK
from orchestration.defs.dagster_internals import WorkerStatus
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


def launched_by(instance, socket):
    """A run as Dagster's launcher leaves it: with the address of the code server that holds it."""
    server = {"host": "localhost", "socket": str(socket)}
    run = instance.create_run_for_job(
        dg.GraphDefinition(name="nightly").to_job(), tags={".dagster/grpc_info": json.dumps(server)}
    )
    return instance.run_launcher.check_run_worker_health(run)


def test_a_run_is_dead_where_its_code_server_is_gone(instance, tmp_path):
    found = launched_by(instance, tmp_path / "gone.sock")
    assert found == (WorkerStatus.NOT_FOUND, "its code server is gone", None, None)


def test_a_run_is_dead_where_its_code_server_holds_it_no_more(instance, tmp_path):
    (tmp_path / "code.py").write_text("import dagster as dg\ndefs = dg.Definitions()\n")
    socket = tmp_path / "code.sock"
    words = ["api", "grpc", "--python-file", str(tmp_path / "code.py"), "--socket", str(socket)]
    server = subprocess.Popen(
        [sys.executable, "-m", "dagster", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 120
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        found = launched_by(instance, socket)
        assert found == (WorkerStatus.NOT_FOUND, "its process is gone", None, None)
    finally:
        server.kill()  # one that is still starting does not always hear a request to end
        server.wait(60)
