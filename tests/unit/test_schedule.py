"""When things run: one night a night through both clock changes, the digest, and files by day."""

import itertools
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest

from orchestration import extracts
from orchestration.defs import alerts, freshness, jobs, sensors
from orchestration.defs.tonight import Tonight
from tests.conftest import settings_at
from tests.support.dagster_internals import schedule_execution_time_iterator

NIGHTLY = jobs.build_schedule(jobs.build_job([]), "0 2 * * *")
DIGEST = alerts.build_schedule(alerts.build_job())


def ticks(schedule, first, count=4):
    """The moments at which the daemon would evaluate the schedule, in UTC."""
    found = schedule_execution_time_iterator(
        datetime.fromisoformat(f"{first}+00:00").timestamp(),
        schedule.cron_schedule,
        schedule.execution_timezone,
    )
    return [f"{t.astimezone(UTC):%Y-%m-%d %H:%M}" for t in itertools.islice(found, count)]


def test_the_night_of_the_march_change_is_run_once_in_the_hour_that_is_there():
    """On 28 March 2027 London goes from 01:00 to 02:00; 02:00 is 01:00 UTC, as on every summer night."""
    assert ticks(NIGHTLY, "2027-03-26T12:00") == [
        "2027-03-27 02:00", "2027-03-28 01:00", "2027-03-29 01:00", "2027-03-30 01:00",
    ]  # fmt: skip


def test_the_night_of_the_october_change_is_run_once():
    """On 25 October 2026 London goes from 02:00 back to 01:00; 02:00 comes once more, at 02:00 UTC."""
    assert ticks(NIGHTLY, "2026-10-23T12:00") == [
        "2026-10-24 01:00", "2026-10-25 02:00", "2026-10-26 02:00", "2026-10-27 02:00",
    ]  # fmt: skip


@pytest.mark.parametrize("schedule", [NIGHTLY, DIGEST], ids=["nightly", "digest"])
def test_every_day_of_years_has_one_tick(schedule):
    london = ZoneInfo("Europe/London")
    moments = ticks(schedule, "2026-01-01T00:00", 365 * 6)
    local = [
        datetime.fromisoformat(f"{m}+00:00").astimezone(london).strftime("%Y-%m-%d %H:%M")
        for m in moments
    ]
    assert len({text[:10] for text in local}) == len(moments)
    assert {text[11:] for text in local} == {"02:00" if schedule is NIGHTLY else "06:00"}


def test_the_digest_comes_after_the_night_and_waits_for_recipients(tmp_path):
    settings = settings_at(tmp_path)
    assert DIGEST.cron_schedule == "0 6 * * *"
    with dg.DagsterInstance.ephemeral() as instance:
        for told in (None, tmp_path / "alerts.yaml"):
            context = dg.build_schedule_context(
                instance=instance,
                resources={"tonight": Tonight(_with(settings, alerts=told), {})},
            )
            found = DIGEST.evaluate_tick(context)
            assert len(found.run_requests or []) == (told is not None)


def _with(settings, **changes):
    from dataclasses import replace

    return replace(settings, **changes)


# Freshness


@pytest.mark.parametrize(
    ("feed", "fail", "warn"),
    [
        ("police/street_crime", 3 * 31 + 7, 31 + 7),
        ("probation/caseload", 2 * 31 + 7, 31 + 7),
        ("council/school_exclusions", 23 * 31 + 7, 12 * 31 + 7),
        ("reference/population", None, None),
    ],
)
def test_a_feed_is_stale_when_cadence_and_latency_are_over(contracts, feed, fail, warn):
    policy = freshness.policy_of(contracts[feed])
    if fail is None:
        assert policy is None
    else:
        assert (policy.fail_window.days, policy.warn_window.days) == (fail, warn)


# Files that arrive by day

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAME = "2026-08-staffordshire-street.csv"


@pytest.fixture
def place(tmp_path, contracts):
    source = tmp_path / "source"
    source.mkdir()
    settings = settings_at(tmp_path / "home", source)
    return source, Tonight(settings, contracts)


def put(source: Path, content: str, name: str = NAME) -> None:
    (source / name).write_text(content, encoding="utf-8")
    os.utime(source / name, (1_700_000_000 + len(content),) * 2)


def look(tonight, cursor=None, moment=NOON, instance=None):
    """One look: whether a run is asked for, why not, and the cursor for the next look."""
    with instance or dg.DagsterInstance.ephemeral() as used:
        context = dg.build_sensor_context(instance=used, cursor=cursor)
        found = sensors.look(context, tonight, moment)
    why = found.skip_reason.skip_message if found.skip_reason else ""
    return len(found.run_requests or []), why, found.cursor


def test_new_files_are_run_once_they_have_come_to_rest(place):
    source, tonight = place
    assert look(tonight)[:2] == (0, "nothing is new")
    put(source, "half")
    asked, why, cursor = look(tonight)
    assert (asked, "come to rest" in why) == (0, True)
    put(source, "half and whole")  # it grew: once more
    asked, why, cursor = look(tonight, cursor)
    assert (asked, "come to rest" in why) == (0, True)
    asked, why, cursor = look(tonight, cursor)
    assert (asked, why) == (1, "")
    # Whatever the run made of it: nothing is asked for these very files a second time.
    assert look(tonight, cursor)[:2] == (0, "a run was asked for these files already")
    put(source, "another", "2026-09-staffordshire-street.csv")
    _, why, cursor = look(tonight, cursor)
    assert "come to rest" in why
    assert look(tonight, cursor)[0] == 1
    assert not tonight.settings.landing.exists()  # a look writes nothing


def test_what_was_landed_is_not_new(place):
    source, tonight = place
    put(source, "one")
    _, _, cursor = look(tonight)
    extracts.pull(tonight.settings, tonight.contracts)
    assert look(tonight, cursor)[:2] == (0, "nothing is new")


@pytest.mark.parametrize("hour", [0, 2, 5, 22, 23])
def test_the_night_is_left_to_its_schedule(place, hour):
    source, tonight = place
    put(source, "one")
    assert look(tonight, moment=NOON.replace(hour=hour))[1] == "the night has its own schedule"


def test_the_hours_are_londons(place):
    """At 05:30 UTC it is half past six in a London summer."""
    _, tonight = place
    assert look(tonight, moment=datetime(2026, 7, 1, 5, 30, tzinfo=UTC))[1] == "nothing is new"


def test_no_second_run_is_asked_for_while_one_is_on(place):
    source, tonight = place
    put(source, "one")
    _, _, cursor = look(tonight)

    @dg.job(name=jobs.NIGHTLY)
    def nightly(): ...

    with dg.DagsterInstance.ephemeral() as instance:
        instance.create_run_for_job(nightly, status=dg.DagsterRunStatus.STARTED)
        context = dg.build_sensor_context(instance=instance, cursor=cursor)
        found = sensors.look(context, tonight, NOON)
    assert (found.run_requests or [], found.skip_reason.skip_message) == (
        [],
        "a run is on or waits",
    )
    assert json.loads(found.cursor) == json.loads(cursor)


def test_a_source_that_is_gone_and_one_that_is_not_set_are_skips_with_a_sentence(place):
    source, tonight = place
    source.rmdir()
    asked, why, _ = look(tonight)
    assert asked == 0 and why not in ("", "nothing is new")
    unset = Tonight(settings_at(tonight.settings.home), tonight.contracts)
    assert look(unset)[1] == "no source is set"
    assert not tonight.settings.sample.exists()
