"""The formats of numbers, dates and missing values in every part of the report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from orchestration.core import wording

_SINGULAR = {"people": "person", "children": "child", "enquiries": "enquiry", "searches": "search"}
_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def count(value: Any) -> str:
    """A whole number with thousands separators: `14,296`."""
    return f"{round(value):,}"


def rate(value: Any) -> str:
    """A rate with one decimal: `28.8`."""
    return f"{value:,.1f}"


def percent(value: Any) -> str:
    """A value already in per cent, with one decimal below 10 and none above."""
    size = abs(value)
    written = f"{value:,.1f}" if size < 9.95 else f"{value:,.0f}"
    return f"{written.removesuffix('.0')}%"


def share(value: Any) -> str:
    """A proportion as a percentage: 0.399 is `40%`."""
    return percent(100 * value)


def units(value: Any, unit: str) -> str:
    """A count with its unit, in the singular for one: `1 offence`, `14,296 offences`."""
    if round(value) == 1:
        return f"1 {_SINGULAR.get(unit, unit.removesuffix('s'))}"
    return f"{count(value)} {unit}"


def few(value: int) -> str:
    """A number up to ten as a word, for the middle of a sentence."""
    return _SMALL[value] if 0 <= value < len(_SMALL) else f"{value:,}"


def month(value: Any) -> str:
    """A date as its month: `March 2026`."""
    return wording.month(value)


def month_name(number: int) -> str:
    """The name of a calendar month, 1 to 12."""
    return wording.MONTHS[number - 1]


def day(value: Any) -> str:
    """A date in full: `31 March 2026`; ISO text is read as a date."""
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    return wording.day(value)


def period(start: Any, end: Any) -> str:
    """A run of months in words: one month, or `April 2025 to March 2026`."""
    first, last = month(start), month(end)
    return first if first == last else f"{first} to {last}"


def label(value: Any) -> str:
    """Text with the labels of years as they are printed: `2025–26`; months and the rest are unchanged."""
    return re.sub(r"\b(\d{4})-(\d{2})\b", _year_label, str(value))


def _year_label(found: re.Match[str]) -> str:
    is_year = (int(found[1]) + 1) % 100 == int(found[2])
    return f"{found[1]}–{found[2]}" if is_year else found[0]


def listed(names: Sequence[str], most: int | None = None) -> str:
    """Names in a sentence: `A, B and C`, or `A, B; and C` where a name has a comma; past `most`, counted."""
    names = list(names)
    if most is not None and len(names) > most:
        rest = len(names) - most
        names = [*names[:most], f"{few(rest)} more"]
    return wording.joined(names)


def lower_first(name: str) -> str:
    """A name for the middle of a sentence: first letter in lower case, unless it is an abbreviation."""
    if len(name) > 1 and (name[1].isupper() or name.startswith(("National", "Section"))):
        return name
    return name[:1].lower() + name[1:]


def upper_first(sentence: str) -> str:
    """The sentence with an initial capital."""
    return sentence[:1].upper() + sentence[1:]


def previous_year(year: str) -> str:
    """The label of the previous strategy year: `2024-25` for `2025-26`."""
    first = int(year[:4]) - 1
    return f"{first}-{(first + 1) % 100:02d}"
