"""Reading the published database, by one query or at a prompt. Never writes, never waits for a run.

What a query may reach is settled in the engine before it sees one, not by looking at the statement: a
statement has more forms than anyone lists (`explain analyze copy … to` is an EXPLAIN).
"""

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
from orchestration.core.engine import connect, within
from orchestration.core.errors import WarehouseError
from orchestration.core.settings import Settings
from orchestration.core.sql import literal


class QueryError(WarehouseError):
    """The query cannot be answered. The message is DuckDB's own first line."""


class NothingPublished(WarehouseError):
    """There is no published database to read."""


# A kinder sentence than the engine's own; what holds is `_confine`.
_READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
_LEAVE = (".quit", ".exit")
# Set when the engine starts, because they cannot be changed in a running one. No place for temporary
# files: a query too large for memory is refused instead of writing published rows beside the database.
_ENGINE: dict[str, str | bool | int | float | list[str]] = {
    "temp_directory": "",
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "allow_persistent_secrets": False,
    "python_enable_replacements": False,  # otherwise `from settings` reads this program's variables
    "arrow_lossless_conversion": True,  # for `_parquet`: a UUID stays one
}


def open_published(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open the published database read-only, in an engine that reaches nothing else.

    Raises:
        NothingPublished: nothing has been published yet, or it is damaged.
    """
    database = settings.published / "warehouse.duckdb"
    if not database.exists():
        raise NothingPublished("nothing is published yet; run csp refresh first")
    # The link is resolved, so that a new publication in the meantime does not affect this reader.
    try:
        return confined(database.resolve())
    except (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException):
        raise NothingPublished(
            "what is published is damaged and cannot be read; csp fsck names what, and csp refresh "
            "publishes again"
        ) from None


def confined(database: Path) -> duckdb.DuckDBPyConnection:
    """An engine that has `database` open read-only and can open nothing more, nor be told to.

    Switching external access off is not enough: DuckDB then still allows the files of databases
    that are attached, so that `copy … to 'warehouse.duckdb.wal'` writes. Without the local file system
    nothing is opened any more; the database's own file is open already.
    """
    # Half of what a night may take: analysts ask while one is on.
    connection = connect(config=_ENGINE, share=0.5)
    connection.execute(f"attach {literal(database)} as warehouse (read_only)")
    connection.execute("use warehouse")
    connection.execute("set enable_external_access = false")
    connection.execute("set disabled_filesystems = 'LocalFileSystem'")
    connection.execute("set lock_configuration = true")
    return connection


def run(
    connection: duckdb.DuckDBPyConnection,
    query: str,
    form: str,
    out: BinaryIO,
    seconds: float = 300,
) -> None:
    """Answer one query in the requested format, within a time.

    Raises:
        QueryError: DuckDB cannot run the query, or not in that time or in the memory it may take.
    """
    try:
        with within(connection, seconds):
            for statement in connection.extract_statements(query):
                if statement.type not in _READING:
                    raise QueryError(
                        "only queries are answered here; the published data is read-only"
                    )
            relation: duckdb.DuckDBPyRelation | None = connection.sql(query)
            if relation is None:  # a statement without a result
                return
            writer = {"table": _table, "csv": _csv, "json": _json, "parquet": _parquet}[form]
            writer(relation, out)
    except duckdb.InterruptException as problem:
        raise QueryError(
            f"the query was stopped after {seconds:.0f} seconds; ask for less, or raise CSP_QUERY_SECONDS"
        ) from problem
    except (duckdb.OutOfMemoryException, MemoryError) as problem:
        raise QueryError(
            "the query needs more memory than it may take; ask for less, or raise CSP_MEMORY_MB"
        ) from problem
    except duckdb.PermissionException as problem:
        raise QueryError(
            "a query reads the published database and nothing else: no other file, address or extension"
        ) from problem
    except duckdb.Error as problem:
        raise QueryError(str(problem).splitlines()[0]) from problem


def prompt(connection: duckdb.DuckDBPyConnection, seconds: float = 300) -> None:
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
        command = line.strip()
        if command in _LEAVE:
            return
        if command.startswith(".") and not buffer:
            print(f"there is no such command here; leave with {_LEAVE[0]}")
            continue
        buffer += line + "\n"
        if line.rstrip().endswith(";"):
            _answer(connection, buffer, seconds)
            buffer = ""
    if buffer.strip():
        _answer(connection, buffer, seconds)


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


def _answer(connection: duckdb.DuckDBPyConnection, query: str, seconds: float) -> None:
    try:
        run(connection, query, "table", sys.stdout.buffer, seconds)
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
    """The answer as Parquet. Another engine writes it, which gets rows and no query of the reader's."""
    with tempfile.TemporaryDirectory() as folder, connect() as writer:
        path = Path(folder) / "answer.parquet"
        writer.register("answer", _Stream(relation))
        writer.execute(f"copy (from answer) to {literal(path)} (format parquet)")
        out.write(path.read_bytes())
    out.flush()


class _Stream:
    """Rows handed from one engine to another, which refuses the other's relation itself."""

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self._relation = relation

    def __arrow_c_stream__(self, schema: object = None) -> object:
        return self._relation.__arrow_c_stream__(schema)
