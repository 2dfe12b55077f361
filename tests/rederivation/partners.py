"""Rules of the other partners' measures, written from the register's numerators."""

from __future__ import annotations

import pandas as pd

from tests.rederivation.extracts import number
from tests.rederivation.police import Rule
from tests.rederivation.tallies import rows, share, total


def _among_all(frame: pd.DataFrame, where: pd.Series) -> pd.DataFrame:
    return share(rows(frame, where), rows(frame))


def _tools(frame: pd.DataFrame) -> pd.DataFrame:
    uses = frame[["council", "police", "landlords"]].apply(number).sum(axis=1)
    return total(uses, frame["tool"] != "community_protection_warning")


def _of_schools(column: str) -> Rule:
    def rule(frame: pd.DataFrame) -> pd.DataFrame:
        own = (frame["new_la_code"] == "E06000021") & (frame["school_type"] == "Total")
        return total(number(frame[column]), own)

    return rule


def _factor(factor: str) -> Rule:
    return lambda f: total(number(f["assessments"]), f["factor"] == factor)


def _casualties(*columns: str) -> Rule:
    return lambda f: total(f[list(columns)].apply(number).sum(axis=1))


def _with(column: str, *values: str) -> Rule:
    """Rows with one of the values in a column."""
    return lambda f: rows(f, f[column].isin(values))


def _requirement(requirement: str) -> Rule:
    return lambda f: total(
        number(f["people"]), (f["measure"] == "requirement") & (f["requirement"] == requirement)
    )


def _area(frame: pd.DataFrame, column: str, *groups: str) -> pd.DataFrame:
    """A number of the area's rows of the substance groups; every group where none is named."""
    where = (frame["level"] == "area") & (frame["substance_group"].isin(groups) | (not groups))
    return total(number(frame[column]), where)


def _in_treatment(group: str) -> Rule:
    return lambda f: _area(f, "in_treatment", group)


def _referred(**conditions: str) -> Rule:
    """Sum of referrals in the rows that hold every condition."""

    def rule(frame: pd.DataFrame) -> pd.DataFrame:
        wanted = pd.Series(conditions)
        return total(number(frame["referrals"]), (frame[wanted.index] == wanted).all(axis=1))

    return rule


def _repeats(frame: pd.DataFrame) -> pd.DataFrame:
    """MARAC cases whose victim and perpetrator were heard before, at most a year earlier."""
    heard = frame.assign(on=pd.to_datetime(frame["heard_on"], format="%d/%m/%Y"))
    keys = ["victim_key", "perpetrator_key"]
    pairs = heard[[*keys, "on"]].reset_index().merge(heard[[*keys, "on"]], on=keys)
    earlier = pairs[(pairs["on_y"] < pairs["on_x"])]
    near = earlier[earlier["on_y"] >= earlier["on_x"] - pd.DateOffset(years=1)]
    return _among_all(frame, frame.index.isin(near["index"]))


COUNCIL: dict[str, Rule] = {
    "council_asb_cases": rows,
    "council_asb_high_risk_contacted_in_a_day": lambda f: share(
        rows(f, (f["risk_level"] == "high") & (number(f["working_days_to_contact"]) <= 1)),
        rows(f, f["risk_level"] == "high"),
    ),
    "council_asb_repeat_complainants": lambda f: _among_all(
        f, number(f["reports_in_six_months"]) >= 3
    ),
    "asb_tools_used": _tools,
    **{
        f"asb_case_review_{column}": lambda f, column=column: total(number(f[column]))
        for column in (
            "applications",
            "threshold_not_met",
            "reviews_carried_out",
            "reviews_with_recommendations",
        )
    },
    "environmental_crime_reports": rows,
    "fly_tipping_reports": _with("category", "fly_tipping"),
    "hate_incidents_council": _with("kind", "hate_incident"),
    "community_tension_reports": _with("kind", "tension_report"),
    "suspensions": _of_schools("susp_all"),
    "permanent_exclusions": _of_schools("perm_all"),
    "suspensions_offensive_weapon": _of_schools("susp_offensive_weapon"),
    "suspensions_drug_alcohol": _of_schools("susp_drug_alcohol"),
    "suspensions_racist_abuse": _of_schools("susp_racist_abuse"),
    "child_assessments_cse": _factor("cse"),
    "child_assessments_cce": _factor("cce"),
    "child_assessments_gangs": _factor("gangs"),
    "child_assessments_missing": _factor("missing"),
    "child_assessments_trafficking": _factor("trafficking"),
    "child_assessments_domestic_violence": _factor("domestic_violence"),
    "child_assessments_alcohol_misuse": _factor("alcohol_misuse"),
    "child_assessments_drug_misuse": _factor("drug_misuse"),
    "child_assessments_mental_health": _factor("mental_health"),
    "adult_safeguarding_enquiries": _with("enquiry_type", "section_42"),
    "adult_safeguarding_self_neglect": lambda f: rows(
        f, (f["enquiry_type"] == "section_42") & (f["abuse_type"] == "self_neglect")
    ),
    "graffiti_reports": _with("category", "graffiti"),
    "abandoned_vehicle_reports": _with("category", "abandoned_vehicle"),
    "dog_fouling_reports": _with("category", "dog_fouling"),
    "noise_reports": _with("category", "noise"),
    "road_collisions": rows,
    "slightly_injured": _casualties("adults_slight", "children_slight"),
    "children_killed_or_seriously_injured": _casualties("children_killed", "children_serious"),
    "drink_drive_collisions": _with("drink_drive", "Y"),
    "killed_or_seriously_injured": _casualties(
        "adults_killed", "adults_serious", "children_killed", "children_serious"
    ),
}

