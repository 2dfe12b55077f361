"""A small steady city in which five things are planted, and nothing else happens.

Events of each kind come by chance (Poisson) at the same level every year, with a season, on streets and
residents alike, in the files of two police feeds over three strategy years. Every plant is events that are
added from a draw of their own, so a city without one is the same city less those events.
"""

from __future__ import annotations

import csv
import functools
import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from orchestration.core.files import write_json
from orchestration.core.settings import PROJECT
from orchestration.ingest.transports import SYNTHETIC_MARKER

AREA = "E06000021"
YEARS = ("2023-24", "2024-25", "2025-26")
LATEST = YEARS[-1]
MONTHS = tuple(str(month) for month in pd.period_range("2023-04", "2026-03", freq="M"))
NOW = "2026-06-10T02:00:00+00:00"  # the last month is due, and no later one

# The plants.
RISE, STREET, HOUR, EVENT, RECORDING = PLANTS = ("rise", "street", "hour", "event", "recording")
RISEN, RISE_FROM, RISE_SHARE = "police_vehicle_crime", "2025-04", 0.35
HOT, HOT_A_MONTH, HOT_LABEL = "police_asb_incidents", 4.0, "On or near Market Passage"
TIMED, TIMED_A_MONTH, TIMED_CELL = "asb_nuisance_incidents", 3.0, (5, 20)  # Friday, from eight
TIMED_NAME = "5 Friday 20"
EVENTFUL, EVENT_MONTH, EVENT_SHARE = "police_criminal_damage_and_arson", "2024-11", 1.25
REDEFINED, REDEFINED_FROM, REDEFINED_SHARE = "mental_health_incidents", "2025-04", 0.5


@dataclass(frozen=True)
class Kind:
    """What partners call a kind of event, how many a month are usual, and how far the season moves them."""

    measure: str
    called: str
    a_month: float
    season: float = 0.15


STREET_CRIME = (
    Kind("police_asb_incidents", "Anti-social behaviour", 150, 0.25),
    Kind("police_vehicle_crime", "Vehicle crime", 60),
    Kind("police_criminal_damage_and_arson", "Criminal damage and arson", 60),
    Kind("police_burglary", "Burglary", 60),
    Kind("police_shoplifting", "Shoplifting", 80, 0.05),
    Kind("police_violence_and_sexual_offences", "Violence and sexual offences", 120, 0.10),
)
# Of the police log: closing code, class and qualifier.
INCIDENTS = (
    Kind("asb_nuisance_incidents", "asb|nuisance|", 150, 0.25),
    Kind("asb_personal_incidents", "asb|personal|", 60, 0.25),
    Kind("concern_for_safety_incidents", "concern_for_safety||", 60, 0.05),
    Kind("domestic_abuse_incidents", "domestic||domestic_abuse", 60),
    Kind("mental_health_incidents", "public_safety||mental_health", 60, 0.05),
)
KINDS = {kind.measure: kind for kind in (*STREET_CRIME, *INCIDENTS)}
# Priorities with their measures; the first is the headline.
PRIORITIES = {
    "Nuisance": ("police_asb_incidents", "asb_nuisance_incidents", "asb_personal_incidents"),
    "Vehicles": ("police_vehicle_crime",),
    "Damage": ("police_criminal_damage_and_arson",),
    "Homes and shops": ("police_burglary", "police_shoplifting"),
    "Violence": ("police_violence_and_sexual_offences", "domestic_abuse_incidents"),
    "Vulnerable people": ("mental_health_incidents", "concern_for_safety_incidents"),
}
# More in the evening and at the end of the week: as often as the weights, from 00 to 23 and from Monday on.
_HOURS = (3, 2, 2, 1, 1, 1, 2, 3, 4, 4, 4, 5, 5, 5, 6, 7, 7, 8, 8, 8, 8, 7, 6, 4)
_WEEKDAYS = (9, 9, 9, 10, 12, 12, 10)
_RESIDENTS_A_STREET = 400
_LETTERS = str.maketrans("0123456789", "BCDFGHJKLM")


def usual(kind: Kind) -> np.ndarray:
    """How many events each month leads one to expect where nothing is planted."""
    of_the_year = np.array([int(month[-2:]) - 7 for month in MONTHS])
    return kind.a_month * (1 + kind.season * np.cos(2 * np.pi * of_the_year / 12))


def planted(measure: str, plants: Collection[str] = PLANTS) -> np.ndarray:
    """How many more are planted in each month."""
    months = np.array(MONTHS)
    level = usual(KINDS[measure])
    more = np.zeros(len(months))
    if RISE in plants and measure == RISEN:
        more += RISE_SHARE * level * (months >= RISE_FROM)
    if STREET in plants and measure == HOT:
        more += HOT_A_MONTH
    if HOUR in plants and measure == TIMED:
        more += TIMED_A_MONTH
    if EVENT in plants and measure == EVENTFUL:
        more += EVENT_SHARE * level * (months == EVENT_MONTH)
    if RECORDING in plants and measure == REDEFINED:
        more += REDEFINED_SHARE * level * (months >= REDEFINED_FROM)
    return more


