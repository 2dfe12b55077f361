"""What of a candidate is as a build now would make it again: a key for every table, test and seed.

A node's key is a hash over what it says, what it reads, and the same of all that stands before it, so
that one that is equal needs no second build. What cannot be told apart is taken to have changed.

A model that is marked `by_delivery` makes the rows of each delivery from that delivery alone. Of such a
one it is also known what it is made by, whatever the deliveries: where that is equal, the rows of a delivery
that is as it was are as they were (macros/by_delivery.sql).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
_BY_DELIVERY = "by_delivery"
_ENGINES = ("duckdb", "dbt-core", "dbt-duckdb")


@dataclass(frozen=True)
class Made:
    """What the tables, seeds and data tests of a build were made from.

    keys: by dbt's unique id, each after those that it reads
    rules: by dbt's unique id, what a model marked `by_delivery` was made by, whatever the deliveries
    deliveries: by feed, then by delivery that counts, what staging takes of it
    """

    keys: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    deliveries: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def only(self, unique_ids: Iterable[str]) -> Made:
        """The same of these nodes."""
        kept = set(unique_ids)
        return replace(
            self,
            keys={one: key for one, key in self.keys.items() if one in kept},
            rules={one: rule for one, rule in self.rules.items() if one in kept},
        )

    def kept_from(self, known: Made) -> Kept:
        """What a build of this need not make again, of what a build of `known` left."""
        same = {
            feed: [
                name
                for name, content in its.items()
                if known.deliveries.get(feed, {}).get(name) == content
            ]
            for feed, its in self.deliveries.items()
        }
        return Kept(
            tuple(one for one, key in self.keys.items() if known.keys.get(one) == key),
            tuple(one for one, rule in self.rules.items() if known.rules.get(one) == rule),
            {feed: names for feed, names in same.items() if names},
        )


@dataclass(frozen=True)
class Kept:
    """What stays as the last build left it.

    nodes: by dbt's unique id, whole tables, seeds and passed tests, each after those that it reads
    models: by dbt's unique id, those marked `by_delivery` whose rows stay for the deliveries named
    deliveries: by feed, the deliveries that are as they were
    """

    nodes: tuple[str, ...]
    models: tuple[str, ...]
    deliveries: Mapping[str, Sequence[str]]


def made_from(settings: Settings, parsed: Any, rows: Rows, raw: Rows) -> Made:
    """What a build now would make every table, seed and data test of a parsed project from.

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
    deliveries = _deliveries(rows, raw)
    keys: dict[str, str] = {}
    rules: dict[str, str] = {}
    before = {
        unique_id: set(node.depends_on_nodes) & nodes.keys() for unique_id, node in nodes.items()
    }
    for unique_id in TopologicalSorter(before).static_order():
        node = nodes[unique_id]
        said = node.to_dict(omit_none=True)
        its_sources = [sources[one] for one in node.depends_on_nodes if one in sources]
        read = [of_source[source.unique_id] for source in its_sources]
        is_of_its_feeds = _takes_current_rows_alone(node, its_sources)
        if is_of_its_feeds:
            feeds = [_feed_of(one) for one in its_sources if one.source_name != manifest.SOURCE]
            read = [sha256_of_value([feed, deliveries.get(feed, {})]) for feed in feeds]
        if node.resource_type == "seed":
            read.append(sha256_of(settings.assembled_seeds / f"{node.name}.csv"))
        says = [always, {name: said.get(name) for name in _SAYS}]
        keys[unique_id] = sha256_of_value(
            [*says, sorted(read), sorted(keys[one] for one in before[unique_id])]
        )
        if node.resource_type == "model" and (marked := node.config.meta.get(_BY_DELIVERY)):
            others = [] if is_of_its_feeds and len(read) == 1 else sorted(read)
            # Of what its rows are taken from, a changed delivery has its rows made again; of a lookup, all.
            above = sorted(
                rules.get(one, keys[one]) if _gives_rows(nodes[one], marked) else keys[one]
                for one in before[unique_id]
            )
            rules[unique_id] = sha256_of_value([*says, others, above])
    return Made(keys, rules, deliveries)


def _gives_rows(node: Any, marked: Any) -> bool:
    """Whether a model takes its rows from a node, by what its `by_delivery` says: true, from its feed alone;
    a list, from the models named; `staging`, from every staging model."""
    if marked == "staging":
        return bool(node.schema == "staging")
    return isinstance(marked, list) and node.name in marked


def _deliveries(rows: Rows, raw: Rows) -> dict[str, dict[str, str]]:
    """By feed, then by delivery that counts, the hash of what staging takes of it: its rows, and what
    `current_rows` has beside them."""
    files = {
        (feed, row["delivery_id"]): row["sha256"] for feed, found in raw.items() for row in found
    }
    found: dict[str, dict[str, str]] = {}
    for row in rows[_DELIVERIES]:
        if row["is_current"]:
            feed, name = row["feed"], row["delivery_id"]
            content = [[row[taken] for taken in _CURRENT], files.get((feed, name))]
            found.setdefault(feed, {})[name] = sha256_of_value(content)
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


def _takes_current_rows_alone(node: Any, sources: Sequence[Any]) -> bool:
    """Whether a model knows of deliveries only what `current_rows` takes, which is its own feeds'.

    A model that names the manifest itself may read any of it.
    """
    of_manifest = {source.name for source in sources if source.source_name == manifest.SOURCE}
    return of_manifest == {_DELIVERIES} and manifest.SOURCE not in node.raw_code


def _feed_of(source: Any) -> str:
    return f"{source.source_name}/{source.name}"
