"""Who, when, where and how once more, from the partners' files and the words of profile_dimensions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import pandas as pd

from tests.rederivation import places
from tests.rederivation.extracts import number
from tests.rederivation.figures import REGISTER, RULES, City
from tests.rederivation.police import TAXONOMY

DIMENSIONS = pd.read_csv(
    places.SEEDS / "register" / "profile_dimensions.csv", dtype=str, keep_default_na=False
).set_index("dimension")
DAY_MONTH = "%d/%m/%Y %H:%M"
ISO = "%Y-%m-%dT%H:%M:%S"
KEY = ["area_type", "area_code", "dimension", "profile_value"]
MOMENTS = ("hour", "hour_band", "weekday", "hour_weekday")
GROUPS = ("White", "Asian", "Black", "Mixed", "Other")

Said = Callable[[pd.DataFrame], pd.Series]


def _as_given(column: str, *unknown: str) -> Said:
    return lambda f: f[column].where(~f[column].isin(["", *unknown]))


def _yes(column: str, yes: str, no: str) -> Said:
    return lambda f: f[column].map({yes: "yes", no: "no"})


def _moments(frame: pd.DataFrame, column: str, form: str) -> pd.Series:
    return pd.to_datetime(frame[column], format=form, errors="coerce")


def _weekdays(at: pd.Series) -> pd.Series:
    number_of = (at.dt.dayofweek + 1).astype("Int64").astype("string")
    return (number_of + " " + at.dt.day_name().astype("string")).astype(object)


def _hours(at: pd.Series) -> pd.Series:
    """Midnight stands for a time that nobody knew."""
    return at.dt.strftime("%H").where(at != at.dt.normalize())


def _told(at: pd.Series, hours: pd.Series) -> dict[str, pd.Series]:
    days = _weekdays(at)
    both = (days + " " + hours).where(hours.notna())
    return {"hour": hours, "hour_band": _bands(hours), "weekday": days, "hour_weekday": both}


def _bands(hours: pd.Series) -> pd.Series:
    """Four hours each, from midnight."""
    ends = [(f"{first:02d}", f"{first + 3:02d}") for first in range(0, 24, 4)]
    band_of = {
        f"{hour:02d}": f"{ends[hour // 4][0]}:00 to {ends[hour // 4][1]}:59" for hour in range(24)
    }
    return hours.map(band_of)


def _moment(column: str, form: str) -> dict[str, Said]:
    def told(frame: pd.DataFrame, name: str) -> pd.Series:
        at = _moments(frame, column, form)
        return _told(at, _hours(at))[name]

    return {name: partial(told, name=name) for name in MOMENTS}


def _collision(frame: pd.DataFrame, name: str) -> pd.Series:
    day = pd.to_datetime(frame["occurred_on"], format="%d/%m/%Y")
    at = _moments(
        frame.assign(at=frame["occurred_on"] + " " + frame["occurred_time"]), "at", DAY_MONTH
    )
    return _told(day, _hours(at))[name]


def _search(frame: pd.DataFrame, name: str) -> pd.Series:
    """The publisher writes UTC; people were searched by London's clock."""
    written = pd.to_datetime(frame["Date"], utc=True)
    here = written.dt.tz_convert("Europe/London").dt.tz_localize(None)
    hours = _hours(here).where(frame["Date"].str.slice(11, 19) != "00:00:00")
    return _told(here, hours)[name]


def _ethnic_group(frame: pd.DataFrame) -> pd.Series:
    said = frame["Self-defined ethnicity"]
    found = said.str.extract(rf"^({'|'.join(GROUPS)})", expand=False)
    return found.where(~said.str.contains("stated", case=False))


def _taxonomy(column: str) -> Said:
    return lambda f: f["ho_code"].map(TAXONOMY[column])


def _three_or_more(frame: pd.DataFrame) -> pd.Series:
    return (number(frame["reports_in_six_months"]) >= 3).map({True: "yes", False: "no"})


def _heard_before(frame: pd.DataFrame) -> pd.Series:
    repeats = RULES["marac_repeat_cases"](frame)["count"] > 0
    return repeats.map({True: "yes", False: "no"})


