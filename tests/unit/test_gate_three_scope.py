"""A partnership is held to the feeds that it agreed on: what lies outside is told so, and blocks nothing."""

from dataclasses import replace

import pandas as pd
import pytest

from orchestration.edition.gate import judge, scope
from orchestration.edition.report.sections import main_points, statement
from tests.support import report_edition as small
from tests.support.gate_three import (
    CHECKS,
    FEEDS,
    PRIORITIES,
    agreed,
    checked,
    evidence,
    frame,
    register,
    tables,
)

SIX, SEVENTH = FEEDS, "council/asb_case_reviews"
LICENCE = ("national/nrm_referrals", "Open Government Licence v3.0", "Home Office", "Statistics contact",
           None, None, None, "verified")  # fmt: skip


def made(**given):
    """Evidence of a partnership that has a contract for one more feed than it agreed on."""
    methods = tables()["methods"].assign(
        source_feed=["police/street_crime", SEVENTH, *FEEDS[:1] * 2]
    )
    reviews = frame("measure_id statutory_limb source_feed", *(
        (figure, "crime_and_disorder", SEVENTH) for figure in CHECKS["case_reviews"].settings["figures"]
    ))  # fmt: skip
    own = tables() | {
        "methods": pd.concat([methods, reviews], ignore_index=True),
        "case_reviews": tables()["case_reviews"].head(0),
        "needs_assessment": tables()["needs_assessment"].assign(measure_id="asb"),
        "headline": tables()["headline"].assign(
            count=[40, None], rate=[1.5, None], finding=["more", None]
        ),
    }
    figures = own["figures"]
    own["figures"] = figures[figures["measure_id"] != "lines"]
    own["wards"] = own["wards"].head(0)
    wanted = {
        "tables": own,
        "contracts": dict.fromkeys((*FEEDS, SEVENTH), "1.0.0"),
        "checklist": checked(own),
    }
    return evidence(**(wanted | given))


def blocking(of_evidence):
    return {(one.check, one.scope) for one in judge.judge(CHECKS, of_evidence) if one.blocks}


def outside(of_evidence):
    return {
        (one.check, one.scope): one.detail
        for one in judge.judge(CHECKS, of_evidence)
        if "outside what was agreed" in one.detail
    }


def test_what_fails_only_for_want_of_a_feed_outside_blocks_nothing():
    assert blocking(made()) == set()
    told = outside(made())
    assert ("completeness", SEVENTH) in told
    assert {check for check, _ in told} == {
        "completeness", "case_reviews", "checklist", "limbs", "provisional"
    }  # fmt: skip
    assert ("limbs", "serious_violence") in told and ("limbs", "reoffending") not in told
    assert ("checklist", f"1/{PRIORITIES[1]}") in told


def test_a_feed_that_was_agreed_on_and_does_not_come_still_blocks():
    both = made(agreements=register(*(agreed(feed) for feed in (*FEEDS, SEVENTH))))
    assert outside(both) == {}
    assert ("completeness", SEVENTH) in blocking(both)
    assert {check for check, _ in blocking(both)} >= {"completeness", "case_reviews", "limbs"}


def test_a_feed_that_delivered_is_within_whatever_was_agreed():
    came = made().tables | {"sources": frame("feed", *((feed,) for feed in (*FEEDS, SEVENTH)))}
    assert ("completeness", SEVENTH) in blocking(made(tables=came))


@pytest.mark.parametrize("rows", [(), (LICENCE,)], ids=["none", "an open licence only"])
def test_without_an_agreement_with_a_partner_everything_is_within(rows):
    nothing = made(agreements=register(*rows))
    assert outside(nothing) == {}
    assert ("completeness", SEVENTH) in blocking(nothing)


def test_a_gap_of_a_feed_within_is_not_excused_by_one_outside():
    """The limb has a measure of either feed: the one within has to have its figure."""
    own = made()
    methods = own.tables["methods"]
    methods.loc[methods["measure_id"] == "asb", "statutory_limb"] = "serious_violence"
    figures = own.tables["figures"]
    spoiled = own.tables | {"figures": figures[figures["measure_id"] != "asb"], "methods": methods}
    assert ("limbs", "serious_violence") in blocking(replace(own, tables=spoiled))


def test_an_open_licence_is_no_agreement_of_this_partnership():
    both = register(agreed("council/asb_cases"), LICENCE)
    found = scope.outside(
        ["council/asb_cases", "national/nrm_referrals", SEVENTH], [], both, [LICENCE[1]]
    )
    assert found == {"national/nrm_referrals", SEVENTH}


def test_the_edition_prints_what_is_outside():
    edition = small.edition()
    feed = edition.tables["quality"]["feed"].iloc[0]
    beyond = edition.gates.head(1).assign(
        check="completeness", scope=feed, outcome="failed", severity="info",
        detail=f"{feed} is outside what was agreed: {feed}: nothing was delivered",
    )  # fmt: skip
    told = replace(edition, gates=pd.concat([edition.gates, beyond], ignore_index=True))
    assert statement.graded(told)["grade"].iloc[0] == statement.OUTSIDE
    assert statement.outside(edition) == frozenset()
    assert any("outside what was agreed" in line for line in main_points._supplied(told))
    assert not any("outside" in line for line in main_points._supplied(edition))
