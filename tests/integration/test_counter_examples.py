"""One poisoned table for every rule of every contract and suite: the rule must find it, and a
critical rule must block. A rule without a counter-example fails this test, so no gate is decoration.
"""

import duckdb
import pytest

from orchestration.ingest.contracts import load_contracts
from orchestration.quality.outcomes import FAILED, PASSED, overall
from orchestration.quality.runner import run_suite
from orchestration.quality.suites import load_suites
from orchestration.settings import PROJECT

CONTRACTS = load_contracts(PROJECT / "expectations" / "feeds")
SUITES = {suite.name: suite for suite in load_suites(PROJECT / "expectations" / "marts")}
SOME = "_row in (select _row from good order by _row limit 3)"

# What to do to a good delivery so that the rule must fail: statements on the table `good`.
BY_RULE = {
    "police/street_crime": {
        "month_is_the_files_month": f"update good set month = '2020-01' where {SOME}",
        "crime_id_once": "insert into good select * from good where crime_id is not null limit 2",
        "crime_has_id": "update good set crime_id = null",
        "enough_rows": "delete from good where _row > 150",
        "usual_volume": "delete from good where _row % 3 <> 0",
        "months_crimes_and_incidents": "delete from good where crime_type = 'Anti-social behaviour'",
        "share_without_location": "update good set lsoa_code = null where _row % 3 = 0",
        "coordinates_in_great_britain": f"update good set latitude = '-33.9' where {SOME}",
        "location_and_code_together": f"update good set longitude = null where {SOME} or true",
    },
    "reference/lsoa_2011_to_2021": {
        "pair_once": "insert into good select * from good limit 1",
        "unchanged_is_unchanged": "update good set lsoa_2011_code = 'E01099998' "
        "where change_indicator = 'U' and _row < 9",
    },
    "reference/lsoa_to_ward": {"lsoa_once": "insert into good select * from good limit 1"},
    "reference/population": {"lsoa_once": "insert into good select * from good limit 1"},
    "reference/lsoa_boundaries": {
        "lsoa_once": "insert into good select * from good limit 1",
        "geometry_is_polygon": f"""update good set geometry = '{{"type":"Point"}}' where {SOME}""",
    },
    "reference/ward_boundaries": {
        "ward_once": "insert into good select * from good limit 1",
        "geometry_is_polygon": f"update good set geometry = 'nothing' where {SOME}",
    },
}


def poison(feed: str, rule: str) -> str:
    kind, _, column = rule.partition(":")
    return {
        "required": f"update good set {column} = null where {SOME}",
        "allowed": f"update good set {column} = 'something else' where {SOME}",
        "pattern": f"update good set {column} = '?!' where {SOME}",
        "number": f"update good set {column} = 'many' where {SOME}",
        "date": f"update good set {column} = '30 Smarch' where {SOME}",
        "depersonalised": f"update good set {free_text(feed)} = 'call 01782 234567' where {SOME}",
    }.get(kind) or BY_RULE[feed][rule]


def free_text(feed: str) -> str:
    """A column that anything may be written in, where the feed has one."""
    return next(
        (
            column.name
            for column in CONTRACTS[feed].columns
            if column.logical_type == "string" and not column.allowed and not column.pattern
        ),
        "",
    )


CASES = [(feed, rule.id) for feed, contract in CONTRACTS.items() for rule in contract.rules]


@pytest.fixture(scope="module")
def good(built):
    """A good delivery of every feed as Parquet, from the session's raw files."""
    return {
        feed: str(sorted((built.settings.raw / feed).glob("[!_]*/*.parquet"))[-1])
        for feed in CONTRACTS
    }


def outcomes_of(feed, parquet, statement, tmp_path):
    path = tmp_path / "poisoned.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table good as from '{parquet}'")
        usual = connection.sql("select count(*) from good").fetchone()[0]
        connection.execute(statement)
        connection.execute(f"copy good to '{path}' (format parquet)")
    query = f"select *, {usual} as _usual_rows from read_parquet('{path}')"
    return run_suite("poison", query, CONTRACTS[feed].rules, row_column="_row")


@pytest.mark.parametrize("feed", CONTRACTS)
def test_a_good_delivery_passes_every_rule(feed, good, tmp_path):
    found = outcomes_of(feed, good[feed], "select 1", tmp_path)
    assert [outcome for outcome in found if outcome.outcome != PASSED] == []


@pytest.mark.parametrize(("feed", "rule"), CASES, ids=str)
def test_the_rule_finds_its_counter_example(feed, rule, good, tmp_path):
    found = outcomes_of(feed, good[feed], poison(feed, rule), tmp_path)
    outcome = next(outcome for outcome in found if outcome.rule == rule)
    assert outcome.outcome == FAILED
    assert outcome.blocks == (outcome.severity == "critical")
    if outcome.severity == "critical":
        assert overall(found) == FAILED
    text = str(outcome)
    for value in ("something else", "?!", "-33.9", "Smarch", "01782 234567"):
        assert value not in text


MART_POISON = {
    "marts_fct_measure": {
        "has_rows": "delete from mart where rowid > 10",
        "key_is_unique": "insert into mart select * from mart limit 1",
        "count_never_negative": """update mart set "count" = -1 where rowid = 3""",
        "reason_where_unknown": """update mart set "count" = null, missing_reason = null where rowid = 3""",
        "months_in_their_years": """update mart set "count" = "count" + 1
            where period_type = 'strategy_year' and "count" is not null""",
        "something_is_known": """update mart set "count" = 0 where area_type = 'city'""",
        "no_sudden_silence": """update mart set "count" = 0
            where area_type = 'city' and period_type = 'month' and rolling_12m > 600""",
    },
    "marts_anti_social_behaviour": {
        "has_rows": "delete from mart where rowid > 10",
        "key_is_unique": "insert into mart select * from mart limit 1",
    },
    "marts_serious_violence_vawg": {
        "has_rows": "delete from mart where rowid > 10",
        "key_is_unique": "insert into mart select * from mart limit 1",
    },
    "governance_reconciliation": {
        "has_rows": "delete from mart",
        "nothing_unexplained": "update mart set unexplained_difference = 1 where rowid = 0",
    },
}


@pytest.mark.parametrize(
    ("suite", "rule"), [(name, rule.id) for name, suite in SUITES.items() for rule in suite.rules]
)
def test_the_mart_rule_finds_its_counter_example(suite, rule, built, tmp_path):
    wanted = SUITES[suite]
    parquet = built.settings.published / "parquet" / wanted.schema / f"{wanted.table}.parquet"
    path = tmp_path / "mart.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"create table mart as from '{parquet}'")
        connection.execute(MART_POISON[suite][rule])
        connection.execute(f"copy mart to '{path}' (format parquet)")
    found = run_suite("poison", f"select * from read_parquet('{path}')", wanted.rules)
    outcome = next(outcome for outcome in found if outcome.rule == rule)
    assert outcome.outcome == FAILED
    assert outcome.blocks == (outcome.severity == "critical")


def test_a_rule_that_cannot_run_is_errored_and_not_failed(built):
    from orchestration.ingest.contracts import Rule
    from orchestration.quality.outcomes import ERRORED

    broken = Rule(
        "broken", "info", "expect_column_values_to_not_be_null", {"column": "no_such"}, "words"
    )
    (outcome,) = run_suite("broken", "select 1 as a", [broken])
    assert outcome.outcome == ERRORED
    assert outcome.blocks
