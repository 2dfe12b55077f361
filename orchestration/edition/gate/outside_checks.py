"""Checks against sources other than the year's own figures: another publisher, the attacker, the cycle."""

from __future__ import annotations

from orchestration.core.wording import counted, joined
from orchestration.edition.gate.evidence import Evidence
from orchestration.quality.check_register import Check
from orchestration.quality.finding import Finding

_PUBLISHED = "published"
_SOURCE = "Home Office table"


def external(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding per offence group: our count agrees with the Home Office's within the tolerance.

    The tolerance is set in the warehouse (`governance.external_reconciliation`). Where either count is
    missing the finding says so; it neither passes nor blocks.
    """
    rows = evidence.table("external", "offence_group", "our_count", "their_count", "state")
    if rows.empty or rows["their_count"].isna().all():
        detail = (
            "the Home Office's table of the year was not supplied, so our counts stand uncompared"
        )
        return [check.noted(_SOURCE, detail)]
    found = []
    for group, ours, state in zip(
        rows["offence_group"], rows["our_count"].notna(), rows["state"], strict=True
    ):
        if state == "agrees":
            found.append(check.passed(group, f"{group}: our count agrees with the Home Office's"))
        elif state == "differs":
            detail = f"{group}: our count differs from the Home Office's by more than was agreed"
            found.append(check.failed(group, detail))
        elif state == "not_comparable":
            lacking = "the Home Office's count" if ours else "a whole year of our own"
            detail = f"{group}: {lacking} is not there, so the two stand uncompared"
            found.append(check.noted(group, detail))
        else:
            found.append(check.errored(group, f"{group}: {state} is no result of a comparison"))
    return found


def disclosure(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding: no protected count can be worked out from the public edition."""
    audit = evidence.audit
    if audit is None:
        return [check.errored(_PUBLISHED, "the public edition was not attacked by the audit")]
    if audit.suppressed and not audit.attacked:
        detail = "the audit attacked none of the cells that are suppressed, so it proves nothing"
        return [check.errored(_PUBLISHED, detail)]
    cells = counted(audit.attacked, "protected cell")
    if not audit.passed or audit.pinned:
        detail = (
            f"of {cells} of the public edition {audit.pinned} can be worked out too closely"
            if audit.pinned
            else f"the audit of {cells} of the public edition did not pass"
        )
        return [check.failed(_PUBLISHED, detail)]
    return [
        check.passed(_PUBLISHED, f"{cells} of the public edition attacked, none can be worked out")
    ]


def cycle(check: Check, evidence: Evidence) -> list[Finding]:
    """The editions that the assessment builds on exist: the first year's full one, and last year's.

    One finding for a refresh (`full/2024-25`) and one for every year but the first (`previous/…`); the
    first year has a finding of its own: its assessment has to be full.
    """
    label, years = evidence.year.label, list(evidence.cycle)
    if label not in years:
        detail = f"{label} is no year of the plan ({joined(years) if years else 'it has none'})"
        return [check.failed(f"full/{label}", detail)]
    first, place = years[0], years.index(label)
    issued = {(edition.year, edition.mode) for edition in evidence.issued}
    if place == 0:
        return [
            check.passed(f"full/{label}", f"{label} is the first year of the plan and is full")
            if evidence.mode == "full"
            else check.failed(
                f"full/{label}", f"{label} is the first year of the plan, so it has to be full"
            )
        ]
    found = []
    if evidence.mode == "refresh":
        found.append(
            check.passed(f"full/{first}", f"the full assessment of {first} was issued")
            if (first, "full") in issued
            else check.failed(
                f"full/{first}",
                f"a refresh needs the full assessment of {first}, which was not issued",
            )
        )
    previous = years[place - 1]
    found.append(
        check.passed(f"previous/{previous}", f"the assessment of {previous} was issued")
        if previous in {year for year, _ in issued}
        else check.failed(
            f"previous/{previous}",
            f"the assessment of {previous} was not issued, so there is none to compare with",
        )
    )
    return found
