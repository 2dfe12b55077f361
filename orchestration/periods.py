"""Months as text (`2024-04`): the arithmetic of due dates. Pure functions."""

from __future__ import annotations

import re
from datetime import date


def is_month(text: str) -> bool:
    """Whether `text` is a month written as YYYY-MM."""
    return re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text) is not None


def add_months(month: str, count: int) -> str:
    """The month `count` months after `month` (before it, if negative)."""
    year, number = (int(part) for part in month.split("-"))
    index = year * 12 + number - 1 + count
    return f"{index // 12:04d}-{index % 12 + 1:02d}"


def month_of(day: date) -> str:
    """The month that `day` lies in."""
    return f"{day:%Y-%m}"


def due_through(today: date, latency_months: int) -> str:
    """The newest month that is due on `today`.

    A month is due by the last day of the month `latency_months` after it, so on any day of month M
    everything up to M - latency_months - 1 is due.
    """
    return add_months(month_of(today), -latency_months - 1)


def months_between(first: str, last: str) -> list[str]:
    """Every month from `first` to `last`, both included; empty when `last` is earlier."""
    months = []
    while first <= last:
        months.append(first)
        first = add_months(first, 1)
    return months
