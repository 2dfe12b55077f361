"""Proves the rules that put places, partners and the last assessment into words, by tables of cases."""

import pandas as pd
import pytest

from orchestration.edition.figures.contents import Before
from orchestration.edition.report.sections import standing_out
from orchestration.edition.report.sentences import places, sources
from tests.support import report_edition as small

YEAR = small.YEAR


@pytest.mark.parametrize(
    ("positions", "told"),
    [
        (
            ["above the outer limit", "within", "below the outer limit"],
            "Hill is higher than chance explains; one is lower (of 3 wards)",
        ),
        (
            ["within", "within", "above the inner limit"],
            "No ward differs from the whole area by more than chance (3 wards)",
        ),
        (
            ["within", "below the outer limit", "below the outer limit"],
            "None higher and two are lower (of 3 wards)",
        ),
    ],
)
def test_the_funnel_names_wards_outside_the_outer_limits(positions, told):
    assert places.funnel(small.wards().assign(position=positions)) == told


def test_wards_that_differ_throughout_are_said_to_do_so():
    within = small.wards().assign(position="within", differs_throughout=True)
    assert places.funnel(within) == (
        "Wards differ by more than chance throughout; none stands out beyond that (3 wards)"
    )
    above = within.assign(position=["above the outer limit", "within", "within"])
    assert places.funnel(above).endswith("though wards differ by more than chance throughout")


def test_a_hidden_ward_is_counted_and_never_named():
    wards = small.wards().assign(suppressed=["small", None, None])
    assert "Hill" not in places.funnel(wards)
    assert places.hidden_wards(wards) == "One of 3 wards is not shown, to protect people."
    assert places.hidden_wards(small.wards()) == ""


def test_concentration_says_share_half_and_what_stayed():
    row = {
        "share_in_top_tenth": 0.399,
        "top_lsoas": 17,
        "lsoas": 163,
        "lsoas_with_half": 27,
        "persistent_lsoas": 10,
    }
    told = " ".join(places.concentration(row, "incidents"))
    assert told == (
        "40% of incidents are in a tenth of the neighbourhoods (17 of 163 LSOAs). "
        "Half of them are in 27 LSOAs. Ten of those 17 were among them the year before as well."
    )
    assert places.concentration({**row, "suppressed": "derived"}, "incidents") == []


def peers(own, others):
    rates = [own, *others]
    frame = pd.DataFrame(rates, columns=["rate", "rate_lower", "rate_upper"])
    ranks = frame["rate"].rank(ascending=False).astype(int)
    return frame.assign(
        is_own_area=[True] + [False] * len(others), rank_in_group=ranks, suppressed=None
    )


@pytest.mark.parametrize(
    ("own", "others", "told"),
    [
        ((20, 19, 21), [], "No other district of the peer group was supplied"),
        ((20, 19, 21), [(10, 9, 11), (20, 19, 22)], "clearly above one of the others"),
        (
            (20, 19, 21),
            [(30, 29, 31), (10, 9, 11)],
            "the second highest of three districts of the group: "
            "clearly above one and clearly below one",
        ),
        ((20, 15, 25), [(21, 16, 26)], "not clearly different from any other"),
    ],
)
def test_peers_are_judged_by_intervals_not_by_rank_alone(own, others, told):
    assert told in places.peers(peers(own, others))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ([(8.0, True), (7.0, True)], "All two partners’ counts clearly rose: they agree"),
        (
            [(8.0, True), (-7.0, True)],
            "Partners’ counts disagree: police violence clearly rose while",
        ),
        (
            [(8.0, False), (-7.0, False)],
            "No count of two partners changed by more than usual variation: they agree",
        ),
        (
            [(8.0, True), (-7.0, False)],
            "Police violence clearly rose; the others of two show no clear change",
        ),
        ([(8.0, True), (None, True)], "All two partners’ counts clearly rose: they agree"),
        ([(8.0, True), (None, None)], "Too few partners’ counts can be compared"),
    ],
)
def test_partners_agree_or_differ(changes, told):
    frame = pd.DataFrame(
        {
            "measure_name": ["Police violence", "Ambulance calls"],
            "strategy_year": YEAR,
            "count": [100, 200],
            "change_percent": [change for change, _ in changes],
            "change_is_significant": pd.Series([sure for _, sure in changes], dtype="boolean"),
        }
    )
    assert sources.cross_check(frame, YEAR).startswith(told)


