"""Proves that dbt's page holds what is known of every table, and nothing of a machine or a run."""

import json

import pytest

from orchestration.core.settings import PROJECT
from orchestration.transform import dbt, docs_page
from orchestration.transform.results import Column, Shape
from tests.conftest import settings_at
from tests.support import parsed

TABLES = {
    ("marts", "harm"): Shape(
        7, (Column("harm_scheme", "VARCHAR", None), Column("harm", "DOUBLE", None))
    )
}


@pytest.fixture(scope="module")
def manifest(tmp_path_factory):
    settings = settings_at(tmp_path_factory.mktemp("docs"))
    parsed.lend(settings)
    return json.loads(dbt.manifest_path(settings).read_text(encoding="utf-8"))


def data_of(page):
    """The manifest and the catalogue that the page reads."""
    reading = json.JSONDecoder()
    manifest, end = reading.raw_decode(page, page.index('{"child_map"'))
    catalogue, _ = reading.raw_decode(page, page.index('{"errors"', end))
    return manifest, catalogue


def test_every_table_and_what_holds_it_is_on_the_page(manifest):
    told, catalogue = data_of(docs_page.render(manifest, TABLES))
    kinds = ("model", "seed", "test")
    assert set(told["nodes"]) == {
        key for key, node in manifest["nodes"].items() if node["resource_type"] in kinds
    }
    assert set(told["sources"]) == set(manifest["sources"])
    assert set(told["exposures"]) == set(manifest["exposures"])
    harm = "model.community_safety.harm"
    assert told["nodes"][harm]["raw_code"] == manifest["nodes"][harm]["raw_code"]
    assert told["nodes"][harm]["columns"]["harm"]["description"]
    assert catalogue["nodes"][harm]["columns"] == {
        "harm": {"index": 2, "name": "harm", "type": "DOUBLE"},
        "harm_scheme": {"index": 1, "name": "harm_scheme", "type": "VARCHAR"},
    }


def test_nothing_of_this_machine_or_this_run_is_on_it(manifest):
    page = docs_page.render(manifest, TABLES)
    run = manifest["metadata"]
    own = [run["invocation_id"], run["generated_at"], str(PROJECT)]
    own += {node["root_path"] for node in manifest["nodes"].values() if node.get("root_path")}
    own += {
        node["original_file_path"] for node in manifest["nodes"].values()
        if node["original_file_path"].startswith("/")
    }  # fmt: skip
    assert len(own) > 10
    assert [text for text in own if text in page] == []


def test_the_same_project_gives_the_same_page_wherever_and_whenever_it_is_parsed(manifest):
    page = docs_page.render(manifest, TABLES)
    again = json.loads(json.dumps(manifest))
    again["metadata"]["generated_at"] = "2001-01-01T00:00:00Z"
    for node in again["nodes"].values():
        node["created_at"] = 1.0
        node["root_path"] = "/elsewhere"
        for list_ in (node.get("refs", []), node.get("sources", [])):
            list_.reverse()
        if "nodes" in node.get("depends_on", {}):
            node["depends_on"]["nodes"].reverse()
        if node["resource_type"] == "seed":
            node["original_file_path"] = f"/elsewhere/{node['name']}.csv"
    assert docs_page.render(again, TABLES) == page


def test_a_description_cannot_end_the_script_that_holds_it(manifest):
    again = json.loads(json.dumps(manifest))
    evil = "</script><script>alert(1)</script><!-- so"
    again["nodes"]["model.community_safety.harm"]["description"] = evil
    page = docs_page.render(again, TABLES)
    assert evil not in page and "</script><script>alert" not in page
    told, _ = data_of(page)
    assert told["nodes"]["model.community_safety.harm"]["description"] == evil
