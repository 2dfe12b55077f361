"""Reading one column of a contract: its types, markers, separators and date format."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from orchestration.contracts.known_names import (
    known_keys,
    number_of,
    one_of,
    properties_of,
    text_of,
)
from orchestration.contracts.model import (
    CLASSIFICATIONS,
    DATE_FORMATS,
    DATES,
    MARKER_MEANINGS,
    NUMBERS,
    PERSONAL_KINDS,
    Column,
    ContractError,
)
from orchestration.contracts.reviewed import reviewed_of

# Keys that imply a rule, and keys that only describe. Others would appear to be agreed while nothing
# enforced them.
_KEYS = (
    "name", "physicalName", "logicalType", "logicalTypeOptions", "required", "classification",
    "description", "enum", "customProperties", "id", "businessName", "physicalType", "examples",
    "tags", "unique", "primaryKey", "primaryKeyPosition", "authoritativeDefinitions", "criticalDataElement",
)  # fmt: skip
_TYPES = ("string", "boolean", "object", *NUMBERS, *DATES)


def column_of(entry: Mapping[str, Any]) -> Column:
    """One column as described in the contract.

    Raises:
        ContractError: a key, type or format is unknown, or a value cannot be used.
    """
    name = entry["name"]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ContractError(f"column name {name!r} is not in lower snake case")
    known_keys(f"column {name}", entry, _KEYS)
    logical_type = one_of(f"logicalType of column {name}", entry["logicalType"], _TYPES)
    options = entry.get("logicalTypeOptions", {})
    known_keys(
        f"logicalTypeOptions of column {name}",
        options,
        ("format",) if logical_type in DATES else ("pattern", *_bounds_of(logical_type)),
    )
    custom = properties_of(
        f"custom property of column {name}",
        entry.get("customProperties", []),
        ("markers", "thousands", "pseudonym", "mayHold", "areaCode", "reviewed"),
    )
    thousands = custom.get("thousands", False)
    if not isinstance(thousands, bool) or (thousands and logical_type not in NUMBERS):
        raise ContractError(f"thousands of column {name} is true or false, and only for numbers")
    classification = one_of(
        f"classification of column {name}", entry["classification"], CLASSIFICATIONS
    )
    pseudonym = _pseudonym(name, logical_type, custom.get("pseudonym"), entry)
    if classification == "personal" and pseudonym is None:
        raise ContractError(
            f"column {name} is personal; it is only taken as a pseudonym, and names no domain for one"
        )
    return Column(
        name=name,
        header=entry["physicalName"],
        logical_type=logical_type,
        # A part of a key is never blank.
        required=_flag(name, entry, "required") or _flag(name, entry, "primaryKey"),
        classification=classification,
        description=entry["description"],
        allowed=tuple(
            text_of(f"a value of column {name}", choice["value"])
            for choice in entry.get("enum", [])
        ),
        pattern=_pattern(name, options.get("pattern")),
        minimum=_minimum(name, options),
        markers=_markers(name, logical_type, custom.get("markers", {})),
        thousands=thousands,
        date_format=_date_format(name, logical_type, options),
        pseudonym=pseudonym,
        may_hold=_may_hold(name, custom.get("mayHold", [])),
        area_code=one_of(f"areaCode of column {name}", custom["areaCode"], ("ward",))
        if "areaCode" in custom
        else None,
        reviewed=reviewed_of(name, custom.get("reviewed", [])),
        unique=_flag(name, entry, "unique"),
        in_key=_flag(name, entry, "primaryKey"),
        bounds=_bounds(name, logical_type, options),
    )


def _flag(name: str, entry: Mapping[str, Any], key: str) -> bool:
    value = entry.get(key, False)
    if not isinstance(value, bool):
        raise ContractError(f"{key} of column {name} is {value!r}; expected true or false")
    return value


def _pattern(name: str, pattern: Any) -> str | None:
    """A pattern that compiles; whether DuckDB's dialect has it, `csp contract check` tries."""
    if pattern is None:
        return None
    try:
        return re.compile(text_of(f"pattern of column {name}", pattern)).pattern
    except re.error as problem:
        raise ContractError(
            f"pattern of column {name} is no regular expression ({problem})"
        ) from None


def _bounds_of(logical_type: str) -> tuple[str, ...]:
    if logical_type in NUMBERS:
        return ("minimum", "maximum")
    return ("minLength", "maxLength") if logical_type == "string" else ()


def _bounds(name: str, logical_type: str, options: Mapping[str, Any]) -> dict[str, float]:
    """Limits that have a rule of their own; `minimum` is a part of what a number is."""
    bounds = {
        key: options[key] for key in _bounds_of(logical_type) if key in options and key != "minimum"
    }
    for key, value in bounds.items():
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ContractError(f"{key} of column {name} is {value!r}; expected a number")
    return bounds


def _markers(name: str, logical_type: str, markers: Any) -> dict[str, str]:
    if markers and logical_type not in (*NUMBERS, *DATES):
        raise ContractError(f"column {name} is {logical_type}; markers stand for numbers or dates")
    if not isinstance(markers, Mapping):
        raise ContractError(f"markers of column {name} is not a set of keys and values")
    return {
        text_of(f"a marker of column {name}", marker): one_of(
            f"meaning of a marker of column {name}", meaning, MARKER_MEANINGS
        )
        for marker, meaning in markers.items()
    }


def _minimum(name: str, options: Mapping[str, Any]) -> int | None:
    """The smallest value that a number can have; 0 for counts."""
    if "minimum" not in options:
        return None
    return number_of(f"minimum of column {name}", options["minimum"], -(10**9), 10**9)


def _date_format(name: str, logical_type: str, options: Mapping[str, Any]) -> str | None:
    if logical_type not in DATES:
        return None
    if "format" not in options:
        raise ContractError(f"column {name} is a {logical_type}; its format is missing")
    known = [text for text in DATE_FORMATS if text.startswith("HH") == (logical_type == "time")]
    return DATE_FORMATS[one_of(f"format of column {name}", options["format"], known)]


def _pseudonym(name: str, logical_type: str, domain: Any, entry: Mapping[str, Any]) -> str | None:
    """The domain of the column's pseudonyms. Columns in the same domain can be compared."""
    if domain is None:
        return None
    if not isinstance(domain, str) or not re.fullmatch(r"[a-z][a-z0-9_]*", domain):
        raise ContractError(
            f"pseudonym of column {name} is {domain!r}; expected a domain such as person"
        )
    if logical_type != "string" or entry.get("enum"):
        raise ContractError(f"column {name} has pseudonyms; it is a string without agreed values")
    return domain


def _may_hold(name: str, kinds: Any) -> tuple[str, ...]:
    """The kinds of personal data that were agreed for the column."""
    if not isinstance(kinds, list):
        raise ContractError(f"mayHold of column {name} is not a list")
    return tuple(
        one_of(f"a kind of mayHold of column {name}", kind, PERSONAL_KINDS) for kind in kinds
    )
