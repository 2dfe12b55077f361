"""Whether a rule, asked of many deliveries at once, says of each what it would say of it alone.

Gate 1 asks a rule once for all new deliveries of a feed. That is only the same as asking it of each one if
nothing in its query looks from one delivery to another: a row of what it finds has to come from rows of
one delivery and has to carry its name, `_delivery`. This is read off the query, as DuckDB parsed it. What
is not understood counts as looking across deliveries: then gate 1 asks the rule of each one alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import duckdb

from orchestration.contracts.model import Rule
from orchestration.contracts.rules import plain_query

DELIVERY = "_delivery"
QUERY = "unexpected_rows_expectation"
UNIQUE = "expect_compound_columns_to_be_unique"
_ROWS = "every_row_of_the_batch"  # stands for `{batch}` in a query that is parsed
# Of these only the columns that have to be unique together matter.
OF_UNIQUE = {"column_list", "ignore_row_if"}

# Most rules are a condition on a row, which need not be parsed to be known for one.
_BEYOND_A_ROW = re.compile(r"\b(?:over|select|from|qualify)\b", re.IGNORECASE)

Node = Mapping[str, Any]
_NOTHING: Node = {"type": "EMPTY"}


class _Across(Exception):
    """The query looks, or may look, from one delivery to another."""


def judges_each(connection: duckdb.DuckDBPyConnection, rule: Rule) -> bool:
    """Whether the rule judges every delivery by its own rows, however many are asked about at once."""
    if rule.condition and not _BEYOND_A_ROW.search(rule.condition):
        return True
    if rule.expectation == QUERY:
        return is_by_delivery(connection, str(rule.kwargs.get("unexpected_rows_query", "")))
    if rule.expectation == UNIQUE:
        return set(rule.kwargs) <= OF_UNIQUE and DELIVERY in rule.kwargs.get("column_list", ())
    # All others that a contract may have look at one row (`contracts.rules`).
    return True


def is_by_delivery(connection: duckdb.DuckDBPyConnection, query: str) -> bool:
    """Whether every row that a rule's query over `{batch}` finds comes from one delivery, and names it."""
    try:
        found = connection.execute(
            "select json_serialize_sql($query::varchar, skip_null := true)",
            {"query": plain_query(query, _ROWS)},
        ).fetchone()
        parsed = json.loads(found[0]) if found else {"error": True}
        if parsed["error"] or len(parsed["statements"]) != 1:
            return False
        node = parsed["statements"][0]["node"]
        if any("sample" in inner for inner in _nodes(node)):
            return False
        return _of_query(node, {_ROWS: True})
    except (_Across, duckdb.Error, KeyError, IndexError, ValueError):
        return False


def _of_query(node: Node, known: Mapping[str, bool]) -> bool:
    """Whether a query's rows are rows by delivery; false where it reads nothing of the deliveries.

    `known` says so of the names that it may read. Raises `_Across` if it is neither.
    """
    names = dict(known)
    for entry in node.get("cte_map", {}).get("map", ()):
        within = _of_query(entry["value"]["query"]["node"], names)
        names[entry["key"].lower()] = within and not _is_renamed(entry["value"], "aliases")
    if node["type"] == "SELECT_NODE":
        return _of_select(node, names)
    if node["type"] == "SET_OPERATION_NODE" and node["setop_type"] == "UNION":
        sides = [node["left"], node["right"]]
        of_each = {_of_query(side, names) for side in sides}
        if of_each == {False}:
            return False
        if of_each == {True} and not _is_limited(node) and len(set(map(_place, sides))) == 1:
            return True
        raise _Across
    if _reads(node, names):
        raise _Across
    return False


def _of_select(node: Node, known: Mapping[str, bool]) -> bool:
    named = _of_source(node.get("from_table", _NOTHING), known)
    for part in (
        "select_list",
        "where_clause",
        "group_expressions",
        "having",
        "qualify",
        "modifiers",
    ):
        for inner in _nodes(node.get(part, ())):
            _alone(inner, named, known)
    if named is None:
        return False
    grouped = node.get("group_expressions", ())
    if _is_limited(node):
        raise _Across
    if grouped and (
        len(node.get("group_sets", ((),))) > 1
        or not any(_is_delivery(expression, named) for expression in grouped)
    ):
        raise _Across
    # A column that stands alone in what is selected is one by which the rows are grouped, if they are.
    entries = node["select_list"]
    own = [entry for entry in entries if _is_delivery(entry, named) or _is_all(entry, named)]
    if not own or any(_is_called_so(entry) for entry in entries if entry not in own):
        raise _Across
    return True


def _place(node: Node) -> int:
    """Where `_delivery` stands in what is selected, since a union goes by places."""
    if "select_list" not in node:
        raise _Across
    for place, entry in enumerate(node["select_list"]):
        if entry.get("class") == "STAR":
            break
        if _is_called_so(entry):
            return place
    raise _Across


