"""The scanner: checks a parsed delivery for personal data before it is stored.

Every column is checked, whatever form its contract gives it. The only exceptions are kinds agreed for
it (`mayHold`), and values in a form so narrow that they cannot identify anyone: listed values, markers,
dates, numbers, hashes. A name in a date column is found before gate 1 refuses it or only warns about it.
Many numbers pass for an NHS number by chance, so most of a column has to do so.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date

import duckdb

from orchestration.contracts.model import NUMBERS, PERSONAL_KINDS, Column
from orchestration.contracts.personal_data import (
    IN_WORDS,
    holds,
    holds_untitled_name,
    may_hold,
    may_hold_untitled_name,
    plain,
    without_reviewed,
)
from orchestration.core.refusal import Refusal
from orchestration.core.sql import literal

RULE = "depersonalised"
_ROWS_NAMED = 20
# Dates more than this many years ago, in a column not agreed to hold dates, count as dates of birth.
_OLD_DAY, _YEARS, _YEARS_AHEAD = "old_day", 12, 10
_DAY_FORMATS = (
    "['%d/%m/%Y', '%Y-%m-%d', '%d-%m-%Y', '%d.%m.%Y', '%Y/%m/%d', '%d %b %Y', '%d %B %Y', "
    "'%d-%b-%Y', '%d-%B-%Y']"
)
_SHORT_DAY_FORMATS = "['%d/%m/%y', '%d-%b-%y', '%d %b %y']"
_DAY = r"[0-9]{1,4}[/. -](?:[0-9]{1,2}|[A-Za-z]{3,9})[/. -][0-9]{2,4}"
_SHORT_DAY_LIKE = r"\s*[0-9]{1,2}(?:/[0-9]{1,2}/|[ -][A-Za-z]{3}[ -])[0-9]{2}\s*"
# At midnight, or midnight in summer time, as programs write a date.
_MIDNIGHT = r"(?:[ T](?:00|23):00(?::00(?:[.]0+)?)?(?:Z|[+-]0[01]:?00)?)?"
_DAY_LIKE = rf"\s*{_DAY}{_MIDNIGHT}\s*"
_TEN_DIGITS = "[0-9]{10}"
_HASH_DIGITS = 64  # of SHA-256 in hexadecimal
_OF_DIGITS = ("nhs_number", "telephone")
_UNTITLED = "untitled_name"
_ROOM = "values_to_be_looked_at"
_OF_KIND = {_OLD_DAY: "date_of_birth", _UNTITLED: "name"}


def scan(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[tuple[Column, str]], today: date
) -> None:
    """Scan columns, each in its rows (SQL with `_row` and the column as text), all together.

    The age of dates is measured from `today`.

    Raises:
        Refusal: a column holds personal data. The message names columns and rows, never a value.
    """
    found = _found(connection, columns, today)
    if not found:
        return
    column, rows, kind, _ = found[0]
    kind = _OF_KIND.get(kind, kind)
    alike = (
        f"({condition})"
        for other, _, what, condition in found
        if (other, _OF_KIND.get(what, what)) == (column, kind)
    )
    where = f"from ({rows}) where {' or '.join(alike)}"
    count = connection.execute(f"select count(*) {where}").fetchone()
    first = connection.execute(f"select _row {where} order by _row limit {_ROWS_NAMED}").fetchall()
    assert count is not None
    others = len({other.name for other, *_ in found} - {column.name})
    more = f", and {others} more such column{'s' * (others > 1)}" if others else ""
    number = f"{count[0]:,} row{'s' * (count[0] != 1)}"
    raise Refusal(
        RULE,
        f"column “{column.header}” holds {IN_WORDS[kind]} ({number}{more}); "
        "nothing in the file may lead to a person",
        tuple(row[0] for row in first),
    )


@contextmanager
def room(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Yield the name of a table for the values of several deliveries of one feed, to be looked at together.

    What is put there has not been looked at, so the database is one in memory.
    """
    connection.execute(
        f"create or replace table {_ROOM} (delivery varchar, place integer, written varchar)"
    )
    try:
        yield _ROOM
    finally:
        connection.execute(f"drop table {_ROOM}")


