"""Every measure of the register once more, from the extract files and the register's words alone.

No reader, no raw Parquet and no SQL of the product is used. One month (and the quarter and years
beside it) is recomputed with pandas, and not one figure may differ.
"""

import duckdb
import numpy as np
import pandas as pd
import pytest

from orchestration.transform import dbt
from tests.rederivation.figures import COLUMNS, REGISTER, RULES, City, first_day
from tests.rederivation.hot_spots import hot_streets
from tests.rederivation.places import IN_AREA
from tests.rederivation.profiles import KEY, PROFILED, Profile
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
def candidate(built):
    with duckdb.connect(str(dbt.candidate_path(built.settings)), read_only=True) as connection:
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


def unlike(expected, found):
    """Rows of two profiles that are not the same in both."""
    both = expected.merge(found, how="outer", on=KEY, suffixes=("_words", "_mart"), indicator=True)
    same = both["_merge"] == "both"
    for column in ("count", "base"):
        words, mart = both[f"{column}_words"].astype(float), both[f"{column}_mart"].astype(float)
        same &= (words == mart) | (words.isna() & mart.isna())
    return both[~same]


@pytest.mark.parametrize("measure", PROFILED)
def test_profiles_follow_from_the_files_and_the_words(measure, candidate, city):
    """Who, when, where and how in one month (or quarter), every value of every dimension."""
    periodicity = REGISTER.loc[measure, "periodicity"]
    expected = Profile(city, measure).counted([PERIODS[periodicity]])
    found = candidate.execute(
        "select area_type, area_code, dimension, coalesce(profile_value, '') as profile_value, "
        'event_count as "count", base_count as base from intermediate.int_profile_count '
        "where measure_id = ? and period_month = ?",
        [measure, first_day(periodicity, PERIODS[periodicity])],
    ).df()
    left = unlike(expected, found)
    assert left.empty, f"{measure}\n{left.to_string()}"


@pytest.mark.parametrize(
    ("measure", "window"),
    [
        ("stop_and_search_find_rate", "strategy_year"), ("section_136_detentions", "strategy_year"),
        ("stop_and_search_find_rate", "year_to_date"), ("stop_and_search_find_rate", "quarter"),
        ("stop_and_search_find_rate", "month"),
    ],
)  # fmt: skip
def test_profiles_of_a_window_follow_from_its_files(measure, window, marts, city):
    """The newest window of its kind as well: its months or quarters, and how much of them is known."""
    feed = REGISTER.loc[measure, "source_feed"]
    found = marts.execute(
        "select area_type, area_code, dimension, profile_value, period_start, period_end, "
        '"count", denominator as base, base as events, known, share '
        "from marts.profile where measure_id = ? and period_type = ? and is_latest",
        [measure, window],
    ).df()
    starts, ends = (str(found[c].iloc[0])[:10] for c in ("period_start", "period_end"))
    inside = [
        period for period in city.extracts.periods(feed)
        if starts <= first_day(REGISTER.loc[measure, "periodicity"], period) <= ends
    ]  # fmt: skip
    expected = Profile(city, measure).counted(inside)
    found["profile_value"] = found["profile_value"].replace("not known", "")
    assert unlike(expected, found).empty
    whole = ["area_type", "area_code", "dimension"]
    told = expected[expected["profile_value"] != ""].groupby(whole)["count"].sum()
    both = found.set_index(whole)
    assert (both["known"].dropna() == told.reindex(both.index).dropna()).all()
    assert (both.groupby(whole)["count"].sum() == both.groupby(whole)["events"].first()).all()
    known = both[both["profile_value"] != ""]
    assert np.allclose(known["share"], known["count"] / told.reindex(known.index))


