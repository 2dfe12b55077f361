"""Every check of gate 3 blocks on its counter-example, and a waiver lifts it only as agreed."""

from datetime import timedelta

import pandas as pd
import pytest

from orchestration.edition.gate import judge
from orchestration.edition.gate.evidence import AuditSummary
from orchestration.edition.model import Before
from orchestration.quality.outcomes import RuleOutcome
from tests.gate_three import (
    CHECKS,
    FEEDS,
    PRIORITIES,
    TODAY,
    WHY,
    agreed,
    checked,
    evidence,
    frame,
    owed,
    register,
    tables,
    verdict_on,
    waiver,
    with_table,
)  # fmt: skip

ASB, STREET, REOFFENDING = FEEDS
MARCH_IS_MISSING = owed(ASB, "2026-03", "2026-03", "missing")
NOTHING_OWED = tables()["owed_periods"][:0]


def changed(name, column, value, row=0):
    """The evidence with one cell of one table changed."""
    table = tables()[name].astype({column: object}).reset_index(drop=True)
    table.loc[row, column] = value
    return with_table(name, table)


def periods(*parts):
    whole = tables()["owed_periods"]
    return with_table("owed_periods", pd.concat([whole[whole["feed"] != ASB], *parts]))


def suites(**given):
    return evidence(outcomes=evidence().outcomes | given)


def unexplained(element, priority=PRIORITIES[0]):
    """The evidence with one cell of the checklist missing."""
    rows = evidence().checklist
    rows.loc[rows["element"].eq(element) & rows["priority_id"].eq(priority), "state"] = "missing"
    return evidence(checklist=rows)


def all_gaps(element):
    rows = evidence().checklist
    rows.loc[rows["element"].eq(element), "state"] = "gap"
    return evidence(checklist=rows)


def rule(outcome, severity="critical"):
    return [RuleOutcome("has_rows", severity, outcome, "not so: there are rows")]


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
    ("completeness", periods, ASB, "nothing was delivered"),
    ("completeness", lambda: evidence(contracts=evidence().contracts | {"fire/incidents": "1.0.0"}),
     "fire/incidents", "nothing was delivered"),
    ("gate_1", lambda: changed("judged_deliveries", "state", "refused"), ASB, "did not pass gate 1"),
    ("gate_1", lambda: changed("judged_deliveries", "contract_version", "0.9.0"), ASB, "another version"),
    ("gate_1", lambda: changed("judged_deliveries", "without_rules", 2), ASB, "2 of 12 deliveries had no"),
    ("gate_1", lambda: changed("judged_deliveries", "with_failures", 1), ASB, "break a critical rule"),
    ("gate_1", lambda: evidence(contracts={STREET: "1.0.0", REOFFENDING: "1.0.0"}), ASB, "no contract"),
    ("gate_2", lambda: suites(marts_fct_measure=rule("failed")), "marts_fct_measure", "has_rows is not so"),
    ("gate_2", lambda: suites(marts_unknown=rule("passed")), "marts_unknown", "is not one of gate 2"),
    ("gate_2", lambda: evidence(database_sha256="6" * 64), "published", "not the one that its manifest"),
    ("gate_2", lambda: evidence(database_sha256=""), "published", "not the one that its manifest"),
    ("gate_2", lambda: published(gate_2={}), "published", "dbt's tests"),
    ("gate_2", lambda: published(gate_2={"marts_fct_measure": {"r": "passed"}}), "published",
     "governance_reconciliation had not been run"),
    ("reconciliation", lambda: changed("ledger", "unexplained", 1), ASB, "1 of 12 deliveries have rows"),
    ("reconciliation", lambda: changed("ledger", "in_ledger", 11), ASB, "only 11 of 12"),
    ("checklist", lambda: unexplained(3), "3/anti_social_behaviour", "no evidence and no recorded gap"),
    ("elements", lambda: all_gaps(5), "5", "evidence for no priority"),
    ("limbs", lambda: changed("methods", "statutory_limb", "reoffending"), "crime_and_disorder", "no figure"),
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
    ("prescribed", lambda: changed("prescribed", "state", "late"), "4-5 (a)"),
]


def named(examples):
    return [f"{example[0]}-{number}" for number, example in enumerate(examples)]


def found(of_evidence, check, scope):
    """The one finding of the check about the scope."""
    (finding,) = [
        finding
        for finding in judge.judge(CHECKS, of_evidence)
        if (finding.check, finding.scope) == (check, scope)
    ]
    return finding


def test_a_sound_assessment_is_allowed():
    verdict = verdict_on(evidence())
    assert verdict.reasons == ()
    assert verdict.allow
    assert {finding.check for finding in verdict.findings} == set(CHECKS)
    assert {finding.outcome for finding in verdict.findings} == {"passed"}


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


LOOKED_AT = {
    "completeness": "owed_periods", "gate_1": "judged_deliveries", "reconciliation": "ledger",
    "limbs": "methods", "case_reviews": "case_reviews", "external": "external",
    "agreements": "sources", "commentary": "headline", "provisional": "headline",
    "prescribed": "prescribed", "checklist": "perception",
}  # fmt: skip


