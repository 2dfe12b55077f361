"""Periods as text: months, quarters, years of four kinds, and the arithmetic of due dates.

    month           2025-06     quarter        2025-Q2   (calendar quarters)
    financial_year  2024-25     academic_year  2023-24   (September to August)
    calendar_year   2024        edition        any label; an edition has no months

Every period but an edition is a run of whole months, so all of them are compared by months
(`YYYY-MM`). Pure functions; a period without months raises ValueError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

EDITION = "edition"


@dataclass(frozen=True)
class _Kind:
    """A kind of period: its length, the calendar month that its first one begins in, its wording."""

    months: int
    begins: int
    words: str  # with its article


_KINDS = {
    "month": _Kind(1, 1, "a month"),
    # The quarters of SI 2007/1831: consecutive periods of three months from 1 July 2007.
    "quarter": _Kind(3, 1, "a quarter"),
    "financial_year": _Kind(12, 4, "a financial year"),
    "academic_year": _Kind(12, 9, "an academic year"),
    "calendar_year": _Kind(12, 1, "a calendar year"),
}
KINDS = (*_KINDS, EDITION)


def is_month(text: str) -> bool:
    """Whether `text` is a month written as YYYY-MM."""
    return re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text) is not None


def add_months(month: str, count: int) -> str:
    """The month `count` months after `month` (before it if negative)."""
    year, number = (int(part) for part in month.split("-"))
    index = year * 12 + number - 1 + count
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def month_of(day: date) -> str:
    """The month that `day` lies in."""
    return f"{day:%Y-%m}"


def months_between(first: str, last: str) -> list[str]:
    """Every month from `first` to `last` inclusive; empty if `last` is earlier."""
    return periods_between("month", first, last)


def in_words(kind: str) -> str:
    """A kind of period in words: `a financial year`."""
    return "an edition" if kind == EDITION else _kind(kind).words


def is_dated(label: str) -> bool:
    """Whether a label is that of a period with months, of whatever kind: `2024`, `2025-06`, `2025-Q2`."""
    return any(is_period(kind, label) for kind in _KINDS)


def months_in(kind: str) -> int:
    """How many months a period of this kind has."""
    return _kind(kind).months


def label_of(kind: str, month: str) -> str:
    """The label of the period of this kind that `month` lies in."""
    rules = _kind(kind)
    into = (int(month[5:]) - rules.begins) % rules.months
    first = add_months(month, -into)
    year = int(first[:4])
    if kind == "month":
        return first
    if kind == "quarter":
        return f"{year:04d}-Q{(int(first[5:]) + 2) // 3}"
    if kind == "calendar_year":
        return f"{year:04d}"
    return f"{year:04d}-{(year + 1) % 100:02d}"


def is_period(kind: str, label: str) -> bool:
    """Whether `label` is the exact label of a period of this kind; any text is an edition."""
    if kind == EDITION:
        return bool(label)
    if re.fullmatch(r"[0-9]{4}(-(Q[1-4]|[0-9]{2}))?", label) is None:
        return False
    if kind == "month":
        return is_month(label)
    return label_of(kind, _written_first_month(kind, label)) == label


def first_month(kind: str, label: str) -> str:
    """The month that the period begins in.

    Raises:
        ValueError: `label` is not a period of this kind, or editions are asked for.
    """
    _kind(kind)
    if not is_period(kind, label):
        raise ValueError(f"{label!r} is not {in_words(kind)}")
    return _written_first_month(kind, label)


def last_month(kind: str, label: str) -> str:
    """The month that the period ends in; raises as `first_month` does."""
    return add_months(first_month(kind, label), months_in(kind) - 1)


def due_through(kind: str, today: date, latency_months: int) -> str:
    """The label of the newest period that is due on `today`.

    A period is due by the last day of the month `latency_months` after its own last month, so on
    any day of month M everything that ends in or before M - latency_months - 1 is due.
    """
    not_due = add_months(month_of(today), -latency_months)
    begins = first_month(kind, label_of(kind, not_due))
    return label_of(kind, add_months(begins, -1))


def periods_between(kind: str, first: str, last: str) -> list[str]:
    """Labels of every period that lies entirely within the months `first` to `last` inclusive."""
    step = months_in(kind)
    begins = first_month(kind, label_of(kind, first))
    if begins < first:
        begins = add_months(begins, step)
    labels = []
    while add_months(begins, step - 1) <= last:
        labels.append(label_of(kind, begins))
        begins = add_months(begins, step)
    return labels


def _kind(kind: str) -> _Kind:
    if kind not in _KINDS:
        raise ValueError(f"a period of kind {kind!r} has no months")
    return _KINDS[kind]


def _written_first_month(kind: str, label: str) -> str:
    """The first month as written in the label, valid or not."""
    if kind == "month":
        return label
    number = _kind(kind).begins
    if kind == "quarter" and "Q" in label:
        number = int(label[-1]) * 3 - 2
    return f"{label[:4]}-{number:02d}"