PROFILES: Mapping[str, Mapping[str, Said]] = {
    "police/street_crime": {
        "offence_group": _as_given("Crime type"),
        "outcome": _as_given("Last outcome category"),
    },
    "police/outcomes": {"outcome_given": _as_given("Outcome type")},
    "police/stop_and_search": {
        **{n: partial(_search, name=n) for n in MOMENTS},
        "sex": _as_given("Gender"),
        "age_band": _as_given("Age range"),
        "ethnicity_officer_defined": _as_given("Officer-defined ethnicity"),
        "ethnicity_self_defined": _ethnic_group,
        "search_type": _as_given("Type"),
        "object_of_search": _as_given("Object of search"),
        "outcome_given": _as_given("Outcome"),
        "find": _yes("Outcome linked to object of search", "True", "False"),
    },
    "police/recorded_crime": {
        **_moment("committed_from", DAY_MONTH),
        "location_type": _as_given("location_type"),
        "sex": _as_given("victim_sex", "U"),
        "age_band": _as_given("victim_age_band"),
        "suspect_age_band": _as_given("suspect_age_band"),
        "repeat_victim": _yes("repeat_victim_flag", "Y", "N"),
        "offence_group": _taxonomy("offence_group"),
        "offence_subgroup": _taxonomy("offence_subgroup"),
        "weapon": lambda f: f["knife_flag"].map({"Y": "knife", "N": "no knife recorded"}),
        "domestic_abuse": _yes("domestic_abuse_flag", "Y", "N"),
        "outcome": lambda f: f["outcome_code"].replace("", "none yet"),
    },
    "police/incidents": {
        **_moment("opened_at", "%Y-%m-%d %H:%M"),
        "category": _as_given("nsir_closing_code"),
        "response_grade": _as_given("grade"),
        "recorded_as_crime": lambda f: (f["linked_crime_ref"] != "").map(
            {True: "yes", False: "no"}
        ),
    },
    "police/missing_episodes": {
        **_moment("reported_at", "%Y-%m-%d %H:%M:%S"),
        "age_band": _as_given("age_band"),
    },
    "police/section_136": {
        **_moment("detained_at", DAY_MONTH),
        "age_band": _as_given("age_band"),
        "ethnicity": _as_given("ethnicity_group", "not_stated"),
        "place_of_safety": _as_given("place_of_safety"),
        "conveyance": _as_given("conveyance", "not_known"),
    },
    "council/asb_cases": {
        "category": _as_given("category"),
        "tenure": _as_given("tenure"),
        "referral_source": _as_given("source"),
        "risk_level": _as_given("risk_level"),
        "repeat_victim": _three_or_more,
    },
    "council/environmental_crime": {"category": _as_given("category")},
    "council/hate_incidents_and_tension": {"referral_source": _as_given("source")},
    "council/road_traffic_collisions": {n: partial(_collision, name=n) for n in MOMENTS},
    "council/adult_safeguarding": {
        "category": _as_given("abuse_type"),
        "location_type": _as_given("location"),
        "age_band": _as_given("age_band"),
    },
    "council/asb_tools_used": {"category": _as_given("tool")},
    "fire/incidents": {
        **_moment("call_time", DAY_MONTH),
        "location_type": _as_given("property_type"),
        "motive": _as_given("motive", "Not known"),
    },
    "health/ambulance_calls": _moment("called_at", ISO),
    "health/emergency_department_assaults": {
        **_moment("AssaultDateTime", ISO),
        "weapon": _as_given("assault_method"),
        "location_type": _as_given("AssaultLocationType"),
    },
    "health/hospital_admissions": {"category": lambda f: f["icd10_sub_category"].str.slice(0, 3)},
    "national/nrm_referrals": {
        "age_band": _as_given("age_group"),
        "exploitation_type": _as_given("exploitation_type", "not_specified"),
        "referral_source": _as_given("first_responder"),
    },
    "partnership/marac_cases": {
        "sex": _as_given("victim_sex", "U"),
        "ethnicity": _as_given("ethnicity_group", "not_stated"),
        "referral_source": _as_given("referred_by"),
        "disability": _yes("disability", "Y", "N"),
        "repeat_victim": _heard_before,
    },
    "voluntary/domestic_abuse_services": {"category": _as_given("service")},
    "voluntary/exploitation_support": {
        "age_band": _as_given("age_group"),
        "exploitation_type": _as_given("exploitation_type"),
    },
}
# Different people and what there is at one time cannot be added up over values.
PROFILED = sorted(
    measure
    for measure, register in REGISTER.iterrows()
    if register["source_feed"] in PROFILES and register["method"] in ("count", "proportion")
)


@dataclass(frozen=True)
class Profile:
    """What the files of a feed say of a measure's events in some periods."""

    city: City
    measure: str

    def counted(self, periods: list[str]) -> pd.DataFrame:
        """Events, and those in the base of a share, by area, dimension and value ('' is not known)."""
        found = [self._of_one(period) for period in periods]
        return pd.concat(found).groupby(KEY, as_index=False)[["count", "base"]].sum(min_count=1)

    def _of_one(self, period: str) -> pd.DataFrame:
        feed = REGISTER.loc[self.measure, "source_feed"]
        frame = self.city.frame(feed, period)
        tally = RULES[self.measure](frame)[frame["period"] == period]
        if "base" not in tally:
            tally = tally.assign(base=float("nan"))
        said = [
            tally.assign(
                unit=frame["unit"], dimension=dimension, profile_value=says(frame).fillna("")
            )
            for dimension, says in PROFILES[feed].items()
        ]
        return self._by_area(pd.concat(said))

    def _by_area(self, rows: pd.DataFrame) -> pd.DataFrame:
        areas = places.MEMBERS[places.MEMBERS["area_type"].isin(["ward", "city"])]
        lowest = rows["dimension"].map(DIMENSIONS["lowest_geography"])
        if REGISTER.loc[self.measure, "lowest_geography"] == "city":
            areas = areas[areas["area_type"] == "city"]
        placed = rows.assign(lowest=lowest).merge(areas, on="unit")
        placed = placed[(placed["lowest"] == "ward") | (placed["area_type"] == "city")]
        sums = placed.groupby(KEY, as_index=False)[["count", "base"]].sum(min_count=1)
        return sums[(sums["count"] > 0) | (sums["base"] > 0)]


def of_feed(feed: str) -> list[str]:
    """The measures of a feed that have a profile."""
    return [m for m in PROFILED if REGISTER.loc[m, "source_feed"] == feed]
