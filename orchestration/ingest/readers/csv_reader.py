"""Reading one CSV delivery with the contract's dialect, never with a guessed one.

A sniffed dialect silently shifts columns where a partner quotes commas, so delimiter, quote, escape,
encoding and columns are always given. DuckDB, even when strict, lets empty columns at the end of a
line pass, and keeps a kilobyte for every line it rejects. So the shape of the file is checked first
by another parser, in one pass and without keeping anything, and both have to find the same rows.
"""

from __future__ import annotations

import csv
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration.contracts.model import Contract
from orchestration.core.files import PRIVATE_FILE, TEMPORARY_PREFIX
from orchestration.core.refusal import Refusal, Remark, Tell, unheard
from orchestration.core.sql import as_pattern, literal
from orchestration.ingest.readers.table import (
    TOP_LINES,
    check_header,
    check_header_line,
    cut_off,
    decode,
)

if TYPE_CHECKING:
    from _csv import Reader

_LINES_NAMED = 1000
_UNNAMED = "_unnamed"  # with its place: a column without a name
_TOO_FEW, _NEVER_CLOSED = "has too few columns", "has a quote that is never closed"
_CUT = (_TOO_FEW, _NEVER_CLOSED)
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}


def read(
    connection: duckdb.DuckDBPyConnection, contract: Contract, source: Path, tell: Tell = unheard
) -> str:
    """Read `source` into a temporary table; return SQL that gives `_row` and the contract's columns.

    Blank rows at the end and columns without a name and without anything are ignored, as in workbooks.

    Raises:
        Refusal: the file is not text in the agreed encoding, its header is not the agreed one or
        not in the agreed place, a line does not have the agreed columns, or the last row was cut off.
    """
    content = source.read_bytes()
    as_sent = decode(content, contract, "CSV text")
    text = _without_old_line_ends(as_sent, contract)
    header = _header(text, contract)
    check_header([name for name in header if name] or header, contract, contract.layout.header_line)
    by_header = {column.header: column.name for column in contract.columns}
    names = [by_header.get(name, f"{_UNNAMED}{place}") for place, name in enumerate(header, 1)]
    body = _without_total(_without_title(text, contract), contract)
    is_open = not body.endswith("\n")
    path = (
        source if body == as_sent and _is_plain(body, contract) else _copy(body, contract, source)
    )
    del content, as_sent, text, body  # a large file is not held twice while it is loaded
    try:
        rows = _check_shape(contract, len(names), path, is_open)
        _load(connection, contract, names, path)
        _check_count(connection, rows)
    finally:
        if path != source:
            path.unlink()
    _check_unnamed(connection, names, contract.layout.header_line)
    if is_open and rows:
        _check_last_value(connection, contract, names[-1], tell)
    wanted = ", ".join(column.name for column in contract.columns)
    _drop_blank_end(connection, contract)
    return f"select _row, {wanted} from delivered order by _row"


def _header(text: str, contract: Contract) -> list[str]:
    lines = text.split("\n", TOP_LINES)[:TOP_LINES]
    if lines[-1] == "":
        lines.pop()
    _check_delimiter(lines, contract)
    return check_header_line([_names(line, contract) for line in lines], contract)


def _check_delimiter(lines: Sequence[str], contract: Contract) -> None:
    """Refuse a file with another delimiter, which would look as if all columns were missing."""
    agreed = {column.header for column in contract.columns}

    def most(delimiter: str) -> int:
        found = (agreed.intersection(_names(line, contract, delimiter)) for line in lines)
        return max(map(len, found), default=0)

    if len(agreed) < 2 or most(contract.delimiter):
        return
    found = {
        delimiter: most(delimiter) for delimiter in _DELIMITERS if delimiter != contract.delimiter
    }
    best = max(found, key=lambda delimiter: found[delimiter])
    if found[best] * 2 >= len(agreed):
        wanted = _DELIMITERS.get(contract.delimiter, f"“{contract.delimiter}”")
        raise Refusal(
            "wrong_delimiter",
            f"the columns are separated by {_DELIMITERS[best]}; {wanted} were agreed",
        )


def _names(line: str, contract: Contract, delimiter: str = "") -> list[str]:
    """The fields of one line. A line that cannot be read has none of the agreed columns."""
    try:
        rows = list(
            csv.reader(
                [line.rstrip("\r")],
                delimiter=delimiter or contract.delimiter,
                quotechar=contract.quote,
            )
        )
    except csv.Error:
        return []
    return [name.strip() for name in rows[0]] if rows else []


