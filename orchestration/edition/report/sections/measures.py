"""The table of a priority's measures, and of the figures revised since the last assessment."""

from __future__ import annotations

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import rows, text
from orchestration.edition.report.book import Book, Column, Table, figure_column
from orchestration.edition.report.sentences import measures, sources

_MOST_REVISED = 10
_JUDGED = {True: "more than usual variation", False: "no clear change"}


def table(edition: Edition, book: Book, head: rows.Row) -> Table | None:
    """Every measure of the priority: the year, the year before, the change, the rate."""
    frame = rows.where(rows.table(edition, "headline"), priority_id=head["priority_id"])
    plain = rows.records(frame)
    frame = frame.assign(
        named=[f"{row['measure_name']} ({row['unit']})" for row in plain],
        judged=[_judged(row) for row in plain],
        over=[_rate(row) for row in plain],
    )
    year = edition.year.label
    now, before = text.label(year), text.label(text.previous_year(year))
    hidden = "comparison_hidden"
    frame[hidden] = rows.column(frame, "suppressed").fillna(
        rows.column(frame, "previous_suppressed")
    )
    columns = [
        Column("named", "Measure"),
        figure_column("count", now, text.count, is_tight=True, absent="rate only"),
        figure_column(
            "previous_count",
            before,
            text.count,
            is_tight=True,
            suppressed_by="previous_suppressed",
            reason="not_judged_because",
            absent="rate only",
        ),
        Column("judged", f"Change on {before}", suppressed_by=hidden),
        figure_column(
            "over",
            f"Rate ({edition.in_words['confidence_percent']}% interval)",
            str,
            is_number=False,
            absent="no rate",
            is_tight=True,
        ),
    ]
    if "count" not in frame:
        return None
    return book.table(frame, f"{head['priority_name']}: all measures, {now} and {before}", columns)


def _judged(row: rows.Row) -> str:
    """The change and its verdict: `up 14%: more than usual variation, for the worse`."""
    moved = measures.change(row)
    if row.get("change_is_significant") is None:
        why = row.get("not_judged_because")
        wording = f"cannot be judged: {vocabulary.brief(why)}" if why else "cannot be judged"
        return f"{moved}; {wording}" if moved else wording
    good = {"better": ", for the better", "worse": ", for the worse"}
    sure = _JUDGED[bool(row["change_is_significant"])] + good.get(row.get("verdict") or "", "")
    return f"{moved}: {sure}" if moved else sure


def _rate(row: rows.Row) -> str | None:
    """A rate with what it is over and its interval: `28.8 per 1,000 (28.2 to 29.5)`."""
    if row.get("rate") is None:
        return None
    is_share = row.get("method") == "proportion"
    over = "%" if is_share else f" per {row['rate_per']:,}"
    interval = ""
    if row.get("rate_lower") is not None and row.get("rate_upper") is not None:
        interval = f" ({text.rate(row['rate_lower'])} to {text.rate(row['rate_upper'])})"
    return f"{text.rate(row['rate'])}{over}{interval}"


def revised(edition: Edition, book: Book, head: rows.Row, changes: pd.DataFrame) -> Table | None:
    """The largest revisions since the last assessment, and the deliveries that caused them."""
    moved = changes[changes["status"].isin(["revised", "withdrawn"])] if len(changes) else changes
    if moved.empty or edition.before is None:
        return None
    size = rows.column(moved, "difference").astype("float64").abs()
    moved = (
        moved.assign(size=size)
        .sort_values(
            ["size", "measure_id", "area_code", "period_start"],
            ascending=[False, True, True, True],
            kind="stable",
        )
        .head(_MOST_REVISED)
    )
    names = rows.table(edition, "methods")
    named = dict(zip(names["measure_id"], names["measure_name"], strict=True)) if len(names) else {}
    moved = moved.assign(
        measure=moved["measure_id"].map(lambda one: named.get(one, one)),
        period=[
            text.period(a, b)
            for a, b in zip(moved["period_start"], moved["period_end"], strict=True)
        ],
    )
    columns = [
        Column("measure", "Measure"),
        Column("area_name", "Area"),
        Column("period", "Period"),
        figure_column("previous", "Then", text.count, reason=None),
        figure_column("now", "Now", text.count, reason=None, absent="withdrawn"),
        figure_column("difference", "Difference", sources.signed, reason=None, absent="withdrawn"),
        Column("deliveries", "Revised by", absent="no delivery named"),
    ]
    caption = f"{head['priority_name']}: figures revised since {text.label(edition.before.year)}"
    notes = [f"The {_MOST_REVISED} largest; all of them are in the workbook."]
    full = len(changes[changes["status"].isin(["revised", "withdrawn"])]) > _MOST_REVISED
    return book.table(moved, caption, columns, notes if full else [])