def put(
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[tuple[Column, str]],
    delivery: str,
    place: str,
) -> None:
    """Put the distinct values of a delivery's columns (as `scan` has them) where `holding` looks at them."""
    if columns:
        connection.execute(
            f"insert into {place} select $delivery, place, written from ({_written(columns)})",
            {"delivery": delivery},
        )


def holding(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[Column], today: date, place: str
) -> set[str]:
    """Those deliveries whose files `scan` refuses. `columns` are those that were put, in their order."""
    return {delivery for delivery, *_ in _hits(connection, columns, today, place)}


def _found(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[tuple[Column, str]], today: date
) -> list[tuple[Column, str, str, str]]:
    """The findings: the column, what its rows are in, the kind and the SQL condition for those rows."""
    if not columns:
        return []
    connection.execute(
        "create or replace temp table looked_at as "
        f"select '' as delivery, place, written from ({_written(columns)})"
    )
    hits = _hits(connection, [column for column, _ in columns], today, "looked_at")
    found = []
    for _, place, is_number, kind in hits:
        column, rows = columns[place]
        ((_, condition),) = _looks(_looked_at(column), today, [kind])
        only = f"not {_is_spared(column)} and {_is_number(column)} = {is_number}"
        found.append((column, rows, kind, f"({condition}) and {only}"))
    return found


def _written(columns: Sequence[tuple[Column, str]]) -> str:
    """A query for the distinct values of columns, by the column's place: one pass over each relation."""
    by_rows: dict[str, list[str]] = {}
    for place, (column, rows) in enumerate(columns):
        written = f'case when not {_is_spared(column)} then "{column.name}" end'
        by_rows.setdefault(rows, []).append(f"{{'place': {place}, 'written': {written}}}")
    values = " union all ".join(
        f"select unnest([{', '.join(written)}], recursive := true) from ({rows})"
        for rows, written in by_rows.items()
    )
    return f"select distinct place, written from ({values}) where written is not null"


def _values(columns: Sequence[Column], written: str) -> str:
    """A query for the values in a table of what was written, as they are looked at."""
    # What was reviewed is left out column by column.
    reviewed = "".join(
        f"when {place} then {without_reviewed(plain('written'), column.reviewed)} "
        for place, column in enumerate(columns)
        if column.reviewed
    )
    value = plain("written")
    value = f"case place {reviewed}else {value} end" if reviewed else value
    numbers = [str(place) for place, column in enumerate(columns) if _is_of_numbers(column)]
    is_number = _has_ten_digits("written")
    if numbers:
        is_number = (
            f"case when place in ({', '.join(numbers)}) then {_can_be_number('written')} "
            f"else {is_number} end"
        )
    return f"select delivery, place, {value} as value, {is_number} as is_number from {written}"


def _hits(
    connection: duckdb.DuckDBPyConnection, columns: Sequence[Column], today: date, written: str
) -> list[tuple[str, int, bool, str]]:
    """By delivery, place of the column and whether they are numbers: the kinds that its values hold, more
    often than by chance.

    The distinct values of all columns, and of all deliveries, are looked at together, and first without the
    exceptions that the forms have: compiling patterns costs more than applying them, and most files hold
    nothing.
    """
    may = {kind: may_hold(kind, "value") for kind in PERSONAL_KINDS}
    may |= {_UNTITLED: may_hold_untitled_name("value"), _OLD_DAY: _is_old_day("value", today)}
    wanted = ", ".join(f"coalesce(bool_or({condition}), false)" for condition in may.values())
    values = f"({_values(columns, written)})"
    distinct = f"(select distinct value from {values}) as texts"
    perhaps = connection.execute(f"select {wanted} from {distinct}").fetchone()
    assert perhaps is not None
    kinds = [kind for kind, is_so in zip(may, perhaps, strict=True) if is_so]
    if not kinds:
        return []
    looks = _looks("value", today, kinds)
    held = ", ".join(f"({condition}) as kind_{n}" for n, (_, condition) in enumerate(looks))
    wanted = ", ".join(f"count(*) filter (where kind_{n})" for n, _ in enumerate(looks))
    counts = connection.execute(
        f"with texts as materialized (select value, {held} from {distinct}) "
        f"select delivery, place, is_number, count(*), {wanted} from {values} as looked_at "
        "inner join texts using (value) group by all order by delivery, place, is_number"
    ).fetchall()
    return [
        (delivery, place, is_number, kind)
        for delivery, place, is_number, total, *hits in counts
        for hit, kind in zip(hits, kinds, strict=True)
        if hit > _by_chance(columns[place], kind, total, is_number=is_number)
    ]


