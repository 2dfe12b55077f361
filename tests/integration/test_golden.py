"""The letter on a refused delivery, byte for byte: what a partner reads is changed on purpose only.

After a change that is meant, write it anew and read the difference:

    .venv/bin/python -m tests.integration.test_golden && git diff tests/golden
"""

import csv
import json
import shutil
import tempfile
from pathlib import Path

import pytest

from orchestration import extracts, night
from orchestration.synthetic import sample
from tests.conftest import settings_at

GOLDEN = Path(__file__).parent.parent / "golden" / "quarantine_report.txt"
FAULTS, VALUE = ("unknown_crime_type", "wrong_month"), "Rough sleeping"
# The file's name says the month, and the contract the force; every other column is about someone.
NOT_PERSONAL = {"Month", "Reported by", "Falls within"}


def refuse(folder: Path) -> Path:
    """Refuse one faulty file under the fixed clock; give the folder that it was set aside in."""
    settings = settings_at(folder / "home", folder / "source")
    sample.write(settings, folder / "source", months=1, faults=FAULTS)
    contracts = night.contracts_of(settings)
    extracts.pull(settings, contracts, only=["street_crime"])
    night.gate_one(settings, contracts, lambda line: None)
    (report,) = settings.quarantine.rglob("report.txt")
    return report.parent


@pytest.fixture(scope="module")
def set_aside(tmp_path_factory):
    return refuse(tmp_path_factory.mktemp("golden"))


def test_the_letter_is_the_golden_one(set_aside):
    """If the change is meant: `.venv/bin/python -m tests.integration.test_golden`."""
    assert (set_aside / "report.txt").read_bytes() == GOLDEN.read_bytes()


@pytest.mark.parametrize("name", ["report.json", "report.txt"])
def test_no_value_of_the_file_is_in_the_report(name, set_aside):
    with next(set_aside.glob("*.csv")).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    values = {
        value
        for row in rows
        for column, value in row.items()
        if value and column not in NOT_PERSONAL
    }
    assert VALUE in values and len(values) > 1000
    text = (set_aside / name).read_text(encoding="utf-8")
    assert [value for value in sorted(values) if value in text] == []


def test_the_report_says_as_data_what_the_letter_says(set_aside):
    letter = (set_aside / "report.txt").read_text(encoding="utf-8")
    report = json.loads((set_aside / "report.json").read_text(encoding="utf-8"))
    failed = {rule["rule"]: rule for rule in report["rules"] if rule["outcome"] != "passed"}
    assert {name: rule["severity"] for name, rule in failed.items()} == {
        "allowed:crime_type": "row",
        "month_is_the_files_month": "critical",
        "crime_has_id": "warning",
    }
    assert all(rule["failing_rows"] == 1 for rule in failed.values())
    assert all(rule["first_rows"] == [41] for rule in failed.values())
    for key in ("partner", "feed", "period", "file", "sha256", "received_at", "reason"):
        assert report[key] in letter


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(refuse(Path(folder)) / "report.txt", GOLDEN)
