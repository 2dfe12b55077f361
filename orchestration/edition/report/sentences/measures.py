"""Sentences about one measure's year, derived from its numbers by rule, without adding to them.

A row is one of the edition's `headline` table, as plain values. Whether a change is more than usual variation
is tested in the warehouse (see the methods); here it is only put into words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orchestration.core import vocabulary
from orchestration.edition.report import text

Row = Mapping[str, Any]

_DENOMINATORS = {
    "residents": "residents",
    "children": "children",
    "adults": "adults",
    "households": "households",
    "adult_females": "adult females",
    "aged_16_and_over": "people aged 16 and over",
    "females": "women and girls",
}


def finding(row: Row) -> str:
    """The finding in a few words, for a title: `up 2.9%, more than usual variation`."""
    if row.get("suppressed"):
        return vocabulary.NOT_SHOWN_IN_WORDS
    if row["count"] is None and row.get("rate") is None:
        return f"no figure, {vocabulary.reason(row['missing_reason'])}"
    if row.get("previous_suppressed"):
        return f"change {vocabulary.NOT_SHOWN_IN_WORDS}"
    moved = change(row)
    if row["finding"] == "cannot be judged":
        return f"{moved}, not judged" if moved else "cannot be compared with the year before"
    if row["change_is_significant"]:
        return f"{moved}, more than usual variation"
    return f"no clear change ({moved})" if moved else "no clear change"


def change(row: Row) -> str:
    """The direction and size of a change: `up 2.9%`, `the same`, `higher`; empty when unknown."""
    if row.get("method") in ("proportion", "published"):
        return {"higher": "higher", "lower": "lower"}.get(row["finding"], "")
    moved, size = row.get("change"), row.get("change_percent")
    if moved is None:
        return ""
    if moved == 0:
        return "about the same" if row.get("is_rounded") else "the same"
    direction = "up" if moved > 0 else "down"
    by = text.count(abs(moved)) if size is None else _size(abs(size))
    return f"{direction} {by}"


def _size(value: float) -> str:
    return "less than 0.1%" if value < 0.05 else text.percent(value)


def headline(row: Row, year: str) -> list[str]:
    """Level, direction, size and confidence of a measure's year, in sentences."""
    in_year, name = text.label(year), text.lower_first(row["measure_name"])
    if row.get("suppressed"):
        why = vocabulary.hidden(row["suppressed"])
        return [f"The figure for {in_year} is {vocabulary.NOT_SHOWN_IN_WORDS}: {why}."]
    if row["count"] is None and row.get("rate") is None:
        return [
            f"There is no figure for {name} in {in_year}: it is "
            f"{vocabulary.reason(row['missing_reason'])}."
        ]
    return [
        level(row, year),
        *comparison(row, year),
        *_left_out(row),
        *_warned(row),
        *_provisional(row),
    ]


def level(row: Row, year: str) -> str:
    """How many there were in the year."""
    in_year, name = text.label(year), row["measure_name"]
    about = _about(row, row["count"])
    if row["method"] == "proportion" and row.get("rate") is not None:
        value = text.percent(row["rate"])
        return f"{name}: {value} in {in_year} ({about}{text.units(row['count'], row['unit'])})."
    if row["method"] == "published":
        return f"{name}: {text.rate(row['rate'])} for every {row['rate_per']:,} in {in_year}, as published."
    at_end = "at the end of" if row["method"] == "stock" else "in"
    return f"{name}: {about}{text.units(row['count'], row['unit'])} {at_end} {in_year}."


def comparison(row: Row, year: str) -> list[str]:
    """How the year compares with the one before, and whether that is more than usual variation."""
    before = text.label(text.previous_year(year))
    if row.get("previous_suppressed"):
        return [
            f"The figure for {before} is {vocabulary.NOT_SHOWN_IN_WORDS}, so no comparison is made."
        ]
    if row["finding"] == "cannot be judged":
        moved = _against(row, before)
        why = row.get("not_judged_because")
        because = f": {vocabulary.reason(why)}" if why else ""
        parts = [moved] if moved else []
        return [*parts, f"Whether it changed cannot be judged{because}."]
    return [_against(row, before) or _beside(row, before), _confidence(row)]


def _against(row: Row, before: str) -> str:
    previous = row.get("previous_count")
    if previous is None or row["method"] in ("proportion", "published"):
        return ""
    moved = change(row)
    if moved.endswith("the same"):
        return f"That is {moved.replace('the same', 'the same number')} as in {before}."
    if previous == 0:
        return f"That is {moved} on {before}, when there were none."
    were = f"{_were(previous)} {_about(row, previous)}{text.units(previous, row['unit'])}"
    return f"That is {moved} on {before}, when there {were}."


