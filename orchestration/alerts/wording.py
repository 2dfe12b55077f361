"""How alerts are worded: plain text on one line, with nothing personal in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from orchestration.alerts.items import Item
from orchestration.contracts.personal_data import holds_any, plain
from orchestration.core.engine import connect

_MOST = 400
LEFT_OUT = "(left out: it may hold personal data; see the warehouse itself)"
_FEW = 8
_OUR_NAMES = ("files",)  # keys that sentences about a source may name


def on_one_line(text: str) -> str:
    """A text made safe for a message: printable, on one line, truncated."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _MOST else f"{line[:_MOST]}…"


def scrubbed(items: Sequence[Item]) -> list[Item]:
    """The items with their sentences on one line; sentences that may hold personal data are left out.

    No sentence is made from data, but some name a file, and a partner may give a file any name.
    """
    lines = [on_one_line(item.sentence) for item in items]
    if not lines:
        return []
    with connect(threads=1) as connection:
        # Underscores separate words in file names, but count as letters in the patterns.
        found = connection.execute(
            f"select ({holds_any('line')}) or ({holds_any('parted')}) from (select line, "
            "replace(line, '_', ' ') as parted, place from "
            f"(select {plain('line')} as line, place from "
            "(select unnest($lines) as line, generate_subscripts($lines, 1) as place))) "
            "order by place",
            {"lines": lines},
        ).fetchall()
    return [
        replace(item, sentence=f"{_beginning(item)}{LEFT_OUT}" if is_personal else line)
        for item, line, (is_personal,) in zip(items, lines, found, strict=True)
    ]


def _beginning(item: Item) -> str:
    """What may still be shown of an item whose sentence is left out: the feed it concerns."""
    return f"{', '.join(item.partners)}: " if item.partners else ""


def some(names: Sequence[str]) -> str:
    """A list in words, truncated: `a, b and 3 more`."""
    if len(names) <= _FEW:
        return ", ".join(names)
    return f"{', '.join(names[:_FEW])} and {len(names) - _FEW} more"


def without_found_names(sentence: str, agreed: Iterable[str]) -> str:
    """A sentence without the names that were found in a partner's file, in “quotes”.

    In a file without a header, the first row is read as one. Names agreed in the contract are kept.
    """
    kept = sorted({name for name in agreed if name}, key=len, reverse=True)
    for place, name in enumerate(kept):
        sentence = sentence.replace(f"“{name}”", f"\0{place}\0")
    # From the first quote to the last: a name may itself contain quotes.
    sentence = re.sub(r"“.*”", "“…”", sentence, flags=re.DOTALL)
    for place, name in enumerate(kept):
        sentence = sentence.replace(f"\0{place}\0", f"“{name}”")
    return sentence


def without_file_name(sentence: str, source: str, file: str = "") -> str:
    """A sentence about a source, or about one of its `file`s without the name that the partner gave it.

    A sentence about a file whose name was not recorded begins with the name, so only the last verb and
    what follows it are kept.
    """
    if file:
        rest = sentence.replace(file, "a file").removeprefix(f"{source}: ")
        return re.sub(r"^[a-z_]+/[a-z0-9_]+: ", "", rest)
    if source and sentence.startswith((f"{source} ", f"{source}: ", f"{source},")):
        rest = without_found_names(sentence.removeprefix(source), _OUR_NAMES)
        # A separate sentence follows a colon; otherwise it goes on with what the source did.
        return rest[2:] if rest.startswith(": ") else f"it {rest.lstrip(' ,')}"
    found = re.match(r".*\b((?:is|holds|lies|took|cannot|changed)\b.*)", sentence, re.DOTALL)
    return f"a file {found[1]}" if found else "a file of it could not be taken"
