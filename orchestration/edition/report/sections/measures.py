"""The table of a priority's measures, and of the figures revised since the last assessment."""

from __future__ import annotations

import pandas as pd

from orchestration.edition.model import Edition
from orchestration.edition.report import rows, text, words, words_sources
from orchestration.edition.report.book import Book, Column, Table, figure_column

_MOST_REVISED = 10
_JUDGED = {True: "more than chance", False: "no clear change"}


def table(edition: Edition, book: Book, head: rows.Row) -> Table | None:
    """Every measure of the priority: the year, the year before, the change, the rate."""
    frame = rows.where(rows.table(edition, "headline"), priority_id=head["priority_id"])
    plain = rows.records(frame)
    frame = frame.assign(
        named=[f"{row['measure_name']} ({row['unit']})" for row in plain],
        moved=[words.change(row) or None for row in plain],
        judged=[_judged(row) for row in plain],
        interval=[_interval(row) for row in plain],
        scale=[_scale(row) for row in plain],
    )
    year = edition.year.label
    now, before = text.label(year), text.label(text.previous_year(year))
    hidden = "comparison_hidden"
    frame[hidden] = rows.column(frame, "suppressed").fillna(
        rows.column(frame, "previous_suppressed")
    )
    columns = [
        Column("named", "Measure"),
        figure_column("count", now, text.count, is_tight=True),
        figure_column(
            "previous_count",
            before,
            text.count,
            is_tight=True,
            suppressed_by="previous_suppressed",
            reason="not_judged_because",
        ),
        figure_column(
            "moved",
            "Change",
            str,
            is_number=False,
            suppressed_by=hidden,
            reason="not_judged_because",
            absent="not known",
        ),
        Column("judged", "More than chance?", suppressed_by=hidden),
        figure_column("rate", "Rate", text.rate, absent="no rate"),
        figure_column("interval", "95% interval", is_tight=True, show=str, absent="no rate"),
        Column("scale", "Rate for every"),
    ]
    if "count" not in frame:
        return None
    return book.table(frame, f"{head['priority_name']}: all measures, {now} and {before}", columns)


def _judged(row: rows.Row) -> str:
    if row.get("change_is_significant") is None:
        why = row.get("not_judged_because")
        return f"cannot be judged: {text.brief(why)}" if why else "cannot be judged"
    good = {"better": ", for the better", "worse": ", for the worse"}
    return _JUDGED[bool(row["change_is_significant"])] + good.get(row.get("verdict") or "", "")


def _interval(row: rows.Row) -> str | None:
    if row.get("rate_lower") is None or row.get("rate_upper") is None:
        return None
    return f"{text.rate(row['rate_lower'])} to {text.rate(row['rate_upper'])}"


def _scale(row: rows.Row) -> str:
    if row.get("method") == "proportion":
        return "100 (share)"
    return "no rate" if row.get("rate") is None else f"{row['rate_per']:,}"


def revised(edition: Edition, book: Book, head: rows.Row, changes: pd.DataFrame) -> Table | None:
    """The figures that moved most since the last assessment, and the deliveries that moved them."""
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
        figure_column(
            "difference", "Difference", words_sources.signed, reason=None, absent="withdrawn"
        ),
        Column("deliveries", "Revised by", absent="no delivery named"),
    ]
    caption = f"{head['priority_name']}: figures revised since {text.label(edition.before.year)}"
    notes = [f"The {_MOST_REVISED} largest; all of them are in the workbook."]
    full = len(changes[changes["status"].isin(["revised", "withdrawn"])]) > _MOST_REVISED
    return book.table(moved, caption, columns, notes if full else [])
