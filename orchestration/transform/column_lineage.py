"""Which columns each column of a model comes from, read from the query that dbt compiled.

CSP_HOME/dbt/target/column_lineage.json    what was read, by model, with the hash of what it was read from

A column comes from the columns that its expression names, those of a window included; not from those
that rows are joined, filtered or grouped by. A constant and `count(*)` come from none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlglot import exp, parse, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.lineage import lineage
from sqlglot.schema import MappingSchema

from orchestration.core import formulas, records
from orchestration.core.errors import WarehouseError
from orchestration.core.settings import Settings
from orchestration.transform import manifest as run_manifest

_DIALECT = "duckdb"
_SOURCES = "source "  # before the name of a source's schema: no schema of the warehouse begins so
_LOCATION = re.compile(r"'([^']+)'")


class Unreadable(WarehouseError):
    """The query of a model cannot be followed to columns. One sentence."""


@dataclass(frozen=True, order=True)
class Origin:
    """A column of a model, seed or source, which is named by dbt's unique id."""

    unique_id: str
    column: str


Lineage = dict[str, list[Origin]]  # a model's columns, in their order, with where each comes from


@dataclass(frozen=True)
class Relations:
    """What queries can read: the columns of every model, seed and source, by dbt's unique id.

    `nodes` are the models, seeds and sources of dbt's manifest.
    """

    nodes: Mapping[str, Mapping[str, Any]]
    columns: Mapping[str, Sequence[str]]

    @cached_property
    def by_name(self) -> dict[tuple[str, str], str]:
        """The unique id by schema and name; a source has a schema that the warehouse lacks."""
        return {_place(node): unique_id for unique_id, node in self.nodes.items()}

    @cached_property
    def by_location(self) -> dict[str, tuple[str, str]]:
        """Schema and name of each source by where its files are, as queries name it."""
        return {
            _LOCATION.findall(node["relation_name"])[0]: _place(node)
            for node in self.nodes.values()
            if node["resource_type"] == "source"
        }

    @cached_property
    def schema(self) -> MappingSchema:
        """The same for sqlglot. No type is given, since nothing that is asked depends on one."""
        known = MappingSchema(dialect=_DIALECT)
        for (schema, name), unique_id in self.by_name.items():
            columns = dict.fromkeys(self.columns[unique_id], "varchar")
            known.add_table(exp.table_(name, db=schema, quoted=True), columns, dialect=_DIALECT)
        return known


def relations_of(manifest: Mapping[str, Any], seeds: Path) -> Relations:
    """All that the project's queries can read, from dbt's manifest and the headers of the seeds.

    Models and feeds are described column by column; what the run writes for dbt has the columns that
    `manifest.columns` names.
    """
    nodes = {
        unique_id: node
        for unique_id, node in (*manifest["nodes"].items(), *manifest["sources"].items())
        if node["resource_type"] in ("model", "seed", "source")
    }
    columns = {unique_id: list(node["columns"]) for unique_id, node in nodes.items()}
    own = run_manifest.columns()
    for unique_id, node in nodes.items():
        if node["resource_type"] == "seed":
            with (seeds / f"{node['name']}.csv").open(encoding="utf-8") as lines:
                columns[unique_id] = lines.readline().strip().split(",")
        elif node.get("source_name") == run_manifest.SOURCE:
            columns[unique_id] = own[node["name"]]
    return Relations(nodes, columns)


def lineage_of(sql: str, relations: Relations) -> Lineage:
    """Where each column of a compiled query comes from. Pure but for the formulas, which it reads.

    A table formula (`funnel('points')`) is followed through its own text.

    Raises:
        Unreadable: the query cannot be parsed, or reads something whose columns are not known.
    """
    try:
        query = _with_formulas(parse_one(sql, dialect=_DIALECT))
        _name_relations(query, relations)
        found = lineage(
            None, query, relations.schema, dialect=_DIALECT, trim_selects=False, copy=False
        )
    except (SqlglotError, TypeError) as problem:  # TypeError: a star of unknown columns
        raise Unreadable(
            f"the columns of a query cannot be followed: {str(problem)[:200]}"
        ) from problem
    return {
        column: sorted(
            {
                Origin(relations.by_name[_named(leaf.expression)], exp.to_column(leaf.name).name)
                for leaf in node.walk()
                if isinstance(leaf.expression, exp.Table) and leaf.expression.db
            }
        )
        for column, node in found.items()
    }


