"""What a contract says of staging, and what dbt's macro `stage` is given because of it."""

import duckdb
import pytest
import yaml

from orchestration.contracts.odcs import ContractError
from orchestration.contracts.rules import agreed_rule, facts_of
from orchestration.transform import contract_sync, staging
from tests.support.made_up import COLUMNS, column, custom, load

FLAG = column("moored", "Moored", "boolean", enum=[{"value": "Y"}, {"value": "N"}])
CREW = column(
    "crew", "Crew", "integer", customProperties=custom(markers={"-": "zero", "*": "suppressed"})
)


def staged(contract):
    return {entry["name"]: entry for entry in staging.staged_columns(contract)}


def test_a_contract_that_says_nothing_is_staged_column_by_column(tmp_path):
    contract = load(tmp_path, (*COLUMNS, FLAG, column("at", "At", "time", logicalTypeOptions={
        "format": "HH:mm"})))  # fmt: skip
    found = staged(contract)
    assert list(found) == [
        "delivery_id", "line_number", "period_month", "area", "seen_on", "people", "rate", "moored",
        "at", "received_at",
    ]  # fmt: skip
    assert {name: entry.get("as") for name, entry in found.items()} == {
        "delivery_id": "text", "line_number": "text", "period_month": None, "area": "text",
        "seen_on": "date", "people": "number", "rate": "number", "moored": "flag", "at": "time",
        "received_at": None,
    }  # fmt: skip
    assert found["seen_on"]["format"] == "%d/%m/%Y"
    assert found["people"]["markers"] == {"*": "suppressed"}


def test_names_types_reasons_and_rejects_are_as_the_contract_says(tmp_path):
    contract = load(
        tmp_path,
        (*COLUMNS, CREW),
        staging={
            "names": {"_period": "edition", "area": "harbour_area"},
            "omitted": ["seen_on", "period_month"],
            "types": {"rate": "integer"},
            "reasons": {"crew": "crew_missing_reason"},
            "rejects": {"number:people": "people_not_a_number"},
        },
    )
    found = staged(contract)
    assert list(found) == [
        "delivery_id", "line_number", "edition", "harbour_area", "people", "rate", "crew",
        "crew_missing_reason", "received_at",
    ]  # fmt: skip
    assert found["edition"]["raw"] == "_period"
    assert found["harbour_area"]["raw"] == "area"
    assert found["rate"]["as"] == "integer"
    assert [
        (rule.id, rule.rejects) for rule in contract.rejecting if rule.id.endswith(":people")
    ] == [("number:people", "people_not_a_number")]
    # A zero is a number: it gives no reason for a missing one.
    assert found["crew_missing_reason"]["markers"] == {"*": "suppressed"}
    assert found["crew"]["markers"] == {"-": "zero", "*": "suppressed"}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("somehow", "staging is not a set of keys and values"),
        ({"nmaes": {}}, "unknown key 'nmaes' in staging; did you mean names"),
        ({"names": {"aera": "x"}}, "did you mean area"),
        ({"names": {"area": "people"}}, "two columns are staged as people"),
        ({"names": {"area": "received_at"}}, "two columns are staged as received_at"),
        ({"names": {"area": "Area"}}, "not in lower snake case"),
        ({"names": {"area": "x"}, "omitted": ["area"]}, "unknown key 'area' in names of staging"),
        ({"omitted": "area"}, "omitted of staging is not a list"),
        ({"omitted": ["aera"]}, "did you mean area"),
        ({"types": {"rate": "decimal"}}, "staged type of column rate 'decimal' is not known"),
        ({"reasons": {"rate": "why"}}, "column rate has no markers that could give a reason"),
        ({"rejects": {"number:area": "x"}}, "unknown key 'number:area' in rejects of staging"),
        ({"rejects": {"date:seen_on": "x"}, "refuses": ["date:seen_on"]},
         "rule date:seen_on refuses the whole delivery, so it rejects no row"),
        ({"rejects": {"date:seen_on": "x"}, "refuses": "all"},
         "rule date:seen_on refuses the whole delivery, so it rejects no row"),
        ({"refuses": "none"}, "refuses of staging is neither a list of rules nor `all`"),
        ({"refuses": ["number:area"]}, "unknown key 'number:area' in refuses of staging"),
        ({"rejectedShare": 0}, "rejectedShare of staging is a share above 0 and up to 1"),
        ({"rejectedShare": "half"}, "rejectedShare of staging is a share above 0 and up to 1"),
    ],
)  # fmt: skip
def test_what_staging_could_not_do_is_refused(said, words, tmp_path):
    with pytest.raises(ContractError) as refused:
        load(tmp_path, staging=said)
    assert words in str(refused.value)


def severities(contract):
    return {rule.id: rule.severity for rule in contract.rules}


def test_a_value_is_a_matter_of_its_row_unless_the_contract_says_otherwise(tmp_path):
    contract = load(tmp_path / "rows", staging={"omitted": ["rate"], "refuses": ["required:area"]})
    assert severities(contract) == {
        "required:area": "critical",  # as the contract says
        "required:seen_on": "row",
        "date:seen_on": "row",
        "number:people": "row",
        "number:rate": "warning",  # nothing reads it
        "depersonalised": "critical",
        "not_repeated": "critical",
        "rejected_share": "critical",
    }
    assert [(entry["reason"], "{" in entry["when"]) for entry in staging.staged_rejects(contract)] == [
        ("seen_on_blank", False), ("seen_on_not_a_date", False), ("people_not_a_number", False),
    ]  # fmt: skip
    whole = load(tmp_path / "whole", staging={"refuses": "all"})
    assert set(severities(whole).values()) == {"critical"}
    assert "rejected_share" not in severities(whole) and not whole.rejecting


