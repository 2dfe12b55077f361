"""Proves that assets link to what they are made by and described in, in this checkout and nowhere else."""

import json
from pathlib import Path

import pytest

from orchestration import night
from orchestration.core.settings import PROJECT
from orchestration.defs import code_references
from orchestration.defs.code_references import Place
from orchestration.defs.dbt import Translator
from orchestration.defs.raw import build_feeds
from orchestration.transform import dbt
from tests.conftest import settings_at
from tests.support import parsed


@pytest.fixture(scope="module")
def assets(tmp_path_factory):
    """The metadata of every feed, and of every table of dbt, by name."""
    settings = settings_at(tmp_path_factory.mktemp("links"))
    parsed.lend(settings)
    manifest = json.loads(dbt.manifest_path(settings).read_text(encoding="utf-8"))
    translator = Translator(manifest)
    feeds = build_feeds(night.contracts_of(settings))
    tables = {
        f"{node['schema']}/{node['name']}": translator.get_asset_spec(manifest, key, None).metadata
        for key, node in manifest["nodes"].items()
        if node["resource_type"] in ("model", "seed")
    }
    return {
        spec.key.to_user_string(): spec.metadata for feed in feeds for spec in feed.specs
    }, tables


def links(metadata):
    """Its code references: where, by label."""
    return {
        link.label: (link.file_path, link.line_number)
        for link in metadata["dagster/code_references"].code_references
    }


def line_at(path, number):
    return Path(path).read_text(encoding="utf-8").splitlines()[number - 1]


def test_every_feed_links_to_its_contract_and_to_a_page_that_names_it(assets):
    feeds, _ = assets
    assert len(feeds) > 40
    for feed, metadata in feeds.items():
        contract = f"expectations/feeds/{feed}.odcs.yaml"
        assert metadata["the contract"].value == contract
        assert links(metadata)["the contract"] == (str((PROJECT / contract).resolve()), 1)
        path, line = links(metadata)["docs/data-protection.md"]
        assert f"`{feed}`" in line_at(path, line)


def test_every_table_links_to_the_line_that_describes_it(assets):
    _, tables = assets
    assert len(tables) > 190
    for name, metadata in tables.items():
        path, line = links(metadata)["its description"]
        assert line_at(path, line).strip() == f"- name: {name.split('/')[1]}", name
        assert path == str((PROJECT / metadata["its description"].value).resolve())
    assert "documentation (profiles)" in tables["marts/hot_spot"]


def test_no_link_leads_out_of_the_checkout(assets):
    for metadata in (metadata for kind in assets for metadata in kind.values()):
        for path, _ in links(metadata).values():
            assert path.startswith(str(PROJECT.resolve())), path
        told = [str(entry.value) for label, entry in metadata.items() if "dagster" not in label and
                hasattr(entry, "value")]  # fmt: skip
        assert not [text for text in told if "://" in text or text.startswith("/")]


def test_what_is_not_there_is_left_out():
    gone, here = Place(PROJECT / "gone.md"), Place(PROJECT / "README.md", 3)
    found = code_references.metadata({"gone": gone, "here": here}, {})
    assert set(found) == {"dagster/code_references", "here"}
    assert links(found) == {"here": (str((PROJECT / "README.md").resolve()), 3)}
    assert code_references.documentation("nobody/names_it") == {}
    assert code_references.line_of(PROJECT / "README.md", "^# nothing like it$").line == 1
