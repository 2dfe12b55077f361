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
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from orchestration.contracts.model import Contract
from orchestration.core.files import PRIVATE_FILE, TEMPORARY_PREFIX
from orchestration.core.refusal import Refusal
from orchestration.core.sql import as_pattern
from orchestration.ingest.readers.table import TOP_LINES, check_header, check_header_line, decode

if TYPE_CHECKING:
    from _csv import Reader

_LINES_NAMED = 1000


def read(connection: duckdb.DuckDBPyConnection, contract: Contract, source: Path) -> str:
    """Read `source` into a temporary table; return SQL that gives `_row` and the contract's columns.

    Raises:
        Refusal: the file is not text in the agreed encoding, its header is not the agreed one or
        not in the agreed place, or a line does not have the agreed columns.
    """
    content = source.read_bytes()
    text = decode(content, contract, "CSV text")
    header = _header(text, contract)
    check_header(header, contract, contract.layout.header_line)
    _check_last_line(text)
    by_header = {column.header: column.name for column in contract.columns}
    names = [by_header[name] for name in header]
    path = _as_utf8(text, contract, source)
    del content, text  # a large file is not held twice while it is loaded
    try:
        rows = _check_shape(contract, len(names), path)
        _load(connection, contract, names, path)
        _check_count(connection, rows)
    finally:
        if path != source:
            path.unlink()
    wanted = ", ".join(column.name for column in contract.columns)
    return f"select _row, {wanted} from delivered order by _row"


def _header(text: str, contract: Contract) -> list[str]:
    lines = text.split("\n", TOP_LINES)[:TOP_LINES]
    if lines[-1] == "":
        lines.pop()
    return check_header_line([_names(line, contract) for line in lines], contract)


def _names(line: str, contract: Contract) -> list[str]:
    """The fields of one line. A line that cannot be read has none of the agreed columns."""
    try:
        rows = list(
            csv.reader([line.rstrip("\r")], delimiter=contract.delimiter, quotechar=contract.quote)
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


def _check_last_line(text: str) -> None:
    """Refuse a file that stops in the middle of a line: it was cut off in transit."""
    if not text.endswith(("\n", "\r")):
        line = text.count("\n") + 1
        raise Refusal(
            "cut_off",
            f"the file stops in the middle of line {line}; it was cut off on its way",
            (line,),
        )


def _as_utf8(text: str, contract: Contract, source: Path) -> Path:
    """The file itself, or a copy in UTF-8 with one kind of line end, no title and no total.

    DuckDB's strict parser takes CRLF or LF in a file but not both (DuckDB pull request #15959).
    """
    body = _without_total(_without_title(text, contract), contract)
    if body == text and contract.encoding == "utf-8":
        crlf = text.count("\r\n")
        if crlf in (0, text.count("\n")):
            return source
    # A unique name: a withdrawn correction is the same file twice, read in parallel.
    copy = source.with_name(f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}.utf8")
    text = _with_one_line_end(body, contract)
    copy.touch(PRIVATE_FILE)
    copy.write_text(text, encoding="utf-8", newline="")
    return copy


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


def _check_shape(contract: Contract, columns: int, path: Path) -> int:
    """Check the number of columns in every line; return the number of rows."""
    above = contract.layout.title_rows
    with path.open(encoding="utf-8-sig", newline="") as lines:
        counts, problem = _lengths(_reader(lines, contract))
    if problem or set(counts) - {columns, 0}:
        # Only a file that is refused is read again, to name the lines.
        with path.open(encoding="utf-8-sig", newline="") as lines:
            raise _bad_lines(_reader(lines, contract), columns, above)
    # Less the header; a blank line counts as a row only if there is a single column.
    return counts[columns] - 1 + (counts[0] if columns == 1 else 0)


def _lengths(reader: Reader) -> tuple[Counter[int], bool]:
    counts: Counter[int] = Counter()
    try:
        counts.update(map(len, reader))
    except csv.Error:
        return counts, True
    return counts, False


def _bad_lines(reader: Reader, columns: int, above: int) -> Refusal:
    """The refusal that names the first malformed line and counts the others."""
    found: list[tuple[int, str]] = []
    above += 1
    start = above  # a row that spans lines is named by its first
    try:
        for length in map(len, reader):
            if length not in (columns, 0):
                fault = "has too few columns" if length < columns else "has too many columns"
                found.append((start, fault))
                if len(found) == _LINES_NAMED:
                    break
            start = reader.line_num + above
    except csv.Error as problem:
        found.append((start, _in_words(problem)))
    line, fault = found[0]
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
        return "has a quote that is never closed"
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
