"""Proves that a disk that fills up is told in time."""

import os
import shutil

import pytest

from orchestration.alerts.disk_space import room_items
from orchestration.alerts.thresholds import load_rules
from tests.conftest import settings_at


@pytest.fixture
def home(tmp_path):
    settings = settings_at(tmp_path / "home")
    settings.warehouse.mkdir(parents=True)
    return settings


def candidate_that_fits(home, times):
    """A candidate of so much of the disk; it is all hole and takes none of it."""
    size = shutil.disk_usage(home.home).free // times
    with (home.warehouse / "candidate.duckdb").open("wb") as file:
        os.truncate(file.fileno(), size)


def test_a_disk_with_room_for_few_nights_is_told_daily(home):
    rules = load_rules(home.alert_rules)
    assert "data_engineer" in {role for role, listed in rules.sections.items() if "room" in listed}
    assert rules.repeat_days["room"] == 1
    candidate_that_fits(home, rules.least_free_nights // 2)
    (item,) = room_items(home, rules)
    assert "more nights like the last" in item.sentence and item.is_standing


def test_a_disk_with_room_is_no_news(home):
    rules = load_rules(home.alert_rules)
    assert room_items(home, rules) == []  # nothing ran yet
    candidate_that_fits(home, rules.least_free_nights * 2)
    assert room_items(home, rules) == []
