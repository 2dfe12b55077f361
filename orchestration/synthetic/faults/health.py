"""Faults of the health partners' feeds: XML, JSON, and what must never be in them."""

from __future__ import annotations

import re

import pandas as pd

from orchestration.synthetic.faults.fault import (
    ACCEPTED,
    REFUSED,
    REJECTED_ROWS,
    THIRTEEN,
    WARNED,
    Fault,
    in_bytes,
    in_rows,
    in_table,
    in_text,
)

_ADMISSIONS, _TREATMENT = "health/hospital_admissions", "health/drug_alcohol_treatment"
_ASSAULTS, _CALLS = "health/emergency_department_assaults", "health/ambulance_calls"
_BOMB = (
    '<!DOCTYPE Extract [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>\n<Extract>'
)

HEALTH: dict[str, Fault] = {
    "admissions_full_postcode": Fault(
        "full postcodes in place of outward ones", REFUSED, "depersonalised",
        in_rows({"outward_postcode": "ST4 1AA"}), _ADMISSIONS,
    ),
    "admissions_nhs_number": Fault(
        "a column of NHS numbers", REFUSED, "undeclared_column",
        in_table(lambda table: table.assign(nhs_number="943 476 5919")), _ADMISSIONS, "nhs_number",
    ),
    "admissions_only_alcohol": Fault(
        "admissions of one kind only", REFUSED, "every_block_there",
        in_table(lambda table: table[table["block"] == "alcohol"]), _ADMISSIONS,
    ),
    "admissions_other_code": Fault(
        "an alcohol code among the assaults", REJECTED_ROWS, "sub_category_not_of_the_block",
        in_rows({"icd10_sub_category": "F10.0", "block": "assault"}), _ADMISSIONS,
    ),
    "treatment_withheld": Fault(
        "the source withholds a number of the area (*)", ACCEPTED, "",
        in_rows({"in_treatment": "*", "new_presentations": "*", "successful_completions": "*"}),
        _TREATMENT,
    ),
    "treatment_small_number": Fault(
        "a number below five, which the source must withhold", REFUSED, "small_numbers_withheld",
        in_rows({"prison_referred": "4", "prison_engaged": "*"}), _TREATMENT,
    ),
    "treatment_nhs_number": Fault(
        "an NHS number in a field of words", REFUSED, "depersonalised",
        in_rows({"service_name": "Recovery, of 943 476 5919"},
                lambda table: table["level"] == "service"),
        _TREATMENT, "NHS number",
    ),
    "assaults_cut_off": Fault(
        "XML that stops in the middle", REFUSED, "not_xml",
        in_bytes(lambda content: content[: len(content) // 2]), _ASSAULTS, "not well-formed",
    ),
    "assaults_entity_bomb": Fault(
        "XML with entities that grow and grow", REFUSED, "not_xml",
        in_text(lambda text: text.replace("<Extract>", _BOMB)
                .replace("<SiteCode>SYN01", "<SiteCode>&c;")),
        _ASSAULTS, "entities",
    ),
    "assaults_location_text": Fault(
        "where it happened, in words: personal data", REFUSED, "undeclared_column",
        in_text(lambda text: text.replace(
            "</Attendance>",
            "<AssaultLocationDescription>outside the house of an ex-partner"
            "</AssaultLocationDescription></Attendance>", 1)),
        _ASSAULTS, "AssaultLocationDescription",
    ),
    "assaults_thirteen_times": Fault(
        "every attendance thirteen times over: none has a number", REFUSED, "usual_volume",
        in_text(lambda text: re.sub(
            r"<Attendance>.*?</Attendance>", lambda found: found.group() * THIRTEEN, text)),
        _ASSAULTS,
    ),
    "assaults_other_month": Fault(
        "the reporting period is another month", REFUSED, "header_is_the_files_month",
        in_text(lambda text: text.replace(
            "<ReportingPeriodStartDate>2026-08", "<ReportingPeriodStartDate>2026-07")),
        _ASSAULTS,
    ),
    "assaults_after_arrival": Fault(
        "an assault after the arrival", WARNED, "assault_before_arrival",
        in_text(lambda text: text.replace(
            "<AssaultDateTime>2026-07-31", "<AssaultDateTime>2026-08-31", 1)),
        _ASSAULTS,
    ),
    "calls_unknown_key": Fault(
        "a key that nobody agreed to share", REFUSED, "undeclared_column",
        in_text(lambda text: text.replace('"category"', '"caller": "A N Other", "category"', 1)),
        _CALLS, "caller",
    ),
    "calls_other_key": Fault(
        "the array of calls under another key", REFUSED, "not_records",
        in_text(lambda text: text.replace('"calls"', '"records"', 1)), _CALLS, "calls",
    ),
    "calls_nested": Fault(
        "an object in place of a value", REFUSED, "nested_value",
        in_text(lambda text: text.replace('"ward_code":"', '"ward_code":{"code":"', 1)
                .replace('"}', '"}}', 1)),
        _CALLS,
    ),
    "calls_cut_off": Fault(
        "JSON that stops in the middle", REFUSED, "not_json",
        in_bytes(lambda content: content[: len(content) // 2]), _CALLS,
    ),
    "calls_no_zone_letter": Fault(
        "times with a letter for the zone", REFUSED, "date:called_at",
        in_text(lambda text: text.replace('","category"', 'Z","category"')), _CALLS,
    ),
    "indicators_fractions": Fault(
        "counts that are not whole: attributable fractions", ACCEPTED, "",
        in_rows({"Count": "1234.6"}), "health/public_health_indicators",
    ),
    "indicators_two_values": Fault(
        "one figure with two values", REFUSED, "one_value",
        in_table(lambda table: pd.concat(
            [table, table.head(1).assign(**{"Parent Code": "E99999999", "Value": "999"})])),
        "health/public_health_indicators",
    ),
}  # fmt: skip
