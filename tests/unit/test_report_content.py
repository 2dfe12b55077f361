"""Proves what the page says and never says: gaps, hidden figures, warnings, waivers, the analyst's words."""

import dataclasses
import re

import pandas as pd
import pytest

from orchestration.edition.report import commentary, html, quality
from tests.support import report_edition as small
from tests.support.report_page import Page, table_of


@pytest.fixture(scope="module")
def markup():
    return html.render(small.edition())


@pytest.fixture(scope="module")
def page(markup):
    return Page(markup)


def test_what_was_not_supplied_is_said_and_never_a_zero():
    markup = html.render(small.missing_everything())
    assert "There is no figure for noise complaints in 2025–26: it is not supplied." in markup
    row = table_of(markup, "The priorities")[1]
    assert row[2:5] == ["not supplied"] * 3


def test_a_true_zero_is_printed_as_zero(markup):
    assert table_of(markup, "Case reviews by strategy year")[1][1:] == ["3", "0"]


def test_a_hidden_figure_is_marked_and_its_number_is_nowhere():
    edition = small.edition(variant="official")
    wards = small.wards()
    wards.loc[0, ["count", "rate", "rate_lower", "rate_upper", "position"]] = None
    wards["suppressed"] = ["small", None, None]
    edition = small.with_table(edition, "wards", wards)
    edition = small.with_table(edition, "lsoas", pd.DataFrame())
    markup = html.render(edition)
    rows = table_of(markup, "the ten wards with the highest rates")
    assert ["Hill", *["[c] not shown, to protect people"] * 3] in rows
    assert "[c] = not shown, to protect people." in markup
    assert 'url(#figure-5-hatch)"' in markup
    assert "One of 3 wards is not shown" in markup


def test_a_hidden_headline_leaves_no_trace_of_its_number():
    edition = small.edition(variant="official")
    head = edition.tables["headline"].astype(object).copy()
    head.loc[0, ["count", "change", "change_percent", "rate", "rate_lower", "rate_upper"]] = None
    head.loc[0, ["finding", "verdict", "change_is_significant"]] = None
    head.loc[0, "suppressed"] = "small"
    words = Page(html.render(small.with_table(edition, "headline", head))).words
    assert "The figure for 2025–26 is not shown, to protect people: the number is small." in words
    assert "noise complaints up" not in words


def test_rounded_counts_are_labelled():
    edition = small.edition(variant="official")
    head = edition.tables["headline"].assign(is_rounded=True)
    words = Page(html.render(small.with_table(edition, "headline", head))).words
    assert "about 1,200 complaints" in words
    assert "Counts are rounded, so parts need not add up" in words
    assert "complaints, 2025–26 (rounded)" in words


def test_a_table_or_column_that_the_variant_lacks_is_left_out():
    edition = small.edition(variant="official")
    kept = {
        name: frame
        for name, frame in edition.tables.items()
        if name not in ("lsoas", "seasonality")
    }
    kept["quality"] = kept["quality"].drop(columns=["owner"])
    kept["headline"] = kept["headline"].drop(columns=["rate_lower", "rate_upper", "verified"])
    markup = html.render(dataclasses.replace(edition, tables=kept))
    assert "highest rates are in Hill" in markup
    assert "usually highest" not in markup
    assert "95% confidence interval 18.9" not in markup


def test_marking_version_and_mode_stand_at_the_top():
    words = Page(
        html.render(small.edition(mode="refresh", before=small.BEFORE, baseline=small.BEFORE))
    ).words
    assert "OFFICIAL-SENSITIVE" in words
    assert "Refresh of the full assessment of 2024–25" in words
    assert "full assessment of 2024–25, version 2, data as at 30 June 2025" in words
    assert "the year of this cycle’s full assessment" not in words  # it is the year before


def test_made_up_data_are_called_so_on_top_and_at_the_foot(page):
    assert "SYNTHETIC" not in page.words
    words = Page(html.render(small.edition(is_synthetic=True))).words
    assert words.index("SYNTHETIC") < words.index("Main points")
    assert "SYNTHETIC: all figures are made up." in words[-400:]


def test_a_draft_is_watermarked_and_says_why():
    reasons = ("council/noise: May 2025 was not delivered",)
    markup = html.render(small.edition(is_draft=True, reasons=reasons))
    assert '<body class="draft">' in markup
    assert '.draft::before{content:"DRAFT"' in markup
    assert reasons[0] in markup
    assert "DRAFT: this assessment has not been issued" in markup
    assert '<body class="draft">' not in html.render(small.edition())


