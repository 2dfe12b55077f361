"""The rules of gate 1: those implied by a contract's columns, and those it states.

Great Expectations has no regular expressions or casts for DuckDB ("Regex is not supported for dialect
duckdb", seen with 1.24.1), so such rules are queries. They return `_delivery` and `_row`, never a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from orchestration.contracts import personal_data
from orchestration.contracts.known_names import known_keys, one_of
from orchestration.contracts.model import (
    DATE_FORMATS,
    NUMBERS,
    PSEUDONYM_FORM,
    SEVERITIES,
    Column,
    ContractError,
    Rule,
)
from orchestration.core.sql import literal

# Gate 1 runs a suite once over all new deliveries of a feed. That is equivalent to running it over
# each one alone only for rules that look at one row, or that name `_delivery`; others are refused.
_ROW_RULES = {
    "expect_column_values_to_not_be_null",
    "expect_column_values_to_be_null",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_not_be_in_set",
    "expect_column_value_lengths_to_be_between",
    "expect_column_value_lengths_to_equal",
    "expect_column_pair_values_to_be_equal",
}
_DELIVERY_RULES = {"unexpected_rows_expectation", "expect_compound_columns_to_be_unique"}

_MOST = 1_000_000_000_000  # no real count is larger, and our own counts could not hold sums of larger ones
_INTEGER = r"\s*[-+]?[0-9]+\s*"
_NUMBER = r"\s*[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?\s*"
_GROUPED = r"\s*[-+]?[0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?\s*"


def generated_rules(columns: Sequence[Column]) -> Iterable[Rule]:
    """The rules implied by the descriptions of the columns."""
    for column in columns:
        if column.required:
            yield Rule(
                f"required:{column.name}",
                "critical",
                "expect_column_values_to_not_be_null",
                {"column": column.name},
                f"column “{column.header}” is never blank",
            )
        if column.allowed:
            yield Rule(
                f"allowed:{column.name}",
                "critical",
                "expect_column_values_to_be_in_set",
                {"column": column.name, "value_set": list(column.allowed)},
                f"column “{column.header}” holds only the agreed values "
                f"({len(column.allowed)} of them)",
            )
        if column.logical_type in NUMBERS:
            whole = "whole " if column.logical_type == "integer" else ""
            yield _rows_rule(
                f"number:{column.name}",
                "critical" if column.required else "warning",
                f"not ({_is_number(column)})",
                f"column “{column.header}” holds {whole}numbers{_besides(column)}",
                column,
            )
        if column.date_format:
            written = f"try_strptime({column.name}, {quoted(column.date_format)})"
            yield _rows_rule(
                f"date:{column.name}",
                "critical" if column.required else "warning",
                # Converted back to text: `1/4/24` can be read as 01/04/2024, but is not written that way.
                f"strftime({written}, {quoted(column.date_format)}) is distinct from {column.name}",
                f"column “{column.header}” is written as agreed "
                f"({_as_agreed(column.date_format)}){_besides(column)}",
                column,
            )
        # Identifiers were checked against the agreed pattern before they were replaced.
        pattern = PSEUDONYM_FORM if column.pseudonym else column.pattern
        if pattern:
            written = "is only stored as pseudonyms" if column.pseudonym else "is written as agreed"
            yield _rows_rule(
                f"pattern:{column.name}",
                "critical",
                f"not regexp_full_match({column.name}, {quoted(pattern)})",
                f"column “{column.header}” {written} ({pattern})",
                column,
            )
        yield from _bounded(column)
        if column.unique:
            yield _once(f"unique:{column.name}", [column.name], f"column “{column.header}”")
    if key := [column for column in columns if column.in_key]:
        headers = ", ".join(f"“{column.header}”" for column in key)
        yield _once("primary_key", [column.name for column in key], f"the key {headers}")
    yield from _depersonalised(columns)


def _bounded(column: Column) -> Iterable[Rule]:
    """Lengths and limits, as the standard's `logicalTypeOptions` state them."""
    for bound, limit in column.bounds.items():
        measure = f"length({column.name})"
        if bound in ("minimum", "maximum"):
            text = f"replace({column.name}, ',', '')" if column.thousands else column.name
            measure = f"try_cast({text} as double)"
        beyond = "<" if bound.startswith("min") else ">"
        what = "has at least" if bound == "minLength" else "has at most"
        sentence = {"minimum": f"is at least {limit}", "maximum": f"is at most {limit}"}.get(
            bound, f"{what} {limit} characters"
        )
        yield _rows_rule(
            f"{bound}:{column.name}",
            "critical",
            f"{measure} {beyond} {limit}",
            f"column “{column.header}” {sentence}",
            column,
        )


