"""Contracts: what they do not say is refused, and so are contracts that gate 1 cannot run."""

import pytest
import yaml

from orchestration.contracts.odcs import (
    ContractError,
    PlainLoader,
    load_contract,
    load_contracts,
    validate_standard,
)
from orchestration.core.settings import PROJECT

FEEDS = PROJECT / "expectations" / "feeds"
STREET = FEEDS / "police" / "street_crime.odcs.yaml"


def changed(tmp_path, change):
    document = yaml.load(STREET.read_text(encoding="utf-8"), Loader=PlainLoader)
    change(document)
    path = tmp_path / "street_crime.odcs.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def rule(document, **changes):
    document["schema"][0]["quality"][0].update(changes)


@pytest.mark.parametrize("path", sorted(FEEDS.rglob("*.odcs.yaml")), ids=lambda path: path.stem)
def test_every_contract_is_valid_in_the_standard(path):
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=PlainLoader)
    assert validate_standard(document) == []
    contract = load_contract(path)
    assert f"{contract.partner}/{contract.name}" == f"{path.parent.name}/{path.name.split('.')[0]}"
    assert contract.rules


@pytest.mark.parametrize("path", sorted(FEEDS.rglob("*.odcs.yaml")), ids=lambda path: path.stem)
def test_every_column_is_classified_and_described(path):
    for column in load_contract(path).columns:
        assert column.classification in ("public", "internal", "confidential", "personal")
        assert column.description.endswith(".")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda d: d["customProperties"].append({"property": "colour", "value": 1}),
            "unknown custom",
        ),
        (lambda d: d.pop("slaProperties"), "slaProperties is missing"),
        (lambda d: rule(d, severity="fatal"), "severity"),
        (lambda d: rule(d, engine="soda"), "greatExpectations"),
        (
            lambda d: rule(
                d, implementation={"type": "expect_column_mean_to_be_between", "kwargs": {}}
            ),
            "row by row",
        ),
        (
            lambda d: rule(
                d,
                implementation={
                    "type": "expect_column_values_to_not_be_null",
                    "kwargs": {"column": "month", "mostly": 0.9},
                },
            ),
            "mostly",
        ),
        (
            lambda d: rule(
                d,
                implementation={
                    "type": "unexpected_rows_expectation",
                    "kwargs": {"unexpected_rows_query": "select 1 from {batch}"},
                },
            ),
            "_delivery",
        ),
        (lambda d: d["schema"][0]["properties"][0].update(name="Crime ID"), "snake case"),
    ],
)
def test_a_contract_that_cannot_be_run_is_refused(tmp_path, change, words):
    with pytest.raises(ContractError, match=words):
        load_contract(changed(tmp_path, change))


def test_a_folder_without_contracts_is_refused(tmp_path):
    with pytest.raises(ContractError, match="no contract"):
        load_contracts(tmp_path)


def test_two_contracts_for_one_feed_are_refused(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.odcs.yaml").write_text(STREET.read_text(encoding="utf-8"))
    with pytest.raises(ContractError, match="two contracts"):
        load_contracts(tmp_path)
