"""One priority: finding, control chart, season, places, peers, partners, all its measures, commentary."""

from __future__ import annotations

from typing import Any

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import charts_series, commentary, rows, text
from orchestration.edition.report.blocks import (
    Heading,
    Items,
    Key,
    Pair,
    Prose,
    Section,
    Strip,
    Words,
    sentences,
)
from orchestration.edition.report.book import Book, Figure
from orchestration.edition.report.sections import chart_sources, measures, partners, places
from orchestration.edition.report.sentences import measures as words
from orchestration.edition.report.sentences import months as words_series
from orchestration.edition.report.sentences import sources

_HEADLINE = [
    "priority_id",
    "priority_name",
    "priority_order",
    "measure_id",
    "measure_name",
    "is_headline",
    "unit",
    "rate_per",
    "method",
    "polarity",
    "count",
    "previous_count",
    "change",
    "change_percent",
    "rate",
    "rate_lower",
    "rate_upper",
    "change_is_significant",
    "finding",
    "verdict",
    "not_judged_because",
    "missing_reason",
    "rows_left_out",
    "warned_deliveries",
    "is_provisional",
    "suppressed",
    "is_rounded",
    "previous_suppressed",
]


def headlines(edition: Edition) -> list[rows.Row]:
    """The headline row of each priority, in the strategy's order, with every key there (or None)."""
    frame = rows.where(rows.table(edition, "headline"), is_headline=True)
    return rows.records(frame.reindex(columns=_HEADLINE).sort_values("priority_order"))


def slug(priority_id: str) -> str:
    """The id of a priority's section."""
    return priority_id.replace("_", "-")


def section(edition: Edition, book: Book, row: rows.Row) -> Section:
    """The section of the priority that this headline row belongs to."""
    measure, year = row["measure_id"], edition.year.label
    found = Section(
        slug(row["priority_id"]),
        row["priority_name"],
        short=words.finding(row),
        is_priority=True,
        begins_page=True,
    )
    denominator = rows.first(rows.where(rows.table(edition, "methods"), measure_id=measure))
    over = denominator.get("denominator") if denominator else None
    rate = words.rate(row, over, edition.in_words["confidence_percent"])
    found.add(Words([" ".join(words.headline(row, year))], is_lead=True))
    found.add(Strip(strip(row, over, year)))
    found.say(rate, _baseline(edition, row))
    _series(edition, book, found, row)
    places.add(edition, book, found, row, over)
    partners.add(edition, book, found, row)
    found.head("What the change is made of", sentences(_parts(edition, measure)))
    found.head(
        "Since the last assessment",
        sentences(sources.since_last(_changes(edition, row["priority_id"]), edition.before)),
        measures.revised(edition, book, row, _changes(edition, row["priority_id"])),
    )
    prose = commentary.render(edition.commentary.get(row["priority_id"], ""))
    if prose is None:
        found.head(
            "What the analyst says", Words(["No commentary has been written for this priority."])
        )
    else:
        found.head("What the analyst says", Prose(prose))
    found.head("Every measure of this priority", measures.table(edition, book, row))
    return found


def strip(row: rows.Row, denominator: str | None, year: str) -> list[Key]:
    """The numbers at the top: the year's, the rate and the change."""
    in_year = f"{row['unit']}, {text.label(year)}"
    if row["suppressed"]:
        return [Key(vocabulary.NOT_SHOWN, in_year, vocabulary.NOT_SHOWN_IN_WORDS)]
    keys = []
    if row["count"] is not None:
        about = " (rounded)" if row["is_rounded"] and row["count"] else ""
        keys.append(Key(text.count(row["count"]), f"{in_year}{about}"))
    else:
        keys.append(Key("No figure", f"{in_year}: {vocabulary.reason(row['missing_reason'])}"))
    if row["rate"] is not None:
        per = "%" if row["method"] == "proportion" else ""
        label = "of all" if per else f"for every {words.per(row, denominator)}"
        keys.append(Key(f"{text.rate(row['rate'])}{per}", label))
    before = text.label(text.previous_year(year))
    if row["previous_suppressed"]:
        keys.append(Key(vocabulary.NOT_SHOWN, f"change on {before}", vocabulary.NOT_SHOWN_IN_WORDS))
    elif words.change(row):
        sure = {True: "more than usual variation", False: "no more than usual variation"}
        judged = sure.get(row["change_is_significant"], "cannot be judged")
        keys.append(Key(text.upper_first(words.change(row)), f"{_beside(row)} {before}, {judged}"))
    return keys


