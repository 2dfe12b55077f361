"""Reading one CSV delivery with the contract's dialect, never with a guessed one.

A sniffed dialect shifts columns silently where a partner quotes commas, so delimiter, quote, escape,
encoding and columns are always given. What DuckDB could not read is counted and refused, whole.
"""

from __future__ import annotations

import csv
import difflib
from pathlib import Path

import duckdb

from orchestration.ingest.contracts import Contract
from orchestration.ingest.refusal import Refusal

_BINARY_SIGNATURES = {
    b"PK\x03\x04": "a zip or Excel file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
}
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
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
        Refusal: the file is not text in the agreed encoding, its header is not the agreed one, or
            a line does not have the agreed columns.
    """
    content = source.read_bytes()
    text = _decode(content, contract)
    header = _header(text, contract)
    check_header(header, contract)
    _check_last_line(text)
    by_header = {column.header: column.name for column in contract.columns}
    names = [by_header[name] for name in header]
    path = _as_utf8(connection, text, content, contract, source)
    try:
        _load(connection, contract, names, path)
    finally:
        if path != source:
            path.unlink()
    wanted = ", ".join(column.name for column in contract.columns)
    return f"select _row, {wanted} from delivered order by _row"


def _header(text: str, contract: Contract) -> list[str]:
    first = text.split("\n", 1)[0].rstrip("\r")
    try:
        rows = list(csv.reader([first], delimiter=contract.delimiter, quotechar=contract.quote))
    except csv.Error:
        raise Refusal("not_csv", "the first line cannot be read as a CSV header", (1,)) from None
    return [name.strip() for name in rows[0]] if rows else []


def check_header(header: list[str], contract: Contract) -> None:
    """Hold a header to the contract: every agreed column once, none besides, in any order.

    Raises:
        Refusal: a column is missing (with the likeliest other spelling), twice there or not agreed.
    """
    agreed = [column.header for column in contract.columns]
    missing = [name for name in agreed if name not in header]
    undeclared = [name for name in header if name not in agreed]
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise Refusal("duplicate_column", f"column “{twice[0]}” stands twice in the header", (1,))
    if missing:
        near = difflib.get_close_matches(missing[0], undeclared, n=1, cutoff=0.5)
        hint = f"; column “{near[0]}” may be meant" if near else ""
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        raise Refusal("missing_column", f"column “{missing[0]}” is missing{more}{hint}", (1,))
    if undeclared:
        raise Refusal(
            "undeclared_column",
            f"column “{undeclared[0][:60]}” is not in the contract; columns that nobody agreed to "
            "share are refused",
            (1,),
        )


def _decode(content: bytes, contract: Contract) -> str:
    for signature, what in _BINARY_SIGNATURES.items():
        if content.startswith(signature):
            raise Refusal("not_text", f"the file is {what}; expected CSV text")
    if content.startswith(_UTF16_MARKS) and contract.encoding != "utf-16":
        raise Refusal("wrong_encoding", f"the file is UTF-16; expected {contract.encoding.upper()}")
    if b"\x00" in content and contract.encoding != "utf-16":
        raise Refusal("not_text", "the file is binary; expected CSV text")
    try:
        return content.decode("utf-8-sig" if contract.encoding == "utf-8" else contract.encoding)
    except UnicodeDecodeError as problem:
        line = content[: problem.start].count(b"\n") + 1
        raise Refusal(
            "wrong_encoding",
            f"line {line} is not {contract.encoding.upper()} text",
            (line,),
        ) from None


def _check_last_line(text: str) -> None:
    """A file that stops in the middle of a line was cut off on its way."""
    if not text.endswith(("\n", "\r")):
        line = text.count("\n") + 1
        raise Refusal(
            "cut_off",
            f"the file stops in the middle of line {line}; it was cut off on its way",
            (line,),
        )


def _as_utf8(
    connection: duckdb.DuckDBPyConnection,
    text: str,
    content: bytes,
    contract: Contract,
    source: Path,
) -> Path:
    """The file itself, or a copy with one kind of line end and in UTF-8 where it needs that.

    DuckDB's strict parser takes CRLF or LF in a file but not both.
    """
    crlf = text.count("\r\n")
    if contract.encoding == "utf-8" and crlf in (0, text.count("\n")):
        return source
    copy = source.with_name(f".part-{source.name}.utf8")
    copy.write_text(text.replace("\r\n", "\n"), encoding="utf-8", newline="")
    return copy


def _load(
    connection: duckdb.DuckDBPyConnection, contract: Contract, names: list[str], path: Path
) -> None:
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in names)
    try:
        connection.execute(
            f"""
            create temp table delivered as
            select row_number() over () + 1 as _row, *
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
        lines = tuple(sorted({int(row[0]) for row in rejected}))
        many = f" ({len(lines)} such lines)" if len(lines) > 1 else ""
        raise Refusal(
            "bad_line",
            f"line {line} {reason}{many}; expected {len(names)} columns",
            lines,
        )
