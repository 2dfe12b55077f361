"""Methods, breaks in series, waivers used, sources and licence."""

from __future__ import annotations

import re

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import rows, text
from orchestration.edition.report.blocks import Items, Section
from orchestration.edition.report.book import Book, Column

# Filled in with the thresholds that the edition was made with.
_METHODS = (
    "Rates are counts over the people at risk whom the register names: those estimated for the area at the "
    "mid-year of the strategy year, or at the last one before it. Where nobody counted them, or the records "
    "are not of the area’s people, there is no rate. Their {confidence_percent}% intervals are exact "
    "for counts below ten, Byar’s for larger ones and Wilson’s for shares.",
    "Whether a count changed is judged by its months (or quarters), each paired with the same one of "
    "the year before: φ is how many times as much as chance alone the pairs scatter, and the change is "
    "tested by t = (A − B) / √(φ (A + B)) with one degree of freedom fewer than pairs. Fewer than "
    "{minimum_pairs} pairs, or {minimum_paired_mean} events a month on average, are not judged, nor is "
    "a change across a change of recording. Shares are judged by a test of two proportions; a yearly "
    "count by chance alone, since how far it scatters is not known.",
    "Headline measures are judged together, and so are the others (Benjamini and Hochberg): of the "
    "changes that are named, about {false_discovery_percent}% may be chance.",
    "Control charts are individuals charts (XmR) by the rules of NHS England’s “Making data count”. The "
    "season is taken out by an index from at least {seasonal_years} whole years, or by the same month "
    "of the year before; limits are {chart_width} mean moving ranges from what is expected, about three "
    "standard deviations. A gap or a registered change of recording begins a chart anew; with less than "
    "two years there is none.",
    "Ward funnels show exact limits of {confidence_percent}% and {outer_percent}% about the whole "
    "area’s rate. Where wards differ by more than chance throughout, the limits allow for it (τ², "
    "Spiegelhalter 2005), and only a ward beyond that is named. A ward is the sum of its LSOAs.",
    "A year, quarter or twelve months with a month that was not delivered has no figure: a part would "
    "read as a fall.",
    "Counts of two partners are never added: both may have recorded the same event.",
)
# A sentence shared by many definitions: printed once above their table and marked by a symbol.
_WITHOUT_PLACE = (
    "Rows without a place in the area stand on lines of their own and are in no figure of the city."
)
_SIGN = "[p]"


def section(edition: Edition, book: Book) -> Section:
    """How the figures are made, and what each measure means."""
    found = Section("methods", "Methods", begins_page=True)
    frame = rows.table(edition, "methods")
    methods = [sentence.format_map(edition.in_words) for sentence in _METHODS]
    signs = (
        f"In the table, {_SIGN} means: {text.lower_first(_WITHOUT_PLACE)}",
        "“Unverified” means that a definition has not yet been checked against its source.",
    )
    found.add(Items([*methods, *signs] if not frame.empty else methods))
    named = frame.assign(definition=_definitions(frame)) if not frame.empty else frame
    columns = [
        Column("measure_name", "Measure"),
        Column("definition", "What it is", absent="not defined"),
        Column(
            "denominator",
            "Rate over",
            lambda value: vocabulary.said(value, "denominator"),
            absent="no rate",
        ),
        Column("verified", "Definition"),
    ]
    caption = "Every measure and what it means"
    found.add(book.table(named, caption, columns, is_folded=True))
    return found


def _definitions(frame: pd.DataFrame) -> pd.Series:
    """Definitions for readers: measures by name, with shared sentences replaced by a symbol."""
    wording = rows.column(frame, "definition").astype("string")
    if not {"measure_id", "measure_name"} <= set(frame.columns) or wording.isna().all():
        return wording
    names = dict(zip(frame["measure_id"], frame["measure_name"], strict=True))
    by_id = re.compile(rf"\b({'|'.join(sorted(map(re.escape, names), key=len, reverse=True))})\b")
    wording = wording.str.replace(by_id, lambda found: f"“{names[found[1]]}”", regex=True)
    return wording.str.replace(_WITHOUT_PLACE, _SIGN, regex=False)


def breaks(edition: Edition, book: Book) -> Section | None:
    """Registered breaks and events, one line each."""
    frame = rows.table(edition, "breaks")
    if frame.empty:
        return None
    found = Section("breaks", "Breaks and events in the series")
    columns = [
        Column("title", "Break or event"),
        Column("break_on", "From", text.day),
        Column("effect", "Effect", lambda value: vocabulary.said(value, "effect")),
        Column("description", "What happened", absent="not described"),
        Column("verified", "Verified?"),
    ]
    found.add(book.table(frame.drop_duplicates("break_id"), "Breaks and events", columns))
    return found


def waivers(edition: Edition, book: Book) -> Section:
    """Every failure that a named person accepted, in full."""
    found = Section("waivers", "Waivers used")
    if not edition.waivers:
        found.say("No waiver was used.")
        return found
    frame = pd.DataFrame([vars(waiver) for waiver in edition.waivers])
    found.say(
        "These checks did not pass. A named person accepted that, for a reason and until a day."
    )
    columns = [
        Column("check", "Check"),
        Column("scope", "About"),
        Column("reason", "Reason"),
        Column("approver", "Approved by"),
        Column("expires", "Until", text.day),
    ]
    found.add(book.table(frame, "Waivers used in this edition", columns))
    return found


def sources(edition: Edition, book: Book) -> Section:
    """The deliveries behind the figures, counted by feed; each hash is in the manifest."""
    found = Section("sources", "Sources and licence")
    frame = rows.table(edition, "sources")
    if not frame.empty:
        by_feed = frame.groupby("feed", as_index=False, sort=True).agg(
            deliveries=("period", "size"),
            **({"row_count": ("row_count", "sum")} if "row_count" in frame else {}),
            first=("period", "min"),
            last=("period", "max"),
            version=("contract_version", "max"),
        )
        titles = rows.table(edition, "quality")
        if "title" in titles:
            by_feed = by_feed.merge(titles[["feed", "title"]], on="feed", how="left")
        by_feed = by_feed.assign(
            title=rows.column(by_feed, "title").fillna(by_feed["feed"]),
            periods=by_feed["first"].where(
                by_feed["first"] == by_feed["last"], by_feed["first"] + " to " + by_feed["last"]
            ),
        )
        columns = [
            Column("title", "Feed"),
            Column("feed", "Name"),
            Column("deliveries", "Deliveries", text.count, is_number=True),
            Column("row_count", "Rows", text.count, is_number=True),
            Column("periods", "Periods", text.label),
            Column("version", "Contract"),
        ]
        notes = (
            ["Every delivery and its sha256 stand in the manifest beside this report."]
            if "sha256" in frame
            else []
        )
        found.add(book.table(by_feed, "Deliveries that this edition is made from", columns, notes))
    found.say(
        "Contains public sector information licensed under the Open Government Licence v3.0. "
        "Contains OS and "
        "National Statistics data © Crown copyright and database right."
    )
    found.say(
        "Partners’ extracts are shared under the Crime and Disorder Act 1998, section 115, and "
        "the partnership’s "
        "information-sharing protocol; they are not licensed for reuse."
        if edition.variant != "official"
        else "The figures of this public version may be reused under the same licence."
    )
    return found
