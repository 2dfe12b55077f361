"""Reading what a contract says about staging: names, types, and what is done with rows that break a rule.

- property: staging
  value:
    names: {source: reported_by}                      # staged names
    rejects: {'number:rank': rank_not_a_number}       # the reason, where it is not the usual one
    refuses: ['allowed:category']                     # refuse the delivery; or `all`
    rejectedShare: 0.2                                # at most so many rows may be rejected
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.contracts.known_names import known_keys, one_of
from orchestration.contracts.model import NUMBERS, Column, ContractError, Staging
from orchestration.contracts.rules import name_of as _name

_KEYS = ("names", "omitted", "types", "reasons", "rejects", "refuses", "rejectedShare", "model")
_ALL = "all"
# Columns that parsing adds, staged only under a name that the feed gives them.
_NAMED = ("_period", "_part")
# Columns that staging adds for every feed, unless the contract omits them.
_ADDED = ("period_month", "received_at")
# Staged types that do not follow from the logical type: a 128-bit key of a long identifier, and
# whole numbers (counts are staged as doubles, which their sums fit).
_TYPES = ("key", "integer")
_BY_HAND = "by_hand"


def staging_of(entry: Any, columns: Sequence[Column]) -> Staging:
    """How the feed is staged; `entry` is the value of the contract's property `staging`.

    Raises:
        ContractError: a key, column, rule or type is unknown, two columns get the same name, or a rule
            that refuses the whole delivery is asked to reject a row.
    """
    if entry == _BY_HAND:
        return Staging(by_hand=True)
    known_keys("staging", entry, _KEYS)
    if "model" in entry:
        one_of("model of staging", entry["model"], (_BY_HAND,))
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
        rejects=_rejects(entry, columns),
        refuses=None if entry.get("refuses") == _ALL else tuple(_refuses(entry, columns)),
        rejected_share=_share(entry),
        by_hand="model" in entry,
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


def _rejects(entry: Mapping[str, Any], columns: Sequence[Column]) -> dict[str, str]:
    """The reasons for rejecting a row that the contract states, by the rule."""
    found = _mapping("rejects", entry, _rules(columns))
    for rule in found:
        if entry.get("refuses") == _ALL or rule in entry.get("refuses", []):
            raise ContractError(f"rule {rule} refuses the whole delivery, so it rejects no row")
    return {rule: _name(reason) for rule, reason in found.items()}


def _refuses(entry: Mapping[str, Any], columns: Sequence[Column]) -> list[str]:
    found = entry.get("refuses", [])
    if not isinstance(found, list):
        raise ContractError("refuses of staging is neither a list of rules nor `all`")
    known_keys("refuses of staging", dict.fromkeys(found), _rules(columns))
    return found


def _share(entry: Mapping[str, Any]) -> float | None:
    share = entry.get("rejectedShare")
    if share is None:
        return None
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 < share <= 1:
        raise ContractError("rejectedShare of staging is a share above 0 and up to 1, such as 0.2")
    return float(share)


def _rules(columns: Sequence[Column]) -> list[str]:
    """The rules that follow from the columns and may reject a row."""
    return [
        f"{kind}:{column.name}"
        for column in columns
        for kind, is_there in (
            ("required", column.required),
            ("allowed", column.allowed),
            ("number", column.logical_type in NUMBERS),
            ("date", column.date_format),
            ("pattern", column.pattern and not column.pseudonym),
        )
        if is_there
    ]
