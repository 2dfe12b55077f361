"""What of a candidate is as a build now would make it again: a key for every table, test and seed.

A node's key is a hash over what it says, what it reads, and the same of all that stands before it, so
that one that is equal needs no second build. What cannot be told apart is taken to have changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from importlib.metadata import version
from pathlib import Path
from typing import Any

from orchestration.core import formulas as statistics
from orchestration.core.files import sha256_of
from orchestration.core.records import sha256_of_value
from orchestration.core.settings import Settings
from orchestration.transform import manifest

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
# What a node says of itself, as dbt has parsed it. Where it lies, and when it was read, is left out.
_SAYS = (
    "resource_type", "schema", "alias", "raw_code", "config", "columns", "description", "constraints",
    "test_metadata", "column_name", "fqn",
)  # fmt: skip
# Of the deliveries that count, what `current_rows` takes beside their rows.
_CURRENT = ("delivery_id", "received_at", "first_month", "is_synthetic")
_DELIVERIES = "deliveries"
_ENGINES = ("duckdb", "dbt-core", "dbt-duckdb")


def keys(settings: Settings, parsed: Any, rows: Rows, raw: Rows) -> dict[str, str]:
    """The key of every table, seed and data test of a parsed project, by dbt's unique id, each after what it
    reads.

    rows: the manifest of feeds and deliveries, as `manifest.tables` has it
    raw: by feed, one row per delivery with the sha256 of its file in raw
    """
    nodes = {
        unique_id: node
        for unique_id, node in parsed.nodes.items()
        if node.resource_type in ("model", "seed", "test")
    }
    sources = dict(parsed.sources)
    always = _always(settings, nodes)
    of_source = {
        unique_id: _content(settings, source, rows, raw) for unique_id, source in sources.items()
    }
    found: dict[str, str] = {}
    before = {
        unique_id: set(node.depends_on_nodes) & nodes.keys() for unique_id, node in nodes.items()
    }
    for unique_id in TopologicalSorter(before).static_order():
        node = nodes[unique_id]
        said = node.to_dict(omit_none=True)
        read = [of_source[one] for one in node.depends_on_nodes if one in sources]
        if _takes_current_rows_alone(node, sources):
            read = list(_of_its_feeds(node, sources, rows, raw))
        if node.resource_type == "seed":
            read.append(sha256_of(settings.assembled_seeds / f"{node.name}.csv"))
        found[unique_id] = sha256_of_value(
            [
                always,
                {name: said.get(name) for name in _SAYS},
                sorted(read),
                sorted(found[one] for one in before[unique_id]),
            ]
        )
    return found


def _always(settings: Settings, nodes: Mapping[str, Any]) -> str:
    """The hash of what any node may be made with: macros, formulas, thresholds, settings, the engines.

    And of which tables there are: one that has left the project, or has another name, is not left behind.
    """
    tables = sorted(
        (node.schema, node.alias) for node in nodes.values() if node.resource_type != "test"
    )
    project = settings.dbt_project
    files = [
        *(path for name in ("macros", "formulas", "tests") for path in (project / name).rglob("*")),
        project / "dbt_project.yml",
        project / "profiles.yml",
        settings.assembled_seeds / statistics.SEED,
        Path(statistics.__file__),
    ]
    # In no order of paths: a home may be moved, and a checkout.
    hashed = sorted((path.name, sha256_of(path)) for path in files if path.is_file())
    return sha256_of_value([tables, hashed, [(package, version(package)) for package in _ENGINES]])


def _content(settings: Settings, source: Any, rows: Rows, raw: Rows) -> str:
    """What a source holds: a feed's files of raw, or a table of the manifest."""
    if source.source_name != manifest.SOURCE:
        return sha256_of_value([source.unique_id, raw.get(_feed_of(source), ())])
    if source.name in rows:
        return sha256_of_value([source.unique_id, rows[source.name]])
    return sha256_of_value([source.unique_id, sha256_of(manifest.path_of(settings, source.name))])


def _takes_current_rows_alone(node: Any, sources: Mapping[str, Any]) -> bool:
    """Whether a model knows of deliveries only what `current_rows` takes, which is its own feeds'.

    A model that names the manifest itself may read any of it.
    """
    read = [sources[one] for one in node.depends_on_nodes if one in sources]
    of_manifest = {source.name for source in read if source.source_name == manifest.SOURCE}
    return of_manifest == {_DELIVERIES} and manifest.SOURCE not in node.raw_code


def _of_its_feeds(node: Any, sources: Mapping[str, Any], rows: Rows, raw: Rows) -> Iterator[str]:
    """What the deliveries of a model's own feeds hold that count."""
    for one in node.depends_on_nodes:
        if one not in sources or sources[one].source_name == manifest.SOURCE:
            continue
        feed = _feed_of(sources[one])
        current = [
            {name: row[name] for name in _CURRENT}
            for row in rows[_DELIVERIES]
            if row["feed"] == feed and row["is_current"]
        ]
        counts = {row["delivery_id"] for row in current}
        files = [row for row in raw.get(feed, ()) if row["delivery_id"] in counts]
        yield sha256_of_value([feed, current, files])


def _feed_of(source: Any) -> str:
    return f"{source.source_name}/{source.name}"
