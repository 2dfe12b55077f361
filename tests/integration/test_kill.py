"""kill -9 anywhere, then a rerun: the same result as without."""

import os
import signal
import subprocess
import sys
import time

from orchestration.core.settings import PROJECT
from orchestration.release.verify import differences
from orchestration.synthetic import reference, sample
from tests.conftest import NOW, settings_at
from tests.support.nights import published_parquet, tables_of

MOMENTS = {
    "landing": lambda home: any((home / "landing").glob("*/*/*/*.json")),
    "parsing": lambda home: any((home / "raw").glob("*/*/2*/*.parquet")),
    "dbt": lambda home: (home / "warehouse" / "candidate.duckdb").exists(),
    "publishing": lambda home: (
        any((home / ".published").glob(".part-*")) if (home / ".published").exists() else False
    ),
}


# A delivery of each reader that is not trivial, and the places they are put in.
FEEDS = ["police/street_crime", "police/missing_episodes", "fire/incidents", *reference.FEEDS]


def test_kill_nine_anywhere_then_a_rerun_gives_the_same_result(tmp_path, run_night):
    """One home is killed in the middle of every step in turn, then left to finish."""
    home, source = tmp_path / "home", tmp_path / "source"
    undisturbed = settings_at(tmp_path / "undisturbed", source)
    sample.write(undisturbed, source, months=3, only=FEEDS)
    run_night(undisturbed)
    environment = {
        **os.environ,
        "CSP_HOME": str(home),
        "CSP_NOW": NOW,
        "CSP_SOURCE": str(source),
    }
    command = [sys.executable, "-m", "orchestration.cli", "refresh"]
    for step, reached in MOMENTS.items():
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        while process.poll() is None and not reached(home):
            time.sleep(0.002)
        assert process.poll() is None, f"the run ended before {step} was seen"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert not (home / "published").exists()
    finished = subprocess.run(
        command, env=environment, cwd=PROJECT, check=False, capture_output=True, text=True
    )
    assert finished.returncode == 0, finished.stderr
    settings = settings_at(home)
    # By the command line and by plain functions, killed or not: the same inputs, the same bytes.
    assert tables_of(settings, without=()) == tables_of(undisturbed, without=())
    assert published_parquet(settings) == published_parquet(undisturbed)
    assert differences(settings.published) == []
    leftovers = [p for p in home.rglob(".part-*") if "dagster" not in p.parts]
    assert leftovers == []
