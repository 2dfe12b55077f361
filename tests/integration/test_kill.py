"""A small night in which a delivery is refused and a row is rejected; and kill -9 anywhere in it, then a
rerun: the same result as without."""

import os
import signal
import subprocess
import sys
import time

import pytest

from orchestration.core.settings import PROJECT
from orchestration.release.verify import differences
from orchestration.synthetic import reference, sample
from orchestration.synthetic.faults.catalogue import FAULTS
from tests.conftest import NOW, settings_at
from tests.support import editions
from tests.support.nights import STREET, count_of, published, published_parquet, tables_of

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


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A small first night by plain functions: the newest month is of another month, and one coordinate of
    the month before is none."""
    folder = tmp_path_factory.mktemp("small")
    settings = settings_at(folder / "undisturbed", folder / "source")
    sample.write(settings, folder / "source", months=3, faults=["wrong_month"], only=FEEDS)
    FAULTS["bad_coordinate"].apply(folder / "source" / STREET.format(month="2026-07"))
    editions.publish(settings)
    return settings


def test_a_refused_month_says_so_and_a_rejected_row_has_its_reason(undisturbed):
    assert count_of(undisturbed, "2026-08") == (None, "refused")
    assert count_of(undisturbed, "2026-07")[1] is None
    with published(undisturbed) as connection:
        assert connection.sql(
            "select reject_reason, count(*) from governance.rejected_rows group by 1"
        ).fetchall() == [("coordinate_not_a_number", 1)]
        assert connection.sql(
            "select sum(unexplained_difference) from governance.reconciliation"
        ).fetchone() == (0,)
        assert connection.sql(
            "select state from governance.completeness "
            "where feed = 'police/street_crime' and period = '2026-08'"
        ).fetchall() == [("refused",)]


def test_kill_nine_anywhere_then_a_rerun_gives_the_same_result(tmp_path, undisturbed):
    """One home is killed in the middle of every step in turn, then left to finish."""
    home, source = tmp_path / "home", undisturbed.source
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
