"""The models' unit tests pass, cover every model that decides something, and stay out of the night."""

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import pytest

from orchestration.defs.dbt import build_dbt_assets
from orchestration.transform import dbt
from tests.conftest import settings_at
from tests.support import parsed

# Marts that only select, rename and cast. Every other mart and every intermediate model decides
# something; the ten priority marts are one cut, and two of them stand for all.
WITHOUT_RULES = {
    "about",
    "code_lists",
    "deliveries",
    "delivery_warnings",
    "dim_break",
    "dim_measure",
    "dim_offence",
    "dim_priority",
    "dim_profile",
    "disclosure_rule",
    "feeds",
    "gate_results",
    "held_figures",
    "thresholds",
    "priority_measure",
}
# Staging models that do more than cast and reject, measure models that stand for what the macro
# count_measures can do or have rules of their own, and the cuts.
WITH_RULES = {
    "stg_council__consultation_responses",
    "stg_council__school_exclusions",
    "stg_health__drug_alcohol_treatment",
    "stg_health__hospital_admissions",
    "stg_health__public_health_indicators",
    "stg_national__recorded_crime_csp",
    "stg_police__recorded_crime",
    "stg_police__stop_and_search",
    "stg_police__street_crime",
    "stg_reference__population",
    "msr_council__asb_cases",
    "msr_council__asb_tools_used",
    "msr_council__child_assessment_factors",
    "msr_council__school_exclusions",
    "msr_health__ambulance_calls",
    "msr_health__drug_alcohol_treatment",
    "msr_national__nrm_referrals",
    "msr_partnership__marac_cases",
    "msr_police__incidents",
    "msr_police__missing_episodes",
    "msr_police__recorded_crime",
    "msr_police__stop_and_search",
    "msr_police__street_crime",
    "msr_voluntary__domestic_abuse_services",
    "anti_social_behaviour",
    "serious_violence_vawg",
}
DECIDING = (
    "models/intermediate/int_",
    "models/marts/assessment/",
    "models/marts/core/",
    "models/marts/governance/",
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


def test_every_model_with_rules_has_a_unit_test(results, built):
    manifest = json.loads(dbt.manifest_path(built.settings).read_text(encoding="utf-8"))
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    deciding = {m["name"] for m in models if m["original_file_path"].startswith(DECIDING)}
    assert deciding > WITHOUT_RULES
    assert {m["name"] for m in models} > WITH_RULES
    tested = {result.unique_id.split(".")[2] for result in results}
    assert sorted((deciding - WITHOUT_RULES | WITH_RULES) - tested) == []


def test_the_night_leaves_unit_tests_out(tmp_path, monkeypatch):
    settings = settings_at(tmp_path / "home")
    parsed.lend(settings)
    commands = []
    monkeypatch.setattr(
        dbt,
        "_invoke",
        lambda settings, command, *_: commands.append(command) or SimpleNamespace(result=[]),
    )
    dbt.build(settings)
    (command,) = commands
    left_out = {command[at + 1] for at, word in enumerate(command) if word.startswith("--exclude")}
    assert command[0] == "build"
    assert left_out == {"unit_test", "exposure"}


def test_dagster_has_no_check_for_a_unit_test(built):
    manifest = json.loads(dbt.manifest_path(built.settings).read_text(encoding="utf-8"))
    names = {entry["name"] for entry in manifest["unit_tests"].values()}
    checks = {spec.name for spec in build_dbt_assets(dbt.manifest_path(built.settings)).check_specs}
    assert names and checks
    assert not names & checks
