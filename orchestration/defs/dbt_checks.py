"""dbt's tests as Dagster's checks: a short name, unique on its table, and a sentence on what is checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# dbt's own tests; those of the project are described in `macros/_generic_tests.yml`.
_OF_DBT = {
    "not_null": "{column_name} is never empty.",
    "unique": "No two rows have the same {column_name}.",
    "accepted_values": "{column_name} is one of {values}.",
    "relationships": "Every {column_name} is among {field} of {to}.",
}


def short_names(manifest: Mapping[str, Any]) -> dict[str, str]:
    """A name for every test, by dbt's unique id: its kind and column; numbered where that is taken."""
    taken: dict[tuple[str, str], int] = {}
    names = {}
    for unique_id, node in sorted(manifest["nodes"].items()):
        if node["resource_type"] != "test":
            continue
        kind = (node.get("test_metadata") or {}).get("name", node["name"])
        name = "_".join(part for part in (kind, node.get("column_name")) if part)
        place = (node.get("attached_node") or "", name)
        taken[place] = taken.get(place, 0) + 1
        names[unique_id] = name if taken[place] == 1 else f"{name}_{taken[place]}"
    return names


def sentence(manifest: Mapping[str, Any], unique_id: str) -> str:
    """What a test checks, in a sentence; its own description, where it has one."""
    node = manifest["nodes"][unique_id]
    if node.get("description"):
        return str(node["description"])
    kind = node.get("test_metadata") or {}
    macro = manifest["macros"].get(f"macro.{node['package_name']}.test_{kind.get('name')}", {})
    pattern = macro.get("description") or _OF_DBT.get(kind.get("name", ""), "")
    arguments = {name: _in_words(value) for name, value in kind.get("kwargs", {}).items()}
    return pattern.format(**arguments)


def _in_words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).removeprefix("ref('").removesuffix("')")