def _looked_at(column: Column) -> str:
    """SQL for what is looked at of a column: its text as it appears, without what was reviewed."""
    return without_reviewed(plain(f'"{column.name}"'), column.reviewed)


def _is_spared(column: Column) -> str:
    """SQL that is true for a value that cannot identify anyone: listed, a marker, a date as agreed, a hash.

    Identifiers that are hashes are most of the distinct values of a large feed, and every form is one of
    words, or of more than one word: none fits into a word of 64 hexadecimal digits.
    """
    name = f'"{column.name}"'
    listed = ", ".join(map(literal, (*column.allowed, *column.markers)))
    spared = [f"{name} in ({listed})"] if listed else []
    # A pattern is for the few that are as long.
    spared.append(
        f"case when strlen({name}) = {_HASH_DIGITS} "
        f"then regexp_full_match({name}, '[0-9a-f]+') else false end"
    )
    if column.date_format:
        spared.append(f"try_strptime({name}, {literal(column.date_format)}) is not null")
    return f"({' or '.join(spared) or 'false'})"


def _is_number(column: Column) -> str:
    """SQL that is true for a number in a column of numbers, and elsewhere for ten digits alone: they may
    be a reference number of the partner's."""
    name = f'"{column.name}"'
    return _can_be_number(name) if _is_of_numbers(column) else _has_ten_digits(name)


def _is_of_numbers(column: Column) -> bool:
    return column.logical_type in NUMBERS


def _can_be_number(text: str) -> str:
    return f"(try_cast(replace({text}, ',', '') as double) is not null)"


def _has_ten_digits(text: str) -> str:
    return f"regexp_full_match(trim({text}), {literal(_TEN_DIGITS)})"


def _by_chance(column: Column, kind: str, total: int, *, is_number: bool) -> float:
    """How many of this many distinct values may look personal by chance.

    One number in eleven passes the check of NHS numbers, so only a column of them is significant.
    """
    if _OF_KIND.get(kind, kind) in column.may_hold:
        return math.inf
    if kind == _UNTITLED and column.classification == "public":
        return math.inf  # places are called after people
    if is_number and kind in _OF_DIGITS:
        return max(1, total // 2) if column.logical_type in NUMBERS else total // 2
    if column.logical_type in NUMBERS or column.date_format:
        # Numbers are only checked as above, and a date not in the agreed form is a matter for gate 1.
        return math.inf if is_number or kind == _OLD_DAY else 0
    return 0


def _looks(text: str, today: date, kinds: Sequence[str]) -> list[tuple[str, str]]:
    """The given kinds (old dates and names without a title too), each with its SQL condition on `text`."""
    special = {
        _OLD_DAY: lambda: _is_old_day(text, today),
        _UNTITLED: lambda: holds_untitled_name(text),
    }
    return [
        (kind, special[kind]() if kind in special else holds(kind, text, alone=True))
        for kind in kinds
    ]


def _is_old_day(name: str, today: date) -> str:
    """SQL that is true for a value that consists only of a date long ago."""
    day, ago = f"'{today}'::timestamp", f"interval {_YEARS} year"
    return (
        f"case when regexp_full_match({name}, {literal(_SHORT_DAY_LIKE)}) "
        # A two-digit year well in the future belongs to the last century.
        f"then try_strptime(trim({name}), {_SHORT_DAY_FORMATS}) "
        f"not between {day} - {ago} and {day} + interval {_YEARS_AHEAD} year "
        f"when regexp_full_match({name}, {literal(_DAY_LIKE)}) "
        f"then try_strptime(regexp_extract({name}, {literal(_DAY)}), {_DAY_FORMATS}) "
        f"between '1900-01-01'::timestamp and {day} - {ago} "
        "else false end"
    )
