"""Where rows count: the area's LSOAs, wards and postcode districts, and the lines for the others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

SEEDS = Path(__file__).parents[2] / "seeds"
SHIPPED = SEEDS / "partnerships" / "E06000021"
CITY = "E06000021"
LSOA = pd.read_csv(SEEDS / "areas" / "area_lsoa_2021.csv", dtype=str)
LSOA = LSOA[LSOA["district_code"] == CITY]
POPULATION = pd.read_csv(SEEDS / "areas" / "area_population.csv", dtype={"lsoa_2021_code": str})
DISTRICTS = pd.read_csv(SHIPPED / "postcode_districts.csv", dtype=str)
GROUPS = pd.read_csv(SEEDS / "register" / "denominator_groups.csv").set_index("group_id")
AT_RISK = pd.read_csv(SEEDS / "areas" / "area_people_at_risk.csv")
# Rows that are not of the district's residents, by what the contracts say of them.
WITHOUT_RATES = {
    "council/school_exclusions", "health/emergency_department_assaults", "health/hospital_admissions",
    "national/nrm_referrals",
}  # fmt: skip
NO_LOCATION, OUTSIDE = "NO_LOCATION", "OUTSIDE_AREA"
# Lines of rows that lie in the area all the same, and the feeds that hold no others.
WITHIN_NO_PLACE, WITHIN_OTHER = "WITHIN_NO_PLACE", "WITHIN_OTHER_CODE"
WITHIN = [WITHIN_NO_PLACE, "WITHIN_OLD_CODE", WITHIN_OTHER]
UNPLACED = [NO_LOCATION, OUTSIDE, "UNKNOWN_CODE", *WITHIN]
COVERING = {
    "council/asb_cases", "council/environmental_crime", "council/hate_incidents_and_tension",
    "council/road_traffic_collisions",
}  # fmt: skip
KINDS = {
    "lsoa": ["lsoa", "ward", "city"],
    "ward": ["ward", "city"],
    "postcode_district": ["postcode_district", "city"],
    "city": ["city"],
}


def _members(units: pd.Series, kind: str, areas: pd.Series | str) -> pd.DataFrame:
    return pd.DataFrame({"unit": units, "area_type": kind, "area_code": areas})


def _all_members() -> pd.DataFrame:
    """Every unit that a row can be placed in, and each area that the unit counts in."""
    codes, wards, own = LSOA["lsoa_2021_code"], LSOA["ward_code"], DISTRICTS["postcode_district"]
    lines, city = pd.Series(UNPLACED), pd.Series([CITY])
    found = [
        *(_members(codes, "lsoa", codes), _members(codes, "ward", wards)),
        *(_members(wards, "ward", wards), _members(own, "postcode_district", own)),
        *(_members(units, "city", CITY) for units in (codes, wards, own, city, pd.Series(WITHIN))),
        _members(lines, "unplaced", lines),
    ]
    return pd.concat(found).drop_duplicates()


MEMBERS = _all_members()
IN_AREA = set(MEMBERS.loc[MEMBERS["area_type"] == "city", "unit"])


def units_of(places: pd.Series, covers: bool = False) -> pd.Series:
    """The unit of each place code; the lookups know the area only, so another code is outside.

    A feed that `covers` the district has no rows outside.
    """
    placed = places.where(places.isin(IN_AREA), WITHIN_OTHER if covers else OUTSIDE)
    return placed.where(places != "", WITHIN_NO_PLACE if covers else NO_LOCATION)


def areas_of(lowest_geography: str, is_placed: bool) -> pd.DataFrame:
    """The areas that a measure has figures for."""
    kinds = KINDS[lowest_geography] + (["unplaced"] if is_placed else [])
    areas = MEMBERS.loc[MEMBERS["area_type"].isin(kinds), ["area_type", "area_code"]]
    return areas.drop_duplicates().reset_index(drop=True)


def residents(year: int) -> pd.DataFrame:
    """Usual residents of LSOAs, wards and the city."""
    people = POPULATION[POPULATION["mid_year"] == year]
    joined = MEMBERS.merge(people, left_on="unit", right_on="lsoa_2021_code")
    return joined.groupby(["area_type", "area_code"], as_index=False)["population"].sum()


def people(folder: Path, group: str, starts_on: str) -> pd.DataFrame:
    """A denominator by area: of the mid-year of the strategy year's start, or the last one before.

    People of an age or sex are added up from the ages of the delivered estimate, households counted.
    """
    start = pd.Timestamp(starts_on)
    strategy_year = start.year - (start.month < 4)
    if group == "residents":
        found = residents(min(strategy_year, POPULATION["mid_year"].max()))
        return found.rename(columns={"population": "denominator"})
    if group == "households":
        return (
            AT_RISK[AT_RISK["denominator"] == group]
            .drop(columns=["mid_year", "denominator"])
            .rename(columns={"people": "denominator"})
        )
    (path,) = (folder / "reference").glob("nomis_population_lsoa21_by_age_*.csv")
    ages = pd.read_csv(path)
    age = ages["C_AGE_NAME"].str.extract(r"(\d+)", expand=False).astype(int)
    of = GROUPS.loc[group]
    chosen = ages[
        age.between(of["age_from"], 200 if pd.isna(of["age_to"]) else of["age_to"])
        & (pd.isna(of["sex"]) | (ages["GENDER_NAME"] == of["sex"]))
    ]
    assert chosen["DATE"].nunique() == 1 and chosen["DATE"].max() <= strategy_year
    joined = MEMBERS.merge(chosen, left_on="unit", right_on="GEOGRAPHY_CODE")
    summed = joined.groupby(["area_type", "area_code"], as_index=False)["OBS_VALUE"].sum()
    return summed.rename(columns={"OBS_VALUE": "denominator"})


def lsoa_of_points(folder: Path, longitude: pd.Series, latitude: pd.Series) -> pd.Series:
    """The LSOA whose boundary holds each point ('' without a point, 'elsewhere' in none)."""
    file = next((folder / "reference").glob("lsoa_*.geojson"))
    features = json.loads(file.read_text(encoding="utf-8"))["features"]
    x = pd.to_numeric(longitude).to_numpy()
    y = pd.to_numeric(latitude).to_numpy()
    known = ~(np.isnan(x) | np.isnan(y))
    found = pd.Series(np.where(known, "elsewhere", ""), index=longitude.index)
    for feature in sorted(features, key=lambda it: it["properties"]["LSOA21CD"], reverse=True):
        geometry = feature["geometry"]
        polygons = geometry["coordinates"]
        if geometry["type"] == "Polygon":
            polygons = [polygons]
        rings = [np.array(ring) for polygon in polygons for ring in polygon]
        crossings = sum(_crossings(ring, x, y) for ring in rings)
        found[known & (crossings % 2 == 1)] = feature["properties"]["LSOA21CD"]
    return found


def _crossings(ring: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """How often a ray to the east of each point crosses the ring."""
    (x1, y1), (x2, y2) = ring[:-1].T[..., None], ring[1:].T[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        at = x1 + (y - y1) * (x2 - x1) / (y2 - y1)
    return (((y1 > y) != (y2 > y)) & (x < at)).sum(axis=0)
