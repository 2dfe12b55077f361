"""One spoiled table for every rule of gate 2: the rule must find it, and a critical rule must block.
A rule without a counter-example fails this test.
"""

import duckdb
import pytest

from orchestration.core.settings import PROJECT
from orchestration.quality.outcomes import FAILED, PASSED, overall
from orchestration.quality.runner import run_suite
from orchestration.quality.suites import load_suites
from tests.support.spoiled import spoiled, written

SUITES = {suite.name: suite for suite in load_suites(PROJECT / "expectations" / "marts")}
ENTRIES = written("marts")
CASES = [(name, rule.id) for name, suite in SUITES.items() for rule in suite.rules]


@pytest.fixture(scope="module")
def judge(built, tmp_path_factory):
    """Outcomes of a suite by rule, over its published table as an entry spoils it."""
    published = (built.settings.published / "warehouse.duckdb").resolve()
    folder = tmp_path_factory.mktemp("marts")

    def run(suite, entry):
        path = folder / "candidate.duckdb"
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"attach '{published}' as live (read_only)")
            connection.execute(_good(connection, suite))
            connection.execute("create schema marts; create schema if not exists governance")
            for beside in sorted({"dim_measure", "dim_priority"} - {suite.table}):
                connection.execute(f"create table marts.{beside} as from live.marts.{beside}")
            rows = spoiled("good", entry) if entry else "from good"
            connection.execute(f'create table "{suite.schema}"."{suite.table}" as {rows}')
        found = run_suite(
            suite.name,
            f'select * from "{suite.schema}"."{suite.table}"',
            suite.rules,
            database=f"duckdb+readonly:///{path}?access_mode=read_only",
        )
        return {outcome.rule: outcome for outcome in found}

    return run


def _good(connection, suite):
    """SQL for the good rows: numbered, and without LSOAs, which are many and like the wards."""
    table = f'live."{suite.schema}"."{suite.table}"'
    columns = connection.sql(f"from {table}").columns
    where = "where area_type <> 'lsoa'" if "area_type" in columns else ""
    return f"create temp table good as select *, row_number() over () as _row from {table} {where}"


@pytest.mark.parametrize("name", SUITES)
def test_the_published_table_passes_every_rule(name, judge):
    found = judge(SUITES[name], None)
    assert [outcome for outcome in found.values() if outcome.outcome != PASSED] == []


@pytest.mark.parametrize(("name", "rule"), CASES, ids=str)
def test_the_rule_finds_its_counter_example(name, rule, judge):
    entry = ENTRIES[name][rule]
    found = judge(SUITES[name], entry)
    outcome = found.pop(rule)
    assert outcome.outcome == FAILED
    assert outcome.blocks == (outcome.severity == "critical")
    assert overall([outcome]) == (FAILED if outcome.severity == "critical" else PASSED)
    besides = {other for other, result in found.items() if result.outcome != PASSED}
    assert besides == set(entry.get("also", ()))


def test_every_entry_names_a_rule():
    assert {(name, rule) for name, rules in ENTRIES.items() for rule in rules} == set(CASES)
