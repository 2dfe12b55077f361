"""The rules of gate 1: those implied by a contract's columns, and those it states.

Great Expectations has no regular expressions or casts for DuckDB ("Regex is not supported for dialect
duckdb", seen with 1.24.1), so such rules are queries. They return `_delivery` and `_row`, never a value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from orchestration.contracts import personal_data
from orchestration.contracts.known_names import known_keys, one_of, properties_of, text_of
from orchestration.contracts.model import (
    DATE_FORMATS,
    NUMBERS,
    PSEUDONYM_FORM,
    ROW,
    SEVERITIES,
    SHARE,
    Column,
    ContractError,
    Rule,
    Staging,
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


# How the reason for a rejected row ends, by the kind of rule; it begins with the column's name.
_REASONS = {
    "required": "blank",
    "allowed": "not_allowed",
    "pattern": "not_as_agreed",
    "number": "not_a_number",
    "date": "not_a_date",
    "maximum": "too_large",
    "minLength": "too_short",
    "maxLength": "too_long",
}
# Says to a reader of the contract what a query is built on; gate 1 and staging put the rows there.
_BATCH = "{batch}"
_OF_ROWS = re.compile(
    r"\s*select _delivery, _row from \{batch\}\s+(?:where|qualify)\s+(?P<condition>.+?)\s*",
    re.DOTALL,
)
_OF_GATE = re.compile(
    r"\b_(usual_rows|fewest_rows|most_rows|chance_refused|rejected_share|is_due)\b"
)
# Beyond a plain condition on a row: no row could be judged by it in staging.
_BEYOND = re.compile(
    r"\b(group by|having|qualify|union|except|intersect|order by\s+\w+\s*$|limit)\b|\{batch\}"
)


def generated_rules(columns: Sequence[Column], staging: Staging | None = None) -> Iterable[Rule]:
    """The rules implied by the descriptions of the columns.

    What one value can be (blank, not allowed, not of the agreed form) is a matter of its row: the row
    is rejected. Columns that staging leaves out and that may be blank are only warned of: nothing
    reads them. The contract may have a rule refuse the whole delivery instead.
    """
    staging = staging or Staging()
    for column in columns:
        for rule in _of_column(column):
            yield _decided(rule, column, staging)
        if column.unique:
            yield _once(f"unique:{column.name}", [column.name], f"column “{column.header}”")
    if key := [column for column in columns if column.in_key]:
        headers = ", ".join(f"“{column.header}”" for column in key)
        yield _once("primary_key", [column.name for column in key], f"the key {headers}")
    yield from _depersonalised(columns)


def _of_column(column: Column) -> Iterable[Rule]:
    name = column.name
    if column.required:
        yield _rows_rule(
            f"required:{name}", f"{name} is null", f"column “{column.header}” is never blank"
        )
    if column.allowed:
        values = ", ".join(literal(value) for value in column.allowed)
        yield _rows_rule(
            f"allowed:{name}",
            f"{name} not in ({values})",
            f"column “{column.header}” holds only the agreed values ({len(column.allowed)} of them)",
        )
    if column.logical_type in NUMBERS:
        whole = "whole " if column.logical_type == "integer" else ""
        yield _rows_rule(
            f"number:{name}",
            f"{_is_value(column)} and not ({_is_number(column)})",
            f"column “{column.header}” holds {whole}numbers{_least(column)}{_besides(column)}",
        )
    if column.date_format:
        form = literal(column.date_format)
        yield _rows_rule(
            f"date:{name}",
            # Converted back to text: `1/4/24` can be read as 01/04/2024, but is not written that way.
            f"{_is_value(column)} and strftime(try_strptime({name}, {form}), {form}) "
            f"is distinct from {name}",
            f"column “{column.header}” is written as agreed "
            f"({_as_agreed(column.date_format)}){_besides(column)}",
        )
    # Identifiers were checked against the agreed pattern before they were replaced.
    pattern = PSEUDONYM_FORM if column.pseudonym else column.pattern
    if pattern:
        written = "is only stored as pseudonyms" if column.pseudonym else "is written as agreed"
        yield _rows_rule(
            f"pattern:{name}",
            f"{_is_value(column)} and not regexp_full_match({name}, {literal(pattern)})",
            f"column “{column.header}” {written} ({pattern})",
        )
    yield from _bounded(column)


def _decided(rule: Rule, column: Column, staging: Staging) -> Rule:
    """The rule with its severity: it refuses the delivery, rejects the row, or warns."""
    kind, _, name = rule.id.partition(":")
    refuses = staging.refuses is None or rule.id in staging.refuses
    # An identifier that was not replaced must not be kept, not even as one rejected row.
    if refuses or (kind == "pattern" and column.pseudonym):
        return replace(rule, severity="critical")
    if name in staging.omitted and not column.required and rule.id not in staging.rejects:
        return replace(rule, severity="warning")
    return replace(
        rule, severity=ROW, rejects=staging.rejects.get(rule.id, f"{name}_{_REASONS[kind]}")
    )


def share_rule(rules: Sequence[Rule], share: float | None) -> Iterable[Rule]:
    """The rule that refuses a delivery of which too many rows are rejected; none if no rule rejects.

    `share` is what the contract states; otherwise gate 1 gives the register's as `_rejected_share`.
    """
    rejecting = [rule for rule in rules if rule.severity == ROW]
    if not rejecting or share == 1:
        return
    limit = "max(_rejected_share)" if share is None else repr(share)
    query = (
        "select _delivery, count(*) as rows_found, count(reject_reason) as rows_rejected "
        f"from (select *, {escaped(reason_sql(rejecting))} as reject_reason from {_BATCH}) as judged "
        f"group by _delivery having count(reject_reason) > {limit} * count(*)"
    )
    said = "" if share is None else f" ({share:.0%})"
    yield Rule(
        SHARE,
        "critical",
        "unexpected_rows_expectation",
        {"unexpected_rows_query": query},
        f"no more than the agreed share of the rows{said} has to be rejected",
    )


def reason_sql(rejecting: Sequence[Rule]) -> str:
    """SQL for the reason why a row of a delivery is rejected: the first that holds, otherwise null."""
    cases = " ".join(f"when {rule.condition} then {literal(rule.rejects)}" for rule in rejecting)
    return f"case {cases} end"


def escaped(sql: str) -> str:
    """SQL as it is written in a query that passes through `str.format` and SQLAlchemy's `text()`."""
    return re.sub(r"(?<![:\w\\]):(?=\w)", r"\\:", sql.replace("{", "{{").replace("}", "}}"))


