"""What no reader can see in one cell: a header among the rows, and text that a program has spoilt.

The same for every format, on the rows as they were read and before identifiers are replaced.
"""

from __future__ import annotations

import duckdb

from orchestration.contracts.model import Column, Contract
from orchestration.core.refusal import Refusal, Remark, Tell
from orchestration.core.sql import literal

_ROWS_SHOWN = 20
_MOSTLY = "_mostly_dated_"
# Control characters of Latin-1, the sign for what could not be decoded, and UTF-8 that was read as
# Latin-1 or Windows-1252 and written again: its first byte, of a letter or sign of western Europe,
# and one that may follow it; `â€` begins dashes and typographic quotes.
_FOLLOWS = (
    "[\u0080-\u00bf\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d"
    "\u2022\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]"
)
_MANGLED = f"[\u0080-\u009f\ufffd]|[\u00c2\u00c3]{_FOLLOWS}|\u00e2\u20ac|\u00e2\u0080"
# What spreadsheets make of a long number, and of a code such as 10/25 or 3-4, in a file of text.
_SHORTENED = r"[0-9]([.][0-9]+)?[eE][+][0-9]{2,3}"
_MONTH = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DATED = f"([0-9]{{1,2}}-{_MONTH}(-[0-9]{{2,4}})?|{_MONTH}-[0-9]{{2,4}})"
_MARK = "chr(31)"
_BETWEEN = "\x1f({})\x1f"


def check(
    connection: duckdb.DuckDBPyConnection, relation: str, contract: Contract, tell: Tell
) -> None:
    """Look at the rows of `relation` (`_row` and the contract's columns), all of them in one pass.

    First at whole rows: compiling three patterns for each column costs more than reading most files does,
    and most hold nothing.

    Raises:
        Refusal: a row repeats the header.
    """
    if not _may_hold(connection, relation, contract):
        return
    looked_for = [("", _repeats_header(contract), "")]
    for column in contract.columns:
        if column.logical_type == "string":
            looked_for += _spoilt(column)
    counts = ", ".join(
        f"count_if({condition}), min(_row, {_ROWS_SHOWN}) filter (where {condition})"
        for _, condition, _ in looked_for
    )
    mostly = "".join(
        f", (select 2 * count_if(regexp_full_match({name}, {literal(_DATED)})) > count({name}) "
        f"from rows_read) as {_MOSTLY}{name}"
        for name in (column.name for column in contract.columns if _is_free(column))
    )
    found = connection.sql(
        f"with rows_read as materialized ({relation}), judged as (select *{mostly} from rows_read) "
        f"select {counts} from judged"
    ).fetchone()
    assert found is not None
    for (rule, _, sentence), count, first in zip(looked_for, found[::2], found[1::2], strict=True):
        if not count:
            continue
        rows = tuple(int(row) for row in first)
        if not rule:
            many = f" ({count} such rows)" if count > 1 else ""
            raise Refusal(
                "repeated_header",
                f"row {rows[0]} repeats the header{many}; send one table with one header",
                rows,
            )
        tell(Remark(rule, sentence, rows, int(count)))


def _may_hold(connection: duckdb.DuckDBPyConnection, relation: str, contract: Contract) -> bool:
    """Whether any row repeats the header, or has a value of one of the forms in any of its columns."""
    text = [column for column in contract.columns if column.logical_type == "string"]
    free = [column.name for column in text if _is_free(column)]
    looks = [_repeats_header(contract)]
    if text:
        said = f"concat_ws('', {', '.join(column.name for column in text)})"
        looks.append(_is_mangled(said))
    if free:
        # Every value stands between two marks, so a form that fills a value fills what is between them.
        said = f"concat({_MARK}, concat_ws({_MARK}, {', '.join(free)}), {_MARK})"
        looks += [
            f"regexp_matches({said}, {literal(_BETWEEN.format(form))})"
            for form in (_SHORTENED, _DATED)
        ]
    found = connection.sql(
        f"select {', '.join(f'coalesce(bool_or({look}), false)' for look in looks)} from ({relation})"
    ).fetchone()
    assert found is not None
    return any(found)


def _is_mangled(text: str) -> str:
    # Most text is ASCII, and then as long in bytes as in letters.
    return (
        f"case when strlen({text}) <> length({text}) "
        f"then regexp_matches({text}, {literal(_MANGLED)}) else false end"
    )


def _repeats_header(contract: Contract) -> str:
    """SQL that is true where at least half of the values are the names of their columns."""
    alike = " + ".join(
        f"coalesce(lower(trim({column.name})) in ({', '.join(_names(column))}), false)::integer"
        for column in contract.columns
    )
    return f"2 * ({alike}) >= {len(contract.columns)}"


def _names(column: Column) -> list[str]:
    # The lower of two header rows holds only what stands after the last bar.
    names = {column.header.casefold(), column.header.casefold().rpartition(" / ")[2]}
    return [literal(name) for name in sorted(names)]


def _spoilt(column: Column) -> list[tuple[str, str, str]]:
    """Rule, condition and sentence of what may have become of one column of text."""
    name, header = column.name, column.header
    found = [
        (
            f"mangled_text:{name}",
            _is_mangled(name),
            f"column “{header}” holds text that was spoilt by a wrong encoding",
        )
    ]
    if not _is_free(column):
        return found
    return [
        *found,
        (
            f"shortened_number:{name}",
            f"regexp_full_match({name}, {literal(_SHORTENED)})",
            f"column “{header}” holds numbers that a spreadsheet has shortened (1.23E+15)",
        ),
        (
            f"became_date:{name}",
            # Not where most values look like that: then it is how the column is written.
            f"regexp_full_match({name}, {literal(_DATED)}) and not {_MOSTLY}{name}",
            f"column “{header}” holds dates (Oct-25) where a spreadsheet may have changed a code",
        ),
    ]


def _is_free(column: Column) -> bool:
    """Whether the column's text may take any form; agreed values and forms are rules of the contract."""
    return column.logical_type == "string" and not (column.allowed or column.pattern)