def _about(row: Row, number: Any) -> str:
    """`about `, before a number that disclosure control has rounded; it never rounds to or from 0."""
    return "about " if row.get("is_rounded") and number else ""


def _were(number: Any) -> str:
    return "was" if round(number) == 1 else "were"


def _beside(row: Row, before: str) -> str:
    """A share or a published rate beside the year before, whose number is not in the row."""
    moved = change(row)
    return f"That is {f'{moved} than' if moved else 'about the same as'} in {before}."


def _confidence(row: Row) -> str:
    if not row["change_is_significant"]:
        return f"A difference of this size is usual variation, so this is no clear change{_range(row)}."
    judged = {
        "better": " It is a change for the better.",
        "worse": " It is a change for the worse.",
    }
    if row.get("polarity") == "neutral" or row.get("verdict") not in judged:
        more = " More or fewer is neither good nor bad in itself: it may be that more is reported or found."
        return f"The change is more than usual variation would explain{_range(row)}." + more
    return (
        f"The change is more than usual variation would explain{_range(row)}."
        + judged[row["verdict"]]
    )


def _range(row: Row) -> str:
    """The limits of the change, in brackets; empty where they are not known."""
    low, high = row.get("change_lower"), row.get("change_upper")
    if low is None or high is None:
        return ""
    return f" (it may be anything from {_signed(low)} to {_signed(high)})"


def _signed(value: float) -> str:
    if abs(value) < 0.05:
        return "no change"
    return f"{'up' if value > 0 else 'down'} {text.percent(abs(value))}"


def _left_out(row: Row) -> list[str]:
    """How many rows the figure may be short of."""
    number = _number(row, "rows_left_out")
    rows = "1 row" if number == 1 else f"{number:,} rows"
    return [f"It may be short by up to {rows} that could not be used."] if number else []


def _warned(row: Row) -> list[str]:
    """How many deliveries behind the figure gate 1 warned of."""
    number = _number(row, "warned_deliveries")
    them = "One delivery" if number == 1 else f"{number:,} of the deliveries"
    return [f"{them} behind it looked unusual when checked."] if number else []


def _number(row: Row, column: str) -> int:
    """A number that stands beside a figure; 0 also where no figure is shown for it to stand beside."""
    is_shown = not (row.get("suppressed") or row.get("missing_reason"))
    return int(row.get(column) or 0) if is_shown else 0


def _provisional(row: Row) -> list[str]:
    return ["The figure is provisional."] if row.get("is_provisional") else []


def rate(row: Row, denominator: str | None, level: str) -> str:
    """The rate and its confidence interval (exact or Byar for counts, Wilson for shares) at `level` per cent;
    empty without one."""
    if row.get("suppressed") or row.get("rate") is None:
        return ""
    interval = ""
    if row.get("rate_lower") is not None and row.get("rate_upper") is not None:
        low, high = text.rate(row["rate_lower"]), text.rate(row["rate_upper"])
        interval = f" ({level}% confidence interval {low} to {high})"
    if row["method"] == "proportion":
        return f"The share is {text.rate(row['rate'])}%{interval}."
    return f"The rate is {text.rate(row['rate'])} for every {per(row, denominator)}{interval}."


def group(denominator: str | None) -> str:
    """The population of a rate, in words; empty if the register names none."""
    return _DENOMINATORS.get(denominator or "", "")


def per(row: Row, denominator: str | None) -> str:
    """The denominator of a rate: `1,000 residents`; only the number if the register names no group."""
    return f"{row['rate_per']:,} {group(denominator)}".strip()


def since_baseline(years: Mapping[str, Row], year: str, baseline: str, unit: str) -> str:
    """The year beside that of the cycle's full assessment; empty if either has no figure.

    Also empty if that year is the previous one, with which the headline is already compared.
    """
    now, then = years.get(year), years.get(baseline)
    if now is None or then is None or baseline in (year, text.previous_year(year)):
        return ""
    if any(row.get("suppressed") or row.get("count") is None for row in (now, then)):
        return ""
    difference = now["count"] - then["count"]
    number = (
        f"{_were(then['count'])} {_about(then, then['count'])}{text.units(then['count'], unit)}"
    )
    were = f"In {text.label(baseline)}, the year of this cycle’s full assessment, there {number}"
    is_rounded = any(row.get("is_rounded") for row in (now, then))
    about = "about " if is_rounded else ""
    if difference == 0:
        return f"{were}: {about}the same number."
    direction = "more" if difference > 0 else "fewer"
    are = "is" if abs(difference) == 1 else "are"
    return f"{were}: there {are} now {about}{text.count(abs(difference))} {direction}."