def plain_query(query: str, rows: str) -> str:
    """A rule's query over `rows`, as it reaches DuckDB after `str.format` and SQLAlchemy's `text()`."""
    return query.format(batch=rows).replace(r"\:", ":")


def _plain(query: str) -> str:
    """The reverse of `escaped`; `{batch}` stays as it is."""
    return query.replace("{{", "{").replace("}}", "}").replace(r"\:", ":")


def _bounded(column: Column) -> Iterable[Rule]:
    """Lengths and limits, as the standard's `logicalTypeOptions` state them."""
    for bound, limit in column.bounds.items():
        measure = f"length({column.name})"
        if bound == "maximum":
            text = f"replace({column.name}, ',', '')" if column.thousands else column.name
            measure = f"try_cast({text} as double)"
        beyond = "<" if bound.startswith("min") else ">"
        what = "has at least" if bound == "minLength" else "has at most"
        sentence = f"is at most {limit}" if bound == "maximum" else f"{what} {limit} characters"
        yield _rows_rule(
            f"{bound}:{column.name}",
            f"{_is_value(column)} and {measure} {beyond} {limit}",
            f"column “{column.header}” {sentence}",
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


def _rows_rule(id_: str, condition: str, sentence: str) -> Rule:
    """A rule that no row may meet `condition`."""
    query = f"select _delivery, _row from {_BATCH} where {escaped(condition)}"
    return Rule(
        id_,
        "critical",
        "unexpected_rows_expectation",
        {"unexpected_rows_query": query},
        sentence,
        condition,
    )


def _is_value(column: Column) -> str:
    """SQL that is true unless the value is blank or one of the agreed markers."""
    markers = ", ".join(literal(marker) for marker in column.markers)
    spared = f" and {column.name} not in ({markers})" if markers else ""
    return f"{column.name} is not null{spared}"


def _is_number(column: Column) -> str:
    """SQL that is true for a number. The engine's own cast rounds `12.5` and accepts `1_000`."""
    whole = column.logical_type == "integer"
    text = column.name
    if column.thousands:
        grouped = f"regexp_full_match({text}, {literal(_GROUPED)})"
        text = f"case when {grouped} then replace({text}, ',', '') else {text} end"
    cast = f"try_cast({text} as {'bigint' if whole else 'double'})"
    least = -_MOST if column.minimum is None else column.minimum
    fits = f"coalesce({cast} between {least} and {_MOST}, false)"
    return f"regexp_full_match({text}, {literal(_INTEGER if whole else _NUMBER)}) and {fits}"


def _least(column: Column) -> str:
    return "" if column.minimum is None else f" of at least {column.minimum}"


def _besides(column: Column) -> str:
    """What else a column may hold, in words."""
    return f", or one of the agreed markers ({', '.join(column.markers)})" if column.markers else ""


def _as_agreed(date_format: str) -> str:
    return next(text for text, known in DATE_FORMATS.items() if known == date_format)


def quoted(text: str) -> str:
    """`text` as a literal in a query that passes through `str.format` and SQLAlchemy's `text()`."""
    return escaped(literal(text))


def facts_of(entry: Any) -> dict[str, str]:
    """The facts that differ by part (custom property `byPart`), by name, as SQL over a row's `_part`.

        - property: byPart
          value: {records_asb: {default: true, btp: false}}

    A rule names one in braces: `where {records_asb} and …`.

    Raises:
        ContractError: a fact has no default, or a value that is no number, text, true or false.
    """
    if not isinstance(entry, Mapping):
        raise ContractError("byPart is not a set of facts with their values by part")
    return {name_of(name): _by_part(name, values) for name, values in entry.items()}


def _by_part(name: str, values: Any) -> str:
    if not isinstance(values, Mapping) or "default" not in values:
        raise ContractError(f"byPart: {name} states no default")
    for value in values.values():
        if not isinstance(value, bool | int | float | str):
            raise ContractError(
                f"byPart: {name} has a value that is no number, text, true or false"
            )
    written = {
        part: literal(value) if isinstance(value, str) else str(value).lower()
        for part, value in values.items()
    }
    cases = "".join(
        f"when {literal(str(part))} then {value} "
        for part, value in written.items()
        if part != "default"
    )
    return (
        f"(case _part {cases}else {written['default']} end)" if cases else f"({written['default']})"
    )


def agreed_rule(entry: Mapping[str, Any], facts: Mapping[str, str] | None = None) -> Rule:
    """A rule that the contract states. One of severity `row` names the reason for the rows it rejects.
    `facts` are what differs by part (`facts_of`).

    Raises:
        ContractError: gate 1 could not run it correctly, or staging could not reject rows by it.
    """
    known_keys(
        f"rule {entry.get('id')}",
        entry,
        ("id", "description", "type", "engine", "severity", "implementation", "customProperties"),
    )
    if entry.get("type") != "custom" or entry.get("engine") != "greatExpectations":
        raise ContractError(f"rule {entry.get('id')}: only engine greatExpectations is run")
    severity = one_of(f"severity of rule {entry['id']}", entry["severity"], (*SEVERITIES, ROW))
    custom = properties_of(
        f"custom property of rule {entry['id']}", entry.get("customProperties", []), ("reason",)
    )
    implementation = entry["implementation"]
    known_keys(f"rule {entry['id']}", implementation, ("type", "kwargs"))
    expectation, kwargs = implementation["type"], dict(implementation["kwargs"])
    for name, sql in (facts or {}).items():
        if "unexpected_rows_query" in kwargs:
            query = kwargs["unexpected_rows_query"]
            kwargs["unexpected_rows_query"] = query.replace(f"{{{name}}}", escaped(sql))
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
    condition = _condition(kwargs.get("unexpected_rows_query", ""))
    if (severity == ROW) != ("reason" in custom):
        raise ContractError(
            f"rule {entry['id']}: a rule of severity row states the reason for its rows, and no other does"
        )
    if severity == ROW and not condition:
        raise ContractError(
            f"rule {entry['id']}: a rule that rejects rows is a query of the form "
            "select _delivery, _row from {batch} where … (or qualify …)"
        )
    reason = name_of(custom["reason"]) if severity == ROW else ""
    return Rule(entry["id"], severity, expectation, kwargs, entry["description"], condition, reason)


def _condition(query: str) -> str:
    """What a row meets that a query finds, if the query looks at nothing but the delivery's rows."""
    found = _OF_ROWS.fullmatch(query)
    # What gate 1 knows of a delivery beside its rows, staging does not.
    if found is None or re.search(
        r"\b_(usual_rows|fewest_rows|most_rows|chance_refused|rejected_share|is_due)\b", query
    ):
        return ""
    condition = _plain(found["condition"])
    return "" if _BEYOND.search(condition) else condition


def name_of(value: Any) -> str:
    """A name of staging: a column or a reason.

    Raises:
        ContractError: it is not in lower snake case.
    """
    name = text_of("a name of staging", value)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ContractError(f"{name!r} of staging is not in lower snake case")
    return name