def _is_called_so(entry: Node) -> bool:
    """Whether something that is selected is called `_delivery`, whatever it is."""
    if entry.get("class") == "STAR":
        return DELIVERY in json.dumps(entry).lower()
    name = entry.get("alias") or (entry.get("column_names") or [""])[-1]
    return bool(name.lower() == DELIVERY)


def _is_renamed(node: Node, key: str) -> bool:
    """Raise if a table's columns have other names here; that is not followed."""
    if node.get(key):
        raise _Across
    return False


def _is_limited(node: Node) -> bool:
    """Whether not all rows are taken, but a number of them, or one for each of something."""
    return any(
        modifier["type"] not in ("ORDER_MODIFIER", "DISTINCT_MODIFIER")
        or modifier.get("distinct_on_targets")
        for modifier in node.get("modifiers", ())
    )


def _of_source(node: Node, known: Mapping[str, bool]) -> frozenset[str] | None:
    """The names by which `_delivery` of what stands after `from` may be read; none of the deliveries: `None`.

    A name that an outer join may leave blank is not among them.
    """
    if node["type"] == "BASE_TABLE":
        name = node["table_name"].lower()
        is_ours = known.get(name, False) and not _is_renamed(node, "column_name_alias")
        return frozenset({(node.get("alias") or name).lower()}) if is_ours else None
    if node["type"] == "SUBQUERY":
        is_ours = _of_query(node["subquery"]["node"], known)
        is_ours = is_ours and not _is_renamed(node, "column_name_alias")
        return frozenset({node.get("alias", "").lower()}) if is_ours else None
    if node["type"] == "JOIN":
        return _of_join(node, known)
    if _reads(node, known):
        raise _Across
    return None


def _of_join(node: Node, known: Mapping[str, bool]) -> frozenset[str] | None:
    left, right = (_of_source(node[side], known) for side in ("left", "right"))
    kind, way = node["join_type"], node["ref_type"]
    both = (left or frozenset()) | (right or frozenset())
    for inner in _nodes(node.get("condition", ())):
        _alone(inner, both, known)
    if left is None and right is None:
        return None
    if way not in ("REGULAR", "CROSS"):
        raise _Across
    if right is None:
        if kind in ("INNER", "LEFT", "SEMI", "ANTI"):
            return left
        raise _Across
    if left is None:
        if kind == "INNER":
            return right
        raise _Across
    is_of_one = DELIVERY in node.get("using_columns", ()) or any(
        _joins(condition, left, right) for condition in _conjuncts(node.get("condition"))
    )
    if not is_of_one or kind not in ("INNER", "LEFT", "SEMI", "ANTI"):
        raise _Across
    return both if kind == "INNER" else left


def _conjuncts(condition: Node | None) -> Iterator[Node]:
    if condition is None:
        return
    if condition["type"] == "CONJUNCTION_AND":
        for child in condition["children"]:
            yield from _conjuncts(child)
    else:
        yield condition


def _joins(condition: Node, left: frozenset[str], right: frozenset[str]) -> bool:
    """Whether a condition is that both sides are of one delivery."""
    if condition["type"] != "COMPARE_EQUAL":
        return False
    sides = [condition["left"], condition["right"]]
    return any(
        _is_delivery(one, left, is_qualified=True) and _is_delivery(other, right, is_qualified=True)
        for one, other in (sides, sides[::-1])
    )


def _alone(node: Node, named: frozenset[str] | None, known: Mapping[str, bool]) -> None:
    """Raise if an expression looks beyond its own delivery: a window, or a query within it."""
    if node.get("class") == "WINDOW" and named is not None:
        if not any(_is_delivery(one, named) for one in node.get("partitions", ())):
            raise _Across
    elif node.get("class") == "SUBQUERY" and _reads(node["subquery"], known):
        raise _Across


def _is_delivery(node: Node, named: frozenset[str], *, is_qualified: bool = False) -> bool:
    """Whether an expression is the delivery's name and nothing else, under no other name."""
    if node.get("class") != "COLUMN_REF" or (node.get("alias") or DELIVERY) != DELIVERY:
        return False
    *table, column = node["column_names"]
    if column.lower() != DELIVERY or len(table) > 1:
        return False
    return table[0].lower() in named if table else not is_qualified


def _is_all(node: Node, named: frozenset[str]) -> bool:
    """Whether an entry of what is selected is every column of a table of ours."""
    if node.get("class") != "STAR" or node.get("columns"):
        return False
    if _is_called_so(node):
        return False
    return not node.get("relation_name") or node["relation_name"].lower() in named


def _reads(node: Any, known: Mapping[str, bool]) -> bool:
    """Whether anything below reads rows of the deliveries."""
    return any(
        inner.get("type") == "BASE_TABLE" and known.get(str(inner.get("table_name")).lower(), False)
        for inner in _nodes(node)
    )


def _nodes(node: Any) -> Iterator[Node]:
    if isinstance(node, Mapping):
        yield node
        node = list(node.values())
    if isinstance(node, list | tuple):
        for child in node:
            yield from _nodes(child)
