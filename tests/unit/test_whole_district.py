"""A feed that covers the district loses no row to an old or unknown ward, and says what it has."""

import duckdb
import pytest

from orchestration.contracts.odcs import ContractError, load_contracts
from orchestration.quality import vintage
from orchestration.quality.runner import run_suite
from tests.conftest import PROJECT, settings_at
from tests.support.made_up import column, custom, load

CONTRACTS = load_contracts(PROJECT / "expectations" / "feeds")
PLACE = column("ward", "Ward", customProperties=custom(areaCode="ward"))


def test_a_contract_says_that_its_feed_covers_the_district(tmp_path):
    assert load(tmp_path / "a", [PLACE], covers="district").covers_district
    assert not load(tmp_path / "b", [PLACE]).covers_district
    with pytest.raises(ContractError, match="covers 'county' is not known"):
        load(tmp_path / "c", [PLACE], covers="county")


def test_every_column_of_ward_codes_is_declared_as_one():
    """Otherwise a ward that was replaced would pass as one that nobody knows."""
    undeclared = [
        (feed, found.name)
        for feed, contract in CONTRACTS.items()
        if not feed.startswith("reference/")
        for found in contract.columns
        if (found.pattern or "").endswith(r"05\d{6}") and found.area_code != "ward"
    ]
    assert undeclared == []


def test_a_ward_that_was_replaced_is_told_as_one(tmp_path):
    settings = settings_at(tmp_path / "home")
    contract = load(tmp_path, [PLACE])
    (rule,) = vintage.rules(settings, contract)
    values = (
        "('d1', 2, 'E05008714'), ('d1', 3, 'E05014555'), ('d1', 4, 'E05999999'), ('d1', 5, null)"
    )
    query = f"select * from (values {values}) as t(_delivery, _row, ward)"
    (outcome,) = run_suite("wards", query, [rule], row_column="_row")
    assert (outcome.severity, outcome.outcome, outcome.failing_rows) == ("warning", "failed", 1)
    assert not outcome.blocks
    assert "E05008714" not in outcome.sentence


def test_a_feed_without_wards_has_no_such_rule(tmp_path):
    settings = settings_at(tmp_path / "home")
    assert vintage.rules(settings, load(tmp_path, [column("ward", "Ward")])) == []


def test_a_contract_that_checks_nothing_is_not_made_to_look_checked(tmp_path):
    public = column(
        "ward", "Ward", classification="public", customProperties=custom(areaCode="ward")
    )
    contract = load(tmp_path, [public])
    assert contract.rules == ()
    assert vintage.rules(settings_at(tmp_path / "home"), contract) == []


def test_the_shipped_lines_that_lie_within_are_told_from_the_others():
    lines = PROJECT / "seeds" / "register" / "unplaced_lines.csv"
    found = duckdb.sql(
        f"select line_code, starts_with(line_code, 'WITHIN_') as within, "
        f"starts_with(line_name, 'In the area') as says_so from '{lines}' order by 1"
    ).fetchall()
    assert found and all(within == says_so for _, within, says_so in found)
