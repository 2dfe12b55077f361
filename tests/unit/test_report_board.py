"""Proves what a board is given: decisions, proposals, ranks, scores with their evidence, what was revised."""

import dataclasses
import re

import pandas as pd
import pytest

from orchestration.edition.figures import changes
from orchestration.edition.report import commentary, html
from orchestration.edition.report.sections import decisions, main_points, priority
from tests.support import report_edition as small
from tests.support.report_page import Page, table_of

SAID = "## Why\n\nBars *reopened*.\n\n## So what\n\nMeet the **landlords**\nby May.\n\n- Count again.\n"


def asked(edition):
    return " ".join(decisions.asked(edition, priority.headlines(edition)))


def test_a_part_of_a_commentary_is_its_own_text_without_marks():
    assert commentary.part(SAID, "So what") == "Meet the landlords by May. Count again."
    assert commentary.part(SAID, "Why") == "Bars reopened."
    assert commentary.part(SAID, "How") == ""


def test_proposals_are_printed_together_and_a_missing_one_is_said():
    edition = small.edition(commentary={"quiet_streets": SAID})
    printed = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", html.render(edition))
    assert printed[-2:] == [
        ("Quiet streets", "Meet the landlords by May. Count again."),
        ("Modern slavery", "No proposal has been written."),
    ]
    assert "Which of the analyst’s proposals to take up" in asked(edition)
    assert "proposals" not in asked(small.edition())
    assert "What the analyst proposes" not in html.render(small.edition())


def test_what_is_to_be_decided_follows_the_figures_the_scores_and_the_gaps():
    told = asked(small.edition(waivers=(small.WAIVER,)))
    assert "the table gives their rank by the partnership’s scores" in told
    assert "Scores are missing for “Harm”." in told
    assert "the change for the worse: noise complaints." in told
    assert "Whether to accept one gap in what regulation 7 asks for" in told
    assert "Whether the waiver used in this edition may stand" in told


@pytest.mark.parametrize(
    "other",
    [
        {"verdict": "better"},
        {"change_is_significant": False},
        {"polarity": "neutral"},
        {"suppressed": "small"},
        {"previous_suppressed": "small"},
    ],
)
def test_only_a_clear_change_for_the_worse_that_may_be_shown_is_put_for_decision(other):
    edition = small.edition()
    head = edition.tables["headline"].astype(object).copy()
    for name, value in other.items():
        head.loc[0, name] = value
    assert "for the worse" not in asked(small.with_table(edition, "headline", head))


def test_overdue_actions_are_named_and_stand_first_in_the_plan():
    plan = pd.DataFrame(
        {
            "action_ref": ["A1", "A2", "A3"],
            "priority_id": "quiet_streets",
            "action": ["Done already", "Late one", "Red one"],
            "led_by": "Council",
            "quarter_start": pd.Timestamp("2026-01-01"),
            "due_on": pd.Timestamp("2026-03-31"),
            "rag": ["complete", "amber", "red"],
            "progress_percent": [100.0, 40.0, 5.0],
            "is_overdue": [False, True, False],
        }
    )
    edition = small.with_table(small.edition(), "plan", plan)
    assert "How to finish the one action that is overdue: Late one." in asked(edition)
    printed = table_of(html.render(edition), "Actions of the partnership plan")
    assert [row[0] for row in printed[1:]] == ["Late one", "Red one", "Done already"]
    assert printed[1][4] == "amber, overdue"


def test_a_score_by_rule_is_told_from_a_judged_one_and_a_blank_is_no_zero():
    edition = small.edition()
    by_rule = edition.ranking["criterion"] == "volume"
    scores = edition.ranking.astype(object)
    scores.loc[by_rule, ["scorer", "scored_on"]] = None
    printed = html.render(dataclasses.replace(edition, ranking=scores))
    how = {row[0]: row[2] for row in table_of(printed, "The criteria")[1:]}
    assert how == {
        "A: Volume": "worked out by rule from the figures",
        "B: Harm": "no score yet",
    }
    matrix = table_of(printed, "Scores from 0 (none) to 4 (most)")
    assert matrix[1][1:3] == ["3", "blank"]
    assert table_of(printed, "Scores by rule")[1][1] == "3: Table 1"
    assert "Two of 4 scores are blank (“Harm”): they are left out of the total" in printed
    assert "Scores of judgement" not in printed


def test_a_judged_score_has_its_scorer_day_and_evidence():
    printed = html.render(small.edition())
    row = table_of(printed, "Scores of judgement")[1]
    wanted = "3: Quiet streets; Modern slavery"
    assert row == ["A: Volume", wanted, "Strategy group", "20 April 2026", "Table 1"]


def test_the_table_of_the_main_points_has_both_ranks_or_says_why_not():
    edition = small.edition()
    row = table_of(html.render(edition), "The priorities")[1]
    assert row[6] == "1"
    bare = dataclasses.replace(edition, ranking=pd.DataFrame())
    bare = small.with_table(bare, "perception", pd.DataFrame())
    assert table_of(html.render(bare), "The priorities")[1][6:] == ["not ranked", "not asked"]


def test_measures_beneath_the_headlines_that_clearly_changed_are_named():
    edition = small.edition()
    head = edition.tables["headline"]
    other = small.headline_row(
        measure_id="bins", measure_name="Bins tipped over", is_headline=False
    )
    hidden = {**other, "measure_id": "cars", "measure_name": "Cars", "suppressed": "small"}
    more = pd.concat([head, pd.DataFrame([other, hidden])], ignore_index=True)
    edition = small.with_table(edition, "headline", more)
    told = " ".join(main_points.points(edition, priority.headlines(edition)))
    assert (
        "Beneath the headlines, one of one other measures changed by more than usual variation."
        in told
    )
    assert "For the worse: bins tipped over." in told
    assert "cars" not in told.lower()


