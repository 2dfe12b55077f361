"""Alerts: who is told what, once or again, and never anything personal."""

from datetime import UTC, datetime

import pytest

from orchestration.alerts import ledger
from orchestration.alerts.delivery_items import FailedRun, delivery_items, run_items, source_items
from orchestration.alerts.digest import composed, for_recipient
from orchestration.alerts.items import Item, Recipient
from orchestration.alerts.ledger import Ledger
from orchestration.alerts.thresholds import load_rules
from orchestration.alerts.wording import (
    LEFT_OUT,
    on_one_line,
    scrubbed,
    without_file_name,
    without_found_names,
)
from orchestration.core.settings import PROJECT
from orchestration.ingest.landing.deliveries import REFUSED
from orchestration.ingest.landing.pull_record import Problem
from tests.conftest import settings_at
from tests.support import alerted

RULES = load_rules(PROJECT / "expectations" / "alerts.yaml")
NOW = datetime(2026, 11, 23, 6, tzinfo=UTC)
ENGINEER = Recipient("engineer", "data_engineer", email="e@example.org")
FIRE = Recipient("fire-liaison", "liaison_officer", "fire", email="f@example.org")
PERSONAL = [
    "943 476 5919", "AB 12 34 56 C", "jo.smith@example.org", "07700 900123", "ST4 2QX",
    "Mrs Joan Smithers", "DOB 03/04/1987",
]  # fmt: skip


@pytest.fixture
def home(tmp_path):
    return settings_at(tmp_path / "home", now="2026-11-23T06:00:00+00:00")


def text_of(items, recipient=ENGINEER):
    told = for_recipient(recipient, items, RULES)
    return composed("Stoke-on-Trent", recipient, told, RULES, NOW, is_synthetic=False).text


# What is told once, and what again


def test_news_is_told_once_and_what_stands_again_after_its_days():
    news, stands = Item("a", "refused", "."), Item("b", "late", ".", is_standing=True)
    known = Ledger("engineer").sent([news, stands], "p", NOW)
    assert known.due([news, stands], RULES, NOW.replace(day=29)) == []
    assert known.due([news, stands], RULES, NOW.replace(day=30)) == [stands]
    assert known.due([Item("c", "refused", ".")], RULES, NOW) != []


def test_a_failure_leaves_everything_to_be_told(home):
    item = Item("a", "refused", ".")
    failed = Ledger("engineer").failed("the mail server could not be reached", NOW)
    assert failed.is_failing
    assert failed.due([item], RULES, NOW) == [item]
    ledger.write(home, failed)
    assert ledger.read(home, "engineer") == failed
    assert not failed.sent([item], "p", NOW.replace(day=24)).is_failing


def test_what_was_written_while_a_digest_was_made_is_told_by_the_next(home, contracts):
    """A run that began before the digest and ended after it: its record bears its beginning."""
    known = Ledger("engineer").sent([], "p", NOW)
    feeds = ("fire/incidents",)
    began = alerted.at(home, "2026-11-23T05:50:00")
    alerted.pulled(began, Problem("fire-server", "permanent", "fire-server refused the key", feeds))
    tomorrow = NOW.replace(day=24)
    items = source_items(home, contracts, known.since(tomorrow))
    assert known.due(items, RULES, tomorrow) == items != []


def test_a_liaison_officer_is_told_of_the_own_partner_only():
    items = [
        Item("a", "refused", "ours", ("fire",)),
        Item("b", "refused", "theirs", ("police",)),
        Item("c", "sources", "both", ("fire", "police")),
        Item("d", "changes", "numbers"),
        Item("e", "refused", "nobody's"),
    ]
    assert [item.sentence for item in for_recipient(FIRE, items, RULES)] == ["ours", "both"]


def test_a_long_section_is_cut_and_says_so():
    items = [Item(str(i), "changes", f"measure {i}") for i in range(50)]
    text = text_of(items)
    assert text.count("- measure") == RULES.most_items
    assert "- and 30 more" in text


# What ran, and what did not


