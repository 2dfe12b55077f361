"""Every table of an edition, typed as `descriptions.yaml` declares it: the source of all files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Template

from orchestration.core import plain_yaml
from orchestration.core.errors import WarehouseError
from orchestration.core.settings import PROJECT
from orchestration.edition.figures.contents import Edition
from orchestration.figures import warehouse_tables

_DESCRIPTIONS = Path(__file__).parent / "descriptions.yaml"
# Frictionless type -> pandas type. Masked types, so that a missing number is null and a count stays
# an integer.
_PANDAS = {
    "string": "string",
    "integer": "Int64",
    "number": "Float64",
    "boolean": "boolean",
    "date": "datetime64[us]",
    "datetime": "datetime64[us]",
}

# DuckDB type of a mart's column -> Frictionless type.
_FRICTIONLESS = {
    "varchar": "string",
    "integer": "integer",
    "bigint": "integer",
    "double": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "datetime",
}

_BLOCK = re.compile(r"{% docs (\w+) %}\s*(.*?)\s*{% enddocs %}", re.DOTALL)


class Undeclared(WarehouseError):
    """A table or column that no description declares, or values of another type. One sentence."""


@dataclass(frozen=True)
class Column:
    """A column of the data package: its name, its type (Table Schema) and what it means."""

    name: str
    type: str
    description: str


def names() -> list[str]:
    """Every table that can be part of a package, in order: those of the edition and its parts."""
    declared = _descriptions()
    return sorted([*declared["tables"], *declared["parts"]])


def grain_of(name: str) -> str:
    """The grain of the table, in a sentence."""
    parts = _descriptions()["parts"]
    return str(parts[name]["grain"]) if name in parts else warehouse_tables.grain_of(name)


def columns_of(name: str) -> list[Column]:
    """The columns that a table may have, in order; those of disclosure control last.

    Raises:
        Undeclared: the table does not exist, or one of its columns is not described.
    """
    declared = _descriptions()
    table = declared["tables"].get(name) or declared["parts"].get(name)
    if table is None:
        raise Undeclared(f"the table {name} is not declared in descriptions.yaml")
    marts = {
        here: (mart, there)
        for mart, own in table.get("from", {}).items()
        for entry in own
        # An edition keeps its names, so that years compare: `{here: there}` where the mart's is another.
        for here, there in (entry.items() if isinstance(entry, dict) else [(entry, entry)])
    }
    known = {**declared["common"], **marts, **table.get("own", {})}
    wanted = [*table["columns"], *(declared["added"] if name in declared["tables"] else [])]
    missing = [column for column in wanted if column not in known]
    if missing:
        raise Undeclared(f"the column {missing[0]} of {name} is not described")
    return [_column(column, known[column]) for column in wanted]


def _column(name: str, given: str | list[str] | tuple[str, str]) -> Column:
    """A column from its declared type and meaning, or from the mart (and column) that it is taken from."""
    if isinstance(given, list):
        return Column(name, *given)
    mart, column = given if isinstance(given, tuple) else (given, name)
    try:
        return replace(_mart_columns()[mart][column], name=name)
    except KeyError:
        raise Undeclared(f"the mart {mart} describes no column {column}") from None


@cache
def _mart_columns() -> Mapping[str, Mapping[str, Column]]:
    """The columns of every mart, as dbt documents them and builds them in the database."""
    folder = PROJECT / "dbt_project" / "models"
    blocks = dict(
        block
        for path in sorted((folder / "docs").glob("*.md"))
        for block in _BLOCK.findall(path.read_text(encoding="utf-8"))
    )
    models = [
        model
        for path in sorted((folder / "marts").rglob("_*.yml"))
        for model in plain_yaml.load(path.read_text(encoding="utf-8")).get("models", [])
    ]
    return {
        model["name"]: {
            column["name"]: Column(
                column["name"],
                _FRICTIONLESS[column["data_type"]],
                # dbt's own `doc`: descriptions that several models share are blocks in models/docs.
                Template(column["description"]).render(doc=blocks.__getitem__),
            )
            for column in model["columns"]
        }
        for model in models
    }


def of(edition: Edition) -> dict[str, pd.DataFrame]:
    """Every table and part of the edition by name, in order, typed and with declared columns only.

    Raises:
        Undeclared: a table or a column is not declared, or a value is not of the declared type.
    """
    found: dict[str, pd.DataFrame] = {
        **edition.tables,
        "changes": edition.changes,
        "checklist": edition.checklist,
        "ranking": edition.ranking,
        "gates": edition.gates,
        "waivers": _waivers(edition),
        "commentary": _commentary(edition.commentary),
    }
    return {name: typed(name, found[name]) for name in sorted(found)}


def typed(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its columns in the declared order and of the declared types.

    A declared column that the frame does not have is omitted: the public variant has fewer.

    Raises:
        Undeclared: a column is not declared, or a value is not of the declared type.
    """
    columns = columns_of(name)
    stray = [column for column in frame.columns if column not in {c.name for c in columns}]
    if stray:
        raise Undeclared(f"the column {stray[0]} of {name} is not declared in descriptions.yaml")
    return pd.DataFrame(
        {c.name: _cast(name, c, frame[c.name]) for c in columns if c.name in frame.columns}
    ).reset_index(drop=True)


def _cast(table: str, column: Column, values: pd.Series) -> pd.Series:
    try:
        if column.type in ("date", "datetime"):
            return pd.to_datetime(values).astype(_PANDAS[column.type])
        if column.type in ("integer", "number") and values.dtype == object:
            values = pd.to_numeric(values.where(values.notna(), None))
        return values.astype(_PANDAS[column.type])
    except (TypeError, ValueError) as problem:
        raise Undeclared(
            f"the column {column.name} of {table} holds something that is not a {column.type}"
        ) from problem


def _waivers(edition: Edition) -> pd.DataFrame:
    columns = [column.name for column in columns_of("waivers")]
    rows = [[getattr(waiver, column) for column in columns] for waiver in edition.waivers]
    return pd.DataFrame(rows, columns=columns)


def _commentary(words: Mapping[str, str]) -> pd.DataFrame:
    return pd.DataFrame(sorted(words.items()), columns=["priority_id", "words"])


@cache
def _descriptions() -> dict[str, Any]:
    declared: dict[str, Any] = plain_yaml.load(_DESCRIPTIONS.read_text(encoding="utf-8"))
    return declared