def test_what_was_revised_since_the_last_assessment_is_counted_by_priority_and_measure():
    cell = {"area_type": "city", "area_code": "E06", "area_name": "Town", "period_type": "month"}
    rows = [
        ("2025-01-01", 10, 10, 0, "unchanged", ""),
        ("2025-02-01", 10, 14, 4, "revised", "council/noise 2025-02"),
        ("2025-03-01", 10, None, None, "withdrawn", ""),
        ("2025-04-01", None, 9, None, "new", ""),
    ]
    frame = pd.DataFrame(
        [
            {
                **cell,
                "measure_id": small.NOISE,
                "period_start": pd.Timestamp(start),
                "period_end": pd.Timestamp(start) + pd.offsets.MonthEnd(0),
                "previous": then,
                "now": now,
                "difference": moved,
                "status": status,
                "deliveries": deliveries,
            }
            for start, then, now, moved, status, deliveries in rows
        ]
    ).astype({"previous": "Int64", "now": "Int64", "difference": "Int64"})
    assert set(frame.columns) == set(changes.COLUMNS)
    printed = html.render(small.edition(changes=frame, before=small.BEFORE))
    assert table_of(printed, "Figures by what became of them")[1] == [
        "Quiet streets",
        *["1"] * 4,
    ]
    moved = table_of(printed, "Measures whose figures were revised or withdrawn")[1]
    assert moved == ["Noise complaints", "1", "+4", "1", "council/noise 2025-02"]
    assert "There was no earlier assessment" in html.render(small.edition())
    assert "The rates of" not in printed
    rates = pd.DataFrame(
        {"measure_id": [small.NOISE], "figures": [12], "deliveries": ["reference/population 2024"]}
    )
    printed = html.render(small.edition(changes=frame, before=small.BEFORE, rates_changed=rates))
    assert (
        "The rates of 12 figures changed although their counts did not: what they are taken over was "
        "revised (reference/population 2024)."
    ) in printed


def test_where_every_ward_is_hidden_nothing_is_drawn_and_no_ward_is_ranked():
    edition = small.with_table(small.edition(variant="official"), "lsoas", pd.DataFrame())
    wards = small.wards().astype(object)
    wards[["count", "rate", "rate_lower", "rate_upper", "position"]] = None
    printed = html.render(small.with_table(edition, "wards", wards.assign(suppressed="geography")))
    assert "Three of 3 wards are not shown, to protect people." in printed
    assert "the ten wards" not in printed
    assert "by ward" not in Page(printed).words


@pytest.mark.parametrize(
    ("lowest", "told"),
    [
        ("ward", "No figure by ward is there for 2025–26."),
        ("city", "This measure is known for the whole area only."),
    ],
)
def test_wards_that_are_missing_are_told_from_a_measure_that_has_none(lowest, told):
    edition = small.with_table(small.edition(), "lsoas", pd.DataFrame())
    edition = small.with_table(edition, "wards", small.wards().iloc[:0])
    methods = edition.tables["methods"].assign(lowest_publishable_geography=lowest)
    words = Page(html.render(small.with_table(edition, "methods", methods))).words
    assert told in words
    assert ("No figure by ward" in words) == (lowest == "ward")


def test_a_column_that_a_variant_does_not_publish_is_left_out_of_the_wards_that_stand_out():
    wards = pd.DataFrame(
        {
            "ward_name": ["Hill", "Dale"],
            "above_outer_limit": [2, 1],
            "flagged_measures": ["Noise complaints; Thefts", "Thefts"],
            "in_top_fifth": [2, 1],
            "measures": [2, 2],
            "years_on_list": [3, None],
        }
    )
    known = html.render(small.with_table(small.edition(), "ward_flags", wards))
    assert [row[-1] for row in table_of(known, "Wards above")] == [
        "Years running",
        "3",
        "not known",
    ]
    wards = wards.assign(years_on_list=None)
    kept_back = html.render(small.with_table(small.edition(), "ward_flags", wards))
    assert "Years running" not in kept_back


@pytest.mark.parametrize(
    ("suppressed", "told"),
    [
        (None, "By weight of harm, robbery is the largest group: 60% of all."),
        ("derived", "Harm by offence group is not shown, to protect people."),
    ],
)
def test_harm_that_is_hidden_is_told_from_weights_that_nobody_supplied(suppressed, told):
    edition = small.edition()
    head = edition.tables["headline"].replace("quiet_streets", "serious_violence_vawg")
    edition = small.with_table(edition, "headline", head)
    harm = pd.DataFrame(
        {
            "scheme": "made up",
            "offence_group": ["Robbery", "Theft"],
            "offences": [3.0, 7.0],
            "share_of_harm": [0.6, 0.4],
            "is_proactive": False,
            "suppressed": suppressed,
        }
    )
    if suppressed:
        harm[["offences", "share_of_harm"]] = None
    assert told in Page(html.render(small.with_table(edition, "harm", harm))).words
    bare = html.render(small.with_table(edition, "harm", harm.iloc[:0]))
    assert "No harm weights were supplied" in bare


def test_rounded_counts_that_look_alike_are_not_called_the_same():
    edition = small.edition(variant="official")
    head = edition.tables["headline"].astype(object).copy()
    head.loc[0, ["change", "change_percent", "change_is_significant"]] = [0, 0.0, False]
    head.loc[0, ["finding", "verdict", "is_rounded"]] = ["no clear change", "neither", True]
    printed = html.render(small.with_table(edition, "headline", head))
    assert table_of(printed, "The priorities")[1][4] == "■ about the same"
    assert "That is about the same number as in 2024–25." in printed