PARTS = {
    "change": 156,
    "population_part": 40,
    "coverage_part": -4,
    "remainder": 120,
    "breaks": None,
}


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (
            {},
            "The number rose by 156. The number of residents alone would have made it rise by 40. "
            "Fewer records carried a place than the year before, which can have taken away 4 at most. "
            "What is left to explain is a rise of 120.",
        ),
        ({}, "No event or change of recording is registered"),
        ({"coverage_part": 0}, "How many records carry a place accounts for none of it."),
        (
            {"breaks": "Collection moved"},
            "falls within the two years (Collection moved); how much of the change it made",
        ),
        ({"change": 0, "remainder": 0}, "The number did not change."),
        ({"change": -9, "remainder": 0}, "What is left to explain is nothing."),
        (
            {"population_part": None, "population_unknown_because": "same_population_estimate"},
            "Both years use the same population estimate",
        ),
        (
            {"coverage_part": None, "coverage_unknown_because": "counted_as_a_whole"},
            "counted without places, so no part is put down to coverage",
        ),
        (
            {"change": None, "not_decomposed_because": "break_in_series"},
            "The change cannot be split: the series has a break",
        ),
        ({"change": None, "suppressed": "derived"}, "The parts of this change are not shown"),
    ],
)
def test_a_change_is_split_and_what_cannot_be_said_is_said(other, told):
    assert told in " ".join(sources.decomposition({**PARTS, **other}))


def test_a_part_that_is_not_known_is_no_zero_and_an_unknown_reason_stops_the_report():
    row = {**PARTS, "population_part": None, "population_unknown_because": "no_rate"}
    assert "residents alone" not in " ".join(sources.decomposition(row))
    told = sources.decomposition({**row, "coverage_part": None, "remainder": 156})
    assert told[0] == "The number rose by 156."
    assert "left to explain" not in " ".join(told)
    assert sources.decomposition({**PARTS, "change": None}) == []
    with pytest.raises(ValueError, match="no words for the reason mood"):
        sources.decomposition({**PARTS, "coverage_unknown_because": "mood"})


def flags(above):
    return pd.DataFrame({"ward_name": ["Hill", "Dale", "Brook"], "above_outer_limit": above})


@pytest.mark.parametrize(
    ("above", "told"),
    [
        (
            [2, 1, 0],
            "Two of 3 wards are above the outer limit of at least one headline measure; "
            "Hill of two headline measures.",
        ),
        (
            [1, 0, 0],
            "One of 3 wards is above the outer limit of at least one headline measure; "
            "Hill of one headline measure.",
        ),
        ([0, 0, 0], "No ward of 3 is above the outer limit of any headline measure."),
    ],
)
def test_wards_that_stand_out_are_counted_and_the_first_are_named(above, told):
    wards = flags(above)
    assert standing_out.finding(wards[wards["above_outer_limit"] > 0], wards) == told


BEFORE = Before("2024-25", 1, "full", "2025-06-30")


@pytest.mark.parametrize(
    ("states", "before", "told"),
    [
        (["unchanged", "unchanged"], BEFORE, "All 2 figures of the last assessment are unchanged."),
        (
            ["unchanged", "revised", "new"],
            BEFORE,
            "Of 2 figures of the last assessment, 1 is unchanged and 1 is revised. "
            "1 figure is new since then.",
        ),
        (
            ["withdrawn", "unchanged"],
            BEFORE,
            "Of 2 figures of the last assessment, 1 is unchanged and 1 is withdrawn.",
        ),
        (["new", "new"], BEFORE, "2 figures are new since then."),
        ([], BEFORE, "No figure of this priority was in the last assessment."),
        (["new"], None, "There was no earlier assessment in this warehouse to compare with."),
    ],
)
def test_since_the_last_assessment_counts_what_moved(states, before, told):
    changes = pd.DataFrame({"status": pd.Series(states, dtype=object)})
    assert " ".join(sources.since_last(changes, before)) == told
