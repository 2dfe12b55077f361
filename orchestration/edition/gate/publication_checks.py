"""Checks of the publication: it is up to date, the file that was validated, and valid when checked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.core.wording import counted
from orchestration.edition.gate.evidence import Evidence
from orchestration.quality.check_register import Check
from orchestration.quality.finding import Finding
from orchestration.quality.outcomes import ERRORED, PASSED, RuleOutcome

_PUBLISHED = "published"


def fresh(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding: whether the publication was built from today's deliveries, contracts and code."""
    if evidence.is_fresh is None:
        return [
            check.errored(_PUBLISHED, "it is not known what the published figures were built from")
        ]
    if not evidence.is_fresh:
        return [
            check.failed(
                _PUBLISHED,
                "what is published was not built from today's deliveries, contracts and code; "
                "refresh first",
            )
        ]
    return [
        check.passed(
            _PUBLISHED, "what is published was built from today's deliveries, contracts and code"
        )
    ]


def gate_2(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding for the published file and one per suite, run again on exactly that file.

    The first requires that the file is the one in its manifest and that gate 2, and dbt's tests before
    it, had passed when it was published: no suite runs on a build whose tests failed.
    """
    if not evidence.suites:
        return []
    found = [_published(check, evidence)]
    found += [_suite(check, name, evidence.outcomes.get(name)) for name in evidence.suites]
    unknown = sorted(set(evidence.outcomes) - set(evidence.suites))
    return found + [
        check.failed(name, f"the suite {name} was run but is not one of gate 2") for name in unknown
    ]


def held_measures(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding for each measure that gate 2 held, or that a waiver released; one that there is none.

    A measure that a waiver released was in doubt all the same: the same waiver lifts the finding, and is
    printed.
    """
    if "held" not in evidence.published:
        return [check.errored(_PUBLISHED, "the manifest does not say whether a measure is held")]
    return [
        check.failed(entry["scope"], entry["sentence"]) for entry in evidence.published["held"]
    ] or [check.passed(_PUBLISHED, "no measure is held: each is published as it was built")]


def _published(check: Check, evidence: Evidence) -> Finding:
    manifest = evidence.published
    recorded: Mapping[str, Any] = manifest.get("files", {}).get("warehouse.duckdb", {})
    if not evidence.database_sha256 or recorded.get("sha256") != evidence.database_sha256:
        return check.failed(
            _PUBLISHED, "the database that was judged is not the one that its manifest names"
        )
    then: Mapping[str, Mapping[str, str]] = manifest.get("gate_2") or {}
    if not then:
        return check.failed(
            _PUBLISHED, "the manifest does not say that dbt's tests and gate 2 had passed"
        )
    lacking = [name for name in evidence.suites if not then.get(name)]
    if lacking:
        return check.failed(
            _PUBLISHED, f"the suite {lacking[0]} had not been run when the database was published"
        )
    if any(outcome == ERRORED for rules in then.values() for outcome in rules.values()):
        return check.errored(_PUBLISHED, "a rule could not be run when the database was published")
    return check.passed(
        _PUBLISHED, "the database is the one that dbt's tests and gate 2 had passed"
    )


def _suite(check: Check, name: str, outcomes: Sequence[RuleOutcome] | None) -> Finding:
    if not outcomes:
        return check.errored(name, f"the suite {name} was not run again on the published database")
    errored = [outcome for outcome in outcomes if outcome.outcome == ERRORED]
    if errored:
        return check.errored(name, f"{name}: {errored[0].rule} {errored[0].sentence}")
    blocking = [outcome for outcome in outcomes if outcome.blocks]
    if blocking:
        return check.failed(name, f"{name}: {blocking[0].rule} is {blocking[0].sentence}")
    lesser = sum(outcome.outcome != PASSED for outcome in outcomes)
    more = f"; {counted(lesser, 'rule')} that do not block failed" if lesser else ""
    return check.passed(
        name, f"{name}: {counted(len(outcomes), 'rule')} run again on the published database{more}"
    )
