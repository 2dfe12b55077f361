"""A feed and its measures are added as the README says, in a copy of the project, with no Python."""

import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from orchestration.core.files import sha256_of
from orchestration.core.settings import PROJECT
from tests.conftest import NOW

FEED = "voluntary/street_pastors"
NEW_FILES = PROJECT / "tests" / "street_pastors"  # laid over the copy as they stand
NOT_COPIED = (".venv", "var", ".git", "target", "logs", ".*_cache", "__pycache__", "*.egg-info")
MONTHS = ("2026-08", "2026-09")
MEASURES = {
    "street_pastors_people_helped": {
        "measure_name": "People helped by the street pastors",
        "definition": "People whom patrols helped in the month.",
        "numerator": "Sum of people_helped",
        "denominator": "residents",
        "rate_per": "1000",
        "method": "count",
        "lowest_geography": "ward",
    },
    "street_pastors_first_aid": {
        "measure_name": "People helped who needed first aid",
        "definition": "Share of the people helped who needed first aid.",
        "numerator": "Sum of first_aid, of the sum of people_helped",
        "denominator": "own",
        "rate_per": "100",
        "method": "proportion",
        "lowest_geography": "city",
    },
}
SHARED = {
    "statutory_limb": "substance_misuse",
    "unit": "people",
    "polarity": "neutral",
    "source_feed": FEED,
    "periodicity": "month",
    "lowest_publishable_geography": "city",
    "disclosure_rule": "under_5",
    "published_by_law": "false",
    "definition_version": "1",
    "owner": "Voluntary sector lead",
    "definition_publisher": "Street pastors",
    "definition_page": "none",
    "definition_as_at": "",
    "verified": "unverified",
    "verification_note": "Made up.",
}
PRIORITIES = ("alcohol_related_harm", "serious_violence_vawg")


def append(path, rows):
    """Add rows below those of a CSV file, in its own columns; what a row does not say stays blank."""
    with path.open(encoding="utf-8", newline="") as lines:
        columns = next(csv.reader(lines))
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writerows(rows)


def code_of(project: Path) -> dict[str, str]:
    """The hash of every file under orchestration/, by its path."""
    files = [path for path in (project / "orchestration").rglob("*") if path.is_file()]
    return {
        path.relative_to(project).as_posix(): sha256_of(path)
        for path in files
        if "__pycache__" not in path.parts
    }


