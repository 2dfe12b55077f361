"""Every check of gate 3, run over the evidence; and the gates as the edition prints them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from orchestration.edition.gate import (
    delivery_checks,
    outside_checks,
    publication_checks,
    scope,
    statutory_checks,
)
from orchestration.edition.gate.agreements import agreements
from orchestration.edition.gate.evidence import Evidence, EvidenceMissing
from orchestration.edition.gate.verdict import AssessmentVerdict
from orchestration.quality.check_register import Check
from orchestration.quality.finding import Finding
from orchestration.quality.outcomes import RuleOutcome

# The function of every check, by its name in `expectations/assessment/gate_3.yaml`.
CODE: Mapping[str, Callable[[Check, Evidence], list[Finding]]] = {
    "fresh": publication_checks.fresh,
    "gate_1": delivery_checks.gate_1,
    "gate_2": publication_checks.gate_2,
    "held_measures": publication_checks.held_measures,
    "reconciliation": delivery_checks.reconciliation,
    "completeness": delivery_checks.completeness,
    "cycle": outside_checks.cycle,
    "checklist": statutory_checks.checklist,
    "elements": statutory_checks.elements,
    "limbs": statutory_checks.limbs,
    "needs_assessment": statutory_checks.needs_assessment,
    "case_reviews": statutory_checks.case_reviews,
    "external": outside_checks.external,
    "agreements": agreements,
    "disclosure": outside_checks.disclosure,
    "commentary": statutory_checks.commentary,
    "provisional": statutory_checks.provisional,
    "prescribed": statutory_checks.prescribed,
}
_GATES = {"gate_1": 1, "gate_2": 2, "held_measures": 2}
_NOT_THERE = "evidence"


def judge(checks: Mapping[str, Check], evidence: Evidence) -> list[Finding]:
    """The findings of all checks, in the order of `checks`.

    A check whose table or column is missing is errored, which no waiver lifts; any other exception is a
    defect in the code and is not caught. What fails only for want of a feed that was never agreed on is noted
    as outside (`scope`).
    """
    found: list[Finding] = []
    for name, check in checks.items():
        try:
            found += CODE[name](check, evidence)
        except EvidenceMissing as problem:
            found.append(check.errored(_NOT_THERE, str(problem)))
    try:
        return scope.held_to(checks, evidence, found)
    except EvidenceMissing:
        return found  # then nothing is excused


def gates_frame(
    findings: Sequence[Finding],
    verdict: AssessmentVerdict,
    outcomes: Mapping[str, Sequence[RuleOutcome]],
) -> pd.DataFrame:
    """The gates as `Edition.gates` has them: one row per finding, and one per rule of gate 2 run again.

    Columns: gate (1, 2 or 3), check, scope, outcome, severity, detail, waived_by (the approver of the
    waiver that was used, else empty). Counts and names only: no value from the data.
    """
    approvers = {(waiver.check, waiver.scope): waiver.approver for waiver in verdict.used_waivers}
    rows: list[tuple[int, str, str, str, str, str, str]] = [
        (
            _GATES.get(finding.check, 3),
            finding.check,
            finding.scope,
            finding.outcome,
            finding.severity,
            finding.detail,
            approvers.get((finding.check, finding.scope), "") if finding.blocks else "",
        )
        for finding in findings
    ]
    rows += [
        (2, outcome.rule, suite, outcome.outcome, outcome.severity, outcome.sentence, "")
        for suite, results in sorted(outcomes.items())
        for outcome in results
    ]
    columns = ["gate", "check", "scope", "outcome", "severity", "detail", "waived_by"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values("gate", kind="stable", ignore_index=True)
