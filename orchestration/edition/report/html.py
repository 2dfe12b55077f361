"""The strategic assessment as one HTML page: no scripts, nothing fetched, the same bytes each time."""

from __future__ import annotations

from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import page
from orchestration.edition.report.blocks import Section
from orchestration.edition.report.book import Book
from orchestration.edition.report.sections import (
    consultation_and_plan,
    decisions,
    front,
    main_points,
    methods,
    priority,
    ranking,
    revisions,
    standing_out,
    statement,
    statutory,
)


def render(edition: Edition) -> str:
    """The whole page as text; it opens from a file and prints to PDF (`pdf.write`).

    Raises:
        ValueError: the report has no wording for a reason, state or decision.
    """
    book = Book()
    main, rest = sections(edition, book)
    return page.fill(
        "report.html.j2",
        edition,
        title=f"Strategic assessment {edition.year.label.replace('-', '–')}",
        facts=front.facts(edition),
        warnings=front.warnings(edition),
        main=main,
        sections=rest,
    )


def sections(edition: Edition, book: Book) -> tuple[Section, list[Section]]:
    """The main points, and all other sections in the order of the table of contents."""
    heads = priority.headlines(edition)
    main = main_points.main_points(edition, book, heads)
    found = [
        decisions.proposals(edition, heads),
        front.profile(edition, book),
        front.how_to_read(edition),
        *[priority.section(edition, book, row) for row in heads],
        standing_out.section(edition, book),
        ranking.section(edition, book),
        consultation_and_plan.consultation(edition, book),
        consultation_and_plan.plan(edition, book),
        revisions.section(edition, book),
        statutory.case_reviews(edition, book),
        statutory.needs_assessment(edition, book),
        statutory.prescribed(edition, book),
        statutory.regulation_7(edition, book),
        statement.section(edition, book),
        methods.section(edition, book),
        methods.breaks(edition, book),
        methods.waivers(edition, book),
        methods.sources(edition, book),
        front.holds(edition),
    ]
    return main, [section for section in found if section is not None and section.blocks]