def test_hot_streets_follow_from_the_files(marts, city):
    """Every hot street of 2025-26 with its quarters, and what chance alone would make persistent."""
    measure = "police_shoplifting"
    months = [m for m in city.extracts.periods("police/street_crime") if "2025-04" <= m < "2026-04"]
    expected, by_chance = hot_streets(city, measure, months)
    found = marts.execute(
        'select area_code as unit, place_name as "Location", "count", quarters_hot, '
        "persistent_places, persistent_by_chance from marts.hot_spot where measure_id = ? "
        "and place_type = 'street' and period_type = 'strategy_year' and period_start = '2025-04-01'",
        [measure],
    ).df()
    assert len(found) > 50
    both = expected.merge(found, on=["unit", "Location"], how="outer", suffixes=("_words", "_mart"))
    assert (both["count_words"] == both["count_mart"]).all()
    assert (both["quarters_hot_words"] == both["quarters_hot_mart"]).all()
    assert set(found["persistent_places"]) == {(expected["quarters_hot"] >= 3).sum()}
    assert np.allclose(found["persistent_by_chance"], by_chance)


def test_outcomes_by_age_follow_from_the_files(marts, city):
    """Of the robberies of the latest twelve months: what became of those of each age, and of all."""
    months = city.extracts.periods("police/street_crime")
    newest = pd.Period(months[-1], "M")
    frames = [city.frame("police/street_crime", month) for month in months[-12:]]
    rows = pd.concat(frames)
    rows = rows[(rows["Crime type"] == "Robbery") & rows["is_in_area"]]
    ages = rows["Month"].map(lambda month: (newest - pd.Period(month, "M")).n)
    bands = pd.cut(
        ages, [-1, 2, 5, 11, 999],
        labels=["under 3 months", "3 to 5 months", "6 to 11 months", "12 months or more"],
    )  # fmt: skip
    every = pd.concat([rows.assign(case_age=bands.astype(str)), rows.assign(case_age="all")])
    counts = every.groupby(["case_age", "Last outcome category"]).size()
    expected = pd.DataFrame({"count": counts, "share": counts / counts.groupby("case_age").sum()})
    found = marts.execute(
        'select case_age, outcome as "Last outcome category", "count", share from marts.outcome_rate '
        "where measure_id = 'police_robbery' and period_type = 'rolling_12m'"
    ).df()
    found = found.set_index(["case_age", "Last outcome category"]).sort_index()
    assert len(expected) > 12
    pd.testing.assert_frame_equal(found, expected.sort_index(), check_dtype=False)


def test_respondents_by_ward_and_age_follow_from_the_file(marts, built):
    (path,) = (built.source / "council").glob("consultation_*.csv")
    answers = pd.read_csv(path, dtype=str, keep_default_na=False)
    answers = answers.assign(
        ward=answers["ward_code"].where(answers["ward_code"].isin(IN_AREA), "not known"),
        age_band=answers["age_band"].replace("", "not known"),
    )
    for dimension in ("ward", "age_band"):
        of = ["strand", dimension]
        whole = answers.groupby(of)["respondent_key"].nunique()
        said = answers.groupby([*of, "question_id", "answer_code"])["respondent_key"].nunique()
        bases = answers.groupby([*of, "question_id"])["respondent_key"].nunique()
        expected = pd.DataFrame({"respondents": said}).join(bases.rename("base"))
        expected = expected[expected["base"] >= 10]
        found = marts.execute(
            "select strand, profile_value, question_id, answer_code, respondents, base "
            "from marts.consultation_profile where dimension = ? and missing_reason is null",
            [dimension],
        ).df()
        found = found.rename(columns={"profile_value": dimension})
        took_part = found[found["question_id"] == "respondents"].set_index(of)["respondents"]
        pd.testing.assert_series_equal(
            took_part.sort_index(), whole[whole >= 10], check_dtype=False, check_names=False
        )
        answered = found[found["question_id"] != "respondents"]
        pd.testing.assert_frame_equal(
            answered.set_index([*of, "question_id", "answer_code"]).sort_index(),
            expected.sort_index(),
            check_dtype=False,
        )


def test_the_month_has_rows_in_every_kind_of_place(marts, city):
    """The comparison would be worth little if nothing lay outside, or nowhere."""
    street = city.figures("police_recorded_crime", MONTH).set_index(AREA)["count"]
    assert street["city"].sum() == street["ward"].sum() == street["lsoa"].sum() > 1000
    assert street["unplaced", "NO_LOCATION"] > 0 and street["unplaced", "OUTSIDE_AREA"] > 0
    districts = city.figures("hospital_admissions_alcohol", "2026-Q2").set_index("area_type")
    assert districts.loc["postcode_district", "denominator"].isna().all()
