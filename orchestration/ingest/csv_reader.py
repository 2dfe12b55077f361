"""Reading one CSV delivery with the contract's dialect, never with a guessed one.

A sniffed dialect shifts columns silently where a partner quotes commas, so delimiter, quote, escape,
encoding and columns are always given. What DuckDB could not read is counted and refused, whole.
"""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

from orchestration.ingest.contract_model import Contract
from orchestration.ingest.refusal import Refusal
from orchestration.ingest.table import TOP_LINES, check_header, check_header_line, decode

_REASONS = {
    "MISSING COLUMNS": "has too few columns",
    "TOO MANY COLUMNS": "has too many columns",
    "UNQUOTED VALUE": "has a quote that is never closed",
    "LINE SIZE OVER MAXIMUM": "is far too long",
    "INVALID ENCODING": "is not written in the agreed encoding",
    "INVALID STATE": "has a quote in the wrong place",
}


def read(connection: duckdb.DuckDBPyConnection, contract: Contract, source: Path) -> str:
    """Read `source` into a temporary table; return SQL that gives `_row` and the contract's columns.

    Raises:
        Refusal: the file is not text in the agreed encoding, its header is not the agreed one or
            not where it was agreed, or a line does not have the agreed columns.
    """
    content = source.read_bytes()
    text = decode(content, contract, "CSV text")
    header = _header(text, contract)
    check_header(header, contract, contract.layout.header_line)
    _check_last_line(text)
    by_header = {column.header: column.name for column in contract.columns}
    names = [by_header[name] for name in header]
    path = _as_utf8(text, contract, source)
    try:
        _load(connection, contract, names, path)
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
    """The fields of one line. What cannot be read holds no agreed column."""
    try:
        rows = list(
            csv.reader([line.rstrip("\r")], delimiter=contract.delimiter, quotechar=contract.quote)
        )
    except csv.Error:
        return []
    return [name.strip() for name in rows[0]] if rows else []


def _check_last_line(text: str) -> None:
    """A file that stops in the middle of a line was cut off on its way."""
    if not text.endswith(("\n", "\r")):
        line = text.count("\n") + 1
        raise Refusal(
            "cut_off",
            f"the file stops in the middle of line {line}; it was cut off on its way",
            (line,),
        )


def _as_utf8(text: str, contract: Contract, source: Path) -> Path:
    """The file itself, or a copy in UTF-8 with one kind of line end, no title and no total.

    DuckDB's strict parser takes CRLF or LF in a file but not both.
    """
    body = _without_total(_without_title(text, contract), contract)
    if body == text and contract.encoding == "utf-8":
        crlf = text.count("\r\n")
        if crlf in (0, text.count("\n")):
            return source
    copy = source.with_name(f".part-{source.name}.utf8")
    copy.write_text(body.replace("\r\n", "\n"), encoding="utf-8", newline="")
    return copy


def _without_title(text: str, contract: Contract) -> str:
    rows = contract.layout.title_rows
    return text.split("\n", rows)[rows] if rows else text


def _without_total(text: str, contract: Contract) -> str:
    """Set a total at the end aside, if one was agreed; any other total fails the contract's rules."""
    label = contract.layout.total_label
    if not label:
        return text
    lines = text.rstrip("\r\n")
    above, end, last = lines.rpartition("\n")
    first = _names(last, contract)[:1]
    return above + end if end and first == [label] else text


def _load(
    connection: duckdb.DuckDBPyConnection, contract: Contract, names: list[str], path: Path
) -> None:
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    above = contract.layout.title_rows
    try:
        connection.execute(
            f"""
            create temp table delivered as
            select row_number() over () + {above + 1} as _row, *
            from read_csv($path, auto_detect = false, header = false, skip = 1, delim = $delim,
                quote = $quote, escape = $escape, columns = {{{columns}}}, strict_mode = true,
                null_padding = false, store_rejects = true, rejects_limit = 1000)
            """,
            {
                "path": str(path),
                "delim": contract.delimiter,
                "quote": contract.quote,
                "escape": contract.escape,
            },
        )
    except duckdb.Error:
        # DuckDB's message quotes the line, which may hold personal values: it is not passed on.
        raise Refusal(
            "not_csv", "the file cannot be read as CSV with the agreed delimiter and quotes"
        ) from None
    rejected = connection.sql(
        "select line, error_type::varchar from reject_errors order by line, error_type limit 1000"
    ).fetchall()
    if rejected:
        line, kind = rejected[0]
        reason = _REASONS.get(kind, "cannot be read")
        lines = tuple(sorted({int(row[0]) + above for row in rejected}))
        many = f" ({len(lines)} such lines)" if len(lines) > 1 else ""
        raise Refusal(
            "bad_line",
            f"line {line + above} {reason}{many}; expected {len(names)} columns",
            lines,
        )
