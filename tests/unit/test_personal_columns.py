"""What a contract says of personal data: classes, pseudonyms, exceptions; and columns nobody agreed to."""

import pytest

from orchestration.contracts.odcs import ContractError, load_contracts
from orchestration.core.refusal import Refusal
from orchestration.core.settings import PROJECT
from orchestration.ingest.readers.parse import parse
from tests.support.made_up import column, custom, load
from tests.unit.test_scanner import delivered


def reviewed(**entry):
    whole = {"by": "Data protection officer", "on": "2026-11-29", "reason": "A shop.", **entry}
    return {"customProperties": custom(reviewed=[whole])}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"classification": "secret"}, "classification of column key 'secret' is not known"),
        ({"classification": "personal"}, "column key is personal; it is only taken as a pseudonym"),
        ({"customProperties": custom(pseudonym="Some Person")}, "expected a domain such as person"),
        ({"customProperties": custom(pseudonym=7)}, "expected a domain such as person"),
        (
            {"customProperties": custom(pseudonym="person"), "enum": [{"value": "a"}]},
            "it is a string without agreed values",
        ),
        (
            {"customProperties": custom(pseudonym="person"), "logicalType": "integer"},
            "it is a string without agreed values",
        ),
        ({"customProperties": custom(mayHold="postcode")}, "mayHold of column key is not a list"),
        ({"customProperties": custom(mayHold=["addresses"])}, "a kind of mayHold of column key"),
        (reviewed(value="Mr Chips", by=None), "by in reviewed of column key is None"),
        (reviewed(value="Mr Chips", on="soon"), "expected a day such as 2026-11-29"),
        (reviewed(value="Mr Chips", pattern="Mr Chips"), "a value or a pattern, and not both"),
        (reviewed(), "a value or a pattern, and not both"),
        (reviewed(pattern="Mr Ch[ips"), "is not a regular expression"),
        (reviewed(pattern=".*"), "is too wide"),
        (reviewed(pattern="Mr [A-Z][a-z]+"), "is too wide: it also matches 'Mr Smith'"),
        (reviewed(pattern="[0-9]{5} [0-9]{6}"), "is too wide: it also matches '07700 900123'"),
    ],
)
def test_what_a_contract_cannot_say_is_refused(tmp_path, told, said):
    with pytest.raises(ContractError, match=said):
        load(tmp_path, (column("key", "Key", **told),))


def test_a_column_without_a_class_is_refused(tmp_path):
    entry = column("key", "Key")
    del entry["classification"]
    with pytest.raises(ContractError, match="classification is missing"):
        load(tmp_path, (entry,))


def test_a_personal_column_is_taken_as_a_pseudonym(tmp_path):
    entry = column("key", "Key", classification="personal", customProperties=custom(pseudonym="p"))
    (found,) = load(tmp_path, (entry,)).columns
    assert (found.pseudonym, found.may_hold) == ("p", ())


@pytest.mark.parametrize("months", [0, "12", 601, True])
def test_retention_is_a_number_of_months(tmp_path, months):
    with pytest.raises(ContractError, match="retentionMonths"):
        load(tmp_path, retentionMonths=months)
    assert load(tmp_path, retentionMonths=84).retention_months == 84
    assert load(tmp_path).retention_months is None


def test_a_column_that_nobody_agreed_to_share_is_refused(tmp_path):
    contract = load(tmp_path / "narrow", (column("notes", "Notes"),))
    wide = load(tmp_path / "wide", (column("notes", "Notes"), column("name", "Surname")))
    settings, receipt = delivered(tmp_path, wide, [{"Notes": "x", "Surname": "Example"}])
    with pytest.raises(Refusal, match="column “Surname” is not in the contract") as caught:
        parse(settings, contract, receipt)
    assert caught.value.rule == "undeclared_column"
    assert not settings.raw.exists() or not list(settings.raw.rglob("*.parquet"))


def test_the_feeds_have_pseudonyms_where_people_are_told_apart():
    contracts = load_contracts(PROJECT / "expectations" / "feeds")
    found = {
        (contract.feed, entry.name): entry.pseudonym
        for contract in contracts.values()
        for entry in contract.columns
        if entry.pseudonym
    }
    assert found == {
        ("partnership/marac_cases", "victim_key"): "marac_person",
        ("partnership/marac_cases", "perpetrator_key"): "marac_person",
        ("police/missing_episodes", "person_key"): "missing_person",
    }
