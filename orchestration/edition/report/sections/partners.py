"""Other partners' view of a priority: violence as several of them record it, and harm by weight."""

from __future__ import annotations

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import charts, rows, text
from orchestration.edition.report.blocks import Section, sentences
from orchestration.edition.report.book import Book, Column, Figure, figure_column
from orchestration.edition.report.sentences import sources

# The priority that harm weights and the partners' counts of violence are about.
_VIOLENCE = "serious_violence_vawg"


def add(edition: Edition, book: Book, found: Section, row: rows.Row) -> None:
    """Add the cross-check and harm where they apply and were supplied."""
    pairs = _relevant(edition, row["priority_id"])
    if not rows.shown(pairs).empty:
        title = sources.cross_check(pairs, edition.year.label)
        found.head(
            "What other partners see",
            sentences(
                [
                    f"{title}.",
                    "Partners may record the same event, so their counts are never added.",
                ]
            ),
            _cross_check(edition, book, pairs, title),
            book.table(
                pairs[pairs["strategy_year"] == edition.year.label],
                f"{row['priority_name']}: partners’ counts, {text.label(edition.year.label)}",
                _columns(),
            ),
        )
    if row["priority_id"] == _VIOLENCE:
        _harm(edition, book, found)


def _relevant(edition: Edition, priority_id: str) -> pd.DataFrame:
    """The pairs, for a priority with at least two of their measures."""
    pairs = rows.table(edition, "cross_check")
    own = rows.where(rows.table(edition, "headline"), priority_id=priority_id)
    if "measure_id" not in pairs or "measure_id" not in own:
        return pairs.iloc[:0]
    shared = set(pairs["measure_id"]) & set(own["measure_id"])
    return pairs if len(shared) >= 2 and "violence_with_injury" in shared else pairs.iloc[:0]


def _columns() -> list[Column]:
    sure = {True: "more than usual variation", False: "no clear change"}
    return [
        Column("measure_name", "Partner’s measure"),
        figure_column("count", "Count", text.count),
        figure_column("change_percent", "Change on the year before", _change, absent="not known"),
        Column(
            "change_is_significant",
            "More than usual variation?",
            lambda value: sure[bool(value)],
            absent="cannot be judged",
            suppressed_by="suppressed",
        ),
    ]


def _change(value: float) -> str:
    if abs(value) < 0.05:
        return "the same"
    return f"{'up' if value > 0 else 'down'} {text.percent(abs(value))}"


def _cross_check(edition: Edition, book: Book, pairs: pd.DataFrame, title: str) -> Figure:
    about = "Violence as each partner counts it, by strategy year. Each has its own scale"
    source = (
        "Source: deliveries of police, emergency department, ambulance, hospital and victim service, "
        f"data as at {text.day(edition.data_as_at)}."
    )
    return book.figure(
        charts.cross_check(pairs), title, about, title, source, shape="tall", narrowest=600
    )


def _harm(edition: Edition, book: Book, found: Section) -> None:
    harm = rows.table(edition, "harm")
    there = rows.shown(harm, "share_of_harm")
    if there.empty:
        hidden = rows.column(harm, "suppressed").notna().any()
        sentence = (
            f"Harm by offence group is {vocabulary.NOT_SHOWN_IN_WORDS}."
            if hidden
            else "No harm weights were supplied, so offences are not weighed by harm."
        )
        found.head("Harm", sentences([sentence]))
        return
    top = there.sort_values(["share_of_harm", "offence_group"], ascending=[False, True]).iloc[0]
    leading = text.lower_first(str(top["offence_group"]))
    share = text.share(top["share_of_harm"])
    sentence = f"By weight of harm, {leading} is the largest group: {share} of all."
    columns = [
        Column("offence_group", "Offence group"),
        figure_column("offences", "Offences", text.count, reason=None),
        figure_column("share_of_harm", "Share of harm", text.share, reason=None),
        Column("is_proactive", "Found by", lambda value: "police work" if value else "reports"),
    ]
    caption = (
        f"Offences and harm by group, {text.label(edition.year.label)}, scheme {top['scheme']}"
    )
    notes = [
        "Offences found by police work rise and fall with police work, so they are told apart."
    ]
    found.head("Harm", sentences([sentence]), book.table(harm, caption, columns, notes))
