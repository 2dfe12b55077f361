"""What the checks of gate 3 let pass and say so, and what they hold because nothing was looked at."""

import pandas as pd
import pytest

from orchestration.edition.gate import judge
from orchestration.edition.gate.evidence import AuditSummary
from tests.support.gate_three import (  # fmt: skip
    CHECKS,
    FEEDS,
    agreed,
    checked,
    evidence,
    found,
    frame,
    owed,
    register,
    rule,
    suites,
    tables,
    verdict_on,
    waiver,
    with_table,
)

ASB, _, REOFFENDING = FEEDS
NOTHING_OWED = tables()["owed_periods"][:0]


def test_a_sound_assessment_is_allowed():
    verdict = verdict_on(evidence())
    assert verdict.reasons == ()
    assert verdict.allow
    assert {finding.check for finding in verdict.findings} == set(CHECKS)
    assert {finding.outcome for finding in verdict.findings} == {"passed"}


LOOKED_AT = {
    "completeness": "owed_periods", "gate_1": "judged_deliveries", "reconciliation": "ledger",
    "limbs": "methods", "case_reviews": "case_reviews", "external": "external",
    "agreements": "sources", "commentary": "headline", "provisional": "headline",
    "prescribed": "prescribed", "checklist": "perception", "needs_assessment": "needs_assessment",
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


def test_a_priority_without_a_headline_figure_is_told():
    headline = tables()["headline"].assign(count=None, rate=None)
    finding = found(with_table("headline", headline), "provisional", "county_lines")
    assert (finding.outcome, finding.severity) == ("failed", "warning")
    assert "there is no figure of Lines" in finding.detail


def test_a_feed_of_editions_has_no_months_to_count():
    whole = tables()["owed_periods"]
    edition = frame(
        "feed period period_start period_end state", (ASB, "2024", None, None, "delivered")
    )
    owed_now = pd.concat([whole[whole["feed"] != ASB], edition])
    assert found(with_table("owed_periods", owed_now), "completeness", ASB).outcome == "passed"


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
    whole = tables()["owed_periods"]
    spoiled = with_table("owed_periods", whole[whole["feed"] != ASB])
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
