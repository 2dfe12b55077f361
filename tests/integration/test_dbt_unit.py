"""The models' unit tests pass, cover every model that decides something, and stay out of the night."""

import json
import shutil
from dataclasses import replace

import pytest

from orchestration.defs.dbt import build_dbt_assets
from orchestration.transform import dbt

# Models that do more than select, rename and cast.
WITH_RULES = (
    "stg_police__street_crime",
    "stg_reference__population",
    "int_area_member",
    "int_feed_period",
    "int_lsoa",
    "int_lsoa_code",
    "int_measure_count",
    "int_month",
    "int_period_month",
    "int_population",
    "int_staged_row",
    "int_street_crime_placed",
    "dim_area",
    "dim_period",
    "fct_measure",
    "anti_social_behaviour",
    "serious_violence_vawg",
    "completeness",
    "reconciliation",
    "rejected_rows",
)


@pytest.fixture(scope="module")
def results(built, tmp_path_factory):
    """Every unit test, over a copy of the session's candidate."""
    settings = replace(built.settings, home=tmp_path_factory.mktemp("unit"))
    settings.warehouse.mkdir(parents=True)
    shutil.copyfile(dbt.candidate_path(built.settings), dbt.candidate_path(settings))
    return dbt.unit_tests(settings)


def test_every_unit_test_passes(results):
    assert results
    failed = [f"{r.unique_id}: {r.message}" for r in results if r.status != "pass"]
    assert not failed, "\n".join(failed)


def test_every_model_with_rules_has_a_unit_test(results):
    tested = {result.unique_id.split(".")[2] for result in results}
    assert [model for model in WITH_RULES if model not in tested] == []


def test_the_night_leaves_unit_tests_out(built, tmp_path, monkeypatch):
    commands = []
    monkeypatch.setattr(dbt, "_invoke", lambda settings, command: commands.append(command) or [])
    dbt.build(replace(built.settings, home=tmp_path))
    assert commands == [["build", "--exclude-resource-type", "unit_test"]]


def test_dagster_has_no_check_for_a_unit_test(built):
    manifest = json.loads(dbt.manifest_path(built.settings).read_text(encoding="utf-8"))
    names = {entry["name"] for entry in manifest["unit_tests"].values()}
    checks = {spec.name for spec in build_dbt_assets(dbt.manifest_path(built.settings)).check_specs}
    assert names and checks
    assert not names & checks
