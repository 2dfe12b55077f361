"""What a contract says about anomalies (custom property `anomaly`), over defaults from its columns.

    - property: anomaly
      value: {rows: critical, lag: off, eventColumn: assaulted_at, locationColumns: [ward_code]}

A kind is given a severity or `off`. Gate 1 refuses a delivery for a critical one and reports the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from orchestration.contracts.known_names import known_keys, one_of
from orchestration.contracts.model import ANOMALIES, SEVERITIES, Column, ContractError, Watch

_OFF = "off"
_DEFAULTS = {**dict.fromkeys(ANOMALIES, "warning"), "lag": "info"}
_PLACES = ("lsoa_code", "ward_code", "outward_postcode", "latitude")
_MOST_MIXES = 4
_COLUMNS = {
    "location": "locationColumns",
    "event": "eventColumn",
    "codes": "codeColumns",
    "mix": "mixColumns",
}


def watch_of(agreed: Mapping[str, Any], columns: Sequence[Column]) -> Watch:
    """How the feed is watched. Columns that are not named are derived from the contract's columns.

    Raises:
        ContractError: a kind, severity or column is unknown.
    """
    known_keys("anomaly", agreed, (*ANOMALIES, *_COLUMNS.values()))
    severities = dict(_DEFAULTS)
    for kind in ANOMALIES:
        # YAML reads a bare `off` as a boolean.
        given = _OFF if agreed.get(kind) is False else agreed.get(kind, severities[kind])
        severities[kind] = one_of(f"severity of anomaly {kind}", given, (*SEVERITIES, _OFF))
    found = {**_from_columns(columns), **_named(agreed, columns)}
    return Watch(
        {kind: severity for kind, severity in severities.items() if severity != _OFF},
        location=found["location"],
        event=next(iter(found["event"]), ""),
        codes=found["codes"],
        mix=found["mix"],
    )


def _named(agreed: Mapping[str, Any], columns: Sequence[Column]) -> dict[str, tuple[str, ...]]:
    names = [column.name for column in columns]
    found = {}
    for what, key in _COLUMNS.items():
        if key in agreed:
            value = agreed[key]
            listed = (value,) if isinstance(value, str) else tuple(value or ())
            known_keys(f"{key} of anomaly", dict.fromkeys(listed), names)
            found[what] = listed
    if len(found.get("event", ())) > 1:
        raise ContractError("anomaly: eventColumn is one column")
    dated = {column.name for column in columns if column.date_format}
    if strange := [name for name in found.get("event", ()) if name not in dated]:
        raise ContractError(f"anomaly: eventColumn {strange[0]} is not a column of dates")
    return found


def _from_columns(columns: Sequence[Column]) -> dict[str, tuple[str, ...]]:
    optional = {column.name for column in columns if not column.required}
    return {
        "location": tuple(name for name in _PLACES if name in optional)[:1],
        "event": tuple(
            column.name
            for column in columns
            if column.required and column.logical_type in ("date", "timestamp")
        )[:1],
        "codes": tuple(
            column.name
            for column in columns
            if column.name.endswith("_code") and not column.allowed and not column.pseudonym
        ),
        "mix": tuple(
            column.name for column in columns if column.required and len(column.allowed) > 1
        )[:_MOST_MIXES],
    }
