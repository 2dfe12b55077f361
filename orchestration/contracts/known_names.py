"""Checking a contract's keys and values: unknown ones are refused, with a suggestion."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from orchestration.contracts.model import ContractError


def near(name: str, known: Iterable[str]) -> str:
    """The closest known name to an unknown one, as a suggestion; empty if none is close."""
    plain = {other.casefold(): other for other in known}
    found = difflib.get_close_matches(name.casefold(), list(plain), n=1, cutoff=0.5)
    return plain[found[0]] if found else ""


def known_keys(where: str, keys: Mapping[str, Any], known: Collection[str]) -> None:
    """Refuse the first unknown key.

    Raises:
        ContractError: with the likely key, or all known keys.
    """
    if not isinstance(keys, Mapping):
        raise ContractError(f"{where} is not a set of keys and values")
    for key in keys:
        if key in known:
            continue
        likely = near(str(key), known)
        hint = f"did you mean {likely}" if likely else f"known are {', '.join(known) or 'none'}"
        raise ContractError(f"unknown key {key!r} in {where}; {hint}")


def properties_of(
    what: str, entries: Sequence[Mapping[str, Any]], known: Collection[str]
) -> dict[str, Any]:
    """The standard's list of `property` and `value` as a mapping.

    Raises:
        ContractError: a property is unknown or given twice, or an entry has another key.
    """
    found: dict[str, Any] = {}
    for entry in entries:
        known_keys(what, entry, ("property", "value", "description", "id"))
        name = entry["property"]
        if name not in known:
            likely = near(str(name), known)
            hint = f"; did you mean {likely}" if likely else ""
            raise ContractError(f"unknown {what} {name}{hint}")
        if name in found:
            raise ContractError(f"{what} {name} stands twice")
        found[name] = entry["value"]
    return found


def one_of(what: str, value: Any, known: Iterable[str]) -> str:
    """`value`, if it is one of the known ones."""
    if value not in (choices := list(known)):
        raise ContractError(f"{what} {value!r} is not known; expected one of {', '.join(choices)}")
    return str(value)


def text_of(what: str, value: Any) -> str:
    """`value` as text. Anything that YAML does not read as text or a number must be quoted."""
    if isinstance(value, bool) or not isinstance(value, str | int | float) or value == "":
        raise ContractError(f"{what} is {value!r}; expected text (in quotes)")
    return str(value)


def number_of(what: str, value: Any, least: int, most: int) -> int:
    """`value` as a whole number between `least` and `most`."""
    if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
        return value
    raise ContractError(f"{what} is {value!r}; expected a number from {least} to {most}")
