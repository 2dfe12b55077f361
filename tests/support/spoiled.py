"""Counter-examples: copies of a good delivery, each spoiled for one rule of its contract.

What a generated rule (`required:month`) forbids follows from its kind. A rule that a contract spells
out has an entry in `tests/counter_examples/<partner>.yaml`, under its feed and its name:

    set:    columns and what they are to be (SQL), in the first three rows that meet `where`
    where:  which rows `set` is for; without it, all
    every:  true: `set` is for every row that meets `where`, not only the first three
    keep:   which rows stay
    twice:  the first three rows that meet this stand twice, the second time with `set`
    also:   rules that cannot but fail as well

Rows are numbered from 1 in `_row`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from orchestration.contracts.content_rules import REPEATED
from orchestration.contracts.odcs import Column, Contract

FOLDER = Path(__file__).parents[1] / "counter_examples"
KEYS = {"set", "where", "every", "keep", "twice", "also"}
A_FEW = 3
# One of each kind that `depersonalised` looks for; nobody's.
IDENTIFIERS = ("j.bloggs@example.org", "ST4 1AA", "943 476 5919", "01632 960123")
BY_KIND = {
    "required": "null::varchar",
    "allowed": "'something else'",
    "pattern": "'?!'",
    "number": "'a score'",
    "date": "'30 Smarch'",
}


@dataclass(frozen=True)
class Copy:
    """A copy of the good delivery `good`, spoiled for `rule`; `sql` selects its rows.

    `also` are the rules that fail besides; `column` is the one that was spoiled, where it is one.
    """

    name: str
    rule: str
    sql: str
    also: frozenset[str] = frozenset()
    column: str = ""


def written(name: str) -> dict[str, dict[str, Any]]:
    """The entries of one file, by feed (or suite) and rule."""
    return yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


def entries_of(contract: Contract) -> dict[str, Any]:
    """The written counter-examples of one feed."""
    path = FOLDER / f"{contract.partner}.yaml"
    return written(contract.partner).get(contract.feed, {}) if path.exists() else {}


def copies_of(contract: Contract) -> Iterator[Copy]:
    """A spoiled copy for every rule that has a counter-example; several where one is not enough."""
    columns = {column.name: column for column in contract.columns}
    entries = entries_of(contract)
    for rule in contract.rules:
        kind, _, name = rule.id.partition(":")
        if rule.id == "depersonalised":
            for column in columns.values():
                if is_free_text(column):
                    for number, identifier in enumerate(IDENTIFIERS, start=1):
                        sql = spoiled("good", {"set": {column.name: f"'seen by {identifier}'"}})
                        label = f"{rule.id} {column.name} {number}"
                        yield Copy(label, rule.id, sql, column=column.name)
        elif rule.id == "rejected_share":
            # Every row lacks a value that it must have.
            first = next(known for known in contract.rejecting if known.id.startswith("required:"))
            kind, _, name = first.id.partition(":")
            sql = spoiled("good", {"set": {name: BY_KIND[kind]}, "every": True})
            yield Copy(rule.id, rule.id, sql, frozenset({first.id}), column=name)
        elif rule.id == REPEATED:
            # A good file may be too short, or too uniform, to show that: its first row, with numbers.
            first = contract.columns[0].name
            sql = (
                f"select * exclude (i) replace ((i % 30)::varchar as {first}) "
                "from (from good limit 1), range(60) as numbers(i) order by i"
            )
            yield Copy(rule.id, rule.id, sql, column=first)
        elif name:
            # One row: two of them would repeat a reference besides.
            sql = spoiled("good", {"set": {name: BY_KIND[kind]}, "where": "_row = 1"})
            yield Copy(rule.id, rule.id, sql, column=name)
        elif rule.id in entries:
            entry = entries[rule.id]
            yield Copy(rule.id, rule.id, spoiled("good", entry), frozenset(entry.get("also", ())))


def spoiled(table: str, entry: Mapping[str, Any]) -> str:
    """SQL that selects the rows of `table` as an entry spoils them."""
    assert set(entry) <= KEYS, f"unknown key in {entry}"
    assert not {"keep", "twice"} <= set(entry), f"two things are done by {entry}"
    if "keep" in entry:
        return f"select * from {table} where {entry['keep']}"
    if "twice" in entry:
        again = _changed(few_of(table, entry["twice"]), entry.get("set", {}), "true")
        return f"select * from {table} union all {again}"
    where = entry.get("where", "true")
    few = f"_row in (select _row from ({few_of(table, where)}))"
    return _changed(f"select * from {table}", entry["set"], where if entry.get("every") else few)


def few_of(table: str, where: str) -> str:
    """SQL for the first few rows that meet a condition."""
    return f"select * from {table} where {where} order by _row limit {A_FEW}"


def _changed(rows: str, columns: Mapping[str, str], where: str) -> str:
    changes = ", ".join(
        f'case when {where} then {value} else "{name}" end as "{name}"'
        for name, value in columns.items()
    )
    return f"select * {f'replace ({changes})' if changes else ''} from ({rows})"


def is_free_text(column: Column) -> bool:
    """Whether anything may be written in a column."""
    return column.logical_type == "string" and not column.allowed and not column.pattern
