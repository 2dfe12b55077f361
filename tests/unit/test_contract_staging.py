"""What a contract says of staging, and what dbt's macro `stage` is given because of it."""

import pytest
import yaml

from orchestration.contracts.odcs import ContractError
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
    assert not any("reject" in entry for entry in found.values())


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
    assert found["people"]["reject"] == "people_not_a_number"
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
        ({"rejects": {"date:seen_on": "x"}},
         "rule date:seen_on refuses the whole delivery, so it rejects no row"),
    ],
)  # fmt: skip
def test_what_staging_could_not_do_is_refused(said, words, tmp_path):
    with pytest.raises(ContractError) as refused:
        load(tmp_path, staging=said)
    assert words in str(refused.value)


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


def test_a_model_that_reads_by_hand_has_nothing_generated(tmp_path):
    contracts = {"harbour/boats": load(tmp_path, staging="by_hand")}
    assert staging.render_models(contracts, "") == {}
    assert "harbour/boats" not in staging.render_columns(contracts)


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
