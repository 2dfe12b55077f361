"""Every check of gate 3, run over the evidence; and the gates as the edition prints them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from orchestration.edition.gate import deliveries, outside, publication, statute
from orchestration.edition.gate.agreements import agreements
from orchestration.edition.gate.evidence import Evidence, EvidenceMissing
from orchestration.edition.gate.finding import Finding
from orchestration.edition.gate.rules import Check
from orchestration.edition.gate.verdict import AssessmentVerdict
from orchestration.quality.outcomes import RuleOutcome

# The code of every check, by the name it has in `expectations/assessment/gate_3.yaml`.
CODE: Mapping[str, Callable[[Check, Evidence], list[Finding]]] = {
    "fresh": publication.fresh,
    "gate_1": deliveries.gate_1,
    "gate_2": publication.gate_2,
    "reconciliation": deliveries.reconciliation,
    "completeness": deliveries.completeness,
    "cycle": outside.cycle,
    "checklist": statute.checklist,
    "elements": statute.elements,
    "limbs": statute.limbs,
    "needs_assessment": statute.needs_assessment,
    "case_reviews": statute.case_reviews,
    "external": outside.external,
    "agreements": agreements,
    "disclosure": outside.disclosure,
    "commentary": statute.commentary,
    "provisional": statute.provisional,
    "prescribed": statute.prescribed,
}
_GATES = {"gate_1": 1, "gate_2": 2}
_NOT_THERE = "evidence"


def judge(checks: Mapping[str, Check], evidence: Evidence) -> list[Finding]:
    """The findings of all checks, in the order of `checks`.

    A check whose table or column is not there is in error, which no waiver lifts; any other exception
    is a fault of the code and is not caught.
    """
    found: list[Finding] = []
    for name, check in checks.items():
        try:
            found += CODE[name](check, evidence)
        except EvidenceMissing as problem:
            found.append(check.errored(_NOT_THERE, str(problem)))
    return found


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