def counts(seed: int, plants: Collection[str] = PLANTS) -> pd.DataFrame:
    """Events by month (rows) and measure, as the files of this seed hold them."""
    return pd.DataFrame(
        {
            measure: _steady_counts(seed, measure) + _planted_counts(seed, measure, plants)
            for measure in KINDS
        },
        index=pd.PeriodIndex(MONTHS, freq="M", name="month"),
    )


def hot_street() -> str:
    """The LSOA that the hot street lies in."""
    return str(_streets().loc[0, "lsoa_2021_code"])


def hot_ward() -> str:
    """The ward that the hot street lies in."""
    return str(_streets().loc[0, "ward_code"])


def hot_ward_name() -> str:
    """Its name."""
    wards = pd.read_csv(PROJECT / "seeds" / "areas" / "area_ward.csv").set_index("ward_code")
    return str(wards.loc[hot_ward(), "ward_name"])


def write(folder: Path, seed: int, plants: Collection[str] = PLANTS) -> None:
    """Write the monthly files of both feeds, as the police send them."""
    police = folder / "police"
    police.mkdir(parents=True)
    write_json(folder / SYNTHETIC_MARKER, {"synthetic": True, "seed": seed, "faults": []})
    _write_street_crime(police, seed, plants)
    _write_incidents(police, seed, plants)


def decide(folder: Path) -> Path:
    """Write the folder of a partnership of these two feeds; return it."""
    folder.mkdir(parents=True)
    shipped = PROJECT / "seeds" / "partnerships" / AREA
    for name in ("partnership.yaml", "postcode_districts.csv"):
        (folder / name).write_bytes((shipped / name).read_bytes())
    _table(
        folder / "strategy_years.csv",
        ("strategy_year", "starts_on", "ends_on", "role"),
        *(
            (
                year, f"{year[:4]}-04-01", f"{int(year[:4]) + 1}-03-31",
                "strategy" if number else "baseline",
            )
            for number, year in enumerate(YEARS)
        ),
    )  # fmt: skip
    _table(
        folder / "priorities.csv",
        ("priority_id", "priority_name", "led_by", "sort_order"),
        *(
            (_id(name), name, "The partnership", number)
            for number, name in enumerate(PRIORITIES, 1)
        ),
    )
    _table(
        folder / "measure_priorities.csv",
        ("measure_id", "priority_id", "sort_order"),
        *(
            (measure, _id(name), number)
            for name, measures in PRIORITIES.items()
            for number, measure in enumerate(measures, 1)
        ),
    )
    _table(
        folder / "series_breaks.csv",
        ("break_id", "feed", "measure_id", "break_on", "effect", "title", "description", "verified"),
        (
            "call_handling", "police/incidents", REDEFINED, f"{REDEFINED_FROM}-01", "changes_level",
            "New call handling", "From this month the call handler notes the qualifier", "verified",
        ),
    )  # fmt: skip
    return folder


def _id(priority: str) -> str:
    return priority.lower().replace(" ", "_")


