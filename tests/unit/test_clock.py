"""A clock at which nothing could be right stops every command before it begins; a past night is replayed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from orchestration.core.files import sha256_of
from orchestration.ingest.landing import pull
from orchestration.ingest.landing.clock import ClockImpossible, require_believable
from orchestration.ingest.transports import open_source
from tests.conftest import settings_at
from tests.support.commands import USAGE, csp
from tests.support.made_up import column, load

FIRST, SECOND = datetime(2026, 9, 1, 2, tzinfo=UTC), datetime(2026, 11, 1, 2, tzinfo=UTC)


@pytest.fixture
def home(tmp_path):
    """Settings of a home in which one delivery came on each of two nights."""
    settings, source = settings_at(tmp_path / "home"), tmp_path / "source"
    contract = load(tmp_path / "contracts", (column("notes", "Notes"),))
    source.mkdir()
    for now, month in ((FIRST, "2026-07"), (SECOND, "2026-09")):
        (source / f"boats_{month}.csv").write_text(f"Notes\nof {month}\n")
        tonight = replace(settings, now=now)
        pull.pull(tonight, {"harbour/boats": contract}, open_source(str(source)))
    return settings


def doubt(settings, now, *, is_replay=True):
    """Why no work is begun at this time; `None` if it is."""
    try:
        require_believable(replace(settings, now=now, is_replay=is_replay))
    except ClockImpossible as problem:
        return str(problem)
    return None


def test_a_past_night_is_replayed_once_something_had_come(home):
    for now in (FIRST - timedelta(hours=20), FIRST, FIRST + timedelta(days=1), SECOND):
        assert doubt(home, now) is None
    assert "first delivery in this home came on 1 September 2026" in doubt(
        home, FIRST - timedelta(days=2)
    )
    assert "nothing is counted before 1 April 2023" in doubt(home, datetime(1999, 1, 1, tzinfo=UTC))


def test_an_empty_home_may_be_filled_at_any_night_of_the_strategy(tmp_path):
    settings = settings_at(tmp_path)
    assert doubt(settings, datetime(2023, 4, 1, tzinfo=UTC)) is None
    assert "1 April 2023" in doubt(settings, datetime(2023, 3, 31, tzinfo=UTC))


def test_the_future_is_not_replayed(home, tmp_path):
    today = datetime.now(UTC)
    far = max(today, SECOND) + timedelta(days=64)
    assert "only a past night can be replayed" in doubt(home, far)
    assert "only a past night" in doubt(settings_at(tmp_path / "empty"), today + timedelta(days=64))
    assert doubt(home, max(today, SECOND) + timedelta(days=60)) is None


def test_the_machines_clock_is_doubted_if_it_is_long_before_most_of_what_came(home):
    assert doubt(home, SECOND - timedelta(days=62), is_replay=False) is None
    told = doubt(home, SECOND - timedelta(days=63), is_replay=False)
    assert "the machine's clock says 2026-08-30" in told and "set the clock" in told
    assert "1 April 2023" in doubt(home, datetime(1970, 1, 1, tzinfo=UTC), is_replay=False)
    # Long after: the partnership may have received nothing; only the purge asks.
    assert doubt(home, SECOND + timedelta(days=900), is_replay=False) is None


def test_what_came_while_the_clock_was_ahead_does_not_lock_the_home(home, tmp_path):
    (tmp_path / "source" / "boats_2026-10.csv").write_text("Notes\nlate\n")
    contract = load(tmp_path / "contracts", (column("notes", "Notes"),))
    ahead = replace(home, now=SECOND + timedelta(days=3650), is_replay=False)
    pull.pull(ahead, {"harbour/boats": contract}, open_source(str(tmp_path / "source")))
    assert doubt(home, SECOND, is_replay=False) is None


def kept(settings):
    return {
        path: sha256_of(path)
        for path in settings.home.rglob("*")
        if path.is_file() and "dbt" not in path.parts  # dbt's parsed project is lent by the test
    }


@pytest.mark.parametrize(
    ("command", "now"),
    [
        (["refresh"], "9999-12-31"),
        (["refresh"], "2026-08-01"),
        (["status"], "1999-01-01"),
        (["assess", "2025-26"], "2026-08-01"),
        (["purge"], "9999-12-31"),
        (["digest"], "2026-08-01"),
    ],
)
def test_a_command_refuses_it_before_any_work(home, command, now):
    before = kept(home)
    answer = csp(*command, home=home.home, CSP_NOW=now)
    assert answer.code == USAGE
    assert answer.is_one_sentence(f"CSP_NOW is {now}")
    assert kept(home) == before
