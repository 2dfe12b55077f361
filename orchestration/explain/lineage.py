"""What a model is built from, read from dbt's manifest. Pure functions over a mapping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any


@dataclass(frozen=True)
class Model:
    """A dbt model: its name, the file that holds it, and the first sentence of its description."""

    name: str
    path: str
    description: str


def from_feed(project: Mapping[str, Any], feed: str, model: str) -> list[Model]:
    """The models between a feed's extracts and `model`, in the order in which they are built."""
    source, target = _source(project, feed), _model(project, model)
    between = (_reach(project["child_map"], [source]) & _reach(project["parent_map"], [target])) | {
        target
    }
    return [_described(project, key) for key in _in_order(project, between) if _is_model(key)]


def named(project: Mapping[str, Any], models: Iterable[str]) -> list[Model]:
    """The models of these names, in the order given."""
    return [_described(project, _model(project, name)) for name in models]


def feeds_behind(
    project: Mapping[str, Any], models: Iterable[str], partner: str | None = None
) -> list[str]:
    """The feeds that the models are built from, or those of one partner; names without a model are
    skipped, since a feed that counts nothing has none."""
    known = _models(project)
    reached = _reach(project["parent_map"], [known[name] for name in models if name in known])
    sources = (project["sources"][key] for key in reached if key in project["sources"])
    return sorted(
        f"{source['source_name']}/{source['name']}"
        for source in sources
        if source["source_name"] != "manifest" and partner in (None, source["source_name"])
    )


def _reach(edges: Mapping[str, list[str]], begin: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(begin)
    while waiting:
        new = [key for key in edges.get(waiting.pop(), []) if key not in found]
        found.update(new)
        waiting += new
    return found


def known(project: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """The names that are models: a partnership's own priority has no mart of that name."""
    models = _models(project)
    return [name for name in names if name in models]


def _in_order(project: Mapping[str, Any], keys: set[str]) -> list[str]:
    parents = {key: set(project["parent_map"].get(key, [])) & keys for key in sorted(keys)}
    sorter = TopologicalSorter(parents)
    sorter.prepare()
    order: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        order += ready
        sorter.done(*ready)
    return order


def _models(project: Mapping[str, Any]) -> dict[str, str]:
    return {node["name"]: key for key, node in project["nodes"].items() if _is_model(key)}


def _model(project: Mapping[str, Any], name: str) -> str:
    return _models(project)[name]


def _source(project: Mapping[str, Any], feed: str) -> str:
    partner, name = feed.split("/")
    return next(
        str(key)
        for key, source in project["sources"].items()
        if (source["source_name"], source["name"]) == (partner, name)
    )


def _is_model(key: str) -> bool:
    return key.startswith("model.")


def _described(project: Mapping[str, Any], key: str) -> Model:
    node = project["nodes"][key]
    return Model(
        node["name"], node["original_file_path"], node["description"].split(". ")[0].rstrip(".")
    )
