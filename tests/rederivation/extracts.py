"""Reads the partners' files with pandas, json and ElementTree; every cell is text, nothing is ''."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd

MARKS = {"-": 0.0}  # a dash is the number nought; every other mark withholds a number


def number(texts: pd.Series) -> pd.Series:
    """Numbers as partners write them: 1,048 is a number, a dash is nought, a mark is not known."""
    plain = texts.str.replace(",", "", regex=False)
    return plain.map(MARKS).fillna(pd.to_numeric(plain, errors="coerce"))


def _csv(path: Path, sep: str = ",", encoding: str = "utf-8-sig") -> pd.DataFrame:
    return pd.read_csv(path, sep=sep, encoding=encoding, dtype=str, keep_default_na=False)


def _sheet(path: Path, sheet: str, columns: list[str], above: int, total: str = "") -> pd.DataFrame:
    """A sheet whose first `above` lines (title, header) are skipped and whose columns get names."""
    engine = {".xlsx": "openpyxl", ".ods": "calamine"}[path.suffix]
    rows = pd.read_excel(
        path,
        sheet_name=sheet,
        header=None,
        names=columns,
        usecols=range(len(columns)),
        skiprows=above,
        dtype=object,
        keep_default_na=False,
        engine=engine,
    ).astype(str)
    # A spreadsheet holds 7 as 7.0; the partner wrote 7.
    rows = rows.replace(r"^(-?\d+)\.0$", r"\1", regex=True)
    return rows[rows[columns[0]] != total] if total else rows


def _calls(path: Path) -> pd.DataFrame:
    rows = json.loads(path.read_text(encoding="utf-8"))["calls"]
    return pd.DataFrame(rows).fillna("").astype(str)


def _attendances(path: Path) -> pd.DataFrame:
    root = ElementTree.parse(path).getroot()
    found = [{cell.tag: cell.text or "" for cell in row} for row in root.iter("Attendance")]
    return pd.DataFrame(found).rename(columns={"AssaultMethod": "assault_method"})


@dataclass(frozen=True)
class Feed:
    """Where a feed's files lie, how they are read, and the column that says where a row happened."""

    file: str
    read: Callable[[Path], pd.DataFrame]
    place: str = ""


NRM = ["consent", "age_group", "exploitation_type", "county_lines_flag", "first_responder"]
COUNTY_LINES = ["quarter", "lines_active", "lines_closed", "arrests", "people_safeguarded"]
REVIEWS = ["applications", "threshold_not_met", "reviews_carried_out"]
EPISODES = ["episode_ref", "person_key", "age_band", "reported_at", "returned", "interview_hours"]
REFERRALS = ["referrals_from_police", "referrals_from_others"]
COHORT = ["offence_group", "offenders", "reoffenders", "reoffences"]
SUPPORT = ["exploitation_type", "age_group", "new_people", "ending_people"]
ACCOMMODATION = ["accommodation_requests", "accommodation_refused"]
semicolons = partial(_csv, sep=";")
pipes = partial(_csv, sep="|")
tabs = partial(_csv, sep="\t")
western = partial(_csv, encoding="cp1252")


def sheet(
    name: str, columns: list[str], above: int, total: str = ""
) -> Callable[[Path], pd.DataFrame]:
    return partial(_sheet, sheet=name, columns=columns, above=above, total=total)


