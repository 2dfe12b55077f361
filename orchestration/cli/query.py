"""Reading the published database, by one query or at a prompt. Never writes, never waits for a run."""

from __future__ import annotations

import csv
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO

import duckdb

from orchestration.core import marking
from orchestration.core.errors import WarehouseError
from orchestration.core.settings import Settings


class QueryError(WarehouseError):
    """The query cannot be answered. The message is DuckDB's own first line."""


class NothingPublished(WarehouseError):
    """There is no published database to read."""


_READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


def open_published(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open the published database read-only.

    Raises:
        NothingPublished: nothing has been published yet.
    """
    database = settings.published / "warehouse.duckdb"
    if not database.exists():
        raise NothingPublished("nothing is published yet; run csp refresh first")
    # The link is resolved, so that a new publication in the meantime does not affect this reader.
    return duckdb.connect(str(database.resolve()), read_only=True)


def run(connection: duckdb.DuckDBPyConnection, query: str, form: str, out: BinaryIO) -> None:
    """Answer one query in the requested format.

    Raises:
        QueryError: DuckDB cannot run the query.
    """
    try:
        for statement in connection.extract_statements(query):
            if statement.type not in _READING:
                raise QueryError("only queries are answered here; the published data is read-only")
        relation: duckdb.DuckDBPyRelation | None = connection.sql(query)
        if relation is None:  # a statement without a result
            return
        writer = {"table": _table, "csv": _csv, "json": _json, "parquet": _parquet}[form]
        writer(relation, out)
    except duckdb.Error as problem:
        raise QueryError(str(problem).splitlines()[0]) from problem


def prompt(connection: duckdb.DuckDBPyConnection) -> None:
    """Read queries, each ended by `;`, until `.quit` or the end of input."""
    interactive = sys.stdin.isatty()
    if interactive:
        print(banner(connection))
    buffer = ""
    while True:
        try:
            line = input(("csp> " if not buffer else "  -> ") if interactive else "")
        except EOFError:
            break
        if line.strip() in (".quit", ".exit"):
            return
        buffer += line + "\n"
        if line.rstrip().endswith(";"):
            _answer(connection, buffer)
            buffer = ""
    if buffer.strip():
        _answer(connection, buffer)


def banner(connection: duckdb.DuckDBPyConnection) -> str:
    """What a reader is told first: how to use the prompt, and how to handle what it answers."""
    return (
        "The published warehouse, read-only. End a query with ; and leave with .quit\n"
        f"{handling(connection)}"
    )


def handling(connection: duckdb.DuckDBPyConnection) -> str:
    """The marking of every answer, in one line."""
    return marking.label(marking.SENSITIVE, synthetic=_is_synthetic(connection))


def _is_synthetic(connection: duckdb.DuckDBPyConnection) -> bool:
    found = connection.execute("select is_synthetic from governance.about").fetchone()
    return bool(found and found[0])


def _answer(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    try:
        run(connection, query, "table", sys.stdout.buffer)
    except QueryError as problem:
        print(problem)


def _table(relation: duckdb.DuckDBPyRelation, out: BinaryIO) -> None:
    """A plain table of the full result: values untruncated, numbers right-aligned."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for name, kind in zip(relation.columns, relation.types, strict=True):
        numeric = any(word in str(kind) for word in ("INT", "DOUBLE", "DECIMAL", "FLOAT"))
        table.add_column(
            Text(_plain(name)),
            justify="right" if numeric else "left",
            no_wrap=not sys.stdout.isatty(),
        )
    for row in relation.fetchall():
        table.add_row(*(Text(_plain(_shown(value))) for value in row))
    text = io.StringIO()
    console = Console(file=text, width=None if sys.stdout.isatty() else 10_000)
    console.print(table)
    out.write("\n".join(line.rstrip() for line in text.getvalue().splitlines()).encode() + b"\n")
    out.flush()


def _shown(value: object) -> str:
    if value is None:
        return "—"
    return f"{value:.4g}" if isinstance(value, float) and abs(value) < 1e4 else str(value)


def _plain(text: str) -> str:
    """A text for a terminal: what would steer it is shown instead, as `\\x1b`; lines stay lines."""
    return "".join(
        letter
        if letter.isprintable() or letter == "\n"
        else letter.encode("unicode_escape").decode()
        for letter in text
    )


def _csv(relation: duckdb.DuckDBPyRelation, out: BinaryIO) -> None:
    """Values exactly as they are, for programs: no quote is added before a leading `=`."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(relation.columns)
    writer.writerows(relation.fetchall())
    out.write(text.getvalue().encode())
    out.flush()


def _json(relation: duckdb.DuckDBPyRelation, out: BinaryIO) -> None:
    if len(set(relation.columns)) < len(relation.columns):
        raise QueryError("two columns have one name; give them names with AS")
    rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    out.write(json.dumps(rows, default=str, ensure_ascii=False, indent=1).encode() + b"\n")
    out.flush()


def _parquet(relation: duckdb.DuckDBPyRelation, out: BinaryIO) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "answer.parquet"
        relation.write_parquet(str(path))
        out.write(path.read_bytes())
    out.flush()
