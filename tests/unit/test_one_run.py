"""One run at a time, whoever starts it: waited for, joined by its own steps, let go when it dies."""

import contextlib
import itertools
import json
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest

from orchestration.core import one_run
from orchestration.core.settings import PROJECT
from orchestration.defs import executor
from tests.conftest import NOW, settings_at

fork = multiprocessing.get_context("fork")
STEP = """
import sys, time
from pathlib import Path
from orchestration.core import one_run
home, log, run, seconds = Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
with one_run.alone(home, "step", 0):
    for _ in range(2):
        with open(log, "a") as out: out.write(run + " step\\n")
        time.sleep(seconds)
"""


def note(log, text):
    with log.open("a") as out:
        out.write(text + "\n")


def step(home, log, run, seconds=0.02):
    """A step of a run in a process of its own."""
    words = [sys.executable, "-c", STEP, str(home), str(log), run, str(seconds)]
    return subprocess.Popen(words, cwd=PROJECT, stderr=subprocess.DEVNULL)


def is_gone(pid, within):
    """Whether a process ends in time; the system lets go of its locks a moment before it is gone."""
    state = Path(f"/proc/{pid}/stat")
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if ") Z " not in state.read_text():
                time.sleep(0.02)
                continue
        return True
    return False


def a_run(home, log, run, seed):
    """What a process does that wants to be the only run: works in steps of its own and of others."""
    dice = random.Random(seed)
    time.sleep(dice.uniform(0, 0.5))
    with one_run.alone(home, run, 30), one_run.passed_on(home):
        note(log, f"{run} begins")
        if dice.random() < 0.3:
            step(home, log, run).wait()
        time.sleep(dice.uniform(0, 0.08))
        with one_run.alone(home, run, 0):
            note(log, f"{run} ends")


def test_of_many_runs_at_once_with_kills_none_works_within_another(tmp_path):
    dice = random.Random(14)
    log = tmp_path / "log"
    runs = {
        f"run{n}": fork.Process(target=a_run, args=(tmp_path, log, f"run{n}", dice.random()))
        for n in range(14)
    }
    for process in runs.values():
        process.start()
    killed = dice.sample(sorted(runs), 4)
    for name in killed:
        time.sleep(dice.uniform(0, 0.3))
        runs[name].kill()
    for process in runs.values():
        process.join(60)
    lines = [line.split() for line in log.read_text().splitlines()]
    order = [run for run, _ in lines]
    # Whoever has been followed by another is never seen again.
    assert len({*order}) == 1 + sum(a != b for a, b in itertools.pairwise(order))
    ended = {run for run, what in lines if what == "ends"}
    assert ended >= set(runs) - set(killed)
    assert ["step"] in [line[1:] for line in lines]
    assert not one_run.is_held(tmp_path)


