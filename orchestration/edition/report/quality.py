"""The quality page: gates, outcomes, counts and waivers for readers. Never a failing value."""

from __future__ import annotations

from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import page, text
from orchestration.edition.report.blocks import Section
from orchestration.edition.report.book import Book, Column
from orchestration.edition.report.sections import front, methods, statement

_GATES = {
    1: "Gate 1: what partners send",
    2: "Gate 2: what the warehouse makes of it",
    3: "Gate 3: what the assessment needs",
}
_SETTLED = ("passed", "waived")


def render(edition: Edition) -> str:
    """The quality page of an edition. It prints outcomes and counts, never a value that failed."""
    book = Book()
    found = [
        _verdict(edition),
        *[_gate(edition, book, gate) for gate in sorted(_GATES)],
        methods.waivers(edition, book),
        statement.section(edition, book),
    ]
    return page.fill(
        "quality.html.j2",
        edition,
        title=f"Quality of the strategic assessment {text.label(edition.year.label)}",
        facts=front.facts(edition),
        warnings=front.warnings(edition),
        sections=found,
    )


def _verdict(edition: Edition) -> Section:
    found = Section("verdict", "Verdict")
    if edition.reasons:
        found.say("HOLD: this assessment may not be issued.", *edition.reasons)
    else:
        found.say("ALLOW: every check that gate 3 makes has passed or was waived by name.")
    return found


def _gate(edition: Edition, book: Book, gate: int) -> Section:
    found = Section(f"gate-{gate}", _GATES[gate])
    checks = edition.gates
    checks = checks[checks["gate"] == gate] if "gate" in checks else checks
    if checks.empty:
        found.say("No outcome of this gate is recorded.")
        return found
    number = checks["outcome"].value_counts(sort=False).sort_index()
    counted = text.listed([f"{count:,} {outcome}" for outcome, count in number.items()])
    found.say(f"{len(checks):,} {'check' if len(checks) == 1 else 'checks'}: {counted}.")
    columns = [
        Column("check", "Check"),
        Column("scope", "About"),
        Column("outcome", "Outcome"),
        Column("severity", "Severity", absent="not given"),
        Column("detail", "What was found", absent="no detail"),
        Column("waived_by", "Waived by", absent="not waived"),
    ]
    ordered = checks.assign(settled=checks["outcome"].isin(_SETTLED)).sort_values(
        ["settled", "check", "scope"], kind="stable"
    )
    found.add(book.table(ordered, f"Checks of gate {gate}, what did not pass first", columns))
    return found
