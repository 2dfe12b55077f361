"""Regulation 7: evidence for each element and priority, a gap that somebody recorded, or nothing."""

from dataclasses import replace

import pandas as pd
import pytest

from orchestration.edition.gate import checklist
from orchestration.edition.gate.checklist import ELEMENTS, GapError
from orchestration.edition.gate.evidence import EvidenceMissing
from orchestration.edition.gate.wording import section_is_filled
from tests.support.gate_three import (
    FIRST,
    PRIORITIES,
    WHY,
    changes,
    checked,
    frame,
    ranking,
    tables,
)

ASB, LINES = PRIORITIES
GAP = {
    "element": 5,
    "priority_id": ASB,
    "reason": "No survey was held this year; one is planned.",
    "recorded_by": "Partnership analyst",
}


def state(rows, element, priority=ASB):
    (found,) = rows.loc[rows["element"].eq(element) & rows["priority_id"].eq(priority), "state"]
    return found


def cell(rows, element, column, priority=ASB):
    (found,) = rows.loc[rows["element"].eq(element) & rows["priority_id"].eq(priority), column]
    return found


def scored(**given):
    """The ranking with one judged score changed."""
    rows = ranking().astype(object)
    rows.loc[0, list(given)] = list(given.values())
    return rows


def with_rows(name, table):
    return tables() | {name: table}


def test_one_row_per_element_and_priority():
    rows = checked(tables())
    assert list(rows.columns) == [
        "element", "element_title", "priority_id", "evidence", "state", "note",
    ]  # fmt: skip
    assert rows[["element", "priority_id"]].values.tolist() == [
        [element, priority] for element in ELEMENTS for priority in PRIORITIES
    ]
    assert set(rows["state"]) == {"evidence"}
    assert rows["evidence"].ne("").all()
    assert rows["element_title"].str.contains("unverified").all()
    assert not rows.isna().any().any()


def unknown(table, column, priority):
    """The table with one column of a priority's rows empty."""
    rows = tables()[table].astype({column: object})
    rows.loc[rows["priority_id"].eq(priority), column] = None
    return rows


@pytest.mark.parametrize(
    ("element", "spoiled"),
    [
        (1, lambda: with_rows("headline", unknown("headline", "count", ASB).assign(rate=None))),
        (1, lambda: with_rows("headline", tables()["headline"].assign(is_headline=False))),
        (1, lambda: with_rows("monthly", tables()["monthly"][:0])),
        (1, lambda: with_rows("monthly", tables()["monthly"].assign(strategy_year="2024-25"))),
        (1, lambda: with_rows("monthly", tables()["monthly"].assign(count=None))),
        (5, lambda: with_rows("perception", unknown("perception", "public_rank", ASB))),
        (6, lambda: with_rows("plan", unknown("plan", "rag", ASB))),
        (6, lambda: with_rows("plan", tables()["plan"].assign(quarter_start=pd.Timestamp("2025-10-01")))),
        (6, lambda: with_rows("plan", tables()["plan"][:0])),
    ],
)  # fmt: skip
def test_without_its_figures_an_element_has_no_evidence(element, spoiled):
    rows = checked(spoiled())
    assert state(rows, element) == "missing"
    assert cell(rows, element, "evidence") == ""
    assert cell(rows, element, "note")
    assert set(rows.loc[~rows["element"].eq(element), "state"]) == {"evidence"}


@pytest.mark.parametrize(
    ("element", "given"),
    [
        (2, {"changes": changes()[1:]}),
        (2, {"changes": changes().assign(previous=None)}),
        (2, {"changes": changes().assign(now=None)}),
        (3, {"commentary": {LINES: WHY}}),
        (3, {"commentary": {ASB: "## So what\n\nPatrol the places that are named.", LINES: WHY}}),
        (4, {"ranking": ranking()[1:]}),
        (4, {"ranking": scored(scorer="")}),
        (4, {"ranking": scored(scorer=None)}),
        (4, {"ranking": scored(scorer="tbc")}),
        (4, {"ranking": scored(score=None)}),
        (4, {"ranking": scored(rank=None)}),
    ],
)
def test_without_the_analysts_part_an_element_has_no_evidence(element, given):
    assert state(checked(tables(), **given), element) == "missing"
    assert state(checked(tables(), **given), element, LINES) == "evidence" or element == 2


