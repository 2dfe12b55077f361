"""Reading what a contract says about staging: names, types, and which rules reject a row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.contracts.known_names import known_keys, one_of, text_of
from orchestration.contracts.model import Column, ContractError, Rule, Staging

_KEYS = ("names", "omitted", "types", "reasons", "rejects")
# Columns that parsing adds, staged only under a name that the feed gives them.
_NAMED = ("_period", "_part")
# Columns that staging adds for every feed, unless the contract omits them.
_ADDED = ("period_month", "received_at")
# Staged types that do not follow from the logical type: a 128-bit key of a long identifier, and
# whole numbers (counts are staged as doubles, which their sums fit).
_TYPES = ("key", "integer")
_BY_HAND = "by_hand"


def staging_of(entry: Any, columns: Sequence[Column], rules: Sequence[Rule]) -> Staging:
    """How the feed is staged; `entry` is the value of the contract's property `staging`.

    Raises:
        ContractError: a key, column, rule or type is unknown, two columns get the same name, or a rule
            that refuses the whole delivery is asked to reject a row.
    """
    if entry == _BY_HAND:
        return Staging(by_hand=True)
    known_keys("staging", entry, _KEYS)
    by_name = {column.name: column for column in columns}
    omitted = entry.get("omitted", [])
    if not isinstance(omitted, list):
        raise ContractError("omitted of staging is not a list")
    known_keys("omitted of staging", dict.fromkeys(omitted), (*by_name, *_ADDED))
    staged = [name for name in by_name if name not in omitted]
    return Staging(
        names=_names(entry.get("names", {}), staged),
        omitted=tuple(omitted),
        types={
            column: one_of(f"staged type of column {column}", kind, _TYPES)
            for column, kind in _mapping("types", entry, staged).items()
        },
        reasons=_reasons(entry, staged, by_name),
        rejects=_rejects(entry, staged, rules),
    )


def _mapping(key: str, entry: Mapping[str, Any], known: Sequence[str]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = entry.get(key, {})
    known_keys(f"{key} of staging", found, known)
    return found


def _names(names: Mapping[str, Any], staged: Sequence[str]) -> dict[str, str]:
    known_keys("names of staging", names, (*staged, *_NAMED))
    given = [_name(name) for name in names.values()]
    taken = [*_ADDED, *(name for name in staged if name not in names), *given]
    for name in given:
        if taken.count(name) > 1:
            raise ContractError(f"two columns are staged as {name}")
    return dict(zip(names, given, strict=True))


def _reasons(
    entry: Mapping[str, Any], staged: Sequence[str], columns: Mapping[str, Column]
) -> dict[str, str]:
    found = _mapping("reasons", entry, staged)
    for column in found:
        if not columns[column].markers:
            raise ContractError(f"column {column} has no markers that could give a reason")
    return {column: _name(name) for column, name in found.items()}


def _rejects(
    entry: Mapping[str, Any], staged: Sequence[str], rules: Sequence[Rule]
) -> dict[str, str]:
    """The reason for rejecting a row, by the column whose value cannot be read."""
    severities = {rule.id: rule.severity for rule in rules}
    readable = [f"{kind}:{column}" for column in staged for kind in ("number", "date")]
    found = _mapping("rejects", entry, [rule for rule in readable if rule in severities])
    for rule in found:
        if severities[rule] == "critical":
            raise ContractError(f"rule {rule} refuses the whole delivery, so it rejects no row")
    return {rule.partition(":")[2]: _name(reason) for rule, reason in found.items()}


def _name(value: Any) -> str:
    name = text_of("a name of staging", value)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ContractError(f"{name!r} of staging is not in lower snake case")
    return name