class Reader:
    """The lineage of the models of a build, each read when it is asked for and kept for the next build.

    It is read again only if the compiled query, the columns of what it reads, a formula or sqlglot has
    changed. `compiled` is dbt's folder of compiled queries.
    """

    def __init__(self, settings: Settings, manifest: Mapping[str, Any], compiled: Path) -> None:
        self._manifest, self._seeds = manifest, settings.assembled_seeds
        self._compiled = compiled
        self._path = settings.dbt_target / "column_lineage.json"
        self._kept = records.sound(self._path, records.an_object) or {}
        self._is_changed = False
        self._tools = [version("sqlglot"), formulas.text()]

    @cached_property
    def _relations(self) -> Relations:
        return relations_of(self._manifest, self._seeds)  # the build puts the seeds together

    def of(self, unique_id: str) -> Lineage:
        """Where the columns of a model come from, as it was compiled last.

        Raises:
            Unreadable: its query was not compiled, or cannot be followed.
        """
        node = self._relations.nodes[unique_id]
        path = self._compiled / node["package_name"] / node["original_file_path"]
        if not path.is_file():
            raise Unreadable(f"dbt has compiled no query of {node['name']}; build it first")
        sql = path.read_text(encoding="utf-8")
        read_from = self._hash(node, sql)
        known = self._kept.get(unique_id)
        if known is None or known["of"] != read_from:
            found = lineage_of(sql, self._relations)
            known = {
                "of": read_from,
                "columns": {
                    # Rows that were kept come from the model itself (macros/by_delivery.sql).
                    column: [
                        [origin.unique_id, origin.column]
                        for origin in origins
                        if origin.unique_id != unique_id
                    ]
                    for column, origins in found.items()
                },
            }
            self._kept[unique_id] = known
            self._is_changed = True
        # A record has its keys sorted; the order of columns is the model's.
        columns = known["columns"]
        return {
            column: [Origin(*origin) for origin in columns[column]]
            for column in self._relations.columns[unique_id]
            if column in columns
        }

    def keep(self) -> None:
        """Write down what was read, if anything was."""
        if self._is_changed:
            known = {key: self._kept[key] for key in self._kept if key in self._relations.nodes}
            records.write(self._path, known)

    def _hash(self, node: Mapping[str, Any], sql: str) -> str:
        read = {
            parent: list(self._relations.columns[parent])
            for parent in sorted(node["depends_on"]["nodes"])
        }
        return records.sha256_of_value([*self._tools, read, sql])


def _place(node: Mapping[str, Any]) -> tuple[str, str]:
    if node["resource_type"] == "source":
        return f"{_SOURCES}{node['source_name']}", node["name"]
    return node["schema"], node["alias"]


def _named(table: exp.Table) -> tuple[str, str]:
    return table.db, table.name


def _name_relations(query: exp.Expr, relations: Relations) -> None:
    """Name every relation by its schema and name: dbt writes a source as the place of its files."""
    subqueries = {cte.alias for cte in query.find_all(exp.CTE)}
    for table in list(query.find_all(exp.Table)):
        if table.db or (isinstance(table.this, exp.Identifier) and table.name in subqueries):
            table.set("catalog", None)
            if table.db and _named(table) not in relations.by_name:
                raise Unreadable(f"dbt knows no {table.db}.{table.name}")
            continue
        literal = table.this.find(exp.Literal)
        place = relations.by_location.get(literal.this if literal else table.name)
        if place is None:
            raise Unreadable(f"the columns of {table.this.sql(_DIALECT)[:80]} are not known")
        named = exp.table_(place[1], db=place[0], quoted=True)
        named.set("alias", table.args.get("alias"))
        table.replace(named)


def _with_formulas(query: exp.Expr) -> exp.Expr:
    """The query with the text of every table formula in the place of its call."""
    while calls := [
        (table, name) for table in query.find_all(exp.Table) if (name := _called(table))
    ]:
        for table, name in calls:
            body = _table_formulas()[name].copy()
            over = exp.Table(this=exp.to_identifier(table.this.expressions[0].name, quoted=True))
            for inner in list(body.find_all(exp.Table)):
                if inner.this.name.lower() == "query_table":
                    inner.replace(over.copy())
            table.replace(exp.Subquery(this=body, alias=table.args.get("alias")))
    return query


def _called(table: exp.Table) -> str:
    """The formula that a table is made by; empty where it is none."""
    name = table.this.name.lower() if isinstance(table.this, exp.Anonymous) else ""
    return name if name in _table_formulas() else ""


@cache
def _table_formulas() -> dict[str, exp.Expr]:
    """The formulas that give a table, by name, each as its query."""
    return {
        statement.this.this.name.lower(): statement.expression.this
        for statement in parse(formulas.text(), dialect=_DIALECT)
        if isinstance(statement, exp.Create) and isinstance(statement.expression, exp.Subquery)
    }
