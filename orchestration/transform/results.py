"""What became of the nodes of a dbt run: told one by one as it happens, and all at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from textwrap import indent
from threading import Event, Lock
from typing import Any

import duckdb

from orchestration.core import progress
from orchestration.core.sql import literal
from orchestration.core.wording import counted

_PUBLISHED = ("marts", "governance", "seeds")  # tables of these schemas hold nothing personal
_SHOWN = 5  # rows of a failed test


@dataclass(frozen=True)
class Column:
    """A column of a table as it was built."""

    name: str
    type: str
    description: str | None


@dataclass(frozen=True)
class Shape:
    """How many rows a table has, and which columns."""

    rows: int
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class NodeResult:
    """The result of one dbt node. `failures` is the number of rows a test found.

    `message` is dbt's own, of as many lines as it has; `shape` is that of the table, where one was built
    and the result is told as it happens. `query` is that of a test that did not pass, and `rows` its first
    rows as text, where they may be shown. `is_unchanged`: it was not built again, because nothing that it
    is made from has changed since it was.
    """

    unique_id: str
    status: str
    seconds: float
    failures: int | None
    message: str
    shape: Shape | None = None
    query: str = ""
    rows: str = ""
    is_unchanged: bool = False

    @property
    def name(self) -> str:
        """The node's name in the project."""
        return self.unique_id.split(".")[2]

    @property
    def is_table(self) -> bool:
        """Whether the node is a table, rather than a test or a hook."""
        return self.unique_id.split(".")[0] in ("model", "seed")


class Watch:
    """Whoever follows a build: told each result as it happens, from dbt's threads; may have it stopped."""

    def __init__(self, tell: Callable[[NodeResult], None]) -> None:
        self.tell = tell
        self._is_stopped = Event()
        self._counting = Lock()
        self._done = self._of = 0

    def stop(self) -> None:
        """Have no further node begun; those that are on come to their end, and the rest fail."""
        self._is_stopped.set()

    def hear(self, event: Any) -> None:
        """Take one of dbt's events.

        Raises:
            DbtRuntimeError: the node that it is about must not be begun.
        """
        if event.info.name == "NodeCompiling" and self._is_stopped.is_set():
            from dbt_common.exceptions import DbtRuntimeError

            # Here dbt makes it this node's failure; from an earlier event it would wait for it for ever.
            raise DbtRuntimeError("the run was stopped")
        if event.info.name == "LogStartLine":
            self._of = event.data.total
        if event.info.name == "NodeFinished":
            self.tell(_finished(event.data.node_info, event.data.run_result))
            with self._counting:
                self._done += 1
                progress.tell("tables and tests of dbt", self._done, max(self._of, self._done))


def unchanged_node(unique_id: str, shape: Shape | None) -> NodeResult:
    """The result of a node that is as the last build left it; of a table with its shape."""
    status = "pass" if unique_id.startswith("test.") else "success"
    return NodeResult(unique_id, status, 0.0, None, "", shape, is_unchanged=True)


def shapes(connection: duckdb.DuckDBPyConnection) -> dict[tuple[str, str], Shape]:
    """The shape of every table of the database in use, by its schema and name."""
    here = "database_name = current_database()"
    columns: dict[tuple[str, str], list[Column]] = {}
    for schema, table, *column in connection.execute(
        "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() "
        f"where {here} order by schema_name, table_name, column_index"
    ).fetchall():
        columns.setdefault((schema, table), []).append(Column(*column))
    tables = connection.execute(
        f"select schema_name, table_name, estimated_size from duckdb_tables() where {here}"
    ).fetchall()
    return {
        (schema, table): Shape(int(rows), tuple(columns[schema, table]))
        for schema, table, rows in tables
    }


def is_sound(result: NodeResult) -> bool:
    """Whether a node came out without a word; one that warns is looked at again by the next build."""
    return result.status in ("success", "pass")


def blocking(results: Iterable[NodeResult]) -> list[NodeResult]:
    """The results that forbid publication: anything that is not a success or a mere warning."""
    return [result for result in results if result.status not in ("success", "pass", "warn")]


def why(result: NodeResult) -> str:
    """What dbt and DuckDB say of a node that did not pass: its name, then their lines under it."""
    found = f" ({counted(result.failures, 'row')})" if result.failures else ""
    said = "\n".join(text for text in (result.message.strip(), result.query, result.rows) if text)
    return f"{result.name}: {result.status}{found}" + (f"\n{indent(said, '  ')}" if said else "")


def _finished(node: Any, result: Any) -> NodeResult:
    is_table = node.resource_type in ("model", "seed") and result.status == "success"
    return NodeResult(
        node.unique_id,
        result.status,
        result.execution_time,
        result.num_failures,
        result.message,
        _shape(node.node_relation) if is_table else None,
    )


def _shape(relation: Any) -> Shape:
    """The rows and columns of a table that dbt has just built; asked of the database that it has open."""
    from dbt.adapters.factory import get_adapter_by_type

    adapter: Any = get_adapter_by_type("duckdb")  # type: ignore[no-untyped-call]
    this = f"schema_name = {literal(relation.schema)} and table_name = {literal(relation.alias)}"
    with adapter.connection_named(f"shape of {relation.schema}.{relation.alias}"):
        _, rows = adapter.execute(
            f"select estimated_size from duckdb_tables() where {this}", fetch=True
        )
        _, columns = adapter.execute(
            "select column_name, data_type, comment from duckdb_columns() "
            f"where {this} order by column_index",
            fetch=True,
        )
    return Shape(int(rows.rows[0][0]), tuple(Column(*row) for row in columns.rows))


def results_of(outcome: Any) -> list[NodeResult]:
    """All results of a run, as dbt returns them."""
    return [
        NodeResult(
            unique_id=entry.node.unique_id,
            status=str(entry.status),
            seconds=float(entry.execution_time),
            failures=entry.failures,
            message=str(entry.message or ""),
            query=_query(entry),
        )
        for entry in outcome
    ]


def _query(entry: Any) -> str:
    is_found = entry.node.resource_type == "test" and bool(entry.failures)
    lines = (entry.node.compiled_code or "").splitlines() if is_found else []
    return "\n".join(line.rstrip() for line in lines if line.strip())


def is_open(unique_id: str, nodes: Mapping[str, Any]) -> bool:
    """Whether the rows of a test hold nothing but what is published: all that it reads is."""
    read = nodes[unique_id].depends_on.nodes
    return bool(read) and all(
        nodes[node].schema in _PUBLISHED if node in nodes else False for node in read
    )


def with_rows(result: NodeResult, connection: duckdb.DuckDBPyConnection) -> NodeResult:
    """A test that did not pass with the first rows that it found, from the database that it was run on."""
    found = connection.sql(f"select * from ({result.query}) limit {_SHOWN}")
    return replace(result, rows=str(found).rstrip())