def test_a_step_dies_with_its_run_and_cannot_begin_without_it(tmp_path):
    log = tmp_path / "log"
    code = (
        "import sys, os, subprocess\nfrom pathlib import Path\nfrom orchestration.core import one_run\n"
        "home = Path(sys.argv[1])\n"
        "with one_run.alone(home, 'run', 0), one_run.passed_on(home):\n"
        f"    child = subprocess.Popen([sys.executable, '-c', {STEP!r}, str(home), sys.argv[2], 'a', '30'])\n"
        "    print(child.pid, os.environ['COMMUNITY_SAFETY_RUN'], flush=True)\n"
        "    child.wait()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), str(log)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    )  # fmt: skip
    child, token = parent.stdout.readline().split()
    deadline = time.monotonic() + 120
    while not log.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert one_run.is_held(tmp_path)
    parent.kill()
    parent.communicate()
    with one_run.alone(tmp_path, "the next", 10):
        written = log.read_bytes()
        assert is_gone(child, within=10)
        assert log.read_bytes() == written
    orphan = subprocess.run(
        [sys.executable, "-c", STEP, str(tmp_path), str(log), "b", "0"],
        cwd=PROJECT, env={**os.environ, "COMMUNITY_SAFETY_RUN": token}, check=False,
    )  # fmt: skip
    assert orphan.returncode != 0
    with one_run.alone(tmp_path, "another", 10):
        orphan = subprocess.run(
            [sys.executable, "-c", STEP, str(tmp_path), str(log), "c", "0"],
            cwd=PROJECT, env={**os.environ, "COMMUNITY_SAFETY_RUN": token}, check=False,
            capture_output=True, text=True,
        )  # fmt: skip
    assert "no longer on" in orphan.stderr
    assert set(log.read_text().split()) == {"a", "step"}


def holding(home, ready):
    with one_run.alone(home, "csp backup", 0):
        ready.set()
        signal.pause()


@pytest.fixture
def held(tmp_path):
    ready = fork.Event()
    process = fork.Process(target=holding, args=(tmp_path, ready))
    process.start()
    assert ready.wait(10)
    yield process
    process.kill()
    process.join()


def test_a_refusal_names_who_is_on_and_what_to_do(tmp_path, held):
    with (
        pytest.raises(
            one_run.AnotherRunIsOn, match=r"csp backup, since \d\d:\d\d.*CSP_WAIT_SECONDS"
        ),
        one_run.alone(tmp_path, "csp refresh", 0),
    ):
        pass


def test_a_run_waits_and_says_so_once(tmp_path, held):
    said = []

    def say(sentence):
        said.append(sentence)
        held.kill()

    with one_run.alone(tmp_path, "csp refresh", 30, say):
        pass
    (sentence,) = said
    assert "another run is on (csp backup, since" in sentence


def test_a_lock_file_that_was_removed_is_not_the_lock(tmp_path):
    with one_run.alone(tmp_path, "one", 0):
        (tmp_path / "run.lock").unlink()
    with one_run.alone(tmp_path, "two", 0):
        assert one_run.is_held(tmp_path)


# A code location whose steps are each a process, and note whether they join their run.
@dg.asset
def first(context):
    mark(context)


@dg.asset(deps=[first])
def second(context):
    mark(context)


def mark(context):
    home = os.environ["TEST_HOME"]
    settings = settings_at(Path(home))
    with one_run.alone(settings.home, "step", 0) as begins:
        (settings.home / f"{context.asset_key.to_user_string()}.json").write_text(
            json.dumps({"pid": os.getpid(), "begins": begins})
        )
        if os.environ.get("TEST_KILL") == context.asset_key.to_user_string():
            os.kill(os.getpid(), signal.SIGKILL)


def by_steps():
    return job_under(dg.multiprocess_executor)


def in_one():
    return job_under(dg.in_process_executor)


def in_1999():
    return job_under(dg.in_process_executor, "1999-01-01")


def job_under(inner, now=NOW):
    settings = settings_at(Path(os.environ["TEST_HOME"]), now=now)
    alone = executor.of_one_run(settings, inner)
    job = dg.define_asset_job("job", executor_def=alone, tags={"dagster/max_retries": "0"})
    return dg.Definitions(assets=[first, second], jobs=[job]).resolve_job_def("job")


@pytest.fixture
def instance(tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_HOME", str(tmp_path))
    home = tmp_path / "dagster"
    home.mkdir()
    (home / "dagster.yaml").write_text("run_retries: {enabled: true, max_retries: 0}\n")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.from_config(str(home)) as found:
        yield found


def test_steps_in_processes_of_their_own_join_their_run(instance, tmp_path, monkeypatch):
    monkeypatch.setenv("TEST_KILL", "second")
    with dg.execute_job(dg.reconstructable(by_steps), instance) as result:
        assert not result.success
    marks = [json.loads((tmp_path / f"{name}.json").read_text()) for name in ("first", "second")]
    assert [mark["begins"] for mark in marks] == [False, False]
    assert len({os.getpid(), *(mark["pid"] for mark in marks)}) == 3
    assert not one_run.is_held(tmp_path)


def test_a_run_at_a_time_that_cannot_be_right_takes_no_step(instance, tmp_path):
    with dg.execute_job(dg.reconstructable(in_1999), instance) as result:
        assert not result.success
    assert not (tmp_path / "first.json").exists()
    said = str([entry.dagster_event for entry in instance.all_logs(result.run_id)])
    assert "CSP_NOW is 1999-01-01, and nothing is counted before" in said
    assert not one_run.is_held(tmp_path)


def test_a_run_that_waited_in_vain_is_marked_to_be_tried_again(instance, tmp_path, held):
    with dg.execute_job(dg.reconstructable(in_one), instance) as result:
        assert not result.success
    assert not (tmp_path / "first.json").exists()
    tags = instance.get_run_by_id(result.run_id).tags
    assert tags["dagster/will_retry"] == "true"
    assert int(tags["dagster/max_retries"]) > 1