def test_runs_that_failed_are_told_without_the_errors_words(home, contracts):
    run = FailedRun("0123456789abcdef", "nightly", NOW, "dbt_build")
    alerted.pulled(home)
    (item,) = run_items(home, RULES, NOW.replace(day=22), [run])
    assert item.sentence.startswith("The run 01234567 of nightly on 23 November 2026 failed in the")


def test_a_night_that_never_came_is_told(home):
    alerted.pulled(alerted.at(home, "2026-11-21T02:00:00"))
    (item,) = run_items(home, RULES, NOW, [])
    assert item.sentence == "Nothing was pulled since 21 November 2026."
    alerted.pulled(alerted.at(home, "2026-11-23T02:00:00"))
    assert run_items(home, RULES, NOW, []) == []


def test_refused_and_unusual_deliveries_are_told_to_their_partner(home, contracts):
    fire = contracts["fire/incidents"]
    rules = [
        {
            "rule": "anomaly:rows",
            "outcome": "failed",
            "severity": "warning",
            "sentence": "70 % fewer",
        },
        {"rule": "anomaly:mix", "outcome": "passed", "severity": "warning", "sentence": "as usual"},
    ]
    alerted.delivered(home, fire, "2026-08", rules=rules)
    alerted.delivered(home, fire, "2026-09", state=REFUSED, reason="not so: x (3 rows)", rule="x")
    # A later good delivery of the period answers for an earlier one.
    alerted.delivered(home, fire, "2026-07", state=REFUSED, reason="y", rule="y")
    alerted.delivered(home, fire, "2026-07", seq=2)
    items = delivery_items(home, contracts)
    assert [(item.section, item.partners) for item in items] == [
        ("anomalies", ("fire",)),
        ("refused", ("fire",)),
    ]
    assert "fire/incidents 2026-08: 70 % fewer (warning)." in items[0].sentence
    assert "not so: x (3 rows) (rule x). The last good delivery stays live" in items[1].sentence


def test_rows_that_were_rejected_are_told_with_their_reasons(home, contracts):
    reasons = {"incident_type_not_allowed": 2, "casualties_blank": 1}
    alerted.delivered(home, contracts["fire/incidents"], "2026-08", rejected=reasons)
    (item,) = delivery_items(home, contracts)
    assert (item.section, item.partners) == ("anomalies", ("fire",))
    assert item.sentence == (
        "fire/incidents 2026-08: it passed, with 3 rows rejected (incident_type_not_allowed 2, "
        "casualties_blank 1); the other 6 rows count."
    )


def test_sources_that_were_down_are_told_by_kind(home, contracts):
    early, late = alerted.at(home, "2026-11-23T02:00:00"), alerted.at(home, "2026-11-23T03:00:00")
    feeds = ("fire/incidents",)
    down = Problem("fire-server", "transient", "fire-server did not answer in time", feeds)
    refused = Problem(
        "police-server", "permanent", "police-server refused the key", ("police/incidents",)
    )
    alerted.pulled(
        early, down, refused, withdrawn=["fire/incidents: x.csv is gone from fire-server"]
    )
    alerted.pulled(late, refused)
    items = source_items(home, contracts, datetime(2026, 11, 22, tzinfo=UTC))
    assert [item.sentence for item in items] == [
        "fire-server (transient failure; fire/incidents): it did not answer in time. "
        "The last pull met no such problem.",
        "police-server (permanent failure; police/incidents): it refused the key.",
        "fire/incidents: 1 file withdrawn from the source; what was delivered stays.",
    ]
    assert [item.is_standing for item in items] == [False, True, False]
    assert source_items(home, contracts, NOW) == []


# Nothing personal


@pytest.mark.parametrize("value", PERSONAL)
def test_a_sentence_that_may_hold_personal_data_is_left_out(value):
    item = Item("k", "refused", f"fire/incidents 2026-08: the file {value}.csv is empty", ("fire",))
    fine = Item("l", "refused", "fire/incidents 2026-08: not so: column “Ward” is never blank")
    told = scrubbed([item, fine, item])
    assert [i.sentence for i in told] == [f"fire: {LEFT_OUT}", fine.sentence, f"fire: {LEFT_OUT}"]


