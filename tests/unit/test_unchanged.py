"""What has to be built again, and nothing that has not: by what each part of the inputs is changed."""

import copy
import shutil
from dataclasses import replace

import pytest

from orchestration.core import register
from orchestration.core.settings import PROJECT
from orchestration.transform import dbt, manifest, unchanged
from tests.conftest import settings_at
from tests.support import parsed as parsed_project

FEED, ANOTHER = "police/street_crime", "fire/incidents"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Settings over a copy of the code, the project as parsed, the manifest's rows and raw's."""
    folder = tmp_path_factory.mktemp("unchanged")
    settings = settings_at(folder / "home")
    parsed_project.lend(settings)
    parsed = dbt._parsed(settings)
    for part in ("dbt_project", "seeds", "expectations"):
        shutil.copytree(PROJECT / part, folder / "project" / part)
    settings = replace(settings, project=folder / "project")
    register.assemble(settings)
    (settings.raw / manifest.FOLDER).mkdir(parents=True)
    for name in manifest.FILES:
        manifest.path_of(settings, name).write_bytes(name.encode())
    rows = {
        "feeds": [{"feed": FEED}],
        "deliveries": [
            delivery(FEED, "1", is_current=True),
            delivery(ANOTHER, "2", is_current=True),
        ],
        "gate_results": [],
        "releases": [],
        "run": [{"area_code": "E06000021"}],
    }
    raw = {FEED: [file("1")], ANOTHER: [file("2")]}
    return settings, parsed, rows, raw


def delivery(feed, name, *, is_current):
    return {
        "feed": feed, "delivery_id": name, "received_at": "2026-11-01", "first_month": "2026-09",
        "is_synthetic": True, "is_current": is_current, "state": "passed",
    }  # fmt: skip


def file(name, sha256="as it was"):
    return {"delivery_id": name, "sha256": sha256}


def changed(home, *, settings=None, nodes=None, rows=None, raw=None):
    """The names of tables and seeds whose keys are others than in `home`."""
    was, parsed, its_rows, its_raw = home
    before = unchanged.keys(was, parsed, its_rows, its_raw)
    if nodes:
        parsed = copy.copy(parsed)
        parsed.nodes = {**parsed.nodes, **nodes}
    after = unchanged.keys(
        settings or was, parsed, {**its_rows, **(rows or {})}, {**its_raw, **(raw or {})}
    )
    return {
        unique_id.split(".")[2]
        for unique_id in after
        if before.get(unique_id) != after[unique_id] and not unique_id.startswith("test.")
    }


def all_tables(home):
    return {node.name for node in home[1].nodes.values() if node.resource_type in ("model", "seed")}


def test_the_same_inputs_have_the_same_keys_whichever_home_and_checkout(home):
    assert changed(home, settings=replace(home[0], project=PROJECT)) == set()


@pytest.mark.parametrize("place", ["0", "z"])
def test_the_same_inputs_have_the_same_keys_in_a_home_that_was_moved(home, tmp_path, place):
    """Before the checkout in the order of paths, and after it."""
    settings = home[0]
    moved = replace(settings, home=tmp_path / place / "home", project=tmp_path / "m" / "project")
    shutil.copytree(settings.home, moved.home)
    shutil.copytree(settings.project, moved.project)
    assert changed(home, settings=moved) == set()


def test_every_table_seed_and_data_test_has_a_key_after_those_of_what_it_reads(home):
    settings, parsed, rows, raw = home
    keys = unchanged.keys(settings, parsed, rows, raw)
    place = {unique_id: number for number, unique_id in enumerate(keys)}
    assert len(set(keys.values())) == len(keys)
    assert {one.split(".")[0] for one in keys} == {"model", "seed", "test"}
    for unique_id in keys:
        for read in parsed.nodes[unique_id].depends_on_nodes:
            assert read not in place or place[read] < place[unique_id]


def test_a_new_delivery_of_a_feed_changes_what_is_made_of_it_and_no_other_feed(home):
    _, _, rows, _ = home
    new = [*rows["deliveries"], delivery(FEED, "3", is_current=True)]
    found = changed(home, rows={"deliveries": new}, raw={FEED: [file("1"), file("3")]})
    assert {"stg_police__street_crime", "msr_police__street_crime", "fct_measure"} <= found
    assert not found & {"stg_fire__incidents", "msr_fire__incidents", "dim_area", "int_place"}


def test_a_refused_delivery_changes_no_rows_but_what_is_said_of_deliveries(home):
    _, _, rows, _ = home
    new = [*rows["deliveries"], delivery(FEED, "3", is_current=False)]
    found = changed(home, rows={"deliveries": new}, raw={FEED: [file("1"), file("3")]})
    assert "deliveries" in found
    assert not {name for name in found if name.startswith(("stg_", "msr_"))}


@pytest.mark.parametrize(
    "what", [{"received_at": "2026-12-01"}, {"first_month": "2026-10"}, {"is_synthetic": False}]
)
def test_whatever_staging_takes_of_a_delivery_counts(home, what):
    first, second = home[2]["deliveries"]
    found = changed(home, rows={"deliveries": [{**first, **what}, second]})
    assert "stg_police__street_crime" in found and "stg_fire__incidents" not in found


def test_other_rows_under_the_same_name_count(home):
    found = changed(home, raw={ANOTHER: [file("2", "other rows")]})
    assert {"stg_fire__incidents", "reconciliation"} <= found
    assert "stg_police__street_crime" not in found


def test_what_was_published_last_changes_what_is_compared_with_it(home):
    settings = home[0]
    path = manifest.path_of(settings, "published_figures")
    before = unchanged.keys(*home)
    path.write_bytes(b"other figures")
    after = unchanged.keys(*home)
    path.write_bytes(b"published_figures")
    found = {one.split(".")[2] for one in after if before[one] != after[one]}
    assert "int_watched_figure" in found
    assert not {name for name in found if name.startswith("stg_")}


def test_the_text_of_a_model_changes_it_and_what_follows(home):
    parsed = home[1]
    unique_id = "model.community_safety.int_measure_sum"
    other = copy.copy(parsed.nodes[unique_id])
    other.raw_code += "\n-- another line"
    found = changed(home, nodes={unique_id: other})
    assert {"int_measure_sum", "fct_measure"} <= found
    assert not {name for name in found if name.startswith(("stg_", "msr_"))}


def test_a_description_is_written_into_the_database_so_it_counts(home):
    parsed = home[1]
    unique_id = "model.community_safety.harm"
    other = copy.copy(parsed.nodes[unique_id])
    other.description = "Other words."
    assert "harm" in changed(home, nodes={unique_id: other})


def test_a_model_that_names_the_manifest_reads_all_of_it(home):
    _, parsed, rows, _ = home
    unique_id = "model.community_safety.stg_fire__incidents"
    other = copy.copy(parsed.nodes[unique_id])
    other.raw_code += '\n-- {{ source("manifest", "deliveries") }}'
    settings, _, its_rows, raw = home
    project = copy.copy(parsed)
    project.nodes = {**parsed.nodes, unique_id: other}
    new = [*rows["deliveries"], delivery(FEED, "3", is_current=True)]
    assert (
        unchanged.keys(settings, project, its_rows, raw)[unique_id]
        != unchanged.keys(settings, project, {**its_rows, "deliveries": new}, raw)[unique_id]
    )


@pytest.mark.parametrize(
    "path",
    [
        "dbt_project/macros/measures.sql",
        "dbt_project/formulas/change.sql",
        "dbt_project/dbt_project.yml",
        "dbt_project/profiles.yml",
    ],
)
def test_what_any_table_may_be_made_with_changes_all(home, path):
    file = home[0].project / path
    before = file.read_bytes()
    keys = unchanged.keys(*home)
    file.write_bytes(before + b"\n-- another line")
    after = unchanged.keys(*home)
    file.write_bytes(before)
    assert not set(keys.values()) & set(after.values())


def test_a_seed_changes_what_reads_it_and_a_threshold_everything(home):
    settings = home[0]
    keys = unchanged.keys(*home)
    found = {}
    for name in ("profile_dimensions", "threshold_register"):
        file = settings.assembled_seeds / f"{name}.csv"
        before = file.read_bytes()
        file.write_bytes(before + b"\n")
        after = unchanged.keys(*home)
        file.write_bytes(before)
        found[name] = {one.split(".")[2] for one in after if keys[one] != after[one]}
    assert {"profile_dimensions", "int_profile_count"} <= found["profile_dimensions"]
    assert "fct_measure" not in found["profile_dimensions"]
    assert found["threshold_register"] >= all_tables(home)


def test_a_table_under_another_name_changes_all_so_that_nothing_is_left_behind(home):
    parsed = home[1]
    unique_id = "model.community_safety.harm"
    other = copy.copy(parsed.nodes[unique_id])
    other.alias = "harms"
    assert changed(home, nodes={unique_id: other}) == all_tables(home)
