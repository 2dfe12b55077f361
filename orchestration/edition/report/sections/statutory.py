"""Statutory content: case reviews, serious violence, prescribed information, regulation 7."""

from __future__ import annotations

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import rows, text
from orchestration.edition.report.blocks import Items, Section
from orchestration.edition.report.book import Book, Column, figure_column
from orchestration.edition.report.sections.consultation_and_plan import names

# Sections of the serious violence needs assessment.
NEEDS = {
    "kinds": "Kinds of violence",
    "causes": "What may lie behind it",
    "cohorts": "Who is harmed and who harms",
    "places": "Where and when",
    "partners": "What partners see",
}


def case_reviews(edition: Edition, book: Book) -> Section | None:
    """The four figures of anti-social behaviour case reviews, exact as the law requires."""
    frame = rows.table(edition, "case_reviews")
    if frame.empty:
        return None
    found = Section("case-reviews", "Anti-social behaviour case reviews")
    found.say(
        "These four figures are published by law (Anti-social Behaviour, Crime and Policing Act "
        "2014, section "
        "104 and Schedule 4). They are exact and never hidden."
    )
    years = sorted(frame["strategy_year"].unique())
    wide = frame.pivot(
        index=["measure_id", "measure_name"], columns="strategy_year", values="count"
    )
    why = frame.pivot(index="measure_id", columns="strategy_year", values="missing_reason")
    wide = wide.reset_index().merge(why.add_prefix("why "), on="measure_id")
    wide["measure_name"] = (
        wide["measure_name"].str.replace(r"^.*?: ", "", regex=True).map(text.upper_first)
    )
    columns = [Column("measure_name", "Figure")]
    columns += [
        Column(
            year,
            text.label(year),
            text.count,
            is_number=True,
            reason=f"why {year}",
            absent="not supplied",
        )
        for year in years
    ]
    found.add(book.table(wide, "Case reviews by strategy year", columns))
    return found


def needs_assessment(edition: Edition, book: Book) -> Section | None:
    """The serious violence strategic needs assessment: kinds, causes, cohorts and places."""
    frame = rows.table(edition, "needs_assessment")
    if frame.empty or "section" not in frame:
        return None
    found = Section("needs-assessment", "Serious violence needs assessment", begins_page=True)
    found.say(
        "Section 8 of the Police, Crime, Sentencing and Courts Act 2022 has the authorities name the kinds",
        "of serious violence in the area and, as far as they can, their causes. Sources stand side by",
        "side and are never added.",
    )
    year = text.label(edition.year.label)
    frame = frame.assign(named=[_named(row) for row in rows.records(frame)])
    columns = [
        Column("named", "Measure"),
        Column("detail", "Why it is here", text.upper_first, absent="not said"),
        figure_column("count", year, text.count, absent="rate only", is_tight=True),
        figure_column(
            "previous_count",
            "Before",
            text.count,
            suppressed_by="previous_suppressed",
            reason="comparison_missing_reason",
            absent="rate only",
            is_tight=True,
        ),
        figure_column("rate", "Rate", text.rate, absent="no rate"),
        Column("finding", "Finding", absent="cannot be judged", suppressed_by="suppressed"),
    ]
    for section in frame["section"].drop_duplicates():
        title = NEEDS.get(section, text.upper_first(str(section)))
        part = frame[frame["section"] == section]
        found.head(title, book.table(part, f"Needs assessment: {text.lower_first(title)}", columns))
    return found


def _named(row: rows.Row) -> str:
    """A measure with its unit and what its rate is over."""
    over = (
        f", rate for every {row['rate_per']:,}"
        if row.get("rate") is not None and row.get("rate_per")
        else ""
    )
    return (
        f"{row['measure_name']} ({row['unit']}{over})" if row.get("unit") else row["measure_name"]
    )


