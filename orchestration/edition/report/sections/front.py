"""The front of the report: what it is, the area, how to read it, and any warnings."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import rows, text
from orchestration.edition.report.blocks import Items, Panel, Section, Words
from orchestration.edition.report.book import Book, Column
from orchestration.edition.report.sentences import sources

_REASONS_SHOWN = 3  # of one check, on the first page


def facts(edition: Edition) -> list[tuple[str, str]]:
    """The facts under the title: period, version, mode, data date, marking."""
    year = edition.year
    lines = [
        ("Period", text.period(year.starts_on, year.ends_on)),
        ("Marking", edition.variant.upper()),
        ("Version", f"{edition.version}{' (draft)' if edition.is_draft else ''}"),
        ("Kind", _mode(edition)),
        ("Data as at", text.day(edition.data_as_at)),
    ]
    if edition.before is not None:
        lines.append(("Compared with", sources.last_assessment(edition.before)))
    if edition.reissue_reason:
        lines.append(("Why reissued", edition.reissue_reason))
    return lines


def _mode(edition: Edition) -> str:
    if edition.mode == "full":
        return "Full assessment, the first of a three-year cycle"
    if edition.baseline is None:
        return "Refresh; this warehouse holds no full assessment of the cycle"
    return f"Refresh of the full assessment of {text.label(edition.baseline.year)}"


def profile(edition: Edition, book: Book) -> Section:
    """A description of the area."""
    found = Section("area-profile", f"About {edition.area_name}")
    frame = rows.table(edition, "area_profile")
    if not frame.empty:
        written = [_number(value) for value in frame["value"]]
        frame = frame.assign(value=written, unit=_with_share(frame))
    columns = [
        Column("fact", "Fact"),
        Column("value", "Number", is_number=True, absent="not supplied"),
        Column("unit", "What it is"),
    ]
    found.add(book.table(frame, f"{edition.area_name} in numbers", columns))
    return found


def _number(value: object) -> object:
    return f"{int(value):,}" if isinstance(value, str) and value.isdigit() else value


def _with_share(frame: pd.DataFrame) -> pd.Series:
    """Each fact's value; for facts about some of the area's LSOAs, with their share of all LSOAs."""
    number = pd.to_numeric(frame["value"], errors="coerce")
    every = number[frame["fact"] == "LSOAs"]
    some = frame["fact"].str.startswith("LSOAs in") & number.notna()
    if len(every) != 1 or not every.iloc[0] > 0:
        return frame["unit"]
    share = (number / every.iloc[0]).map(text.share, na_action="ignore")
    return frame["unit"].where(~some, frame["unit"] + " (" + share + " of the LSOAs)")


def how_to_read(edition: Edition) -> Section:
    """The meaning of the report's terms and symbols."""
    found = Section("how-to-read", "How to read this report")
    found.add(
        Words(
            [
                "Every sentence beside a chart is written by rule from the numbers in it. Only "
                "“What the analyst says” of each priority, and the proposals taken from it, are "
                "written by a person.",
            ]
        )
    )
    entries = [
        "“More than usual variation” means that a change as large would come up in fewer than one "
        f"case in {_odds(edition)} if nothing had changed: each month is paired with the same month of the "
        "year before, and how far the pairs scatter says what is usual. A whole year that is high for a "
        "reason from outside the area, such as a national trend, is found as well.",
        *_by_chance_alone(edition),
        f"A {edition.in_words['confidence_percent']}% confidence interval is the range in which the "
        "underlying rate is likely to lie.",
        "In a control chart, nearly all months lie within the dashed lines when nothing has "
        "changed. A month outside "
        f"them, {text.few(round(edition.thresholds['run_months']))} in a row on one side of the "
        f"expected line, {text.few(round(edition.thresholds['trend_months']))} in a row rising or "
        "falling, or two of three near a limit is a signal to ask why. The season is allowed for.",
        "In a ward chart, marks outside the funnel differ from the whole area by more than chance, and by "
        "more than wards usually differ from each other.",
        "“Better” and “worse” are said only of measures where it is agreed which is which. Where "
        "more may mean that "
        "more is reported or found, nothing is said.",
        "An LSOA (Lower layer Super Output Area) is a neighbourhood of about 1,500 people, the "
        "smallest area of this report.",
        "Recorded crime is what the police record, not all that happens. A gap in a line is a "
        "month without a figure.",
        f"{vocabulary.NOT_SHOWN} marks a figure that is {vocabulary.NOT_SHOWN_IN_WORDS}. A zero is a true "
        f"zero.",
    ]
    if edition.variant == "official":
        entries.append(
            "In this public version small counts are hidden and others are rounded; rates and "
            "changes are "
            "made from what is shown."
        )
    found.add(Items(entries))
    return found


def _odds(edition: Edition) -> int:
    """One in how many cases seems to have changed although nothing has changed: 20 at 95 %."""
    return round(100 / (100 - edition.thresholds["confidence_percent"]))


def _by_chance_alone(edition: Edition) -> list[str]:
    """How many of the measures judged would appear to have changed if none had."""
    frame = rows.table(edition, "headline")
    if not {"measure_id", "change_is_significant"} <= set(frame.columns):
        return []
    judged = frame[frame["change_is_significant"].notna()].drop_duplicates("measure_id")
    odds = _odds(edition)
    if len(judged) < odds:
        return []
    return [
        f"{len(judged)} measures could be judged. If nothing had changed, about "
        f"{text.few(round(len(judged) / odds))} of them would still seem to have changed. What is named "
        f"allows for that: of the changes named, about {edition.in_words['false_discovery_percent']}% may "
        "be chance."
    ]


def warnings(edition: Edition) -> list[Panel]:
    """The warnings that come first: synthetic data, or a draft and why it is one."""
    found = []
    if edition.is_synthetic:
        found.append(
            Panel(
                "SYNTHETIC",
                [
                    "All figures are made up to show the report. They say nothing about any "
                    "place or person."
                ],
            )
        )
    if edition.is_draft:
        reasons = _by_check(edition.reasons) or ["No reason is recorded."]
        found.append(Panel("DRAFT: this assessment has not been issued", reasons))
    return found


def _by_check(reasons: Sequence[str]) -> list[str]:
    """The reasons of a HOLD by their check, the first few of each; `holds` has all of them."""
    checks: dict[str, list[str]] = {}
    for reason in reasons:
        checks.setdefault(reason.partition(":")[0], []).append(reason)
    lines = []
    for check, own in checks.items():
        lines += own[:_REASONS_SHOWN]
        rest = len(own) - _REASONS_SHOWN
        if rest > 0:
            lines.append(f"{check}: {text.few(rest)} more, on the last page.")
    return lines


def holds(edition: Edition) -> Section | None:
    """Every reason that holds a draft, where there are too many for its first page."""
    if not edition.is_draft or len(_by_check(edition.reasons)) == len(edition.reasons):
        return None
    found = Section("holds", "What holds this assessment", begins_page=True)
    found.add(Items(list(edition.reasons)))
    return found
