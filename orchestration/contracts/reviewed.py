"""Text that looks personal and leads to nobody, as a column of a contract lists it after a review."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from orchestration.contracts.known_names import known_keys, text_of
from orchestration.contracts.model import ContractError, Reviewed

# A reviewed pattern that matched one of these would switch a kind off; for that there is `mayHold`.
_PEOPLE = (
    "Mr Smith", "Jane Example", "ST4 1AA", "07700 900123", "943 476 5919", "AB123456C",
    "jane@example.org", "12 Leek Road", "AB12 CDE", "98/123456A", "@joe_bloggs", "53.0257, -2.1753",
    "192.168.1.1", "12/03/1980", "100012345678",
)  # fmt: skip


def reviewed_of(column: str, entries: Any) -> tuple[Reviewed, ...]:
    """The reviewed texts of a column: a `value` or a `pattern`; `by` whom, `on` which day, `reason`.

    Raises:
        ContractError: something is missing, or a pattern is too wide to have been reviewed.
    """
    if not isinstance(entries, list):
        raise ContractError(f"reviewed of column {column} is not a list")
    return tuple(_one(f"reviewed of column {column}", entry) for entry in entries)


def _one(what: str, entry: Any) -> Reviewed:
    known_keys(what, entry, ("value", "pattern", "by", "on", "reason"))
    if ("value" in entry) == ("pattern" in entry):
        raise ContractError(f"{what} names a value or a pattern, and not both")
    by, on, reason = (text_of(f"{key} in {what}", entry.get(key)) for key in ("by", "on", "reason"))
    try:
        date.fromisoformat(on)
    except ValueError:
        raise ContractError(f"on in {what} is {on!r}; expected a day such as 2026-11-29") from None
    if "value" in entry:
        value = text_of(f"value in {what}", entry["value"])
        return Reviewed(rf"(?i)\b{re.escape(value)}\b", by, on, reason)
    pattern = text_of(f"pattern in {what}", entry["pattern"])
    try:
        wide = next((text for text in ("", *_PEOPLE) if re.search(pattern, text)), None)
    except re.error as problem:
        raise ContractError(f"pattern in {what} is not a regular expression ({problem})") from None
    if wide is not None:
        raise ContractError(f"pattern in {what} is too wide: it also matches {wide!r}")
    return Reviewed(pattern, by, on, reason)
