"""How counts, lists, months and days are written: the same on pages, in workbooks and digests, and on
the command line.

Months have English names whatever the machine's locale is, so that an edition has the same bytes anywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def counted(number: int, one: str, many: str | None = None) -> str:
    """A count of things: `1 delivery`, `1,204 deliveries`; the plural is formed with s unless given."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def joined(items: Sequence[str]) -> str:
    """A list: `a`, `a and b`, `a, b and c`; `a, b; and c` where an item has a comma of its own."""
    items = list(items)
    if len(items) < 2:
        return "".join(items)
    if any("," in item for item in items):
        return f"{'; '.join(items[:-1])}; and {items[-1]}"
    return f"{', '.join(items[:-1])} and {items[-1]}"


def month(on: date) -> str:
    """A month as written in Britain: March 2026."""
    return f"{MONTHS[on.month - 1]} {on.year}"


def day(on: date) -> str:
    """A date as written in Britain: 31 March 2026."""
    return f"{on.day} {month(on)}"
