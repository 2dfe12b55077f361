"""The data quality statement: each feed in plain English, with a grade by a printed rule."""

from __future__ import annotations

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import rows, text
from orchestration.edition.report.blocks import Block, Items, Section
from orchestration.edition.report.book import Book, Column, figure_column

GOOD, CARE, WEAK, NONE = "good", "use with care", "weak", "nothing due"
OUTSIDE = "outside"
RULE = (
    "Good: every period that was due was delivered, no check failed or broke down, every row is "
    "accounted for and "
    "fewer than one row in a hundred was rejected.",
    "Use with care: at least three quarters of the periods due were delivered, no check broke "
    "down, every row is "
    "accounted for and fewer than one row in twenty was rejected.",
    "Weak: anything less.",
    "Nothing due: no period of this year is due yet.",
)
_OUTSIDE_RULE = (
    "Outside: the partnership neither agreed on the feed nor receives it, so nothing here is about "
    "it."
)
# Classes of the share of rejected rows; an unknown share belongs to neither.
_FEW_REJECTED = ("none", "under_1_percent")
_SOME_REJECTED = (*_FEW_REJECTED, "1_to_5_percent")
_NUMBERS = (
    "rules_failed",
    "rules_errored",
    "rows_rejected",
    "row_count",
    "unexplained",
    "rules_run",
    "deliveries",
    "set_aside",
    "delivered",
    "refused",
    "missing",
    "not_due",
    "periods",
)


def graded(edition: Edition) -> pd.DataFrame:
    """One row per feed: its counts and its grade. Empty if the edition has no record of its feeds."""
    quality, complete = rows.table(edition, "quality"), rows.table(edition, "completeness")
    if "feed" not in quality or "feed" not in complete:
        return pd.DataFrame()
    periods = [name for name in complete if name == "feed" or name not in quality]
    feeds = quality.merge(complete[periods], on="feed", how="left").sort_values("feed")
    wide = feeds.reindex(
        columns=[*feeds.columns, *(name for name in _NUMBERS if name not in feeds)]
    )
    number = wide[list(_NUMBERS)].apply(pd.to_numeric).fillna(0)
    due = number["periods"] - number["not_due"]
    delivered = number["delivered"] / due.where(due > 0, 1)
    rejected = rows.column(feeds, "share_rejected")
    whole = (number["unexplained"] == 0) & (number["rules_errored"] == 0)
    few, some = rejected.isin(_FEW_REJECTED), rejected.isin(_SOME_REJECTED)
    good = whole & (delivered >= 1) & (number["rules_failed"] == 0) & few
    care = whole & (delivered >= 0.75) & some
    grade = (
        pd.Series(WEAK, index=feeds.index).mask(care, CARE).mask(good, GOOD).mask(due <= 0, NONE)
    )
    grade = grade.mask(feeds["feed"].isin(list(outside(edition))), OUTSIDE)
    return feeds.assign(**{name: number[name] for name in _NUMBERS}, due=due, grade=grade)


def outside(edition: Edition) -> frozenset[str]:
    """The feeds that the assessment is not about, as gate 3 found them."""
    told = edition.gates
    is_beyond = told["check"].eq("completeness") & told["detail"].str.contains(
        vocabulary.OUTSIDE, regex=False
    )
    return frozenset(told.loc[is_beyond, "scope"])