def _table(path: Path, *lines: tuple[object, ...]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(lines)


def _draw(seed: int, *named: str) -> np.random.Generator:
    """A draw of its own for each name: what is drawn beside it changes nothing."""
    digest = hashlib.sha256("|".join(named).encode()).digest()
    return np.random.default_rng([seed, int.from_bytes(digest[:8], "big")])


def _steady_counts(seed: int, measure: str) -> np.ndarray:
    return _draw(seed, "steady", measure).poisson(usual(KINDS[measure]))


def _planted_counts(seed: int, measure: str, plants: Collection[str]) -> np.ndarray:
    return _draw(seed, "planted", measure).poisson(planted(measure, plants))


@functools.cache
def _streets() -> pd.DataFrame:
    """The streets of every LSOA, so many residents each: all alike. The first is where the hot street is."""
    areas = PROJECT / "seeds" / "areas"
    lsoa = pd.read_csv(areas / "area_lsoa_2021.csv")
    people = pd.read_csv(areas / "area_population.csv")
    newest = people[people["mid_year"] == people["mid_year"].max()]
    own = lsoa[lsoa["district_code"] == AREA].merge(newest, on="lsoa_2021_code")
    own["streets"] = (own["population"] / _RESIDENTS_A_STREET).round().clip(lower=1).astype(int)
    own["weight"] = own["population"] / own["population"].sum() / own["streets"]
    streets = own.loc[own.index.repeat(own["streets"])].reset_index(drop=True)
    number = streets.groupby("lsoa_2021_code").cumcount() + 1
    streets["street"] = "On or near Road " + number.astype(str)
    return streets


def _events(seed: int, kind: Kind, plants: Collection[str]) -> pd.DataFrame:
    """A row per event of a kind: its month, whether it is planted, and the number of its street."""
    streets, parts = _streets(), []
    for name, number in (
        ("steady", _steady_counts(seed, kind.measure)),
        ("planted", _planted_counts(seed, kind.measure, plants)),
    ):
        draw = _draw(seed, name, "place", kind.measure)
        part = pd.DataFrame({"month": np.repeat(MONTHS, number)})
        part["place"] = draw.choice(len(streets), size=len(part), p=streets["weight"])
        parts.append(part.assign(is_planted=name == "planted"))
    return pd.concat(parts, ignore_index=True).assign(called=kind.called, measure=kind.measure)


def _write_street_crime(folder: Path, seed: int, plants: Collection[str]) -> None:
    events = pd.concat([_events(seed, kind, plants) for kind in STREET_CRIME], ignore_index=True)
    is_hot = events["is_planted"] & (events["measure"] == HOT)
    events.loc[is_hot, "place"] = 0
    places = _streets().loc[events["place"]].reset_index(drop=True)
    is_crime = events["called"] != "Anti-social behaviour"
    ids = [hashlib.sha256(f"{seed}|{number}".encode()).hexdigest() for number in events.index]
    table = pd.DataFrame(
        {
            "Crime ID": pd.Series(ids).where(is_crime, ""),
            "Month": events["month"],
            "Reported by": "Staffordshire Police",
            "Falls within": "Staffordshire Police",
            "Longitude": places["longitude"],
            "Latitude": places["latitude"],
            "Location": places["street"].mask(is_hot, HOT_LABEL),
            "LSOA code": places["lsoa_2021_code"],
            "LSOA name": places["lsoa_2021_name"],
            "Crime type": events["called"],
            "Last outcome category": np.where(is_crime, "Under investigation", ""),
            "Context": "",
        }
    )
    for month, part in table.groupby("Month"):
        part.to_csv(folder / f"{month}-staffordshire-street.csv", index=False)


def _write_incidents(folder: Path, seed: int, plants: Collection[str]) -> None:
    events = pd.concat(
        [_timed(_events(seed, kind, plants), seed, kind) for kind in INCIDENTS],
        ignore_index=True,
    )
    said = events["called"].str.split("|", expand=True)
    table = pd.DataFrame(
        {
            # Letters only: digits in a row could be somebody's telephone number.
            "incident_ref": [
                "SYN-" + f"{number:06d}".translate(_LETTERS) for number in events.index
            ],
            "opened_at": events["at"].dt.strftime("%Y-%m-%d %H:%M"),
            "nsir_closing_code": said[0],
            "nsir_asb_class": said[1],
            "qualifiers": said[2],
            "grade": "scheduled",
            "lsoa_code": _streets()["lsoa_2021_code"].to_numpy()[events["place"]],
            "linked_crime_ref": "",
        }
    )
    for month, part in table.groupby(events["month"]):
        part.to_csv(folder / f"incidents_{month}.csv", sep="|", index=False)


def _timed(events: pd.DataFrame, seed: int, kind: Kind) -> pd.DataFrame:
    """The events with a moment: by the weights of weekday and hour, or at the planted hour."""
    draw = _draw(seed, "moment", kind.measure)
    hours = np.array(_HOURS) / sum(_HOURS)
    at = pd.Series(pd.NaT, index=events.index, dtype="datetime64[ns]")
    is_at_hour = events["is_planted"] & (kind.measure == TIMED)
    for month, part in events.groupby("month"):
        days = pd.date_range(month, periods=pd.Period(month).days_in_month)
        weight = np.array(_WEEKDAYS)[days.day_of_week].astype(float)
        fridays = days[days.day_of_week == TIMED_CELL[0] - 1]
        drawn = days.to_numpy()[draw.choice(len(days), len(part), p=weight / weight.sum())]
        hour = draw.choice(24, len(part), p=hours)
        friday = fridays.to_numpy()[draw.integers(len(fridays), size=len(part))]
        own = is_at_hour.loc[part.index].to_numpy()
        day = pd.Series(np.where(own, friday, drawn), index=part.index)
        # Never on the very minute of midnight, which means that nobody knew.
        minutes = np.where(own, TIMED_CELL[1], hour) * 60 + draw.integers(1, 60, len(part))
        at.loc[part.index] = day + pd.to_timedelta(minutes, unit="min")
    return events.assign(at=at)
