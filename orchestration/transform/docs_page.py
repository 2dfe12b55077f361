"""dbt's documentation as one page: every table and column, its tests, its query and what it is made from.

It is dbt's own page with what dbt writes for it laid in, as `dbt docs generate --static` does; without what
differs by machine and by run, so that the same project and the same tables give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.core.records import canonical
from orchestration.core.settings import Settings
from orchestration.transform import dbt
from orchestration.transform.results import Shape

# Of a node: where it lies on this machine, and when it was read.
_LOCAL = ("root_path", "compiled_path", "build_path", "created_at", "unrendered_config", "checksum")
_KNOWN = ("dbt_schema_version", "dbt_version", "project_name", "project_id", "adapter_type")
_KINDS = ("model", "seed", "test")
# What the page shows nothing of.
_UNUSED = ("disabled", "unit_tests", "saved_queries", "semantic_models", "metrics", "functions")
_MANIFEST, _CATALOG = '"MANIFEST.JSON INLINE DATA"', '"CATALOG.JSON INLINE DATA"'

Tables = Mapping[tuple[str, str], Shape]  # by schema and name


def of_home(settings: Settings, tables: Tables) -> str:
    """The page of the project as it is, with the tables that were built from it.

    Raises:
        BuildError: the project cannot be parsed.
    """
    dbt.prepare(settings)
    manifest = json.loads(dbt.manifest_path(settings).read_text(encoding="utf-8"))
    return render(manifest, tables)


def render(manifest: Mapping[str, Any], tables: Tables) -> str:
    """The page of a parsed project (dbt's manifest) and its tables. Pure, but for dbt's
    page, which it reads."""
    from dbt.task.docs import DOCS_INDEX_FILE_PATH

    page = Path(DOCS_INDEX_FILE_PATH).read_text(encoding="utf-8")
    for place, value in ((_MANIFEST, _told(manifest)), (_CATALOG, _catalog(manifest, tables))):
        page = page.replace(place, _inline(value))
    return page


def _told(manifest: Mapping[str, Any]) -> dict[str, Any]:
    """What the page looks up: of the macros, those of the project."""
    project = manifest["metadata"]["project_name"]
    return {
        **manifest,
        **{key: type(manifest[key])() for key in _UNUSED if key in manifest},
        "metadata": {key: manifest["metadata"][key] for key in _KNOWN},
        "nodes": {
            unique_id: _bare(node)
            for unique_id, node in manifest["nodes"].items()
            if node["resource_type"] in _KINDS
        },
        "sources": {key: _bare(node) for key, node in manifest["sources"].items()},
        "exposures": {key: _bare(node) for key, node in manifest["exposures"].items()},
        "macros": {
            key: _bare(macro)
            for key, macro in manifest["macros"].items()
            if macro["package_name"] == project
        },
    }


def _bare(node: Mapping[str, Any]) -> dict[str, Any]:
    """A node as every machine and every parse has it: dbt lists what a node reads in no fixed order."""
    kept = {key: value for key, value in node.items() if key not in _LOCAL}
    kept |= {key: sorted(kept[key], key=canonical) for key in ("refs", "sources") if key in kept}
    if "depends_on" in kept:
        kept["depends_on"] = {key: sorted(names) for key, names in kept["depends_on"].items()}
    if node["resource_type"] == "seed":  # put together in the home, from layers
        kept["original_file_path"] = kept["path"]
    return kept


def _catalog(manifest: Mapping[str, Any], tables: Tables) -> dict[str, Any]:
    nodes = {}
    for unique_id, node in manifest["nodes"].items():
        place = node["schema"], node["alias"]
        if node["resource_type"] not in ("model", "seed") or place not in tables:
            continue
        nodes[unique_id] = {
            "metadata": {"type": "BASE TABLE", "schema": place[0], "name": place[1]},
            "columns": {
                column.name: {"type": column.type, "index": index, "name": column.name}
                for index, column in enumerate(tables[place].columns, start=1)
            },
            "stats": {},
            "unique_id": unique_id,
        }
    return {"metadata": {}, "nodes": nodes, "sources": {}, "errors": None}


def _inline(value: Mapping[str, Any]) -> str:
    """JSON as it may stand in a script: nothing in it ends the script."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.replace("</", r"\u003c/").replace("<!--", r"\u003c!--")
