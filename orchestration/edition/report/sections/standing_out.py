"""Wards that stand out for several headline measures at once, and for how many years running."""

from __future__ import annotations

import pandas as pd

from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import rows, text
from orchestration.edition.report.blocks import Section
from orchestration.edition.report.book import Book, Column, figure_column


def section(edition: Edition, book: Book) -> Section | None:
    """The wards above the outer limit of the funnel for at least one headline measure; None when unknown."""
    wards = rows.table(edition, "ward_flags")
    if "above_outer_limit" not in wards or wards.empty:
        return None
    found = Section("wards", "Wards that stand out", begins_page=True)
    number = pd.to_numeric(wards["above_outer_limit"]).fillna(0)
    there = wards[number > 0]
    found.say(finding(there, wards))
    found.say(
        "A flag says where to look, not what to do: whether the partnership can act on it is for the",
        "partnership to judge. Rates are of residents, so a ward with a centre that many people visit",
        "has a high rate.",
    )
    columns = [
        Column("ward_name", "Ward"),
        _number("above_outer_limit", "Measures above the outer limit"),
        Column("flagged_measures", "Which", absent="none"),
        _number("in_top_fifth", "Among the highest fifth"),
        _number("measures", "Measures known by ward"),
        _number("years_on_list", "Years running"),
    ]
    ordered = there.sort_values(
        ["above_outer_limit", "in_top_fifth", "ward_name"],
        ascending=[False, False, True],
        kind="stable",
    )
    # A column that this variant does not publish is null throughout and says nothing about a ward.
    known = [column for column in columns if rows.column(ordered, column.key).notna().any()]
    found.add(book.table(ordered, "Wards above the outer limit of a headline measure", known))
    return found


def _number(key: str, title: str) -> Column:
    return figure_column(key, title, text.count, reason=None)


def finding(there: pd.DataFrame, wards: pd.DataFrame) -> str:
    """How many wards are flagged, and which ones for most measures, in a sentence."""
    if there.empty:
        return f"No ward of {len(wards)} is above the outer limit of any headline measure."
    most = int(there["above_outer_limit"].max())
    names = there.loc[there["above_outer_limit"] == most, "ward_name"].sort_values().tolist()
    verb = "is" if len(there) == 1 else "are"
    begin = f"{text.upper_first(text.few(len(there)))} of {len(wards)} wards {verb} above the outer limit"
    measures = "one headline measure" if most == 1 else f"{text.few(most)} headline measures"
    return f"{begin} of at least one headline measure; {text.listed(names, 3)} of {measures}."