class Copy:
    """A copy of the project: its `csp`, in processes of their own, with a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "project"
        self.source = folder / "source"
        self.home = folder / "home"
        ignored = shutil.ignore_patterns(*NOT_COPIED)
        shutil.copytree(PROJECT, self.project, ignore=ignored, symlinks=True)
        self.code = code_of(self.project)

    def python(self, *arguments):
        ours = ("CSP_", "DAGSTER_", "DBT_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        environment |= {
            "PYTHONPATH": str(self.project),
            "PYTHONDONTWRITEBYTECODE": "1",
            "CSP_HOME": str(self.home),
            "CSP_SOURCE": str(self.source),
            "CSP_NOW": NOW,
        }
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            cwd=self.project,
            env=environment,
            check=False,
            capture_output=True,
            text=True,
            timeout=600,
        )

    def csp(self, *arguments):
        """The answer of a command that has to end well."""
        done = self.python("-m", "orchestration.cli", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sql(self, query):
        database = (self.home / "published" / "warehouse.duckdb").resolve()
        with duckdb.connect(str(database), read_only=True) as connection:
            return connection.sql(query).df()


def add_measures(register: Path) -> None:
    """The register's rows: every measure, and the priorities whose marts show it."""
    append(
        register / "measure_register.csv",
        [{"measure_id": measure} | own | SHARED for measure, own in MEASURES.items()],
    )
    append(
        register / "measure_priorities.csv",
        [
            {"measure_id": measure, "priority_id": priority, "sort_order": 90 + order}
            for order, measure in enumerate(MEASURES)
            for priority in PRIORITIES
        ],
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The copy with the feed added, and a night behind it on two months of that feed alone."""
    copy = Copy(tmp_path_factory.mktemp("added"))
    shutil.copytree(NEW_FILES, copy.project, dirs_exist_ok=True)
    add_measures(copy.project / "seeds" / "register")
    contract = copy.project / "expectations" / "feeds" / f"{FEED}.odcs.yaml"
    unsynced = copy.python("-m", "orchestration.cli", "contract", "check", contract)
    assert unsynced.returncode == 1 and "run csp contract sync" in unsynced.stderr
    copy.synced = copy.csp("contract", "sync")
    copy.checked = copy.csp("contract", "check", contract)
    copy.csp("sample", copy.source, "--months", len(MONTHS), "--only", FEED)
    copy.refreshed = copy.csp("refresh")
    return copy


@pytest.fixture(scope="module")
def rows(copy):
    """The patrols as they were delivered."""
    files = [copy.source / "voluntary" / f"street_pastors_{month}.csv" for month in MONTHS]
    return pd.concat(pd.read_csv(file, sep=";").assign(month=file.stem[-7:]) for file in files)


def test_the_copy_runs_its_own_code(copy):
    answer = copy.python("-c", "import orchestration; print(orchestration.__file__)")
    assert Path(answer.stdout.strip()).is_relative_to(copy.project)


def test_sync_writes_what_follows_from_the_contract_and_check_is_content(copy):
    assert sorted(copy.synced.split()) == [
        "macros/derived.sql",
        "macros/generated/staged_columns.sql",
        "models/staging/voluntary/_voluntary__models.yml",
        "models/staging/voluntary/_voluntary__sources.yml",
    ]
    assert copy.checked == "1 contract is sound.\n"


def test_the_night_lands_judges_and_publishes_the_new_feed(copy):
    (line,) = [line for line in copy.refreshed.splitlines() if line.split()[:1] == [FEED]]
    assert f" {len(MONTHS)} live" in line
    delivered = copy.sql(
        "select period, state, rows_received, rows_rejected, unexplained_difference "
        f"from governance.reconciliation where feed = '{FEED}' order by period"
    )
    assert delivered["period"].tolist() == list(MONTHS)
    assert (delivered["state"] == "passed").all()
    assert (delivered[["rows_rejected", "unexplained_difference"]] == 0).all(axis=None)


def test_an_analyst_sees_the_measures_in_the_marts_of_their_priorities(copy, rows):
    for priority in PRIORITIES:
        found = copy.sql(
            "select measure_id, strftime(period_start, '%Y-%m') as \"month\", area_type, "
            f'sum("count") as "count", sum(denominator) as denominator from marts.{priority} '
            "where measure_id like 'street_pastors%' and period_type = 'month' "
            f"and strftime(period_start, '%Y-%m') in {MONTHS} group by all"
        ).set_index(["measure_id", "month", "area_type"])
        for month, patrols in rows.groupby("month"):
            placed = patrols[patrols["Ward"].notna()]
            helped = "street_pastors_people_helped", month
            assert found.loc[(*helped, "city"), "count"] == placed["People helped"].sum()
            assert found.loc[(*helped, "ward"), "count"] == placed["People helped"].sum()
            unplaced = patrols.loc[patrols["Ward"].isna(), "People helped"].sum()
            assert found.loc[(*helped, "unplaced"), "count"] == unplaced > 0
            share = found.loc[("street_pastors_first_aid", month, "city")]
            assert share["count"] == placed["First aid"].sum()
            assert share["denominator"] == placed["People helped"].sum()


def test_what_was_not_delivered_is_no_zero(copy):
    """The other feeds sent nothing to this home: their measures are known to be missing."""
    found = copy.sql(
        'select count("count") as known, count(*) as figures from marts.fct_measure '
        "where measure_id = 'police_asb_incidents' and period_type = 'month'"
    )
    assert found["known"].item() == 0 < found["figures"].item()


def test_no_python_was_written(copy):
    assert code_of(copy.project) == copy.code
    assert len(copy.code) > 50
