"""Who may see a profile: exact counts of few people, by what those people are."""

import pandas as pd
import pytest

from orchestration.disclosure import allow_list
from orchestration.release import role_tables

COLUMNS = ["measure_id", "area_code", "dimension", "profile_value", "count"]


@pytest.mark.parametrize(
    "table", ["profile", "hot_spot", "outcome_rate", "search_rate", "consultation_profile"]
)
def test_no_public_table_is_a_profile(table):
    """What leaves is the table `profiles` of an edition, whose sums disclosure control knows."""
    frame = pd.DataFrame(columns=COLUMNS)
    assert allow_list.unlisted({table: frame}) == [table]


def test_a_role_sees_profiles_of_its_measures_or_areas_only():
    for kind, limit in [("partner", "own_measures"), ("area", "own_areas")]:
        assert limit in role_tables.selection(kind, "marts.profile", COLUMNS)
        assert role_tables.selection(kind, "marts.profile", ["dimension", "count"]) is None
        assert role_tables.selection(kind, "marts.dim_profile", ["dimension"]) == "true"