def _reader(lines: Iterable[str], contract: Contract) -> Reader:
    same = contract.escape == contract.quote
    return csv.reader(
        lines,
        delimiter=contract.delimiter,
        quotechar=contract.quote,
        doublequote=same,
        escapechar=None if same else contract.escape,
        strict=True,
    )


def _is_plain(text: str, contract: Contract) -> bool:
    """Whether DuckDB can read the file as it is: in UTF-8, with one kind of line end.

    Its strict parser takes CRLF or LF in a file but not both (DuckDB pull request #15959).
    """
    return contract.encoding == "utf-8" and text.count("\r\n") in (0, text.count("\n"))


def _copy(text: str, contract: Contract, source: Path) -> Path:
    """A copy in UTF-8 with one kind of line end."""
    # A unique name: a withdrawn correction is the same file twice, read in parallel.
    copy = source.with_name(f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}.utf8")
    text = _with_one_line_end(text, contract)
    copy.touch(PRIVATE_FILE)
    copy.write_text(text, encoding="utf-8", newline="")
    return copy


def _without_old_line_ends(text: str, contract: Contract) -> str:
    """A file whose lines all end in CR (Excel's “CSV (Macintosh)”), with LF instead.

    A line end within quotes is part of a value and is kept.
    """
    if text.count("\r") == text.count("\r\n"):
        return text
    quoted = contract.quote in text
    if quoted and contract.escape != contract.quote:
        return text
    pieces = text.split(contract.quote) if quoted else [text]
    if any("\n" in piece for piece in pieces[::2]):
        return text
    pieces[::2] = [piece.replace("\r", "\n") for piece in pieces[::2]]
    return contract.quote.join(pieces)


def _with_one_line_end(text: str, contract: Contract) -> str:
    """Every line ended by LF; a line end within quotes is part of a value and is kept."""
    if "\r\n" not in text:
        return text
    if contract.quote not in text:
        return text.replace("\r\n", "\n")
    if contract.escape != contract.quote:
        raise Refusal("not_csv", "the file has lines that end in two ways, and quotes")
    # A quote that is doubled within quotes leaves an empty piece, so every other piece is outside.
    pieces = text.split(contract.quote)
    pieces[::2] = [piece.replace("\r\n", "\n") for piece in pieces[::2]]
    return contract.quote.join(pieces)


def _without_title(text: str, contract: Contract) -> str:
    rows = contract.layout.title_rows
    return text.split("\n", rows)[rows] if rows else text


def _without_total(text: str, contract: Contract) -> str:
    """Drop a total at the end, if one was agreed; any other total fails the contract's rules."""
    label = contract.layout.total_label
    if not label:
        return text
    lines = text.rstrip("\r\n")
    above, end, last = lines.rpartition("\n")
    first = _names(last, contract)[:1]
    return above + end if end and first == [label] else text


def _check_shape(contract: Contract, columns: int, path: Path, is_open: bool) -> int:
    """Check the number of columns in every line; return the number of rows.

    `is_open`: the last line has no line end. That is allowed (RFC 4180, 2.2), but a file that was cut
    off looks the same, so a last row that is not whole is taken for that.
    """
    above = contract.layout.title_rows
    with path.open(encoding="utf-8-sig", newline="") as lines:
        counts, problem = _lengths(_reader(lines, contract))
    if problem or set(counts) - {columns, 0}:
        # Only a file that is refused is read again, to name the lines.
        with path.open(encoding="utf-8-sig", newline="") as lines:
            raise _bad_lines(_reader(lines, contract), columns, above, is_open)
    # Less the header; a blank line counts as a row only if there is a single column.
    return counts[columns] - 1 + (counts[0] if columns == 1 else 0)


def _lengths(reader: Reader) -> tuple[Counter[int], bool]:
    counts: Counter[int] = Counter()
    try:
        counts.update(map(len, reader))
    except csv.Error:
        return counts, True
    return counts, False


def _bad_lines(reader: Reader, columns: int, above: int, is_open: bool) -> Refusal:
    """The refusal that names the first malformed line and counts the others."""
    found: list[tuple[int, str]] = []
    above += 1
    start = last = above  # a row that spans lines is named by its first
    try:
        for length in map(len, reader):
            last = start
            if length not in (columns, 0):
                fault = _TOO_FEW if length < columns else "has too many columns"
                found.append((start, fault))
                if len(found) == _LINES_NAMED:
                    break
            start = reader.line_num + above
    except csv.Error as problem:
        last = start
        found.append((start, _in_words(problem)))
    line, fault = found[0]
    if is_open and line == last and fault in _CUT:
        return cut_off(line)
    lines = tuple(sorted({number for number, _ in found}))
    least = "at least " if len(found) == _LINES_NAMED else ""
    many = f" ({least}{len(lines)} such lines)" if len(lines) > 1 else ""
    return Refusal("bad_line", f"line {line} {fault}{many}; expected {columns} columns", lines)


