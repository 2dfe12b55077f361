"""A home of the release before opens: its instance, its editions, and its waivers.

That its deliveries are published is in test_unattended.py, whose night goes over it.
"""

import shutil
from pathlib import Path

import pytest

from orchestration.core.settings import from_environment
from orchestration.quality import waivers
from orchestration.release.verify import differences
from tests.conftest import NOW
from tests.support.commands import DONE, USAGE, csp
from tests.support.editions import bytes_of
from tests.support.gate_three import CHECKS

OLD = Path(__file__).parents[1] / "old_home" / "home"
EDITION = Path("editions/2024-25/v1")
WAIVERS = """\
# Written by hand in the old checkout.
waivers:
  - check: completeness
    scope: health/ambulance_calls
    reason: The service changed its system in March; its figures follow.
    approver: Chair of the Partnership
    expires: 2027-01-31
  - check: completeness
    scope: fire/incidents
    reason: The service moved in May; its figures follow.
    approver: Chair of the Partnership
    expires: 2026-10-31
"""


@pytest.fixture
def home(tmp_path):
    shutil.copytree(OLD, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def old_waivers(tmp_path):
    path = tmp_path / "waivers.yaml"
    path.write_text(WAIVERS, encoding="utf-8")
    return path


def test_an_edition_of_the_release_before_still_verifies(home):
    assert differences(home / EDITION) == []
    (home / EDITION / "official" / "parquet" / "figures.parquet").unlink()
    assert differences(home / EDITION) == ["official/parquet/figures.parquet is missing"]


def test_a_dry_run_says_what_would_change_and_changes_nothing(home, old_waivers):
    before = bytes_of(home)
    answer = csp("upgrade", "--dry-run", "--waivers", old_waivers, home=home)
    assert answer.code == DONE, answer.error
    assert "the launcher of runs is now orchestration.defs.launcher" in answer.text
    assert "waiver of completeness of health/ambulance_calls until 2027-01-31" in answer.text
    assert "fire/incidents expired: not recorded" in answer.text
    assert answer.text.endswith("2 changes would be made\n")
    assert {**bytes_of(home), "run.lock": None} == {**before, "run.lock": None}


def test_an_upgrade_keeps_what_it_changes_and_is_done_once(home, old_waivers):
    before = (home / "dagster" / "dagster.yaml").read_text(encoding="utf-8")
    served = {"CSP_DATABASE": "postgresql:///csp"}
    stopped = csp("prepare", home=home, **served)
    assert stopped.code == USAGE
    assert stopped.is_one_sentence("run csp upgrade")
    assert csp("upgrade", "--waivers", old_waivers, home=home).code == DONE
    (kept,) = (home / "upgrades").glob("*/dagster.yaml")
    assert kept.read_text(encoding="utf-8") == before
    now = (home / "dagster" / "dagster.yaml").read_text(encoding="utf-8")
    assert now == before.replace("orchestration.launcher", "orchestration.defs.launcher") != before
    settings = from_environment({"CSP_HOME": str(home), "CSP_NOW": NOW})
    (only,) = waivers.load(settings.waivers, settings.today, CHECKS)
    assert only.scope == "health/ambulance_calls"
    assert settings.waivers == home / "partnership" / "waivers.yaml"
    again = csp("upgrade", "--waivers", old_waivers, home=home)
    assert again.text.endswith("The home is as this release wants it.\n")
    assert csp("prepare", home=home, **served).code == DONE
