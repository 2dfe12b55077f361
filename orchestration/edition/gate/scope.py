"""What an assessment is about: the feeds that the partnership agreed on, or that deliver.

A partnership of six feeds is held to six: what fails only for want of a feed that nobody agreed to share is
told as outside the assessment, and blocks nothing. Where no agreement with a partner is registered,
everything that has a contract is within: a gap is never explained by saying nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from orchestration.core.vocabulary import OUTSIDE
from orchestration.edition.gate.evidence import Evidence
from orchestration.quality.check_register import Check
from orchestration.quality.finding import Finding

CONSULTATION = "council/consultation_responses"
PLAN = "council/plan_actions"
_FIGURES, _RESIDENTS, _IMPLEMENTED = ("1", "2", "3", "4"), "5", "6"


def outside(
    contracts: Sequence[str] | Mapping[str, str],
    delivered: Sequence[str] | pd.Series,
    agreements: pd.DataFrame,
    open_licences: Sequence[str] | Mapping[str, str],
) -> frozenset[str]:
    """The feeds that are no part of the assessment: no agreement names them, and they never delivered.

    `agreements` has a row per feed and agreement. An open licence is shipped for every partnership and
    says nothing of what this one takes. Empty where no other agreement is registered.
    """
    own = agreements[~agreements["agreement"].isin(list(open_licences))]
    if own.empty:
        return frozenset()
    return frozenset(contracts) - frozenset(own["feed"]) - frozenset(delivered)


def held_to(
    checks: Mapping[str, Check], evidence: Evidence, findings: Sequence[Finding]
) -> list[Finding]:
    """The findings, with those that fail only for want of feeds outside noted as such.

    Raises:
        EvidenceMissing: a table or column that says which feed a measure comes from is missing.
    """
    beyond = outside(
        evidence.contracts,
        evidence.table("sources", "feed")["feed"],
        evidence.agreements,
        checks["agreements"].settings["open_licences"],
    )
    if not beyond:
        return list(findings)
    needs = _feeds_needed(evidence)
    return [
        replace(one, severity="info", detail=f"{one.scope} is {OUTSIDE}: {one.detail}")
        if one.outcome == "failed" and one.check in needs and _is_beyond(needs, one, beyond)
        else one
        for one in findings
    ]


def _is_beyond(
    needs: Mapping[str, Callable[[str], frozenset[str]]], one: Finding, beyond: frozenset[str]
) -> bool:
    feeds = needs[one.check](one.scope)
    return bool(feeds) and feeds <= beyond


def _feeds_needed(evidence: Evidence) -> dict[str, Callable[[str], frozenset[str]]]:
    """By check: the feeds of which one would do for what a finding is about. None: it needs no feed."""
    methods = evidence.table("methods", "measure_id", "statutory_limb", "source_feed")
    source = methods.set_index("measure_id")["source_feed"]
    limbs = methods.groupby("statutory_limb")["source_feed"].agg(frozenset)
    headline = evidence.table("headline", "priority_id", "measure_id", "is_headline")
    leading = headline[headline["is_headline"].astype(bool)]
    by_priority = leading["measure_id"].map(source).groupby(leading["priority_id"]).agg(frozenset)
    sections = evidence.table("needs_assessment", "section", "measure_id")
    by_section = sections["measure_id"].map(source).groupby(sections["section"]).agg(frozenset)

    def of(feeds: pd.Series) -> Callable[[str], frozenset[str]]:
        return lambda scope: feeds.get(scope, frozenset())

    def of_element(scope: str) -> frozenset[str]:
        element, _, priority = scope.partition("/")
        if element in (_RESIDENTS, _IMPLEMENTED):
            return frozenset({CONSULTATION if element == _RESIDENTS else PLAN})
        found: frozenset[str] = by_priority.get(priority, frozenset())
        return found if priority and element in _FIGURES else frozenset()

    return {
        "completeness": lambda feed: frozenset({feed}),
        "case_reviews": lambda measure: frozenset({source.get(measure, "")}) - {""},
        "limbs": of(limbs),
        "needs_assessment": of(by_section),
        "provisional": of(by_priority),
        "checklist": of_element,
        "elements": of_element,
    }
