"""Every measure of the register once more, from the extract files and the register's words alone.

No reader, no raw Parquet and no SQL of the product is used. One month (and the quarter and years
beside it) is recomputed with pandas, and not one figure may differ.
"""

import numpy as np
import pandas as pd
import pytest

from tests.rederivation.figures import COLUMNS, REGISTER, RULES, City, first_day
from tests.rederivation.published import PUBLISHED, values

MONTH = "2026-05"
PERIODS = {
    "month": MONTH,
    "quarter": "2026-Q2",
    "financial_year": "2025-26",
    "academic_year": "2024-25",
}
LATE = {"probation/reoffending": "2024-Q3"}  # the cohort's quarter, known two years later
PERIOD_TYPES = {"financial_year": "strategy_year"}
AREA = ["area_type", "area_code"]


@pytest.fixture(scope="module")
def marts(built):
    with built.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def city(built):
    return City(built.source)


def fact(marts, measure, period_type, starts_on):
    found = marts.execute(
        'select area_type, area_code, "count", denominator, rate, missing_reason '
        "from marts.fct_measure where measure_id = ? and period_type = ? and period_start = ?",
        [measure, period_type, starts_on],
    ).df()
    assert not found.duplicated(AREA).any()
    return found.astype({"count": float, "denominator": float, "rate": float})


def differences(expected, found):
    """Rows that are not the same in both, side by side; a number that is not known equals itself."""
    both = expected.merge(found, how="outer", on=AREA, suffixes=("_words", "_mart"), indicator=True)
    differs = both["_merge"] != "both"
    for column in ("count", "denominator", "rate"):
        same = np.isclose(
            both[f"{column}_words"], both[f"{column}_mart"], rtol=1e-12, atol=0, equal_nan=True
        )
        differs |= ~same
    return both[differs]


def test_every_measure_of_the_register_is_rederived():
    assert len(REGISTER) >= 70
    assert sorted([*RULES, *PUBLISHED]) == sorted(REGISTER.index)


@pytest.mark.parametrize("measure", sorted(RULES))
def test_figures_follow_from_the_files_and_the_words(measure, marts, city):
    register = REGISTER.loc[measure]
    periodicity = register["periodicity"]
    period = LATE.get(register["source_feed"], PERIODS[periodicity])
    expected = city.figures(measure, period)
    found = fact(
        marts, measure, PERIOD_TYPES.get(periodicity, periodicity), first_day(periodicity, period)
    )
    if register["lowest_geography"] == "city" and "unplaced" not in set(found["area_type"]):
        # A measure of the city alone has these lines from the first row that nobody could place.
        lines = expected["area_type"] == "unplaced"
        assert (expected.loc[lines, "count"] == 0).all()
        expected = expected[~lines]
    left = differences(expected, found[COLUMNS])
    assert left.empty, f"{measure} {period}\n{left.to_string()}"
    withheld = expected["count"].isna()
    assert set(found["missing_reason"].dropna()) == (
        {"suppressed_by_source"} if withheld.any() else set()
    )
    assert expected.loc[expected["area_type"] == "city", "count"].notna().all()


@pytest.mark.parametrize("measure", PUBLISHED)
def test_published_values_are_taken_as_they_are(measure, marts, city):
    expected = values(city.extracts, measure)
    found = marts.execute(
        'select * exclude ("count"), "count"::double as whole from marts.fct_measure where measure_id = ?',
        [measure],
    ).df()
    assert set(found["area_type"]) == {"city"}
    known = found[found["missing_reason"].isna()]
    key = ["period_type", "period_start"]
    columns = list(expected.columns)
    assert len(expected) >= 5
    pd.testing.assert_frame_equal(
        expected.sort_values(key, ignore_index=True),
        known[columns].sort_values(key, ignore_index=True),
        check_dtype=False,
        check_exact=True,
    )
    assert (known["whole"] == np.floor(known["modelled_count"] + 0.5)).all()
    missing = found[found["missing_reason"].notna()]
    assert set(missing["missing_reason"]) <= {"not_published"}
    assert (
        missing[["whole", "modelled_count", "rate", "rate_lower", "rate_upper"]]
        .isna()
        .all(axis=None)
    )


def test_the_month_has_rows_in_every_kind_of_place(marts, city):
    """The comparison would be worth little if nothing lay outside, or nowhere."""
    street = city.figures("police_recorded_crime", MONTH).set_index(AREA)["count"]
    assert street["city"].sum() == street["ward"].sum() == street["lsoa"].sum() > 1000
    assert street["unplaced", "NO_LOCATION"] > 0 and street["unplaced", "OUTSIDE_AREA"] > 0
    districts = city.figures("hospital_admissions_alcohol", "2026-Q2").set_index("area_type")
    assert districts.loc["postcode_district", "denominator"].isna().all()
