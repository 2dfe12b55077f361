"""Checks of what the law requires of an assessment, and of what a reader must know about its figures."""

from __future__ import annotations

from orchestration.core.wording import joined
from orchestration.edition.gate.checklist import ELEMENTS
from orchestration.edition.gate.evidence import Evidence, columns_of
from orchestration.edition.gate.wording import section_is_filled
from orchestration.quality.check_register import Check
from orchestration.quality.finding import Finding


def checklist(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding per element of regulation 7 and priority: there is evidence, or a recorded gap.

    The priorities are those of the headline table and of the consultation: one that the checklist
    leaves out is an error.
    """
    rows = columns_of(
        {"checklist": evidence.checklist}, "checklist", "element", "priority_id", "state", "note"
    )
    if rows.empty:
        return []
    known = [evidence.table(name, "priority_id") for name in ("headline", "perception")]
    priorities = sorted(set().union(*(table["priority_id"] for table in [rows, *known])))
    state = rows.set_index(["element", "priority_id"])[["state", "note"]]
    found = []
    for element, title in ELEMENTS.items():
        for priority in priorities:
            scope = f"{element}/{priority}"
            about = f"{scope}, {title[0].lower()}{title[1:]}"
            own = state[(state.index == (element, priority))]
            if len(own) != 1:
                found.append(
                    check.errored(scope, f"{about}: it does not stand in the checklist once")
                )
            elif own["state"].iloc[0] == "evidence":
                found.append(check.passed(scope, f"{about}: there is evidence"))
            elif own["state"].iloc[0] == "gap":
                found.append(check.passed(scope, f"{about}: a gap that was recorded"))
            else:
                note = " ".join(str(own["note"].iloc[0]).split())
                found.append(check.failed(scope, f"{about}: {note}, and no gap is recorded"))
    return found


def elements(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding per element of regulation 7: at least one priority has evidence for it.

    Gaps may be recorded for one priority or another; an element that is a gap for all of them is not in
    the assessment.
    """
    rows = columns_of({"checklist": evidence.checklist}, "checklist", "element", "state")
    if rows.empty:
        return []
    shown = set(rows.loc[rows["state"].eq("evidence"), "element"])
    return [
        check.passed(str(element), f"element {element} of regulation 7 has evidence ({title})")
        if element in shown
        else check.failed(
            str(element),
            f"element {element} of regulation 7 has evidence for no priority at all ({title})",
        )
        for element, title in ELEMENTS.items()
    ]


def limbs(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding per limb of section 6 of the Act: a measure of it has a figure for the year."""
    register = evidence.table("methods", "measure_id", "statutory_limb")
    figures = evidence.table("figures", "measure_id", "area_type", "strategy_year", "count", "rate")
    known = figures[
        figures["area_type"].eq("city")
        & figures["strategy_year"].eq(evidence.year.label)
        & (figures["count"].notna() | figures["rate"].notna())
    ]
    shown = set(register.loc[register["measure_id"].isin(known["measure_id"]), "statutory_limb"])
    wanted = check.settings["limbs"]
    found = [
        check.passed(limb, f"{limb} has figures for the year ({words})")
        if limb in shown
        else check.failed(limb, f"{limb} has no figure for the year ({words})")
        for limb, words in wanted.items()
    ]
    # A measure of no limb is there because a priority needs it.
    unknown = sorted(set(register["statutory_limb"].dropna()) - set(wanted) - {"none"})
    return found + [check.failed(limb, f"{limb} is no limb of the Act") for limb in unknown]


def needs_assessment(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding per section of the serious violence needs assessment: a measure of it has a figure."""
    rows = evidence.table("needs_assessment", "section", "count", "rate")
    shown = set(rows.loc[rows["count"].notna() | rows["rate"].notna(), "section"])
    return [
        check.passed(
            section, f"the needs assessment has figures of its section {section} ({words})"
        )
        if section in shown
        else check.failed(
            section, f"the needs assessment has no figure of its section {section} ({words})"
        )
        for section, words in check.settings["sections"].items()
    ]


def case_reviews(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding per figure of anti-social behaviour case reviews: it exists for the year."""
    rows = evidence.table("case_reviews", "measure_id", "strategy_year", "count")
    own = rows[rows["strategy_year"].eq(evidence.year.label) & rows["count"].notna()]
    there = set(own["measure_id"])
    return [
        check.passed(figure, f"{figure} is there ({words})")
        if figure in there
        else check.failed(figure, f"{figure} is not there, and must be published ({words})")
        for figure, words in check.settings["figures"].items()
    ]


def prescribed(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding per paragraph of the prescribed information: what was due for the year was received."""
    rows = evidence.table("prescribed", "paragraph", "partner", "information_period", "state")
    owed = check.settings["owed_and_not_there"]
    found = []
    for paragraph, own in rows.groupby("paragraph", sort=True):
        where = f"paragraph {paragraph} ({own['partner'].iloc[0]})"
        lacking = own[own["state"].isin(owed)].sort_values("information_period")
        detail = joined(
            [
                f"{period} is {state.replace('_', ' ')}"
                for period, state in zip(
                    lacking["information_period"], lacking["state"], strict=True
                )
            ]
            or [""]
        )
        found.append(
            check.failed(str(paragraph), f"{where}: {detail}")
            if detail
            else check.passed(
                str(paragraph), f"{where}: nothing that was owed for the year is wanting"
            )
        )
    return found


def commentary(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding per priority: the analyst's commentary says what follows from the figures."""
    priorities = evidence.table("headline", "priority_id")["priority_id"].drop_duplicates()
    return [
        check.passed(priority, f"{priority}: the commentary has a section So what")
        if section_is_filled(evidence.commentary.get(priority, ""), "So what", evidence.prompts)
        else check.failed(
            priority, f"{priority}: the commentary does not say what follows (So what)"
        )
        for priority in priorities
    ]


def provisional(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding per priority: its headline figure for the year exists and is final."""
    rows = evidence.table(
        "headline", "priority_id", "measure_name", "is_headline", "count", "rate", "is_provisional"
    )
    leading = rows[rows["is_headline"].astype(bool)]
    is_known = leading["count"].notna() | leading["rate"].notna()
    is_final = leading["is_provisional"].eq(False).fillna(False).astype(bool)
    return [
        check.failed(priority, f"{priority}: there is no figure of {name} for the year")
        if not known
        else check.passed(priority, f"{priority}: {name} is no longer provisional")
        if final
        else check.failed(priority, f"{priority}: {name} is provisional and may be revised")
        for priority, name, known, final in zip(
            leading["priority_id"], leading["measure_name"], is_known, is_final, strict=True
        )
    ]
