"""The verdict of gate 3 on one build of an assessment: allowed, or held and exactly why.

Deny by default. `decide` is a function of its arguments alone; the verdict identifies what it judged by
its fingerprint, so that a verdict on another build releases nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.core.errors import WarehouseError
from orchestration.core.files import write_json
from orchestration.core.wording import day
from orchestration.quality.check_register import Check, scope_problem
from orchestration.quality.finding import Finding
from orchestration.quality.waivers import Waiver


class AssessmentHeld(WarehouseError):
    """The assessment may not be issued. The message says why; nothing has changed."""


@dataclass(frozen=True)
class AssessmentVerdict:
    """Whether one build of an assessment may be issued, and why not.

    * `reasons` are sentences, one per failure, in the order of the checks; empty when allowed.
    * `fingerprint` identifies what was judged.
    * `used_waivers` each cover at least one failure; `unused_waivers` cover none (nothing failed there,
      or the waiver is no longer valid).
    """

    allow: bool
    reasons: tuple[str, ...]
    fingerprint: str
    findings: tuple[Finding, ...]
    used_waivers: tuple[Waiver, ...]
    unused_waivers: tuple[Waiver, ...] = ()


def decide(
    fingerprint: str,
    judged: str | None,
    findings: Sequence[Finding],
    waivers: Sequence[Waiver],
    today: date,
    required: Mapping[str, Check],
) -> AssessmentVerdict:
    """The verdict on what has `fingerprint`.

    `judged` is the fingerprint of what the findings are about; `required` are the checks that must
    have findings, by name. A waiver lifts a failed critical finding if it names exactly its check and
    scope, has not expired on `today`, and the check may be waived; it never lifts an error.
    """
    reasons = _overall_reasons(fingerprint, judged, findings, required)
    used: set[Waiver] = set()
    for name, check in required.items():
        own = [finding for finding in findings if finding.check == name]
        reasons += _missing_findings(check, own)
        for finding in own:
            if finding.blocks:
                matching = [w for w in waivers if (w.check, w.scope) == (name, finding.scope)]
                counting = [w for w in matching if _lifts(w, finding, check, today)]
                used |= set(counting[:1])
                if not counting:
                    reasons.append(_refusal(finding, check, matching))
    return AssessmentVerdict(
        allow=not reasons,
        reasons=tuple(dict.fromkeys(reasons)),
        fingerprint=fingerprint,
        findings=tuple(findings),
        used_waivers=tuple(waiver for waiver in waivers if waiver in used),
        unused_waivers=tuple(waiver for waiver in waivers if waiver not in used),
    )


def authorise(
    verdict: AssessmentVerdict | None,
    fingerprint: str,
    today: date,
    waivers: Sequence[Waiver],
    required: Mapping[str, Check],
) -> None:
    """Raise unless `verdict` allows what has `fingerprint`, today, and follows from its own findings.

    `waivers` and `required` are those of today, as `decide` takes them.

    Raises:
        AssessmentHeld: with the first reason; also where a waiver that was used has since expired.
    """
    if verdict is None:
        raise AssessmentHeld("there is no verdict on the assessment; gate 3 has not run")
    if not fingerprint or verdict.fingerprint != fingerprint:
        raise AssessmentHeld("the verdict is on another build; gate 3 must run again")
    if not verdict.allow or verdict.reasons:
        first = verdict.reasons[0] if verdict.reasons else "the verdict does not allow it"
        more = f" (and {len(verdict.reasons) - 1} more)" if len(verdict.reasons) > 1 else ""
        raise AssessmentHeld(f"{first}{more}")
    for waiver in verdict.used_waivers:
        if waiver.expires < today:
            raise AssessmentHeld(f"{_expired(waiver)}; gate 3 must run again")
    # A verdict is on disk between gate and release: one that was edited by hand releases nothing.
    if decide(fingerprint, fingerprint, verdict.findings, waivers, today, required) != verdict:
        raise AssessmentHeld("the verdict does not follow from its findings; gate 3 must run again")


def write_verdict(path: Path, verdict: AssessmentVerdict) -> None:
    """Write the verdict as JSON, atomically."""
    document = asdict(verdict)
    for key in ("used_waivers", "unused_waivers"):
        document[key] = [
            {**waiver, "expires": waiver["expires"].isoformat()} for waiver in document[key]
        ]
    write_json(path, document)


def read_verdict(path: Path) -> AssessmentVerdict | None:
    """The verdict that was written there; None if there is none, or it cannot be trusted."""
    try:
        return _verdict(json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError, KeyError, AttributeError):
        return None  # what cannot be read allows nothing


def _verdict(document: dict[str, Any]) -> AssessmentVerdict | None:
    verdict = AssessmentVerdict(
        **{
            **document,
            "reasons": tuple(document["reasons"]),
            "findings": tuple(Finding(**entry) for entry in document["findings"]),
            "used_waivers": _waivers(document["used_waivers"]),
            "unused_waivers": _waivers(document["unused_waivers"]),
        }
    )
    is_sound = verdict.allow is (not verdict.reasons) and (verdict.findings or not verdict.allow)
    return verdict if is_sound else None


def _waivers(entries: Sequence[Mapping[str, str]]) -> tuple[Waiver, ...]:
    return tuple(
        Waiver(
            check=entry["check"],
            scope=entry["scope"],
            reason=entry["reason"],
            approver=entry["approver"],
            expires=date.fromisoformat(entry["expires"]),
        )
        for entry in entries
    )


def _overall_reasons(
    fingerprint: str,
    judged: str | None,
    findings: Sequence[Finding],
    required: Mapping[str, Check],
) -> list[str]:
    reasons = []
    if not fingerprint:
        reasons.append("what is to be issued has no fingerprint")
    if judged is None:
        reasons.append("nothing was judged; gate 3 has not run")
    elif judged != fingerprint:
        reasons.append("the findings are stale: they are about another build; run gate 3 again")
    if not required:
        reasons.append("no check is required, so nothing would have been checked")
    if not findings:
        reasons.append("gate 3 found nothing at all, so nothing was checked")
    unknown = sorted({finding.check for finding in findings} - set(required))
    return reasons + [f"{name}: there is no such check of gate 3" for name in unknown]


def _missing_findings(check: Check, own: Sequence[Finding]) -> list[str]:
    if not own:
        return [f"{check.name}: nothing was checked"]
    if not check.may_say_nothing and all(f.severity != check.severity for f in own):
        return [f"{check.name}: nothing was checked at its severity, {check.severity}"]
    return []


def _lifts(waiver: Waiver, finding: Finding, check: Check, today: date) -> bool:
    return (
        finding.outcome == "failed"
        and check.may_be_waived
        and waiver.expires >= today
        and not scope_problem(check, waiver.scope)
    )


def _refusal(finding: Finding, check: Check, matching: Sequence[Waiver]) -> str:
    state = "could not be checked, " if finding.outcome == "errored" else ""
    sentence = f"{check.name}: {state}{finding.detail}"
    if not matching:
        return sentence
    if finding.outcome == "errored":
        return f"{sentence}; an error cannot be waived"
    if not check.may_be_waived:
        return f"{sentence}; this check cannot be waived"
    if problem := scope_problem(check, finding.scope):
        return f"{sentence}; the waiver {problem}"
    return f"{sentence}; {_expired(max(matching, key=lambda waiver: waiver.expires))}"


def _expired(waiver: Waiver) -> str:
    return f"the waiver of {waiver.check} for {waiver.scope} expired on {day(waiver.expires)}"