def test_many_reasons_of_one_check_are_told_in_brief_and_stand_on_the_last_page():
    reasons = tuple(f"completeness: feed {number} is missing" for number in range(1, 7))
    edition = small.edition(is_draft=True, reasons=(*reasons, "cycle: 2024-25 is not there"))
    printed = html.render(edition)
    assert [printed.count(reason) for reason in reasons] == [2] * 3 + [1] * 3
    assert "completeness: three more, on the last page." in printed
    assert printed.count("cycle: 2024-25 is not there") == 2
    assert all(reason in quality.render(edition) for reason in reasons)
    few = html.render(small.edition(is_draft=True, reasons=reasons[:2]))
    assert "What holds this assessment" not in few


def test_every_waiver_is_printed_in_full(markup):
    assert "No waiver was used." in markup
    printed = html.render(small.edition(waivers=(small.WAIVER,)))
    wanted = [
        "completeness",
        "council/noise",
        "The log was down in May.",
        "Chair of the board",
        "31 December 2026",
    ]
    assert table_of(printed, "Waivers used in this edition")[1] == wanted


def test_gaps_of_regulation_7_are_listed_with_their_reason(markup):
    rows = table_of(markup, "Gaps in the elements")
    assert rows[1] == [
        "Modern slavery",
        "changes since the last assessment",
        "gap, recorded",
        "The first year of the series.",
    ]


def test_without_boundaries_the_map_says_that_it_is_schematic(markup):
    assert "Schematic" not in markup
    printed = html.render(small.edition(boundaries=small.boundaries().iloc[:0]))
    assert "Schematic: no boundaries were supplied" in printed
    assert "A tile’s place is not a place on the ground." in printed


def test_parts_of_a_change_and_the_annex_appear_only_when_they_are_there(markup):
    assert "What the change is made of" not in markup
    assert "needs assessment" not in markup
    parts = pd.DataFrame(
        [
            {
                "measure_id": small.NOISE,
                "change": 200,
                "population_part": 10.0,
                "coverage_part": 0,
                "breaks": "",
                "remainder": 190.0,
            }
        ]
    )
    annex = {"section": "kinds", "measure_name": "Violence with injury", "count": 5}
    annex = pd.DataFrame(
        [{**annex, "unit": "offences", "suppressed": None, "missing_reason": None}]
    )
    edition = small.with_table(small.edition(), "decomposition", parts)
    printed = html.render(small.with_table(edition, "needs_assessment", annex))
    assert "The number of residents alone would have made it rise by 10." in printed
    row = table_of(printed, "Needs assessment: kinds of violence")[1]
    assert row == ["Violence with injury (offences)", "5"]


def test_an_unknown_reason_stops_the_report_rather_than_be_printed_wrong():
    edition = small.edition()
    head = edition.tables["headline"].assign(
        count=None, rate=None, missing_reason="lost_in_the_post"
    )
    with pytest.raises(ValueError, match="no words for the reason lost_in_the_post"):
        html.render(small.with_table(edition, "headline", head))


def test_commentary_is_printed_below_its_heading_and_can_hold_no_markup():
    written = "# Why\n\n<script>alert(1)</script> **more** ![p](https://x/p.png)\n\n### So what\n\n- Meet.\n"
    made = str(commentary.render(written))
    assert "<script" not in made
    assert "<img" not in made
    assert "&lt;script&gt;" in made
    assert re.findall(r"<h(\d)>", made) == ["4", "5"]
    assert commentary.render("  \n") is None


def test_a_priority_without_commentary_says_so():
    printed = html.render(small.edition(commentary={"quiet_streets": "### Why\n\nBars reopened."}))
    assert "<h4>Why</h4>" in printed
    assert printed.count("No commentary has been written for this priority.") == 1


def test_the_quality_page_shows_gates_waivers_and_verdict():
    printed = quality.render(small.edition(waivers=(small.WAIVER,)))
    assert "ALLOW" in printed
    assert table_of(printed, "Checks of gate 3")[1][2] == "waived"
    assert "No outcome of this gate is recorded." in printed
    held = quality.render(small.edition(is_draft=True, reasons=("council/noise: May is missing.",)))
    assert "HOLD: this assessment may not be issued. council/noise: May is missing." in held
    assert "ALLOW" not in held


def test_wards_without_a_rate_are_listed_by_count_and_not_mapped():
    edition = small.with_table(small.edition(), "lsoas", pd.DataFrame())
    wards = small.wards().assign(rate=None, position=None, denominator=None)
    printed = html.render(small.with_table(edition, "wards", wards))
    assert "so there is no rate to map" in printed
    assert "The highest rates are in" not in printed
    rows = table_of(printed, "the ten wards with the most")
    assert rows[1:] == [["Hill", "700"], ["Dale", "400"], ["Brook", "100"]]