def _beside(row: rows.Row) -> str:
    """The words between a change and the year it is compared with."""
    moved = words.change(row)
    if moved.endswith("the same"):
        return "as in"
    return "than in" if moved in ("higher", "lower") else "on"


def _baseline(edition: Edition, row: rows.Row) -> str:
    if edition.mode != "refresh" or edition.baseline is None or row["suppressed"]:
        return ""
    frame = rows.where(
        rows.table(edition, "years"), measure_id=row["measure_id"], period_type="strategy_year"
    )
    by_year: dict[str, Any] = {one["strategy_year"]: one for one in rows.records(frame)}
    return words.since_baseline(by_year, edition.year.label, edition.baseline.year, row["unit"])


def _series(edition: Edition, book: Book, found: Section, row: rows.Row) -> None:
    measure, year, unit = row["measure_id"], edition.year.label, row["unit"]
    months = rows.where(rows.table(edition, "monthly"), measure_id=measure)
    totals = rows.where(rows.table(edition, "rolling"), measure_id=measure)
    index = rows.where(rows.table(edition, "seasonality"), measure_id=measure)
    name, source = row["measure_name"], chart_sources.source(edition, measure)
    seasonal = edition.thresholds["seasonal_points"]
    found.add(Heading("Over time"))
    if rows.shown(months).empty:
        found.say(_no_months(edition, row))
    else:
        breaks = words_series.break_marks(
            rows.where(rows.table(edition, "breaks"), measure_id=measure),
            months["month_start"].min(),
            months["month_start"].max(),
        )
        wording = words_series.control(months, year)
        found.add(
            sentences(wording),
            book.figure(
                charts_series.control_chart(months, breaks),
                words_series.control_title(months, year),
                f"{name}, {unit} a month, {_span(months['month_start'])}",
                " ".join(wording),
                source,
                charts_series.control_key(months, breaks),
                narrowest=560,
            ),
        )
    pair = [
        *_rolling(book, totals, name, unit, source),
        *_season(book, index, name, source, seasonal),
    ]
    if pair:
        found.add(Pair(pair))
    elif rows.shown(months).empty:
        found.add(Items(["There is no series of this measure to draw."]))


def _no_months(edition: Edition, row: rows.Row) -> str:
    method = rows.first(rows.where(rows.table(edition, "methods"), measure_id=row["measure_id"]))
    phrases = {
        "quarter": "by quarter",
        "academic_year": "by school year",
        "financial_year": "by year",
    }
    cadence = phrases.get(method.get("periodicity") or "", "") if method else ""
    return (
        f"The figures come {cadence}, so there is no monthly chart."
        if cadence
        else "No month may be shown."
    )


def _rolling(book: Book, totals: pd.DataFrame, name: str, unit: str, source: str) -> list[Figure]:
    title = words_series.rolling(totals, unit)
    if not title:
        return []
    step = "month" if len(totals) > 12 else "quarter"
    about = f"{text.upper_first(unit)} in the twelve months to the end of each {step}"
    figure = book.figure(
        charts_series.rolling(totals),
        title,
        about,
        f"{name}. {title}",
        source,
        shape="half",
        narrowest=330,
    )
    return [figure]


def _season(
    book: Book, index: pd.DataFrame, name: str, source: str, seasonal: float
) -> list[Figure]:
    title = words_series.season(index, seasonal)
    if not title:
        return []
    about = "100 is an average month; lines show the range of the years"
    figure = book.figure(
        charts_series.season(index),
        title,
        about,
        f"{name}. {title}",
        source,
        shape="half",
        narrowest=330,
    )
    return [figure]


def _span(months: pd.Series) -> str:
    return text.period(months.min(), months.max())


def _changes(edition: Edition, priority_id: str) -> pd.DataFrame:
    head = rows.where(rows.table(edition, "headline"), priority_id=priority_id)
    if "measure_id" not in edition.changes or head.empty:
        return edition.changes.iloc[:0]
    return edition.changes[edition.changes["measure_id"].isin(head["measure_id"])]


def _parts(edition: Edition, measure: str) -> list[str]:
    row = rows.first(rows.where(rows.table(edition, "decomposition"), measure_id=measure))
    return sources.decomposition(row) if row else []
