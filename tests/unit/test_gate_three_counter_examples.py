"""Every check of gate 3 is held on its counter-example, and a waiver lifts it only as agreed."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from orchestration.edition.figures.contents import Before
from orchestration.edition.gate import judge
from orchestration.edition.gate.evidence import AuditSummary
from tests.support.gate_three import (  # fmt: skip
    CHECKS,
    FEEDS,
    PRIORITIES,
    TODAY,
    WHY,
    agreed,
    evidence,
    found,
    owed,
    register,
    rule,
    suites,
    tables,
    verdict_on,
    waiver,
    with_table,
)

ASB, STREET, REOFFENDING = FEEDS
FIRE = "fire/incidents"
HELD = {
    "measure_id": "stop_and_searches",
    "state": "held",
    "scope": "stop_and_searches/2026-03.staffordshire/001-0123456789ab",
    "feed": "police/stop_and_search",
    "sentence": "Stop and searches (stop_and_searches) is held: its figure fell to nothing",
}
MARCH_IS_MISSING = owed(ASB, "2026-03", "2026-03", "missing")


def changed(name, column, value, row=0):
    """The evidence with one cell of one table changed."""
    table = tables()[name].astype({column: object}).reset_index(drop=True)
    table.loc[row, column] = value
    return with_table(name, table)


def periods(*parts):
    whole = tables()["owed_periods"]
    return with_table("owed_periods", pd.concat([whole[whole["feed"] != ASB], *parts]))


def unexplained(element, priority=PRIORITIES[0]):
    """The evidence with one cell of the checklist missing."""
    rows = evidence().checklist
    rows.loc[rows["element"].eq(element) & rows["priority_id"].eq(priority), "state"] = "missing"
    return evidence(checklist=rows)


def all_gaps(element):
    rows = evidence().checklist
    rows.loc[rows["element"].eq(element), "state"] = "gap"
    return evidence(checklist=rows)


def published(**given):
    return evidence(published=evidence().published | given)


def lapsed(**given):
    rows = [agreed(feed, **(given if feed == ASB else {})) for feed in FEEDS]
    return register(*rows)


# check, what is spoiled, scope of the finding, words of the reason
COUNTER_EXAMPLES = [
    ("completeness", lambda: periods(owed(ASB, "2025-04", "2026-02"), MARCH_IS_MISSING),
     ASB, "council/asb_cases: March 2026 is missing"),
    ("completeness", lambda: periods(owed(ASB, "2025-04", "2026-03", "refused")),
     ASB, "council/asb_cases: April 2025 to March 2026 are refused"),
    ("completeness", lambda: periods(owed(ASB, "2025-04", "2026-03", "not_due")), ASB, "are not yet due"),
    ("completeness", lambda: periods(owed(ASB, "2025-07", "2026-03")), ASB,
     "April 2025 to June 2025 are not in the ledger"),
    ("completeness", lambda: periods(owed(ASB, "2025-03", "2026-03")), ASB, "13 months stand in the ledger"),
    ("completeness", periods, ASB, "nothing was delivered"),
    ("completeness", lambda: evidence(contracts=evidence().contracts | {FIRE: "1.0.0"},
                                      agreements=register(*map(agreed, (*FEEDS, FIRE)))),
     FIRE, "nothing was delivered"),
    ("gate_1", lambda: changed("judged_deliveries", "state", "refused"), ASB, "did not pass gate 1"),
    ("gate_1", lambda: changed("judged_deliveries", "contract_version", "0.9.0"), ASB, "another version"),
    ("gate_1", lambda: changed("judged_deliveries", "without_rules", 2), ASB, "2 of 12 deliveries had no"),
    ("gate_1", lambda: changed("judged_deliveries", "with_failures", 1), ASB, "break a critical rule"),
    ("gate_1", lambda: evidence(contracts={STREET: "1.0.0", REOFFENDING: "1.0.0"}), ASB, "no contract"),
    ("gate_2", lambda: suites(marts_fct_measure=rule("failed")), "marts_fct_measure", "has_rows is not so"),
    ("gate_2", lambda: suites(marts_unknown=rule("passed")), "marts_unknown", "is not one of gate 2"),
    ("gate_2", lambda: evidence(database_sha256="6" * 64), "published", "not the one that its manifest"),
    ("gate_2", lambda: evidence(database_sha256=""), "published", "not the one that its manifest"),
    ("gate_2", lambda: replace(published(files={"warehouse.duckdb": {"sha256": ""}}), database_sha256=""),
     "published", "not the one that its manifest"),
    ("gate_2", lambda: published(files={}), "published", "not the one that its manifest"),
    ("gate_2", lambda: published(gate_2={}), "published", "dbt's tests"),
    ("gate_2", lambda: published(gate_2={"marts_fct_measure": {"r": "passed"}}), "published",
     "governance_reconciliation had not been run"),
    ("held_measures", lambda: published(held=[HELD]), HELD["scope"], "fell to nothing"),
    ("held_measures", lambda: published(held=[HELD | {"state": "waived"}]), HELD["scope"], "fell to"),
    ("reconciliation", lambda: changed("ledger", "unexplained", 1), ASB, "1 of 12 deliveries have rows"),
    ("reconciliation", lambda: changed("ledger", "in_ledger", 11), ASB, "only 11 of 12"),
    ("checklist", lambda: unexplained(3), "3/anti_social_behaviour", "no gap is recorded"),
    ("elements", lambda: all_gaps(5), "5", "evidence for no priority"),
    ("limbs", lambda: changed("methods", "statutory_limb", "reoffending"), "crime_and_disorder", "no figure"),
    ("needs_assessment", lambda: changed("needs_assessment", "count", None), "kinds", "no figure"),
    ("case_reviews", lambda: changed("case_reviews", "count", None), "asb_case_review_applications",
     "must be published"),
    ("external", lambda: changed("external", "state", "differs"), "Robbery", "more than was agreed"),
    ("agreements", lambda: evidence(agreements=register()), ASB, "no agreement or licence"),
    ("agreements", lambda: evidence(agreements=lapsed(review="2026-08-31")), ASB, "by 31 August 2026"),
    ("agreements", lambda: evidence(agreements=lapsed(end="2026-08-31")), ASB, "ended on 31 August 2026"),
    ("agreements", lambda: evidence(agreements=lapsed(signed=None)), ASB, "was not signed"),
    ("agreements", lambda: evidence(agreements=lapsed(signed="2026-09-02")), ASB, "signed from 2 September"),
    ("agreements", lambda: evidence(agreements=lapsed(review=None)), ASB, "no day of review or end"),
    ("agreements", lambda: evidence(agreements=lapsed(end="2026-08-31"), is_synthetic=True), ASB, "ended on"),
    ("disclosure", lambda: evidence(audit=AuditSummary(True, 5, 5, 1)), "published", "1 can be worked out"),
    ("disclosure", lambda: evidence(audit=AuditSummary(False, 5, 5, 0)), "published", "did not pass"),
    ("fresh", lambda: evidence(is_fresh=False), "published", "refresh first"),
    ("cycle", lambda: evidence(issued=[Before("2024-25", 1, "refresh", "2025-09-01")]), "full/2024-25",
     "was not issued"),
    ("cycle", lambda: evidence(issued=(), mode="full"), "previous/2024-25", "none to compare with"),
    ("cycle", lambda: evidence(cycle=("2025-26", "2026-27")), "full/2025-26", "has to be full"),
    ("cycle", lambda: evidence(cycle=("2027-28",)), "full/2025-26", "is no year of the plan"),
]  # fmt: skip

# What cannot be checked: in error, whatever is waived.
ERRORS = [
    ("held_measures", lambda: evidence(published={k: v for k, v in evidence().published.items()
                                                  if k != "held"}), "published"),
    ("gate_1", lambda: changed("judged_deliveries", "with_errors", 1), ASB),
    ("gate_1", lambda: changed("judged_deliveries", "state", "errored"), ASB),
    ("gate_2", lambda: suites(marts_fct_measure=[]), "marts_fct_measure"),
    ("gate_2", lambda: suites(marts_fct_measure=rule("errored", "info")), "marts_fct_measure"),
    ("gate_2", lambda: published(gate_2={name: {"r": "errored"} for name in evidence().suites}), "published"),
    ("fresh", lambda: evidence(is_fresh=None), "published"),
    ("disclosure", lambda: evidence(audit=None), "published"),
    ("disclosure", lambda: evidence(audit=AuditSummary(True, 5, 0, 0)), "published"),
    ("completeness", lambda: periods(owed(ASB, "2025-04", "2026-03", "lost")), ASB),
    ("external", lambda: changed("external", "state", "maybe"), "Robbery"),
    ("checklist", lambda: evidence(checklist=evidence().checklist.iloc[1:]), "1/anti_social_behaviour"),
]  # fmt: skip

WARNINGS = [
    ("commentary", lambda: evidence(commentary={PRIORITIES[0]: WHY}), PRIORITIES[1]),
    ("provisional", lambda: changed("headline", "is_provisional", True), PRIORITIES[0]),
    ("provisional", lambda: changed("headline", "is_provisional", None), PRIORITIES[0]),
    ("prescribed", lambda: changed("prescribed", "state", "late"), "4-5 (a)"),
]


def named(examples):
    return [f"{example[0]}-{number}" for number, example in enumerate(examples)]


@pytest.mark.parametrize(
    ("check", "spoil", "scope", "words"), COUNTER_EXAMPLES, ids=named(COUNTER_EXAMPLES)
)
def test_the_counter_example_is_held_and_a_waiver_lifts_it_only_as_agreed(
    check, spoil, scope, words
):
    spoiled = spoil()
    finding = found(spoiled, check, scope)
    assert (finding.outcome, finding.severity) == ("failed", "critical")
    assert words in finding.detail

    others = [
        waiver(f.check, f.scope)
        for f in judge.judge(CHECKS, spoiled)
        if f.blocks and (f.check, f.scope) != (check, scope) and CHECKS[f.check].may_be_waived
    ]
    own = [f"{check}: {finding.detail}"]
    held = verdict_on(spoiled, others)
    assert not held.allow
    assert list(held.reasons) == own

    waived = verdict_on(spoiled, [*others, waiver(check, scope)])
    if CHECKS[check].may_be_waived:
        assert waived.allow
        assert waiver(check, scope) in waived.used_waivers
        assert waived.unused_waivers == ()
    else:
        assert list(waived.reasons) == [f"{own[0]}; this check cannot be waived"]
        assert waived.unused_waivers == (waiver(check, scope),)

    expired = waiver(check, scope, TODAY - timedelta(days=1))
    late = verdict_on(spoiled, [*others, expired])
    assert not late.allow
    assert expired not in late.used_waivers
    if CHECKS[check].may_be_waived:
        assert late.reasons[0].endswith(
            f"the waiver of {check} for {scope} expired on 31 August 2026"
        )

    elsewhere = verdict_on(spoiled, [*others, waiver(check, f"{scope}_too"), waiver("cycle", "x")])
    assert list(elsewhere.reasons) == own
    assert verdict_on(spoiled, [*others, waiver(check, scope, TODAY)]).allow == waived.allow


@pytest.mark.parametrize(("check", "spoil", "scope"), ERRORS, ids=named(ERRORS))
def test_what_could_not_be_checked_is_held_also_with_a_waiver(check, spoil, scope):
    assert found(spoil(), check, scope).outcome == "errored"
    held = verdict_on(spoil(), [waiver(check, scope)])
    assert not held.allow
    assert held.used_waivers == ()
    assert any("could not be checked" in reason for reason in held.reasons)
    assert any(reason.endswith("an error cannot be waived") for reason in held.reasons)


@pytest.mark.parametrize(("check", "spoil", "scope"), WARNINGS, ids=named(WARNINGS))
def test_a_warning_is_told_and_does_not_hold(check, spoil, scope):
    finding = found(spoil(), check, scope)
    assert (finding.outcome, finding.severity) == ("failed", "warning")
    assert verdict_on(spoil()).allow


def test_every_check_has_a_counter_example():
    assert {example[0] for example in [*COUNTER_EXAMPLES, *WARNINGS]} == set(CHECKS)
    assert set(judge.CODE) == set(CHECKS)
    critical = {name for name, check in CHECKS.items() if check.severity == "critical"}
    assert {example[0] for example in COUNTER_EXAMPLES} == critical