FIRE: dict[str, Rule] = {
    "fire_deliberate_secondary": _with("incident_type", "deliberate_secondary_fire"),
    "fire_deliberate_primary": _with("incident_type", "deliberate_primary_fire_not_vehicle"),
    "fire_deliberate_vehicle": _with("incident_type", "deliberate_primary_fire_vehicle"),
    "fire_malicious_false_alarms": _with("incident_type", "malicious_false_alarm"),
    "fire_violence_against_staff": _with("incident_type", "violence_against_staff"),
    "dwelling_fires_no_smoke_alarm": _with("incident_type", "dwelling_fire_no_smoke_alarm"),
    "accidental_dwelling_fires": _with("incident_type", "accidental_dwelling_fire"),
}

PROBATION: dict[str, Rule] = {
    "probation_violence_caseload": lambda f: total(
        number(f["people"]), (f["measure"] == "supervised") & (f["offence_group"] == "violence")
    ),
    "probation_alcohol_treatment_requirements": _requirement("alcohol_treatment"),
    "probation_drug_rehabilitation_requirements": _requirement("drug_rehabilitation"),
    "probation_mental_health_treatment_requirements": _requirement("mental_health_treatment"),
    "proven_reoffending": lambda f: share(
        total(number(f["reoffenders"])), total(number(f["offenders"]))
    ),
}

HEALTH: dict[str, Rule] = {
    "ed_assault_attendances": rows,
    "ed_assaults_with_weapon": _with(
        "assault_method", "sharp_object", "blunt_object", "bottle_or_glass", "firearm"
    ),
    "hospital_admissions_assault": _with("block", "assault"),
    "hospital_admissions_alcohol": _with("block", "alcohol"),
    "hospital_admissions_drugs": _with("block", "drugs"),
    "hospital_admissions_domestic_abuse": _with("block", "domestic_abuse"),
    "ambulance_assault_calls": _with("category", "assault"),
    "ambulance_stab_gunshot_calls": _with("category", "stab_gunshot"),
    "ambulance_alcohol_calls": _with("category", "alcohol"),
    "ambulance_overdose_calls": _with("category", "overdose"),
    "ambulance_mental_health_calls": _with("category", "mental_health"),
    "alcohol_treatment_people": _in_treatment("alcohol"),
    "opiate_treatment_people": _in_treatment("opiate"),
    "non_opiate_treatment_people": _in_treatment("non_opiate"),
    "alcohol_treatment_completed": lambda f: share(
        _area(f, "successful_completions", "alcohol"), _area(f, "in_treatment", "alcohol")
    ),
    "drug_treatment_new_presentations": lambda f: _area(
        f, "new_presentations", "opiate", "non_opiate"
    ),
    "continuity_of_care_after_prison": lambda f: share(
        _area(f, "prison_engaged"), _area(f, "prison_referred")
    ),
}

OTHERS: dict[str, Rule] = {
    "domestic_abuse_service_referrals": lambda f: total(
        number(f["referrals_from_police"]) + number(f["referrals_from_others"])
    ),
    "safe_accommodation_refused": lambda f: share(
        total(number(f["accommodation_refused"]).fillna(0)),
        total(number(f["accommodation_requests"]).fillna(0)),
    ),
    "victim_support_violence_referrals": _with("crime_group", "violence"),
    "victim_support_hate_referrals": _with("crime_group", "hate"),
    "exploitation_support_people": lambda f: total(number(f["new_people"])),
    "exploitation_support_children": lambda f: total(
        number(f["new_people"]), f["age_group"] == "child"
    ),
    "marac_cases": rows,
    "marac_repeat_cases": _repeats,
    "marac_partner_referrals": lambda f: _among_all(f, f["referred_by"] != "police"),
    "nrm_referrals": _referred(consent="referral"),
    "nrm_child_referrals": _referred(consent="referral", age_group="child"),
    "nrm_labour": _referred(consent="referral", exploitation_type="labour"),
    "nrm_criminal": _referred(consent="referral", exploitation_type="criminal"),
    "nrm_sexual": _referred(consent="referral", exploitation_type="sexual"),
    "nrm_county_lines_referrals": _referred(consent="referral", county_lines_flag="Y"),
    "nrm_duty_to_notify": _referred(consent="duty_to_notify"),
}

RULES = COUNCIL | FIRE | PROBATION | HEALTH | OTHERS
