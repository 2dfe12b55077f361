"""The scanner: looks through a parsed delivery for personal data before it is stored.

Every column is looked at, whatever its contract says of its form, but for those whose values are
listed in the contract and kinds that were agreed for a column (`mayHold`). Numbers and dates are
written as agreed or refused by gate 1, so only numbers are looked at, for a whole column of NHS numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import duckdb

from orchestration.ingest.contract_model import DATES, NUMBERS, PERSONAL_KINDS, Column
from orchestration.ingest.personal_data import IN_WORDS, holds, literal
from orchestration.ingest.refusal import Refusal

RULE = "depersonalised"
_ROWS_NAMED = 20
# Days before this many years ago, in a column that was not agreed to hold days, are birthdays.
_YEARS = 12
_DAY_FORMATS = "['%d/%m/%Y', '%Y-%m-%d', '%d-%m-%Y', '%d.%m.%Y', '%d %b %Y', '%d %B %Y']"
_DAY = r"[0-9]{1,4}[/. -](?:[0-9]{1,2}|[A-Za-z]{3,9})[/. -][0-9]{2,4}"
_DAY_LIKE = rf"\s*{_DAY}(?:[ T]00:00(?::00)?)?\s*"


def scan(
    connection: duckdb.DuckDBPyConnection, rows: str, columns: Sequence[Column], today: date
) -> None:
    """Look through `rows` (SQL with `_row` and the columns as text); old days are old today.

    Raises:
        Refusal: a column holds what leads to a person. It names columns and rows, never a value.
    """
    found = _found(connection, rows, columns, today)
    if not found:
        return
    column, kind, condition = found[0]
    where = f"from ({rows}) where {condition}"
    count = connection.execute(f"select count(*) {where}").fetchone()
    first = connection.execute(f"select _row {where} order by _row limit {_ROWS_NAMED}").fetchall()
    assert count is not None
    others = len({other.name for other, _, _ in found} - {column.name})
    more = f", and {others} more such column{'s' * (others > 1)}" if others else ""
    number = f"{count[0]:,} row{'s' * (count[0] != 1)}"
    raise Refusal(
        RULE,
        f"column “{column.header}” holds {IN_WORDS[kind]} ({number}{more}); "
        "nothing in the file may lead to a person",
        tuple(row[0] for row in first),
    )


def _found(
    connection: duckdb.DuckDBPyConnection, rows: str, columns: Sequence[Column], today: date
) -> list[tuple[Column, str, str]]:
    """What there is: the column, the kind and the SQL condition for its rows.

    One query looks at the different values of all columns: to make its patterns costs more than to
    use them.
    """
    looked_at = [column for column in columns if _kinds(column)]
    if not looked_at:
        return []
    looks = _looks("value", today)
    values = " union all ".join(
        f'select {place} as place, "{column.name}" as value from ({rows}) '
        f'where "{column.name}" is not null group by all'
        for place, column in enumerate(looked_at)
    )
    wanted = ", ".join(f"count(*) filter (where {condition})" for _, condition in looks)
    counts = connection.execute(
        f"select place, count(*), {wanted} from ({values}) group by place order by place"
    ).fetchall()
    return [
        (looked_at[place], kind, condition)
        for place, total, *hits in counts
        for hit, (kind, condition) in zip(
            hits, _looks(f'"{looked_at[place].name}"', today), strict=True
        )
        if hit > _by_chance(looked_at[place], total) and kind in _kinds(looked_at[place])
    ]


def _by_chance(column: Column, total: int) -> int:
    """How many of a column's different values may look personal and mean nothing.

    One number in eleven passes the check of NHS numbers: it takes a column of them.
    """
    return max(1, total // 2) if column.logical_type in NUMBERS else 0


def _kinds(column: Column) -> set[str]:
    """What a column is looked through for."""
    if column.allowed or column.logical_type == "object" or column.logical_type in DATES:
        return set()
    kinds = {"nhs_number"} if column.logical_type in NUMBERS else set(PERSONAL_KINDS)
    return kinds - set(column.may_hold)


def _looks(text: str, today: date) -> list[tuple[str, str]]:
    """Every kind with the SQL condition on the expression `text`."""
    looks = [(kind, holds(kind, text)) for kind in PERSONAL_KINDS]
    return [*looks, ("date_of_birth", _is_old_day(text, today))]


def _is_old_day(name: str, today: date) -> str:
    """SQL that is true of a value that is nothing but a day, long ago."""
    return (
        f"case when regexp_full_match({name}, {literal(_DAY_LIKE)}) "
        f"then try_strptime(regexp_extract({name}, {literal(_DAY)}), {_DAY_FORMATS}) "
        f"between '1900-01-01'::timestamp and '{today}'::timestamp - interval {_YEARS} year "
        "else false end"
    )
