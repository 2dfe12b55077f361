"""Files that nearly match: the feed that each looks like and why, by a name that is safe to show."""

import pytest

from orchestration.cli.summary import text
from orchestration.contracts.odcs import load_contracts
from orchestration.core.settings import PROJECT
from orchestration.ingest.landing.near_names import near
from orchestration.ingest.landing.pull_record import Pull, remember
from tests.conftest import settings_at

CONTRACTS = load_contracts(PROJECT / "expectations/feeds")


@pytest.mark.parametrize(
    ("name", "feed", "words"),
    [
        ("asb_cases_2026-08.CSV", "council/asb_cases", "other capitals"),
        ("ASB_Cases_2026-08.csv", "council/asb_cases", "other capitals"),
        ("asb_cases_2026-08 (1).csv", "council/asb_cases", "a copy"),
        ("Copy of asb_cases_2026-08.csv", "council/asb_cases", "a copy"),
        ("asb_cases_2026-08 - Copy.csv", "council/asb_cases", "a copy"),
        ("asb_cases_2026-8.csv", "council/asb_cases", "its period"),
        ("asb_cases_202608.csv", "council/asb_cases", "its period"),
        ("asb_cases_2026-08_v2.csv", "council/asb_cases", "a version"),
        ("asb_cases_2026-08_FINAL.csv", "council/asb_cases", "a version"),
        ("asb cases 2026-08.csv", "council/asb_cases", "spaces"),
        (" asb_cases_2026-08.csv", "council/asb_cases", "spaces"),
        ("asb_cases_2026-08.csv.txt", "council/asb_cases", "another ending"),
        ("asb_cases_2026-08.xlsx", "council/asb_cases", "another ending"),
        ("asb_cases_2026\u201308.csv", "council/asb_cases", "another kind of dash"),
        ("probation_caseload_2026-08.xls", "probation/caseload", "another ending"),
        ("marac_cases_2026_q3.csv", "partnership/marac_cases", "its period"),
        ("2026-08-Staffordshire-Street.csv", "police/street_crime", "other capitals"),
    ],
)
def test_what_people_and_programs_make_of_names(name, feed, words):
    (found,) = near(CONTRACTS, [f"inbox/{name}"])
    assert found.feed == feed and words in found.sentence
    expected = found.sentence.rpartition("expected ")[2].replace("{part}", "part")
    assert CONTRACTS[feed].file_pattern.fullmatch(expected)


def test_several_things_at_once_are_all_named():
    (found,) = near(CONTRACTS, ["Copy of ASB_cases_2026-8_v2.CSV"])
    assert found.name == "Copy of ASB_cases_2026-8_v2.CSV"
    assert all(
        words in found.sentence for words in ("capitals", "a copy", "a version", "its period")
    )
    assert found.sentence.endswith("expected asb_cases_2026-08.csv")


@pytest.mark.parametrize(
    "name", ["asbcase_2026-08.csv", "asb-cases-august-2026.csv", "asb_case_list_2026-08.csv"]
)
def test_a_name_with_other_words_is_like_a_feed(name):
    (found,) = near(CONTRACTS, [name])
    assert found.feed == "council/asb_cases" and "expected asb_cases_{period}.csv" in found.sentence


@pytest.mark.parametrize(
    "name",
    [
        "asb_cases_Joan_Smithers_2026-08.csv", "2026-08-joan-smithers-street.CSV",
        "Joan Smithers 12 High Street 1980-03-04.docx", "asb_cases_07700900461.csv",
        "asb_cases_2026-08 (Joan Smithers).csv", "\u202eJo\u00e3n\x1b[31mSmithers.csv", "x" * 300,
    ],
)  # fmt: skip
def test_nothing_but_the_feeds_own_words_is_shown(name):
    (found,) = near(CONTRACTS, [name])
    shown = f"{found.name} {found.sentence}".casefold()
    for part in ("joan", "jo\u00e3n", "smithers", "high", "07700900461", "1980", "\x1b", "\u202e"):
        assert part not in shown
    assert len(found.name) < 100


def test_a_file_like_no_other_has_no_feed():
    found = near(CONTRACTS, ["minutes.docx", "2026-08-holiday.jpg"])
    assert [entry.feed for entry in found] == ["", ""]


def test_refresh_and_status_name_each_of_them_and_count_the_others(tmp_path):
    settings = settings_at(tmp_path / "home", tmp_path)
    left = ["asb_cases_2026-8.csv", "asb_cases_2026-08 (1).csv", "a.docx", "Joan Smithers.doc"]
    remember(
        settings, Pull(undeclared=left, misdated=["fire/incidents: fire_incidents_2099-01.csv x"])
    )
    said = text(settings, CONTRACTS)
    assert "council/asb_cases: asb_cases_2026-8.csv: its period is written otherwise" in said
    assert "council/asb_cases: asb_cases_2026-08 (1).csv: it is named as a copy" in said
    assert "fire/incidents: 1 file: named for a period" in said
    assert "2 files like those of no contract" in said and "Joan" not in said
    remember(settings, Pull())
    assert "Left alone" not in text(settings, CONTRACTS)