def test_the_first_assessment_has_the_year_before_to_compare_with_and_says_so():
    rows = checked(tables(), before=None, changes=changes()[:0])
    assert state(rows, 2) == "evidence"
    assert "first assessment" in cell(rows, 2, "note")
    unjudged = tables()["headline"].assign(finding=None)
    assert state(checked(with_rows("headline", unjudged), before=None), 2) == "missing"
    later = checked(tables(), before=replace(FIRST, version=2))
    assert "2024-25, version 2" in cell(later, 2, "evidence")


def test_support_alone_is_a_residents_word():
    heard = unknown("perception", "public_rank", ASB).assign(share_of_respondents_in_support=0.9)
    assert state(checked(with_rows("perception", heard)), 5) == "evidence"


def test_criteria_without_a_score_are_told():
    more = frame("priority_id criterion score scorer rank", (ASB, "peers", None, None, 1))
    rows = checked(tables(), ranking=pd.concat([ranking(), more]))
    assert (state(rows, 4), cell(rows, 4, "note")) == ("evidence", "1 criterion without a score")


def test_a_recorded_gap_stands_where_there_is_no_evidence():
    silent = with_rows("perception", unknown("perception", "public_rank", ASB))
    rows = checked(silent, gaps=[GAP])
    assert state(rows, 5) == "gap"
    assert cell(rows, 5, "note") == f"{GAP['reason']} (Partnership analyst)"
    assert (rows["state"] == "gap").sum() == 1
    assert state(checked(tables(), gaps=[GAP]), 5) == "evidence"
    assert cell(checked(tables(), gaps=[GAP]), 5, "note") == ""


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        ({**GAP, "element": 7}, "1 to 6"),
        ({**GAP, "element": "5"}, "1 to 6"),
        ({**GAP, "element": True}, "1 to 6"),
        ({**GAP, "element": [5]}, "1 to 6"),
        ({**GAP, "element": 5.0}, "1 to 6"),
        ("5/county_lines", "key and value"),
        ({**GAP, "priority_id": "everything"}, "no priority"),
        ({**GAP, "reason": "none"}, "gives no reason"),
        ({**GAP, "recorded_by": "me"}, "who recorded it"),
        ({**GAP, "recorded_by": True}, "who recorded it"),
        ({**GAP, "reason": None}, "gives no reason"),
        ({**GAP, "until": "2026"}, "unknown key until"),
        ({k: v for k, v in GAP.items() if k != "recorded_by"}, "has no recorded_by"),
    ],
)
def test_a_gap_that_cannot_be_recorded_is_refused(gap, words):
    with pytest.raises(GapError, match=words):
        checked(tables(), gaps=[gap])
    with pytest.raises(GapError, match="is there twice"):
        checked(tables(), gaps=[GAP, GAP])


def test_a_table_that_is_not_there_is_said():
    with pytest.raises(EvidenceMissing, match="no table plan"):
        checked({name: rows for name, rows in tables().items() if name != "plan"})
    with pytest.raises(EvidenceMissing, match="ranking has no column scorer"):
        checked(tables(), ranking=ranking().drop(columns="scorer"))


@pytest.mark.parametrize(
    ("markdown", "filled"),
    [
        (WHY, True),
        ("# Why did it change?\nMore people were about in the evenings.", True),
        ("## Why\n\n### Evenings\n\nMore people were about in the evenings.", True),
        ("", False),
        ("More people were about in the evenings.", False),
        ("## Why\n\n## So what\n\nPatrol the places that are named.", False),
        ("## Why\n\n<!-- Say why the figures moved in your own words. -->\n", False),
        ("## Why\n\n<!-- never closed: say why the figures moved", False),
        ("## Why\n\n> Say why the figures moved in your own words.", False),
        ("## Why\n\nTODO: say why the figures moved this year.", False),
        ("## Why\n\nNot known.", False),
        ("## Why\n\n- **TBC** with the police analyst in May", False),
        ("## Why\n\nThere was more to do on patrol; the sergeant's note is to be confirmed.", True),
        ("## Why\n\nTODO\n\nMore people were about in the evenings.", True),
        ("## Why\n\nSay here what moved the figures.", False),
        ("## Whyever\n\nMore people were about in the evenings.", False),
    ],
)
def test_a_section_is_filled_when_it_says_something(markdown, filled):
    prompts = ["Say here what moved the figures."]
    assert section_is_filled(markdown, "Why", prompts) is filled


def test_the_module_names_all_six_elements():
    assert list(checklist.ELEMENTS) == [1, 2, 3, 4, 5, 6]