def _in_words(problem: csv.Error) -> str:
    # The library's known messages hold no value; others are replaced by a shorter one.
    message = str(problem)
    if "field limit" in message:
        return "is far too long"
    if "end of data" in message:
        return _NEVER_CLOSED
    return "has a quote or a line end in the wrong place"


def _load(
    connection: duckdb.DuckDBPyConnection, contract: Contract, names: list[str], path: Path
) -> None:
    # Nothing is sniffed: what DuckDB sniffs has depended on the kind of line end (DuckDB issue #18577).
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    above = contract.layout.title_rows
    try:
        connection.execute(
            f"""
            create temp table delivered as
            select row_number() over () + {above + 1} as _row, *
            from read_csv($path, auto_detect = false, header = false, skip = 1, delim = $delim,
                quote = $quote, escape = $escape, columns = {{{columns}}}, strict_mode = true,
                null_padding = false, hive_partitioning = false)
            """,
            {
                "path": as_pattern(path),
                "delim": contract.delimiter,
                "quote": contract.quote,
                "escape": contract.escape,
            },
        )
    except duckdb.OperationalError:
        raise  # no memory, or no room on the disk: no fault of the file
    except duckdb.Error as problem:
        # DuckDB's message quotes the line, which may hold personal values: it is not passed on.
        if "Maximum line size" in str(problem):
            raise Refusal("bad_line", "a line is far too long") from None
        raise Refusal(
            "not_csv", "the file cannot be read as CSV with the agreed delimiter and quotes"
        ) from None


def _check_count(connection: duckdb.DuckDBPyConnection, rows: int) -> None:
    """Check that both parsers find the same number of rows; a file with two readings is refused."""
    loaded = connection.sql("select count(*) from delivered").fetchone()
    if loaded != (rows,):
        raise Refusal(
            "not_csv", "the file can be read as CSV in more than one way; its quotes do not match"
        )


def _check_unnamed(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], header_line: int
) -> None:
    """Refuse a column without a name, unless it is blank: programs write such at the edge."""
    unnamed = [name for name in names if name.startswith(_UNNAMED)]
    if not unnamed:
        return
    filled = ", ".join(f"count(nullif(trim({name}), ''))" for name in unnamed)
    counts = connection.sql(f"select {filled} from delivered").fetchone()
    assert counts is not None
    for name, count in zip(unnamed, counts, strict=True):
        if count:
            place = name.removeprefix(_UNNAMED)
            raise Refusal(
                "unnamed_column", f"column {place} has no name in the header", (header_line,)
            )


def _check_last_value(
    connection: duckdb.DuckDBPyConnection, contract: Contract, name: str, tell: Tell
) -> None:
    """Check the last value of a file without a last line end, as far as its contract describes it.

    Where the contract leaves the value's form open it cannot be known, and that is said.

    Raises:
        Refusal: the value is blank, or not as agreed, where it must be.
    """
    column = next((column for column in contract.columns if column.name == name), None)
    if column is None:  # the file ends in a column without a name
        return
    written, faults = f"trim({name})", []
    if column.date_format:
        form = literal(column.date_format)
        faults.append(
            f"strftime(try_strptime({written}, {form}), {form}) is distinct from {written}"
        )
    if column.allowed:
        faults.append(f"{written} not in ({', '.join(map(literal, column.allowed))})")
    if column.pattern:
        faults.append(f"not regexp_full_match({written}, {literal(column.pattern)})")
    markers = ", ".join(map(literal, ("", *column.markers)))
    fault = f"{written} not in ({markers}) and ({' or '.join(faults) or 'false'})"
    blank = "true" if column.required else "false"
    found = connection.sql(
        f"select _row, coalesce({fault}, {blank}) from delivered order by _row desc limit 1"
    ).fetchone()
    assert found is not None
    line = int(found[0])
    if found[1]:
        raise cut_off(line)
    if not (column.date_format or column.allowed):
        tell(
            Remark(
                "no_last_line_end",
                "the last line has no line end, so it cannot be told whether its last value is whole",
                (line,),
                severity="info",
            )
        )


def _drop_blank_end(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Drop rows of blank cells at the end: spreadsheets write them for rows that were cleared."""
    filled = " or ".join(f"trim({column.name}) <> ''" for column in contract.columns)
    if len(contract.columns) > 1:
        connection.execute(
            "delete from delivered where _row > "
            f"(select coalesce(max(_row), 0) from delivered where {filled})"
        )