FEEDS = {
    "police/street_crime": Feed("{period}-staffordshire-street.csv", _csv, "LSOA code"),
    "police/outcomes": Feed("{period}-staffordshire-outcomes.csv", _csv, "LSOA code"),
    "police/stop_and_search": Feed("{period}-staffordshire-stop-and-search.csv", _csv, "point"),
    "police/recorded_crime": Feed("recorded_crime_{period}.csv", _csv, "lsoa_code"),
    "police/incidents": Feed("incidents_{period}.csv", pipes, "lsoa_code"),
    "police/missing_episodes": Feed(
        "missing_episodes_{period}.xlsx",
        sheet("Episodes", [*EPISODES, "ward_code"], 3),
        "ward_code",
    ),
    "police/section_136": Feed("section_136_{period}.csv", _csv),
    "police/county_lines_activity": Feed(
        "county_lines_activity_{period}.xlsx",
        sheet("Data", [*COUNTY_LINES, "cuckooed_addresses_visited", "months_in_scope"], 4),
    ),
    "council/asb_cases": Feed("asb_cases_{period}.csv", semicolons, "ward_code"),
    "council/asb_tools_used": Feed(
        "asb_tools_used_{period}.xlsx",
        sheet("Powers used", ["tool", "council", "police", "landlords"], 4, "Total"),
    ),
    "council/asb_case_reviews": Feed(
        "asb_case_reviews_{period}.ods",
        sheet("Data", ["year_label", *REVIEWS, "reviews_with_recommendations"], 2),
    ),
    "council/environmental_crime": Feed("environmental_crime_{period}.csv", tabs, "ward_code"),
    "council/hate_incidents_and_tension": Feed(
        "hate_incidents_and_tension_{period}.csv", western, "ward_code"
    ),
    "council/school_exclusions": Feed("school_exclusions_{period}.csv", _csv),
    "council/child_assessment_factors": Feed(
        "child_assessment_factors_{period}.xlsx", sheet("Factors", ["factor", "assessments"], 2)
    ),
    "council/adult_safeguarding": Feed("adult_safeguarding_{period}.csv", _csv),
    "council/road_traffic_collisions": Feed(
        "road_traffic_collisions_{period}.csv", _csv, "ward_code"
    ),
    "fire/incidents": Feed("fire_incidents_{period}.csv", _csv, "lsoa_code"),
    "probation/caseload": Feed(
        "probation_caseload_{period}.xlsx",
        sheet("Caseload", ["measure", "offence_group", "requirement", "people"], 2),
    ),
    "probation/reoffending": Feed(
        "proven_reoffending_{period}.ods", sheet("Reoffending", COHORT, 3)
    ),
    "health/emergency_department_assaults": Feed("istv_{period}.xml", _attendances),
    "health/hospital_admissions": Feed(
        "hospital_admissions_{period}.csv", _csv, "outward_postcode"
    ),
    "health/ambulance_calls": Feed("ambulance_calls_{period}.json", _calls, "ward_code"),
    "health/drug_alcohol_treatment": Feed("drug_alcohol_treatment_{period}.csv", _csv),
    "health/public_health_indicators": Feed("fingertips_{period}.csv", _csv),
    "voluntary/domestic_abuse_services": Feed(
        "domestic_abuse_services_{period}.xlsx",
        sheet("Referrals", ["service", *REFERRALS, *ACCOMMODATION], 2, "Total"),
    ),
    "voluntary/victim_support": Feed("victim_support_{period}.csv", _csv, "ward_code"),
    "voluntary/exploitation_support": Feed(
        "exploitation_support_{period}.ods", sheet("People", SUPPORT, 3)
    ),
    "partnership/marac_cases": Feed("marac_cases_{period}.csv", _csv),
    "national/nrm_referrals": Feed(
        "nrm_referrals_{period}.ods", sheet("Referrals", [*NRM, "referrals"], 5)
    ),
}


@dataclass(frozen=True)
class Extracts:
    """The folder that partners' files were put in."""

    folder: Path

    def _partner(self, feed: str) -> Path:
        return self.folder / feed.partition("/")[0]

    def periods(self, feed: str) -> list[str]:
        """The periods that the feed has a file for, oldest first."""
        before, after = FEEDS[feed].file.split("{period}")
        names = [path.name for path in self._partner(feed).iterdir()]
        return sorted(
            name.removeprefix(before).removesuffix(after)
            for name in names
            if name.startswith(before) and name.endswith(after)
        )

    def read(self, feed: str, period: str) -> pd.DataFrame:
        """The rows of one file, as text."""
        known = FEEDS[feed]
        return known.read(self._partner(feed) / known.file.format(period=period))

    def read_all(self, feed: str) -> pd.DataFrame:
        """The rows of every file of a feed, with the period that they came in."""
        frames = [self.read(feed, period).assign(period=period) for period in self.periods(feed)]
        return pd.concat(frames, ignore_index=True)
