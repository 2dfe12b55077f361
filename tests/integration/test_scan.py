"""The scan of all crime and disorder, worked out again with pandas from the marts it is made of."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control

from tests.conftest import PROJECT

REGISTER = PROJECT / "seeds" / "register"
SCANNED = pd.read_csv(REGISTER / "scan_measures.csv", keep_default_na=False)
JUDGED = ("more concentrated than chance", "no more concentrated than chance")
CHOSEN = pd.read_csv(PROJECT / "seeds/partnerships/E06000021/measure_priorities.csv")


def numbers(column):
    """A column as plain numbers; what is not known is NaN."""
    return pd.Series(column.to_numpy(dtype=float, na_value=np.nan), index=column.index)


@pytest.fixture(scope="module")
def marts(built):
    with built.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def scan(marts):
    return marts.sql("select * from marts.scan").df()


def test_every_measure_of_the_scan_has_a_row_in_every_strategy_year(scan):
    assert set(scan["measure_id"]) == set(SCANNED["measure_id"])
    assert not scan.duplicated(["measure_id", "strategy_year"]).any()
    assert scan.groupby("strategy_year").size().nunique() == 1


def test_volume_and_change_are_ranked_within_a_level(scan, marts):
    fact = marts.sql(
        'select measure_id, strategy_year, "count", change_percent, change_p_value '
        "from marts.fct_measure where area_type = 'city' and period_type = 'strategy_year'"
    ).df()
    found = SCANNED.merge(fact, on="measure_id").merge(
        scan[
            ["measure_id", "strategy_year", "volume_rank", "change_rank", "change_is_significant"]
        ],
        on=["measure_id", "strategy_year"],
    )
    assert len(found) == len(scan)
    # The changes of a level and year are judged together.
    chance = numbers(found["change_p_value"])
    assert found["change_is_significant"].isna().equals(chance.isna())
    adjusted = chance.groupby([found["level"], found["strategy_year"]]).transform(
        lambda p: p.where(
            p.isna(), pd.Series(false_discovery_control(p.dropna()), p.dropna().index)
        )
    )
    is_clear = adjusted <= 0.05
    assert (found["change_is_significant"].eq(True) == is_clear).all()
    clear = found["change_percent"].where(is_clear, 0.0)
    heights = {
        "volume_rank": numbers(found["count"]),
        "change_rank": numbers(clear.where(chance.notna())),
    }
    for column, height in heights.items():
        ranked = height.groupby([found["level"], found["strategy_year"]]).rank(
            method="min", ascending=False
        )
        np.testing.assert_array_equal(ranked, numbers(found[column]))
    assert numbers(found["volume_rank"]).max() > 1


def test_concentration_is_ranked_by_what_lies_beyond_chance(scan, marts):
    """Ninety events are in few places whatever happens: that is no reason to stand out."""
    told = marts.sql(
        "select measure_id, strategy_year, finding, share_in_top_tenth - share_by_chance as beyond "
        "from marts.concentration where period_type = 'strategy_year'"
    ).df()
    found = SCANNED.merge(
        scan[["measure_id", "strategy_year", "concentration_rank"]], on="measure_id"
    ).merge(told, on=["measure_id", "strategy_year"], how="left")
    height = found["beyond"].where(found["finding"].eq("more concentrated than chance"), 0.0)
    height = height.where(found["finding"].isin(JUDGED))
    ranked = height.groupby([found["level"], found["strategy_year"]]).rank(
        method="min", ascending=False
    )
    np.testing.assert_array_equal(ranked, numbers(found["concentration_rank"]))
    assert found["concentration_rank"].max() > 1


def test_what_no_priority_covers_follows_from_the_measures_that_priorities_name(scan):
    named = set(SCANNED.loc[SCANNED["measure_id"].isin(CHOSEN["measure_id"]), "subject"])
    expected = np.select(
        [SCANNED["subject"].isin(named), SCANNED["within"].isin(named)],
        ["named", "in a wider one"],
        "by none",
    )
    wanted = dict(zip(SCANNED["measure_id"], expected, strict=True))
    assert dict(zip(scan["measure_id"], scan["covered"], strict=True)) == wanted
    uncovered = {measure for measure, covered in wanted.items() if covered == "by none"}
    assert {"police_burglary", "crime_burglary_residential", "police_vehicle_crime"} <= uncovered
    assert scan.loc[scan["covered"].eq("by none"), "covered_by"].isna().all()
    assert scan.loc[scan["covered"].ne("by none"), "covered_by"].notna().all()


def test_a_group_has_the_harm_of_its_subgroups(scan):
    year = scan[scan["strategy_year"] == "2025-26"].set_index("measure_id")["harm"]
    burglary = year[["crime_burglary_residential", "crime_burglary_business"]]
    assert burglary.notna().all() and burglary.sum() == year["crime_burglary"]
    assert year[scan.loc[scan["level"] == "police_uk_category", "measure_id"]].isna().all()
