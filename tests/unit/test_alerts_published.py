"""What alerts tell of publications: numbers of cells and names of measures, never a count."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from orchestration.alerts import publication_items
from orchestration.alerts.assessment_reminder import reminder_items
from orchestration.alerts.thresholds import load_rules
from orchestration.core.settings import PROJECT
from orchestration.release.earlier_names import EARLIER
from tests.conftest import settings_at
from tests.support import alerted

RULES = load_rules(PROJECT / "expectations" / "alerts.yaml")
FIGURES = [("asb", f"W{ward}", "2026-05", 7_001 + ward) for ward in range(6)]


@pytest.fixture
def home(tmp_path):
    return settings_at(tmp_path / "home", now="2026-11-23T06:00:00+00:00")


def sentences(items):
    return [item.sentence for item in items]


def test_changed_withdrawn_and_new_figures_are_counted_by_measure(home):
    alerted.publication(home, "a", figures=FIGURES)
    now = [
        (measure, ward, month, count + 40 if ward in ("W1", "W2", "W3") else count)
        for measure, ward, month, count in FIGURES[:-1]
    ]
    now += [("asb", "W5", "2026-05", None), ("fires", "W1", "2026-06", 3)]
    alerted.publication(home, "b", figures=now)
    items = publication_items.change_items(home, "a")
    assert sentences(items) == [
        "Anti-social behaviour (asb): 3 figures revised, 1 withdrawn, in periods from 2026-05 to "
        "2026-05.",
        "1 measure with new figures (1 of them).",
    ]
    assert "70" not in "".join(sentences(items))
    assert publication_items.change_items(home, "b") == []  # told of already


def test_the_first_publication_changes_nothing(home):
    assert (
        publication_items.change_items(home, "") == publication_items.late_items(home, RULES) == []
    )
    alerted.publication(home, "a", figures=FIGURES)
    assert publication_items.change_items(home, "") == []


def test_what_is_compared_when_the_told_publication_is_gone_is_the_oldest_kept(home):
    for name, count in (("a", 1), ("b", 2), ("c", 3)):
        alerted.publication(home, name, figures=[("asb", "W1", "2026-05", count)])
    shutil.rmtree(home.home / ".published" / "a")
    assert publication_items.before(home, "a") == "b"
    assert len(publication_items.change_items(home, "a")) == 1


def test_made_up_and_real_figures_are_not_compared(home):
    alerted.publication(home, "a", figures=FIGURES, synthetic=True)
    alerted.publication(home, "b", figures=FIGURES[:2])
    assert sentences(publication_items.change_items(home, "a")) == [
        "What is published is of another kind (made up or real) than before."
    ]
    assert publication_items.signal_items(home, RULES, "a") == []


def test_only_new_signals_of_the_last_months_are_told(home):
    known = ("asb", "W1", "2026-07", "above the limits")
    alerted.publication(home, "a", signals=[known])
    fresh = [
        ("asb", "W2", "2026-08", "above the limits"),
        ("asb", "W1", "2026-08", None),
        ("asb", "W3", "2024-01", "below the limits"),  # a revision of old months
    ]
    alerted.publication(home, "b", signals=[known, *fresh])
    assert sentences(publication_items.signal_items(home, RULES, "a")) == [
        "Anti-social behaviour, Ward W2: above the limits in August 2026."
    ]


def test_the_night_after_an_upgrade_tells_no_signal_again_and_an_older_publication_is_read(home):
    known = ("asb", "W1", "2026-07", "above the limits")
    owed = [("fire/incidents", "3", *QUARTER, "missing", 1)]
    alerted.publication(home, "a", signals=[known], owed=owed)
    with_todays_names = publication_items.late_items(home, RULES)
    with duckdb.connect(str(home.home / ".published" / "a" / "warehouse.duckdb")) as connection:
        for table, names in EARLIER.items():
            for now, then in names.items():
                connection.execute(f"alter table {table} rename {now} to {then}")
    assert publication_items.late_items(home, RULES) == with_todays_names != []
    assert publication_items.left_out_items(home, RULES) == []
    alerted.publication(home, "b", signals=[known, ("asb", "W2", "2026-08", "above the limits")])
    assert sentences(publication_items.signal_items(home, RULES, "a")) == [
        "Anti-social behaviour, Ward W2: above the limits in August 2026."
    ]


QUARTER = ("2026-Q2", date(2026, 4, 1), date(2026, 6, 30), date(2026, 9, 30))
NEXT = ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30), date(2026, 12, 31))


def test_what_the_law_asks_for_is_late_from_its_day_on_and_announced_before(home):
    owed = [
        ("fire/incidents", "3", *QUARTER, "missing", 1),
        ("fire/incidents", "3", *NEXT, "not_yet_owed", 2),
        ("police/incidents", "1", *QUARTER, "on_time", 3),
    ]
    alerted.publication(home, "a", owed=owed)
    (item,) = publication_items.late_items(home, RULES)
    assert (item.section, item.partners) == ("late", ("fire",))
    assert "Incidents for 2026-Q2 (missing), owed by 30 September 2026 under the" in item.sentence
    on_its_day = alerted.at(home, "2026-09-30T06:00:00")
    assert [i.section for i in publication_items.late_items(on_its_day, RULES)] == ["due"]
    soon = publication_items.late_items(alerted.at(home, "2026-12-12T06:00:00"), RULES)
    assert [i.section for i in soon] == ["late", "due"]
    assert "2026-Q3 is owed by 31 December 2026; 2 of its 3 months are here" in soon[1].sentence


def test_what_was_agreed_is_late_too_but_not_for_ever(home):
    first = date(2026, 8, 1)
    periods = [
        ("voluntary/victim_support", "2026-08", first, date(2026, 9, 30), "missing"),
        ("voluntary/victim_support", "2026-10", first, date(2026, 11, 30), "missing"),
        ("voluntary/victim_support", "2024-08", first, date(2024, 9, 30), "missing"),
        ("voluntary/victim_support", "2026-07", first, date(2026, 8, 31), "delivered"),
    ]
    alerted.publication(home, "a", periods=periods)
    assert sentences(publication_items.late_items(home, RULES)) == [
        "voluntary/victim_support: 2026-08, agreed for 30 September 2026 at the latest."
    ]


# The reminder of the year


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2025-03-31", None),
        ("2025-04-01", "2024-25 closed on 31 March 2025, and no edition"),
        ("2025-06-30", "it is to be issued by 30 June 2025"),
        ("2025-07-01", "it was to be issued by 30 June 2025"),
        ("2026-04-01", "2025-26 closed on 31 March 2026"),
    ],
)
def test_the_year_is_called_to_mind_from_april_on(home, moment, words):
    found = sentences(reminder_items(alerted.at(home, f"{moment}T06:00:00")))
    assert len(found) == (words is not None)
    assert words is None or words in found[0]


def test_an_edition_that_was_issued_ends_the_reminder(home):
    april = alerted.at(home, "2026-04-08T06:00:00")
    (item,) = reminder_items(april)
    assert item.is_standing and RULES.repeat_days[item.section] == 7
    Path(home.editions / "2024-25" / "v1").mkdir(parents=True)
    assert len(reminder_items(april)) == 1
    Path(home.editions / "2025-26" / "v1").mkdir(parents=True)
    assert reminder_items(april) == []


def test_rows_that_could_not_be_used_are_told_with_what_they_take_away(home):
    feed = "police/recorded_crime"
    months = [(feed, "2026-08", "2026-08-01", "2026-10-31", "delivered"),
              (feed, "2026-09", "2026-09-01", "2026-11-30", "delivered")]  # fmt: skip
    alerted.publication(
        home,
        "a",
        periods=months,
        rejected=[
            (feed, "d8", "2026-08", "offence_code_unknown", 4),
            (feed, "d8", "2026-08", "repeated_row", 9),
            (feed, "d9", "2026-09", "offence_code_unknown", 1),
        ],
        hidden=["2026-08"],
    )
    items = publication_items.left_out_items(home, RULES)
    assert sentences(items) == [
        "police/recorded_crime, 2026-08: 4 rows of 100 could not be used (4 × offence code unknown); "
        "so 1 measure is not shown for that period.",
        "police/recorded_crime, 2026-09: 1 row of 100 could not be used (1 × offence code unknown); "
        "their number stands beside the figures.",
    ]
    assert {item.partners for item in items} == {("police",)}