def section(edition: Edition, book: Book) -> Section:
    """The statement: the rule, the grades, each feed in a sentence, and our counts beside the published."""
    found = Section("data-quality", "How good the data are", begins_page=True)
    feeds = graded(edition)
    if feeds.empty:
        found.say("This version gives no account of the feeds.")
        return found
    number = feeds["grade"].value_counts()
    counted = [
        f"{number[grade]} {grade}" for grade in (GOOD, CARE, WEAK, NONE, OUTSIDE) if grade in number
    ]
    found.say(f"Of {len(feeds)} feeds, {text.listed(counted)}. Each grade follows this rule:")
    found.add(Items((*RULE, _OUTSIDE_RULE) if OUTSIDE in number else RULE))
    feeds = feeds.assign(said=[_wording(row) for row in rows.records(feeds)])
    columns = [
        Column("title", "Feed"),
        Column("owner", "From", absent="no owner named"),
        Column("grade", "Grade", text.upper_first),
        Column("said", "In words"),
    ]
    found.add(book.table(feeds, "Quality of each feed", columns))
    found.head("Our counts beside the Home Office’s", *_external(edition, book))
    found.head("Rows without a place", *_unplaced(edition, book))
    return found


def _wording(row: rows.Row) -> str:
    due, delivered = int(row["due"]), int(row["delivered"])
    if row["grade"] == OUTSIDE:
        return f"It is {vocabulary.OUTSIDE}."
    if due <= 0:
        parts = ["No period of this year is due yet."]
    elif delivered >= due:
        parts = [
            f"All {text.few(due)} periods due were delivered." if due > 1 else "It was delivered."
        ]
    else:
        shortfall = [
            f"{int(row[key])} {words}"
            for key, words in (("missing", "missing"), ("refused", "refused"))
            if row[key]
        ]
        parts = [
            f"{text.upper_first(text.few(delivered))} of {text.few(due)} periods due were delivered"
            f" ({text.listed(shortfall)}: {row['periods_not_delivered']})."
        ]
    broken, failed = int(row["rules_errored"]), int(row["rules_failed"])
    run = int(row["rules_run"])
    parts.append(f"{failed:,} of {run:,} checks failed." if failed else _all_passed(run))
    if broken:
        parts.append(f"{broken:,} could not be run.")
    if row["rows_rejected"]:
        parts.append(f"{int(row['rows_rejected']):,} rows were rejected.")
    if row["unexplained"]:
        parts.append(f"{int(row['unexplained']):,} rows are not accounted for.")
    if row["set_aside"]:
        parts.append(f"{text.upper_first(text.few(int(row['set_aside'])))} files were set aside.")
    return " ".join(parts)


def _all_passed(run: int) -> str:
    return f"All {run:,} checks passed." if run else "No check was run."


def _external(edition: Edition, book: Book) -> list[Block | None]:
    frame = rows.table(edition, "external")
    if frame.empty:
        return []
    columns = [
        Column("offence_group", "Offence group"),
        figure_column("our_count", "Ours", text.count, reason=None),
        figure_column(
            "their_count", "Home Office", text.count, reason=None, absent="not published"
        ),
        figure_column(
            "difference_percent", "Difference", text.percent, reason=None, absent="none made"
        ),
        Column("state", "Finding", vocabulary.said, suppressed_by="suppressed"),
    ]
    notes = [
        "Codes outside the area are left out of ours. A difference of more than 5% is a finding."
    ]
    return [
        book.table(
            frame, "Recorded crime by offence group: ours and the Home Office’s", columns, notes
        )
    ]


def _unplaced(edition: Edition, book: Book) -> list[Block | None]:
    frame = rows.table(edition, "unplaced")
    methods = rows.table(edition, "methods")
    if frame.empty or methods.empty:
        return []
    head = rows.where(rows.table(edition, "headline"), is_headline=True)
    named = frame.merge(methods[["measure_id", "measure_name"]], on="measure_id", how="left")
    named = named[named["measure_id"].isin(rows.column(head, "measure_id"))]
    columns = [
        Column("measure_name", "Measure"),
        Column("line_name", "Line"),
        figure_column("count", "Count", text.count),
    ]
    notes = [
        "They are in no ward’s count. Lines that begin with “In the area” are in the count of the "
        "whole area; the others are not. Those of other measures are in the workbook."
    ]
    return [
        book.table(named, "Headline measures: rows without a place in the area", columns, notes)
    ]