def prescribed(edition: Edition, book: Book) -> Section:
    """What each partner had to supply for each quarter, and whether it arrived in time."""
    found = Section("prescribed", "Prescribed information")
    ledger = rows.table(edition, "prescribed")
    if ledger.empty:
        found.say("No quarter of this year is owed yet.")
        return found
    found.say(
        "The Crime and Disorder (Prescribed Information) Regulations 2007 have each partner "
        "share this every "
        "quarter.",
        _owed(ledger),
    )
    wide = ledger.assign(wording=ledger["state"].map(vocabulary.owed)).pivot(
        index=["paragraph", "partner", "information"],
        columns="information_period",
        values="wording",
    )
    quarters = sorted(ledger["information_period"].unique())
    columns = [Column("information", "Information"), Column("partner", "Partner")]
    columns += [Column(quarter, _quarter(quarter), absent="not owed") for quarter in quarters]
    notes = [
        "“Another cycle”: its publisher makes it yearly. “Before the ledger”: delivered before "
        "this ledger began."
    ]
    found.add(book.table(wide.reset_index(), "Prescribed information by quarter", columns, notes))
    return found


def _quarter(label: str) -> str:
    year, quarter = label.split("-Q")
    first = int(quarter) * 3 - 2
    return f"{text.month_name(first)} to {text.month_name(first + 2)} {year}"


def _owed(ledger: pd.DataFrame) -> str:
    short = ledger[ledger["state"].isin(["late", "missing", "incomplete", "refused"])]
    untold = int((ledger["state"] == "delivered_before_ledger").sum())
    unknown = (
        f" {untold:,} came before this ledger began, so whether they were in time cannot be told."
        if untold
        else ""
    )
    if short.empty:
        began = f"Of {len(ledger)} items owed, none is late, missing, incomplete or refused."
        return began + unknown
    counted = [
        f"{number} {vocabulary.owed(state)}"
        for state, number in short["state"].value_counts(sort=False).items()
    ]
    who = text.listed(sorted(short["partner"].unique()))
    return f"Of {len(ledger)} items owed: {text.listed(counted)} ({who}).{unknown}"


def regulation_7(edition: Edition, book: Book) -> Section:
    """Each element that the assessment must contain, by priority: evidence, or a recorded gap."""
    found = Section("regulation-7", "What regulation 7 asks for")
    checklist = edition.checklist
    if checklist.empty:
        found.say("The checklist has not been made.")
        return found
    elements = checklist.drop_duplicates("element").sort_values("element")
    found.say(
        "Regulation 7 of the Crime and Disorder (Formulation and Implementation of Strategy) "
        "Regulations 2007 "
        "says what a strategic assessment contains."
    )
    shared = _shared_ending(elements["element_title"])
    if shared:
        found.say(f"On the text of all elements: {shared.strip(' ()')}.")
    found.add(
        Items(
            [
                f"Element {row['element']}: {row['element_title'].removesuffix(shared)}."
                for row in rows.records(elements)
            ]
        )
    )
    worded = checklist.assign(wording=checklist["state"].map(vocabulary.said))
    wide = worded.pivot(index="priority_id", columns="element", values="wording").reset_index()
    wide.columns = wide.columns.map(str)
    wide = names(edition).merge(wide, on="priority_id", how="right").sort_values("priority_order")
    wide["priority_name"] = wide["priority_name"].fillna(wide["priority_id"])
    columns = [Column("priority_name", "Priority")]
    columns += [
        Column(str(row["element"]), f"Element {row['element']}", absent="not judged")
        for row in rows.records(elements)
    ]
    found.add(book.table(wide, "Elements by priority", columns))
    found.say("The evidence of each is listed in the workbook.")
    gaps = checklist[checklist["state"] != "evidence"].merge(
        names(edition), on="priority_id", how="left"
    )
    gap_columns = [
        Column("priority_name", "Priority"),
        Column("element_title", "Element"),
        Column("state", "State", vocabulary.said),
        Column("note", "Why", absent="no reason recorded"),
    ]
    found.add(book.table(gaps, "Gaps in the elements", gap_columns))
    return found


def _shared_ending(titles: pd.Series) -> str:
    """The text in brackets at the end of the titles if it is the same in all of them; otherwise empty."""
    endings = titles.str.extract(r"( \([^()]*\))$")[0].unique()
    return str(endings[0]) if len(endings) == 1 and pd.notna(endings[0]) else ""