LINK = "is a symbolic link, which is never followed"
HOSTILE = (
    "Joan Smithers ”, 1 High Street “ is a victim\nSubject: x\r\n[click](https://evil.example)"
)


def test_names_that_partners_give_files_and_columns_never_reach_a_digest(home, contracts):
    fire = contracts["fire/incidents"]
    name = f"{HOSTILE}.csv"
    feeds = ("fire/incidents",)
    alerted.pulled(
        home,
        Problem("fire-server", "permanent", f"fire/incidents: {name} is larger than agreed", feeds),
        Problem("fire-server", "transient", f"{name} took longer than 5 seconds to read", feeds),
        Problem("", "permanent", name.replace(" is ", " was "), feeds),
        # A name may begin as its source does, and may stand anywhere in the sentence.
        Problem("fire-server", "permanent", f"fire-server {name} {LINK}", feeds, f"fire-server {name}"),
        Problem("fire-server", "transient", f"fire-server: the connection failed at {name} (X)", feeds,
                name),
        Problem("fire-server", "permanent", f"fire-server: the name “{name}” in it is too long", feeds),
        undeclared=[name], misdated=[f"fire/incidents: {name} lies in the future"],
        withdrawn=[f"fire/incidents: {name} is gone"], unsettled=[f"{HOSTILE}: {name} grows"],
    )  # fmt: skip
    alerted.delivered(
        home, fire, "2026-08", state=REFUSED, rule="undeclared_column",
        reason=f"column “{HOSTILE}” is not in the contract; the agreed one is “call_time”",
    )  # fmt: skip
    items = scrubbed(
        [*delivery_items(home, contracts), *source_items(home, contracts, NOW.replace(day=1))]
    )
    assert len(items) == 11
    text = text_of(items)
    for part in ("Joan", "Smithers", "High Street", "victim", "Subject", "evil"):
        assert part not in text, text
        assert not [item.key for item in items if part in item.key]
    assert "a file is larger than agreed" in text
    assert "a file took longer than 5 seconds to read" in text
    assert f"a file {LINK}" in text
    assert "the connection failed at a file (X)" in text
    assert ": the name “…” in it is too long" in text


def test_files_that_nearly_match_are_named_to_their_partner_and_all_others_counted(home, contracts):
    left = [
        "in/fire_incidents_2026-8.csv",
        "fire_incidents_2026-09.CSV",
        "a.docx",
        "Joan Smithers.doc",
    ]
    alerted.pulled(home, undeclared=left)
    items = source_items(home, contracts, NOW.replace(day=1))
    assert [item.partners for item in items] == [("fire",), ("fire",), ()]
    text = text_of(scrubbed(items))
    assert "fire/incidents: fire_incidents_2026-8.csv looks like a file of this feed" in text
    assert "expected fire_incidents_2026-09.csv" in text
    assert "files of no contract: 2 files left alone" in text and "Joan" not in text


def test_names_are_cut_from_sentences_and_agreed_ones_stay():
    sentence = "column “Name” is missing; column “Jo ”x” Smith” may be meant"
    assert (
        without_found_names(sentence, ["Name"])
        == "column “Name” is missing; column “…” may be meant"
    )
    assert without_file_name("x: Jo holds on.csv is too long", "s") == "a file is too long"
    assert without_file_name(" Jo is here.csv holds a backslash", "") == "a file holds a backslash"
    assert without_file_name("Jo Smith.csv", "s") == "a file of it could not be taken"
    assert without_file_name("fire/calls: Jo.csv is x", "s", "Jo.csv") == "a file is x"
    assert without_file_name("s: the key “files” is x", "s") == "the key “files” is x"
    assert without_file_name("s: the login was refused", "s") == "the login was refused"


def test_a_sentence_is_one_printable_line_of_bounded_length():
    assert on_one_line("a\r\nSubject: b\x1b[31m\u202e c") == "a Subject: b [31m c"
    assert len(on_one_line("x" * 10_000)) == 401
