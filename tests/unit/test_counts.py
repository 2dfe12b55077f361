"""What counts something is never below zero: a minimum of the contract, with a rule made from it."""

import duckdb
import pytest

from orchestration.contracts.model import ContractError
from orchestration.contracts.odcs import load_contract
from orchestration.core.settings import PROJECT
from tests.support.made_up import column, custom, load

FEEDS = PROJECT / "expectations/feeds"
COUNTS = {
    "council/child_assessment_factors": ["assessments"],
    "council/road_traffic_collisions": ["children_killed", "adults_slight"],
    "fire/incidents": ["casualties"],
    "partnership/marac_cases": ["children_in_household"],
    "health/public_health_indicators": ["count", "denominator"],
    "council/school_exclusions": ["perm_all", "susp_other", "susp_theft"],
    "national/nrm_referrals": ["referrals"],
}


def failing(contract, name, value):
    """Whether the rule on the column's numbers finds a value."""
    (rule,) = [rule for rule in contract.rules if rule.id == f"number:{name}"]
    query = rule.kwargs["unexpected_rows_query"].format(batch="batch")
    with duckdb.connect() as connection:
        connection.execute(
            f"create table batch as select 'd' as _delivery, 2 as _row, $v as {name}", {"v": value}
        )
        return bool(connection.sql(query).fetchall())


@pytest.mark.parametrize("feed", COUNTS)
def test_negative_counts_are_found(feed):
    contract = load_contract(FEEDS / f"{feed}.odcs.yaml")
    for name in COUNTS[feed]:
        assert failing(contract, name, "-1") and not failing(contract, name, "0")


def test_a_minimum_goes_with_separators_and_markers(tmp_path):
    agreed = custom(thousands=True, markers={"-5": "suppressed"})
    columns = [
        column("n", "N", "integer", logicalTypeOptions={"minimum": 1}, customProperties=agreed)
    ]
    contract = load(tmp_path, columns)
    assert not failing(contract, "n", "1,234") and not failing(contract, "n", "-5")
    assert failing(contract, "n", "-1,234") and failing(contract, "n", "0")
    assert "whole numbers of at least 1" in contract.rules[0].sentence


def test_a_minimum_is_a_number_and_of_numbers(tmp_path):
    with pytest.raises(ContractError, match="minimum of column n"):
        load(tmp_path, [column("n", "N", "integer", logicalTypeOptions={"minimum": "x"})])
    with pytest.raises(ContractError, match="minimum"):
        load(tmp_path, [column("n", "N", logicalTypeOptions={"minimum": 0})])
