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
    before = unchanged.made_from(was, parsed, its_rows, its_raw).keys
    if nodes:
        parsed = copy.copy(parsed)
        parsed.nodes = {**parsed.nodes, **nodes}
    after = unchanged.made_from(
        settings or was, parsed, {**its_rows, **(rows or {})}, {**its_raw, **(raw or {})}
    ).keys
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
    keys = unchanged.made_from(settings, parsed, rows, raw).keys
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
    before = unchanged.made_from(*home).keys
    path.write_bytes(b"other figures")
    after = unchanged.made_from(*home).keys
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
        unchanged.made_from(settings, project, its_rows, raw).keys[unique_id]
        != unchanged.made_from(settings, project, {**its_rows, "deliveries": new}, raw).keys[
            unique_id
        ]
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
    keys = unchanged.made_from(*home).keys
    file.write_bytes(before + b"\n-- another line")
    after = unchanged.made_from(*home).keys
    file.write_bytes(before)
    assert not set(keys.values()) & set(after.values())


def test_a_seed_changes_what_reads_it_and_a_threshold_everything(home):
    settings = home[0]
    keys = unchanged.made_from(*home).keys
    found = {}
    for name in ("profile_dimensions", "threshold_register"):
        file = settings.assembled_seeds / f"{name}.csv"
        before = file.read_bytes()
        file.write_bytes(before + b"\n")
        after = unchanged.made_from(*home).keys
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


def rows_kept(home, *, nodes=None, rows=None, raw=None):
    """The models that keep rows of a build of `home`, and the deliveries that they keep them of."""
    settings, parsed, its_rows, its_raw = home
    known = unchanged.made_from(settings, parsed, its_rows, its_raw)
    if nodes:
        parsed = copy.copy(parsed)
        parsed.nodes = {**parsed.nodes, **nodes}
    made = unchanged.made_from(
        settings, parsed, {**its_rows, **(rows or {})}, {**its_raw, **(raw or {})}
    )
    kept = made.kept_from(known)
    return {one.split(".")[2] for one in kept.models}, kept.deliveries


BY_DELIVERY = {"stg_police__street_crime", "int_street_crime_placed", "int_staged_row"}


def test_the_rows_of_a_delivery_that_is_as_it_was_are_kept_when_another_comes(home):
    new = [*home[2]["deliveries"], delivery(FEED, "3", is_current=True)]
    models, deliveries = rows_kept(
        home, rows={"deliveries": new}, raw={FEED: [file("1"), file("3")]}
    )
    assert models >= BY_DELIVERY
    assert not models & {"stg_reference__population", "int_peer_count", "msr_police__street_crime"}
    assert deliveries == {FEED: ["1"], ANOTHER: ["2"]}


@pytest.mark.parametrize(
    "what", [{"received_at": "2026-12-01"}, {"first_month": "2026-10"}, {"is_synthetic": False}]
)
def test_the_rows_of_a_delivery_are_not_kept_when_what_is_said_of_it_changes(home, what):
    first, second = home[2]["deliveries"]
    _, deliveries = rows_kept(home, rows={"deliveries": [{**first, **what}, second]})
    assert deliveries == {ANOTHER: ["2"]}


def test_nor_when_its_rows_are_others_under_the_same_name(home):
    assert rows_kept(home, raw={FEED: [file("1", "other rows")]})[1] == {ANOTHER: ["2"]}


def test_nor_when_it_no_longer_counts(home):
    first, second = home[2]["deliveries"]
    replaced = [{**first, "is_current": False}, second]
    assert rows_kept(home, rows={"deliveries": replaced})[1] == {ANOTHER: ["2"]}


def test_a_delivery_that_counts_again_is_made_again(home):
    first, second = home[2]["deliveries"]
    settings, parsed, rows, raw = home
    without = {**rows, "deliveries": [{**first, "is_current": False}, second]}
    known = unchanged.made_from(settings, parsed, without, raw)
    assert unchanged.made_from(*home).kept_from(known).deliveries == {ANOTHER: ["2"]}


def test_no_rows_are_kept_of_a_model_whose_text_changed_or_of_what_is_made_from_it(home):
    unique_id = "model.community_safety.stg_police__street_crime"
    other = copy.copy(home[1].nodes[unique_id])
    other.raw_code += "\n-- another line"
    models, _ = rows_kept(home, nodes={unique_id: other})
    assert not models & BY_DELIVERY
    assert "stg_fire__incidents" in models


def test_nor_where_a_lookup_changed_that_they_were_placed_by(home):
    """The lookup is a feed of its own: another delivery of it places every row anew."""
    rows = {**home[2]}
    lookup = "reference/lsoa_2011_to_2021"
    rows["deliveries"] = [*rows["deliveries"], delivery(lookup, "9", is_current=True)]
    models, _ = rows_kept(home, rows=rows, raw={lookup: [file("9")]})
    assert "int_street_crime_placed" not in models
    assert {"stg_police__street_crime", "int_staged_row"} <= models


def test_nor_where_the_lookup_is_itself_kept_by_delivery(home):
    """Boundaries are read from staging: another file of them places every search anew."""
    searches, boundaries = "police/stop_and_search", "reference/lsoa_boundaries"
    settings, parsed, its_rows, its_raw = home
    both = [delivery(feed, feed, is_current=True) for feed in (searches, boundaries)]
    rows = {**its_rows, "deliveries": [*its_rows["deliveries"], *both]}
    raw = {**its_raw, searches: [file(searches)], boundaries: [file(boundaries)]}
    known = unchanged.made_from(settings, parsed, rows, raw)

    def kept(feed):
        changed = {**raw, feed: [file(feed, "other rows")]}
        models = unchanged.made_from(settings, parsed, rows, changed).kept_from(known).models
        return "model.community_safety.int_stop_and_search_placed" in models

    assert kept(searches)
    assert not kept(boundaries)


def test_the_seeds_are_put_together_also_where_the_project_was_parsed_before(tmp_path):
    settings = settings_at(tmp_path / "home")
    parsed_project.lend(settings)
    assert not (settings.assembled_seeds / "strategy_years.csv").exists()
    dbt._parsed(settings)
    assert (settings.assembled_seeds / "strategy_years.csv").exists()


def test_a_build_of_nothing_known_keeps_nothing(home):
    made = unchanged.made_from(*home)
    kept = made.kept_from(unchanged.Made())
    assert (kept.nodes, kept.models, kept.deliveries) == ((), (), {})