def _once(id_: str, names: Sequence[str], what: str) -> Rule:
    """A rule that a value, or a key of several columns, stands in a delivery once; blanks are no value."""
    filled = " and ".join(f"{name} is not null" for name in names)
    query = (
        f"select _delivery, _row from {{batch}} where {filled} "
        f"qualify count(*) over (partition by _delivery, {', '.join(names)}) > 1"
    )
    return Rule(
        id_,
        "critical",
        "unexpected_rows_expectation",
        {"unexpected_rows_query": query},
        f"{what} stands in a delivery once",
    )


def _depersonalised(columns: Sequence[Column]) -> Iterable[Rule]:
    """No personal data in free text, unless the whole feed is public."""
    free = [
        column
        for column in columns
        if column.logical_type == "string"
        and not (column.allowed or column.pattern or column.pseudonym or column.may_hold)
    ]
    if not free or all(column.classification == "public" for column in columns):
        return
    texts = ", ".join(
        personal_data.without_reviewed(
            personal_data.plain(column.name, quoted), column.reviewed, quoted
        )
        for column in free
    )
    public = ", ".join(str(column.classification == "public").lower() for column in free)
    # One text a column: a word of one column is no context for a number in another.
    each = (
        f"(select _delivery, _row, unnest([{texts}]) as one, unnest([{public}]) as is_public "
        "from {batch}) as texts"
    )
    named = personal_data.holds_untitled_name("one", quoted)
    found = f"{personal_data.holds_any('one', quoted)} or (not is_public and ({named}))"
    yield Rule(
        "depersonalised",
        "critical",
        "unexpected_rows_expectation",
        {"unexpected_rows_query": f"select distinct _delivery, _row from {each} where {found}"},
        f"no text holds {personal_data.any_in_words()}",
    )


def _rows_rule(id_: str, severity: str, condition: str, sentence: str, column: Column) -> Rule:
    """A rule that no row may meet `condition`; blank values and agreed markers are allowed."""
    markers = ", ".join(quoted(marker) for marker in column.markers)
    spared = f" and {column.name} not in ({markers})" if markers else ""
    query = (
        "select _delivery, _row from {batch} "
        f"where {column.name} is not null{spared} and {condition}"
    )
    return Rule(
        id_, severity, "unexpected_rows_expectation", {"unexpected_rows_query": query}, sentence
    )


def _is_number(column: Column) -> str:
    """SQL that is true for a number. The engine's own cast rounds `12.5` and accepts `1_000`."""
    whole = column.logical_type == "integer"
    text = column.name
    if column.thousands:
        grouped = f"regexp_full_match({text}, {quoted(_GROUPED)})"
        text = f"case when {grouped} then replace({text}, ',', '') else {text} end"
    cast = f"try_cast({text} as {'bigint' if whole else 'double'})"
    fits = f"coalesce({cast} between -{_MOST} and {_MOST}, false)"
    return f"regexp_full_match({text}, {quoted(_INTEGER if whole else _NUMBER)}) and {fits}"


def _besides(column: Column) -> str:
    """What else a column may hold, in words."""
    return f", or one of the agreed markers ({', '.join(column.markers)})" if column.markers else ""


def _as_agreed(date_format: str) -> str:
    return next(text for text, known in DATE_FORMATS.items() if known == date_format)


def quoted(text: str) -> str:
    """`text` as a literal in a query that passes through `str.format` and SQLAlchemy's `text()`."""
    doubled = literal(text).replace("{", "{{").replace("}", "}}")
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", doubled)


def agreed_rule(entry: Mapping[str, Any]) -> Rule:
    """A rule that the contract states.

    Raises:
        ContractError: gate 1 could not run it correctly.
    """
    known_keys(
        f"rule {entry.get('id')}",
        entry,
        ("id", "description", "type", "engine", "severity", "implementation"),
    )
    if entry.get("type") != "custom" or entry.get("engine") != "greatExpectations":
        raise ContractError(f"rule {entry.get('id')}: only engine greatExpectations is run")
    severity = one_of(f"severity of rule {entry['id']}", entry["severity"], SEVERITIES)
    implementation = entry["implementation"]
    known_keys(f"rule {entry['id']}", implementation, ("type", "kwargs"))
    expectation, kwargs = implementation["type"], implementation["kwargs"]
    if expectation not in _ROW_RULES | _DELIVERY_RULES:
        raise ContractError(
            f"rule {entry['id']}: {expectation} does not judge row by row; "
            "write it as unexpected_rows_expectation grouped by _delivery"
        )
    if "mostly" in kwargs:
        raise ContractError(
            f"rule {entry['id']}: mostly is not allowed; write the share as a query by _delivery"
        )
    if expectation in _DELIVERY_RULES and "_delivery" not in json.dumps(kwargs):
        raise ContractError(f"rule {entry['id']}: the rule must name _delivery")
    return Rule(entry["id"], severity, expectation, kwargs, entry["description"])