@pytest.mark.parametrize(("check", "table"), LOOKED_AT.items())
def test_a_table_or_column_that_is_not_there_is_an_error(check, table):
    without = {name: rows for name, rows in tables().items() if name != table}
    reasons = verdict_on(evidence(tables=without)).reasons
    assert f"{check}: could not be checked, there is no table {table} to look at" in reasons
    bare = {**tables(), table: tables()[table].iloc[:, :0]}
    reasons = verdict_on(evidence(tables=bare)).reasons
    assert any(r.startswith(f"{check}: could not be checked, the table {table}") for r in reasons)


@pytest.mark.parametrize(
    ("check", "empty"),
    [
        ("completeness", evidence(contracts={}, tables=tables() | {"owed_periods": NOTHING_OWED})),
        ("gate_1", with_table("judged_deliveries", tables()["judged_deliveries"][:0])),
        ("gate_2", evidence(suites=())),
        ("reconciliation", with_table("ledger", tables()["ledger"][:0])),
        ("agreements", with_table("sources", tables()["sources"][:0])),
        ("checklist", evidence(checklist=evidence().checklist[:0])),
        ("elements", evidence(checklist=evidence().checklist[:0])),
        ("prescribed", with_table("prescribed", tables()["prescribed"][:0])),
    ],
)  # fmt: skip
def test_a_check_that_looked_at_nothing_is_held(check, empty):
    held = verdict_on(empty)
    assert not held.allow
    assert [r for r in held.reasons if r.startswith(f"{check}: ")]


def test_a_feed_that_is_late_by_nature_is_noted_and_only_while_it_is_not_due():
    whole = tables()["owed_periods"]
    rest = whole[whole["feed"] != REOFFENDING]
    waiting = with_table(
        "owed_periods", pd.concat([rest, owed(REOFFENDING, "2025-04", "2026-03", "not_due")])
    )
    finding = found(waiting, "completeness", REOFFENDING)
    assert (finding.outcome, finding.severity) == ("failed", "info")
    assert "two years after" in finding.detail
    assert verdict_on(waiting).allow
    missing = owed(REOFFENDING, "2025-04", "2025-04", "missing")
    both = pd.concat([rest, missing, owed(REOFFENDING, "2025-05", "2026-03", "not_due")])
    assert found(with_table("owed_periods", both), "completeness", REOFFENDING).blocks


def test_an_optional_feed_may_lack_periods_and_is_noted():
    optional = "reference/harm_weights"
    without = evidence(contracts=evidence().contracts | {optional: "1.0.0"})
    finding = found(without, "completeness", optional)
    assert (finding.outcome, finding.severity) == ("failed", "info")
    assert "none are shipped" in finding.detail
    assert verdict_on(without).allow


@pytest.mark.parametrize(
    "table",
    [
        tables()["external"][:0],
        frame("offence_group our_count their_count state", ("Robbery", 9, None, "not_comparable")),
    ],
)
def test_an_outside_table_that_was_not_supplied_is_said_and_does_not_hold(table):
    absent = with_table("external", table)
    (finding,) = [f for f in judge.judge(CHECKS, absent) if f.check == "external"]
    assert (finding.outcome, finding.severity) == ("failed", "info")
    assert "was not supplied" in finding.detail
    assert verdict_on(absent).allow


def test_a_licence_never_lapses_and_made_up_extracts_need_no_agreement():
    licence = ("Open Government Licence v3.0", "Home Office", "Publisher", None, None, None)
    open_data = evidence(agreements=register(*((feed, *licence, "unverified") for feed in FEEDS)))
    assert "unverified" in found(open_data, "agreements", ASB).detail
    assert verdict_on(open_data).allow
    assert verdict_on(evidence(agreements=register(), is_synthetic=True)).allow
    renewed = register(*(agreed(feed) for feed in FEEDS), agreed(ASB, end="2026-01-01"))
    assert verdict_on(evidence(agreements=renewed)).allow


def test_an_assessment_without_anything_suppressed_has_nothing_to_attack():
    assert verdict_on(evidence(audit=AuditSummary(True, 0, 0, 0))).allow


def test_the_first_year_is_full_and_needs_no_earlier_one():
    first = evidence(
        cycle=("2025-26",), mode="full", issued=(), checklist=checked(tables(), before=None)
    )
    assert verdict_on(first).allow


def test_a_suite_that_fails_where_it_does_not_block_is_counted():
    lesser = suites(marts_fct_measure=[*rule("passed"), *rule("failed", "warning")])
    assert "1 rule that do not block failed" in found(lesser, "gate_2", "marts_fct_measure").detail
    assert verdict_on(lesser).allow


def test_the_gates_as_they_are_printed():
    spoiled = COUNTER_EXAMPLES[0][1]()
    verdict = verdict_on(spoiled, [waiver("completeness", ASB)])
    gates = judge.gates_frame(verdict.findings, verdict, spoiled.outcomes)
    assert list(gates.columns) == [
        "gate", "check", "scope", "outcome", "severity", "detail", "waived_by",
    ]  # fmt: skip
    assert gates["gate"].is_monotonic_increasing
    assert gates.loc[
        gates["waived_by"].ne(""), ["check", "scope", "waived_by"]
    ].values.tolist() == [["completeness", ASB, "Chair"]]
    assert len(gates) == len(verdict.findings) + 2
    assert set(gates.loc[gates["check"].eq("has_rows"), "gate"]) == {2}
    assert not gates.isna().any().any()
