"""Proves that Dagster's graph is closed: no key is mistyped, nothing is left out of the night."""

import dagster as dg
import pytest

from orchestration import night
from orchestration.core.settings import PROJECT
from orchestration.defs import asset_keys, jobs
from orchestration.defs.assessment import ASSESSMENT
from orchestration.defs.definitions import build_definitions
from orchestration.quality.check_register import load_checks
from orchestration.transform import dbt
from tests.conftest import settings_at


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    """A home in which nothing ever ran: the graph is made of files of the project alone."""
    settings = settings_at(tmp_path_factory.mktemp("nobody"))
    dbt.prepare(settings)
    return settings


@pytest.fixture(scope="module")
def definitions(settings):
    return build_definitions(settings)


@pytest.fixture(scope="module")
def graph(definitions):
    return definitions.resolve_asset_graph()


def specs_of(definitions):
    """Every asset that the definitions define. (Dagster makes up the ones that it misses.)"""
    for asset in definitions.assets:
        yield from [asset] if isinstance(asset, dg.AssetSpec) else asset.specs


def checks_of(definitions):
    """Every check, on its own or beside an asset."""
    for asset in definitions.assets:
        yield from [] if isinstance(asset, dg.AssetSpec) else asset.check_specs
    for check in definitions.asset_checks or []:
        yield from check.check_specs


def dangling(definitions):
    """What is asked for under a key that no asset has, a line each."""
    specs, checks = list(specs_of(definitions)), list(checks_of(definitions))
    defined = {spec.key for spec in specs}
    wanted = [(spec.key, dep.asset_key) for spec in specs for dep in spec.deps]
    wanted += [(check.key, check.asset_key) for check in checks]
    wanted += [(check.key, dep.asset_key) for check in checks for dep in check.additional_deps]
    return [
        f"{asking.to_user_string()} needs {key.to_user_string()}"
        for asking, key in wanted
        if key not in defined
    ]


def bare(specs):
    """The assets without an owner, a description or a group of their own."""
    return [
        spec.key.to_user_string()
        for spec in specs
        if not (spec.owners and (spec.description or "").strip() and spec.group_name)
        or spec.group_name == "default"
    ]


def left_out(definitions, job):
    """The assets and checks that a job could run and does not."""
    everything = definitions.resolve_asset_graph()
    layer = definitions.resolve_job_def(job).asset_layer
    return (everything.materializable_asset_keys - layer.executable_asset_keys) | (
        everything.asset_check_keys - layer.asset_graph.asset_check_keys
    )


def test_every_key_that_is_asked_for_is_defined(definitions, graph):
    assert dangling(definitions) == []
    keys_of_specs = [spec.key for spec in specs_of(definitions)]
    assert len(keys_of_specs) == len(set(keys_of_specs))
    assert set(keys_of_specs) == graph.get_all_asset_keys()


def test_a_mistyped_key_is_found():
    @dg.asset(deps=[dg.AssetKey(["police", "street_crimes"])])
    def mart(): ...

    @dg.asset_check(asset=dg.AssetKey("matr"), additional_deps=[dg.AssetKey("seed")])
    def check(): ...

    made_up = dg.Definitions(
        assets=[dg.AssetSpec(dg.AssetKey(["police", "street_crime"])), mart], asset_checks=[check]
    )
    made_up.resolve_asset_graph()  # Dagster itself says nothing
    assert dangling(made_up) == [
        "mart needs police/street_crimes",
        "matr:check needs matr",
        "matr:check needs seed",
    ]


def test_every_feed_has_its_asset_and_its_check(definitions, settings):
    feeds = {asset_keys.feed_key(feed) for feed in night.contracts_of(settings)}
    assert feeds <= {spec.key for spec in specs_of(definitions)}
    checked = {check.asset_key for check in checks_of(definitions) if check.name == "contract"}
    assert checked == feeds


def test_publication_waits_for_every_mart(definitions):
    (published,) = [spec for spec in specs_of(definitions) if spec.key == asset_keys.PUBLISHED]
    wanted = {
        spec.key for spec in specs_of(definitions) if spec.key.path[0] in ("marts", "governance")
    }
    assert len(wanted) > 10
    assert {dep.asset_key for dep in published.deps} == wanted


