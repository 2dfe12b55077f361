"""A small assessment that keeps every check of gate 3, to be spoiled one thing at a time."""

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from orchestration.core.settings import PROJECT
from orchestration.edition.figures.contents import Before
from orchestration.edition.gate import agreements, checklist, judge, verdict
from orchestration.edition.gate.evidence import AuditSummary, Evidence
from orchestration.figures import warehouse_tables
from orchestration.quality import check_register
from orchestration.quality.outcomes import RuleOutcome
from orchestration.quality.waivers import Waiver

TODAY = date(2026, 9, 1)
YEAR = warehouse_tables.year_of("2025-26")
FIRST = Before("2024-25", 1, "full", "2025-09-01")
PRIORITIES = ("anti_social_behaviour", "county_lines")
FEEDS = ("council/asb_cases", "police/street_crime", "probation/reoffending")
SHA = "5" * 64
RULES = PROJECT / "expectations" / "assessment" / "gate_3.yaml"
CHECKS = check_register.load_checks(RULES)
WHY = "## Why\n\nMore people were about in the evenings.\n\n## So what\n\nPatrol the places that are named.\n"


def frame(columns, *rows):
    return pd.DataFrame([list(row) for row in rows], columns=columns.split())


def months(first, last):
    return pd.period_range(first, last, freq="M")


def owed(feed, first, last, state="delivered"):
    """The monthly periods of a feed as `owed_periods` has them."""
    return frame(
        "feed period period_start period_end state",
        *(
            (feed, str(month), month.start_time, month.end_time.normalize(), state)
            for month in months(first, last)
        ),
    )


def tables():
    figures = [(m, "city", "2025-26", 40, 1.5) for m in ("asb", "lines", "treated", "reoffended")]
    reviews = list(CHECKS["case_reviews"].settings["figures"])
    return {
        "owed_periods": pd.concat([owed(feed, "2025-04", "2026-03") for feed in FEEDS]),
        "judged_deliveries": frame(
            "feed contract_version state deliveries without_rules with_errors with_failures"
            " with_warnings",
            *((feed, "1.0.0", "passed", 12, 0, 0, 0, 0) for feed in FEEDS),
        ),
        "ledger": frame(
            "feed deliveries in_ledger unexplained", *((feed, 12, 12, 0) for feed in FEEDS)
        ),
        "sources": frame("feed", *((feed,) for feed in FEEDS)),
        "headline": frame(
            "priority_id measure_id measure_name is_headline count rate finding is_provisional",
            (PRIORITIES[0], "asb", "Incidents", True, 40, 1.5, "more", False),
            (PRIORITIES[1], "lines", "Lines", True, 4, 0.5, "no clear change", False),
        ),
        "monthly": frame("measure_id strategy_year count", ("asb", "2025-26", 4)),
        "wards": frame("measure_id count rate", ("lines", 2, 0.2)),
        "figures": frame("measure_id area_type strategy_year count rate", *figures),
        "methods": frame(
            "measure_id statutory_limb",
            ("asb", "crime_and_disorder"),
            ("lines", "serious_violence"),
            ("treated", "substance_misuse"),
            ("reoffended", "reoffending"),
        ),
        "perception": frame(
            "priority_id consultation_edition public_rank share_of_respondents_in_support",
            *((priority, "2024", rank, None) for rank, priority in enumerate(PRIORITIES, 1)),
        ),
        "plan": frame(
            "priority_id quarter_start rag",
            *((priority, pd.Timestamp("2026-01-01"), "green") for priority in PRIORITIES),
        ),
        "case_reviews": frame(
            "measure_id strategy_year count", *((figure, "2025-26", 0) for figure in reviews)
        ),
        "needs_assessment": frame(
            "section count rate",
            *((section, 3, None) for section in CHECKS["needs_assessment"].settings["sections"]),
        ),
        "external": frame("offence_group our_count their_count state", ("Robbery", 9, 9, "agrees")),
        "prescribed": frame(
            "paragraph partner information_period state",
            ("4-5 (a)", "Council", "2025-Q2", "on_time"),
        ),
    }


def ranking():
    return frame(
        "priority_id criterion score scorer rank",
        *((p, "harm", 3, "Partnership analyst", n) for n, p in enumerate(PRIORITIES, 1)),
        *((p, "volume", 4, None, n) for n, p in enumerate(PRIORITIES, 1)),
    )


def changes():
    return frame("measure_id previous now", ("asb", 30, 40), ("lines", 5, 4))


def checked(of_tables, **given):
    """The checklist of these tables."""
    wanted = {
        "changes": changes(), "before": FIRST, "ranking": ranking(),
        "commentary": dict.fromkeys(PRIORITIES, WHY),
    } | given  # fmt: skip
    return checklist.build(of_tables, YEAR, PRIORITIES, **wanted)


def register(*rows):
    """A register of agreements with these rows."""
    found = pd.DataFrame(rows, columns=agreements.COLUMNS)
    days = ["signed_on", "review_by", "ends_on"]
    found[days] = found[days].apply(pd.to_datetime)
    return found


def agreed(feed, signed="2025-01-01", review="2027-01-01", end=None):
    return (
        feed,
        "Sharing protocol",
        "Council",
        "Protocol mailbox",
        signed,
        review,
        end,
        "verified",
    )


def evidence(**given):
    """Evidence with which every check passes, but for what is given."""
    suites = ("governance_reconciliation", "marts_fct_measure")
    sound = Evidence(
        year=YEAR,
        mode="refresh",
        is_synthetic=False,
        today=TODAY,
        tables=tables(),
        contracts=dict.fromkeys(FEEDS, "1.0.0"),
        suites=suites,
        outcomes={name: [RuleOutcome("has_rows", "critical", "passed", "rows")] for name in suites},
        published={
            "files": {"warehouse.duckdb": {"sha256": SHA}},
            "gate_2": {name: {"has_rows": "passed"} for name in suites},
            "held": [],
        },
        database_sha256=SHA,
        is_fresh=True,
        checklist=checked(tables()),
        commentary=dict.fromkeys(PRIORITIES, WHY),
        agreements=register(*(agreed(feed) for feed in FEEDS)),
        cycle=("2024-25", "2025-26", "2026-27"),
        issued=(FIRST,),
        audit=AuditSummary(passed=True, suppressed=5, attacked=5, pinned=0),
    )
    return replace(sound, **given)


def with_table(name, table):
    return evidence(tables=tables() | {name: table})


def waiver(check, scope, expires=TODAY + timedelta(days=30)):
    return Waiver(check, scope, "The partner changed its system; figures follow.", "Chair", expires)


def verdict_on(of_evidence, waivers=()):
    findings = judge.judge(CHECKS, of_evidence)
    return verdict.decide("print", "print", findings, waivers, TODAY, CHECKS)


def suites(**given):
    return evidence(outcomes=evidence().outcomes | given)


def rule(outcome, severity="critical"):
    return [RuleOutcome("has_rows", severity, outcome, "not so: there are rows")]


def found(of_evidence, check, scope):
    """The one finding of the check about the scope."""
    (finding,) = [
        finding
        for finding in judge.judge(CHECKS, of_evidence)
        if (finding.check, finding.scope) == (check, scope)
    ]
    return finding
