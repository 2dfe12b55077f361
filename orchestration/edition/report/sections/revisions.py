"""What became of the last assessment's figures: by priority, and by measure where they moved."""

from __future__ import annotations

import pandas as pd

from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import rows, text
from orchestration.edition.report.blocks import Section
from orchestration.edition.report.book import Book, Column, Table
from orchestration.edition.report.sentences import sources

_STATES = ["unchanged", "revised", "withdrawn", "new"]


def section(edition: Edition, book: Book) -> Section:
    """All compared figures by what became of them; every measure that was revised or withdrawn."""
    found = Section("since", "Since the last assessment")
    if edition.before is None or edition.changes.empty:
        found.say(*sources.since_last(edition.changes, edition.before))
        return found
    found.say(
        f"Compared, cell by cell, with the frozen figures of the "
        f"{sources.last_assessment(edition.before)}.",
        *sources.since_last(edition.changes, edition.before),
    )
    found.say(
        "A figure is new where the last assessment did not have it: the months, quarters and areas of "
        "this year, above all. It is revised where a later delivery changed its count, and withdrawn "
        "where there is no figure any more. Figures of a measure stand under its first priority. Each of "
        "them stands in the workbook and in the data files."
    )
    if not edition.rates_changed.empty:
        found.say(_rates(edition.rates_changed))
    counted = _counted(edition)
    found.add(_by_priority(edition, book, counted), _moved(edition, book, counted))
    return found


def _rates(changed: pd.DataFrame) -> str:
    """Which rates changed although their counts did not, and what may explain it."""
    figures = int(changed["figures"].sum())
    named = sorted(
        {one for deliveries in changed["deliveries"] for one in deliveries.split(", ") if one}
    )
    by = f" ({text.listed(named, most=3)})" if named else ""
    return (
        f"The rates of {figures:,} figures changed although their counts did not: what they are "
        f"taken over was revised{by}."
    )


def _counted(edition: Edition) -> pd.DataFrame:
    """One row per measure, with its name and first priority beside what became of its figures."""
    head = rows.table(edition, "headline")
    known = ["measure_id", "measure_name", "priority_name", "priority_order"]
    first = head.reindex(columns=known).sort_values("priority_order").drop_duplicates("measure_id")
    states = edition.changes.groupby(["measure_id", "status"]).size().unstack(fill_value=0)
    counted = states.reindex(columns=_STATES, fill_value=0).join(_largest(edition.changes))
    counted = counted.reset_index().merge(first, on="measure_id", how="left")
    return counted.assign(
        measure_name=counted["measure_name"].fillna(counted["measure_id"]),
        priority_name=counted["priority_name"].fillna("of no priority"),
    )


def _largest(changes: pd.DataFrame) -> pd.DataFrame:
    """Each measure's largest absolute revision (the whole area first) and the deliveries named."""
    revised = changes[changes["status"] == "revised"]
    revised = revised.assign(
        size=revised["difference"].abs(), is_part=revised["area_type"] != "city"
    ).sort_values(
        ["measure_id", "is_part", "size", "area_code", "period_start"],
        ascending=[True, True, False, True, True],
        kind="stable",
    )
    largest = revised.drop_duplicates("measure_id").set_index("measure_id")["difference"]
    named = rows.column(changes, "deliveries").fillna("")
    named_in = changes.assign(delivery=named.astype(str).str.split(", ")).explode("delivery")
    named_in = named_in[named_in["delivery"] != ""].drop_duplicates(["measure_id", "delivery"])
    deliveries = named_in.sort_values("delivery").groupby("measure_id")["delivery"].agg(", ".join)
    return pd.DataFrame({"largest_revision": largest, "deliveries": deliveries})


def _by_priority(edition: Edition, book: Book, counted: pd.DataFrame) -> Table | None:
    summed = (
        counted.groupby(["priority_order", "priority_name"], dropna=False)[_STATES]
        .sum()
        .reset_index()
        .sort_values("priority_order", na_position="last")
    )
    columns = [Column("priority_name", "Priority")]
    columns += [
        Column(state, text.upper_first(state), text.count, is_number=True) for state in _STATES
    ]
    return book.table(summed, "Figures by what became of them", columns)


def _moved(edition: Edition, book: Book, counted: pd.DataFrame) -> Table | None:
    moved = counted[counted["revised"] + counted["withdrawn"] > 0]
    columns = [
        Column("measure_name", "Measure"),
        Column("revised", "Revised", text.count, is_number=True),
        Column("largest_revision", "Largest", sources.signed, True, "none revised"),
        Column("withdrawn", "Withdrawn", text.count, is_number=True),
        Column("deliveries", "Revised by", absent="no delivery named"),
    ]
    notes = [
        "“Largest”: the largest revision, of the whole area where it was revised, else of one part."
    ]
    return book.table(moved, "Measures whose figures were revised or withdrawn", columns, notes)