def test_gate_2_waits_for_every_mart_and_blocks(definitions):
    (published,) = [spec for spec in specs_of(definitions) if spec.key == asset_keys.PUBLISHED]
    gates = [
        check
        for check in checks_of(definitions)
        if check.name == "gate_2" and check.asset_key != asset_keys.ASSESSMENT_VERDICT
    ]
    assert gates
    for gate in gates:
        waited_for = {gate.asset_key, *(dep.asset_key for dep in gate.additional_deps)}
        assert waited_for == {dep.asset_key for dep in published.deps}
        assert gate.blocking


def test_the_night_runs_everything_but_what_a_person_issues(definitions, settings):
    """And but the feeds one by one: it takes all of them in at once."""
    alone = {asset_keys.feed_key(feed) for feed in night.contracts_of(settings)}
    yearly = {
        asset_keys.ASSESSMENT_CANDIDATE,
        asset_keys.ASSESSMENT_VERDICT,
        asset_keys.STRATEGIC_ASSESSMENT,
    }
    left = left_out(definitions, jobs.NIGHTLY)
    assert {key for key in left if isinstance(key, dg.AssetKey)} == yearly | alone
    checks = {key for key in left if isinstance(key, dg.AssetCheckKey)}
    assert {key.asset_key for key in checks} == {asset_keys.ASSESSMENT_VERDICT}
    assert [s.name for s in definitions.schedules] == [
        "nightly_at_two",
        "housekeeping_on_sundays",
        "digest_at_six",
        "scrub_at_five",
    ]
    assert definitions.schedules[0].job_name == jobs.NIGHTLY


def test_the_assessment_waits_for_its_verdict_and_every_check_of_gate_3_blocks(definitions):
    specs = {spec.key: spec for spec in specs_of(definitions)}
    waits = {key: {dep.asset_key for dep in specs[key].deps} for key in specs}
    assert waits[asset_keys.ASSESSMENT_CANDIDATE] == {asset_keys.PUBLISHED}
    assert waits[asset_keys.ASSESSMENT_VERDICT] == {asset_keys.ASSESSMENT_CANDIDATE}
    assert waits[asset_keys.STRATEGIC_ASSESSMENT] == {asset_keys.ASSESSMENT_VERDICT}
    gate = [c for c in checks_of(definitions) if c.asset_key == asset_keys.ASSESSMENT_VERDICT]
    agreed = load_checks(PROJECT / "expectations" / "assessment" / "gate_3.yaml")
    assert {check.name for check in gate} == set(agreed)
    assert all(check.blocking and (check.description or "").strip() for check in gate)
    layer = definitions.resolve_job_def(ASSESSMENT).asset_layer
    assert layer.executable_asset_keys == {
        asset_keys.ASSESSMENT_CANDIDATE,
        asset_keys.ASSESSMENT_VERDICT,
        asset_keys.STRATEGIC_ASSESSMENT,
    }
    assert {key.name for key in layer.asset_graph.asset_check_keys} == set(agreed)


def test_a_job_that_leaves_something_out_is_found(definitions, settings):
    feeds = {asset_keys.feed_key(feed) for feed in night.contracts_of(settings)}
    some = dg.AssetSelection.all() - dg.AssetSelection.assets(*feeds)
    short = dg.define_asset_job("short", selection=some)
    made_up = dg.Definitions(
        assets=definitions.assets,
        asset_checks=definitions.asset_checks,
        jobs=[short],
        resources=definitions.resources,
    )
    left = left_out(made_up, "short")
    assert {key for key in left if isinstance(key, dg.AssetKey)} == feeds
    checks = {key.name for key in left if isinstance(key, dg.AssetCheckKey)}
    assert checks == {"anomalies", "contract"}


def test_every_asset_says_whose_and_what_it_is(definitions):
    assert bare(specs_of(definitions)) == []
    assert bare([dg.AssetSpec("a"), dg.AssetSpec("b", group_name="g", description="d")]) == [
        "a",
        "b",
    ]


def test_every_check_says_what_it_checks(definitions):
    own = [
        check
        for check in checks_of(definitions)
        if check.asset_key != asset_keys.ASSESSMENT_VERDICT
    ]
    assert own
    assert [check.key for check in own if not (check.description or "").strip()] == []
