"""Rules of the police's measures, written from the register's numerators."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pandas as pd

from tests.rederivation.extracts import number
from tests.rederivation.tallies import among, rows, share, total

REGISTER = Path(__file__).parents[2] / "seeds" / "register"
TAXONOMY = pd.read_csv(REGISTER / "offence_taxonomy.csv", dtype=str).set_index("ho_code")
CATEGORIES = pd.read_csv(REGISTER / "street_crime_measures.csv", dtype=str)
GROUPS = pd.read_csv(REGISTER / "measure_register.csv", dtype=str).set_index("measure_id")[
    "numerator"
]
# Measures of a whole group or subgroup, by the words of the register.
OF_TAXONOMY = GROUPS.str.extract(
    r"^Rows whose ho_code (?:is in|has) (?P<kind>group|subgroup) “(?P<name>[^”]+)”"
    r"(?: in the offence taxonomy)?$"
).dropna()
VIOLENCE = "Violence against the person"
UNDER_18 = ["0-15", "16-17"]

Rule = Callable[[pd.DataFrame], pd.DataFrame]


def _codes(frame: pd.DataFrame, column: str, *values: str) -> pd.Series:
    """Rows whose ho_code has one of the values in a column of the offence taxonomy."""
    return frame["ho_code"].map(TAXONOMY[column]).isin(values)


def _of_taxonomy(frame: pd.DataFrame, kind: str, name: str) -> pd.DataFrame:
    return rows(frame, _codes(frame, f"offence_{kind}", name))


def _public_space(frame: pd.DataFrame) -> pd.Series:
    groups = _codes(frame, "offence_group", VIOLENCE, "Robbery", "Public order offences")
    return groups & (frame["public_place_flag"] == "Y") & (frame["domestic_abuse_flag"] == "N")


def _serious(frame: pd.DataFrame) -> pd.Series:
    return _codes(frame, "is_serious_violence", "true") & (frame["domestic_abuse_flag"] == "N")


def _against_women(frame: pd.DataFrame) -> pd.Series:
    women = _codes(frame, "is_vawg", "true") & (frame["victim_sex"] == "F")
    return women & (frame["domestic_abuse_flag"] == "N")


def _weekend_night(frame: pd.DataFrame) -> pd.Series:
    at = pd.to_datetime(frame["committed_from"], format="%d/%m/%Y %H:%M")
    evening = at.dt.day_name().isin(["Friday", "Saturday"]) & (at.dt.hour >= 20)
    return evening | (at.dt.day_name().isin(["Saturday", "Sunday"]) & (at.dt.hour < 4))


def _domestic(frame: pd.DataFrame) -> pd.Series:
    return (frame["domestic_abuse_flag"] == "Y") & (frame["victim_age_band"] != "0-15")


def _child(frame: pd.DataFrame) -> pd.Series:
    return frame["age_band"] == "0-17"


def _returned_child(frame: pd.DataFrame) -> pd.Series:
    return _child(frame) & (frame["returned"] == "Y")


def _children(frame: pd.DataFrame) -> pd.DataFrame:
    """Each child once: the first of its rows that lie in the area."""
    counts = _child(frame) & frame["is_in_area"]
    return rows(frame, counts & ~frame["person_key"].where(counts).duplicated())


def _found(frame: pd.DataFrame, of: pd.Series | bool = True) -> pd.DataFrame:
    linked = frame["Outcome linked to object of search"]
    # A blank says nothing; that nothing was found least of all.
    return share(
        rows(frame, (linked == "True") & of), rows(frame, linked.isin(("True", "False")) & of)
    )


STREET_CRIME: dict[str, Rule] = {
    measure: lambda f, kinds=tuple(found["crime_type"]): rows(f, f["Crime type"].isin(kinds))
    for measure, found in CATEGORIES.groupby("measure_id")
}

INCIDENTS: dict[str, Rule] = {
    **{
        f"asb_{kind}_incidents": lambda f, kind=kind: rows(f, f["nsir_asb_class"] == kind)
        for kind in ("personal", "nuisance", "environmental")
    },
    "domestic_abuse_incidents": lambda f: rows(
        f, among(f["qualifiers"], "domestic_abuse") & (f["linked_crime_ref"] == "")
    ),
    "mental_health_incidents": lambda f: rows(f, among(f["qualifiers"], "mental_health")),
    "concern_for_safety_incidents": lambda f: rows(
        f, f["nsir_closing_code"] == "concern_for_safety"
    ),
    "alcohol_qualified_incidents": lambda f: rows(f, among(f["qualifiers"], "alcohol")),
}

RECORDED_CRIME: dict[str, Rule] = {
    **{
        measure: partial(_of_taxonomy, kind=kind, name=name)
        for measure, kind, name in OF_TAXONOMY.itertuples()
    },
    "knife_enabled_crime": lambda f: rows(
        f, (f["knife_flag"] == "Y") & _codes(f, "is_knife_flaggable", "true")
    ),
    "public_space_violence": lambda f: rows(f, _public_space(f)),
    "non_domestic_vawg": lambda f: rows(f, _against_women(f)),
    "serious_violence_offences": lambda f: rows(f, _serious(f)),
    "serious_violence_public_vawg": lambda f: rows(
        f, _serious(f) | _public_space(f) | _against_women(f)
    ),
    "violence_child_victims": lambda f: rows(
        f, _codes(f, "offence_group", VIOLENCE) & f["victim_age_band"].isin(UNDER_18)
    ),
    "police_modern_slavery_offences": lambda f: rows(f, f["ho_code"] == "106"),
    "hate_crimes": lambda f: rows(f, f["hate_strands"] != ""),
    **{
        f"hate_crimes_{strand}": lambda f, strand=strand: rows(f, among(f["hate_strands"], strand))
        for strand in ("race", "religion", "sexual_orientation", "disability", "transgender")
    },
    "racially_religiously_aggravated_offences": lambda f: rows(
        f, _codes(f, "is_aggravated", "true")
    ),
    "alcohol_flagged_violence": lambda f: rows(
        f, _codes(f, "offence_group", VIOLENCE) & (f["alcohol_flag"] == "Y")
    ),
    "night_time_violence": lambda f: rows(
        f, _public_space(f) & _codes(f, "offence_group", VIOLENCE) & _weekend_night(f)
    ),
    "drug_trafficking_under_18_suspects": lambda f: rows(
        f, (f["ho_code"] == "92A") & f["suspect_age_band"].isin(UNDER_18)
    ),
    "exploitation_flagged_crimes": lambda f: rows(
        f, (f["cse_flag"] == "Y") | (f["cce_flag"] == "Y")
    ),
    "domestic_abuse_crimes": lambda f: rows(f, _domestic(f)),
    "domestic_abuse_repeat_victims": lambda f: share(
        rows(f, _domestic(f) & (f["repeat_victim_flag"] == "Y")), rows(f, _domestic(f))
    ),
    "coercive_control": lambda f: rows(f, f["ho_code"] == "8U"),
}

OTHERS: dict[str, Rule] = {
    "police_outcomes_charged": lambda f: share(
        rows(f, f["Outcome type"] == "Suspect charged"), rows(f)
    ),
    "stop_and_searches": rows,
    "stop_and_search_find_rate": _found,
    "drug_search_find_rate": lambda f: _found(f, f["Object of search"] == "Controlled drugs"),
    "missing_child_episodes": lambda f: rows(f, _child(f)),
    "children_missing": _children,
    "return_home_interviews_in_72_hours": lambda f: share(
        rows(f, _returned_child(f) & (number(f["interview_hours"]) <= 72)),
        rows(f, _returned_child(f)),
    ),
    "missing_adult_episodes": lambda f: rows(f, f["age_band"] == "18+"),
    "section_136_detentions": rows,
    "section_136_health_place_of_safety": lambda f: share(
        rows(f, f["place_of_safety"] == "health_based"), rows(f)
    ),
    "county_lines_active": lambda f: total(number(f["lines_active"])),
    **{
        f"county_lines_{column}": partial(lambda f, column: total(number(f[column])), column=column)
        for column in (
            "lines_closed",
            "arrests",
            "people_safeguarded",
            "cuckooed_addresses_visited",
        )
    },
}

RULES = STREET_CRIME | INCIDENTS | RECORDED_CRIME | OTHERS
