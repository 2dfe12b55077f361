"""What the command line reports about a verdict and an edition."""

from __future__ import annotations

from orchestration.edition.freeze import Issued, manifests_of
from orchestration.edition.gate.verdict import AssessmentVerdict


def first_reason(verdict: AssessmentVerdict) -> str:
    """The first reason of a HOLD, and how many more there are."""
    more = f" (and {len(verdict.reasons) - 1} more)" if len(verdict.reasons) > 1 else ""
    return f"{verdict.reasons[0]}{more}"


def in_words(verdict: AssessmentVerdict) -> str:
    """The verdict as text: ALLOW or HOLD, every reason, the waivers that were used."""
    lines = [f"Gate 3  {'ALLOW' if verdict.allow else 'HOLD'}: {len(verdict.findings):,} findings"]
    lines += [f"  {reason}" for reason in verdict.reasons]
    lines += [
        f"  waived: {waiver.check} of {waiver.scope} until {waiver.expires}, by {waiver.approver}"
        for waiver in verdict.used_waivers
    ]
    return "\n".join(lines)


def issued_in_words(edition: Issued, *, was_there: bool) -> str:
    """What was issued, its folder, and the hashes that a reader can compare."""
    state = "Already issued; rendered anew, byte for byte the same" if was_there else "Issued"
    lines = [f"{state}  {edition.year} version {edition.version}", f"  {edition.folder}"]
    lines += [
        f"  {variant}: manifest sha256 {sha}"
        for variant, sha in manifests_of(edition.folder).items()
    ]
    return "\n".join(lines)