def test_an_identifier_that_was_not_replaced_is_never_kept_as_a_rejected_row(tmp_path):
    key = column(
        "key", "Key", classification="personal", customProperties=custom(pseudonym="skipper")
    )
    assert severities(load(tmp_path, (*COLUMNS, key)))["pattern:key"] == "critical"


def quality(**more):
    """A row rule of a made-up contract, changed as a test needs it."""
    query = more.pop("query", "select _delivery, _row from {batch} where area = people")
    return {
        "id": "area_is_no_number",
        "description": "an area is not a number",
        "type": "custom",
        "engine": "greatExpectations",
        "severity": "row",
        "customProperties": custom(reason="area_is_a_number"),
        "implementation": {
            "type": "unexpected_rows_expectation",
            "kwargs": {"unexpected_rows_query": query},
        },
    } | more


@pytest.mark.parametrize(
    ("query", "condition"),
    [
        ("select _delivery, _row from {batch} where area = people", "area = people"),
        ("select _delivery, _row from {batch}\n  where area = ':x' or regexp_full_match(area, 'a{{2}}')",
         "area = ':x' or regexp_full_match(area, 'a{2}')"),
        ("select _delivery, _row from {batch} qualify count(*) over (partition by _delivery, area) > 1",
         "count(*) over (partition by _delivery, area) > 1"),
        ("select _delivery, _row from {batch} where area is null and _part <> 'x' order by _row", ""),
        ("select _delivery, _row from {batch} where _usual_rows > 3", ""),
        ("select _delivery, _row from {batch} where true group by _delivery, _row", ""),
        ("select _delivery, _row from {batch} where _row in (select max(_row) from {batch})", ""),
        ("select _delivery, count(*) from {batch} where true", ""),
    ],
)  # fmt: skip
def test_a_row_rule_is_a_condition_that_staging_can_reject_by(query, condition):
    if condition:
        rule = agreed_rule(quality(query=query))
        assert (rule.condition, rule.severity, rule.rejects) == (
            condition,
            "row",
            "area_is_a_number",
        )
        return
    with pytest.raises(ContractError, match="a rule that rejects rows is a query of the form"):
        agreed_rule(quality(query=query))


def test_a_reason_and_a_row_rule_come_together():
    for entry in (quality(severity="warning"), quality(customProperties=[])):
        with pytest.raises(ContractError, match="a rule of severity row states the reason"):
            agreed_rule(entry)


def test_what_differs_by_part_is_data_beside_the_rules(tmp_path):
    facts = facts_of({"counts_boats": {"default": True, "inner": False}, "limit": {"default": 0.5}})
    query = "select _delivery, _row from {batch} where {counts_boats} and 1 > {limit}"
    rule = agreed_rule(quality(query=query), facts)
    rows = "(values ('d', 2, 'outer'), ('d', 3, 'inner')) as t(_delivery, _row, _part)"
    found = duckdb.sql(rule.kwargs["unexpected_rows_query"].format(batch=rows)).fetchall()
    assert found == [("d", 2)]
    for wrong, words in (
        ({"x": {"inner": 1}}, "x states no default"),
        ({"x": {"default": None}}, "x has a value that is no number"),
        ([1], "byPart is not a set of facts"),
    ):
        with pytest.raises(ContractError, match=words):
            facts_of(wrong)
    with pytest.raises(ContractError, match="the feed has no parts"):
        load(tmp_path, byPart={"x": {"default": 1}})


def test_a_model_is_described_by_its_contract_and_by_the_blocks_of_what_it_derives(tmp_path):
    contracts = {"harbour/boats": load(tmp_path)}
    docs = "{% docs stg_harbour__boats__is_late %}\nLate.\n{% enddocs %}{% docs delivery_id %}"
    (text,) = staging.render_models(contracts, docs).values()
    (model,) = yaml.safe_load(text)["models"]
    said = {entry["name"]: entry["description"] for entry in model["columns"]}
    assert (model["name"], model["description"][:17]) == ("stg_harbour__boats", "One row per boat.")
    assert [*said] == [*staged(contracts["harbour/boats"]), "is_late", "reject_reason"]
    assert said["area"] == "A column."
    assert said["is_late"] == "{{ doc('stg_harbour__boats__is_late') }}"
    assert said["period_month"] == "{{ doc('first_day_of_month') }}"


@pytest.mark.parametrize("said", ["by_hand", {"model": "by_hand", "refuses": "all"}])
def test_a_model_that_reads_by_hand_has_no_columns_generated(said, tmp_path):
    contracts = {"harbour/boats": load(tmp_path, staging=said)}
    assert staging.render_models(contracts, "") == {}
    columns, _, rejects = staging.render_columns(contracts).partition("macro staged_rejects")
    assert "harbour/boats" not in columns
    assert ("harbour/boats" in rejects) == (said == "by_hand")


def test_every_derived_file_that_is_not_as_it_has_to_be_is_found_and_written(tmp_path):
    project = tmp_path / "dbt_project"
    contracts = {"harbour/boats": load(tmp_path / "contracts")}
    written = contract_sync.sync(contracts, project)
    assert set(written) == {
        "macros/derived.sql",
        "macros/generated/staged_columns.sql",
        "models/staging/harbour/_harbour__models.yml",
        "models/staging/harbour/_harbour__sources.yml",
    }
    assert contract_sync.differing(contracts, project) == {}
    for name in written:
        (project / name).write_text("changed", encoding="utf-8")
        assert list(contract_sync.differing(contracts, project)) == [name]
        assert contract_sync.sync(contracts, project) == [name]
