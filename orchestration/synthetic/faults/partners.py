"""Faults of the feeds of probation, the voluntary sector, the partnership and national bodies."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from orchestration.synthetic.faults.fault import (
    ACCEPTED,
    REFUSED,
    UNDECLARED,
    Fault,
    in_archive,
    in_bytes,
    in_cell,
    in_rows,
    in_table,
    in_workbook,
    many_times,
    renamed,
)

_CRIME, _MARAC, _NRM = (
    "national/recorded_crime_csp", "partnership/marac_cases", "national/nrm_referrals",
)  # fmt: skip
_CASELOAD, _SERVICES = "probation/caseload", "voluntary/domestic_abuse_services"
_ODS_CELL = '<table:table-cell office:value-type="float" office:value="'


def _no_people(book: Any) -> None:
    book["Caseload"].delete_rows(3, 100)


def _all_zero(book: Any) -> None:
    (cells,) = book["Caseload"].iter_cols(4, 4, 3)
    for cell in cells:
        cell.value = "-"


def _other_perpetrator(table: pd.DataFrame) -> pd.DataFrame:
    """The first victim again, weeks later, after abuse by another perpetrator."""
    again = table.iloc[[0]].assign(
        case_ref="SYN-ANOTHERPERPETRATOR",
        heard_on=table["heard_on"].iloc[-1],
        perpetrator_key="SYN-another-perpetrator",
    )
    return pd.concat([table, again])


def _alike(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(victim_key="SYN-not-known-1", perpetrator_key="SYN-not-known-2")


def _protected(_: bytes) -> bytes:
    return b"\xd0\xcf\x11\xe0" + bytes(508) + "EncryptedPackage".encode("utf-16-le")


PARTNERS: dict[str, Fault] = {
    "national_half_a_year": Fault(
        "six months, published as twelve", REFUSED, "four_quarters",
        in_table(lambda table: table[table["Financial Quarter"].isin(["1", "2"])]), _CRIME,
    ),
    "national_thirteen_times": Fault(
        "the whole file thirteen times over", REFUSED, "cell_once", in_table(many_times), _CRIME
    ),
    "national_calendar_year": Fault(
        "a financial year is named as a calendar year", UNDECLARED, "",
        renamed(lambda path: path.name.replace("2025-26", "2025")), _CRIME,
    ),
    "national_other_name": Fault(
        "the partnership has another name", ACCEPTED, "",
        in_rows({"CSP Name": "Potteries"}, lambda table: table["CSP Name"] == "Stoke-on-Trent"),
        _CRIME,
    ),
    "referrals_header_moved": Fault(
        "a line fewer above the header", REFUSED, "header_not_there",
        in_archive("content.xml", lambda text: text.replace(
            "<table:table-row><table:table-cell/></table:table-row>", "", 1)),
        _NRM, "the header stands on line 4; it was agreed for line 5",
    ),
    "referrals_other_sheet": Fault(
        "the agreed sheet has another name", REFUSED, "missing_sheet",
        in_archive("content.xml", lambda text: text.replace('"Referrals"', '"Table 7"')), _NRM,
        "there is no sheet “Referrals”",
    ),
    "reoffending_formula_error": Fault(
        "a formula with an error", REFUSED, "formula_error",
        in_archive("content.xml", lambda text: re.sub(
            _ODS_CELL + r'\d+"><text:p>\d+',
            '<table:table-cell table:formula="of:=1/0" office:value-type="string" '
            'office:string-value=""><text:p>#DIV/0!', text, count=1)),
        "probation/reoffending", "formula",
    ),
    "exploitation_withheld": Fault(
        "a number is withheld (*), where only - was agreed", REFUSED, "number:new_people",
        in_archive("content.xml", lambda text: text.replace(
            _ODS_CELL + '8"><text:p>8', '<table:table-cell office:value-type="string"><text:p>*', 1)),
        "voluntary/exploitation_support",
    ),
    "marac_other_perpetrator": Fault(
        "a victim once more, of another perpetrator: no repeat", ACCEPTED, "",
        in_table(_other_perpetrator), _MARAC,
    ),
    "marac_names": Fault(
        "names in place of keys", REFUSED, "pattern:victim_key",
        in_rows({"victim_key": "Jane Example"}), _MARAC,
    ),
    "marac_nhs_numbers": Fault(
        "NHS numbers in place of keys", REFUSED, "depersonalised",
        in_rows({"victim_key": "9434765919"}), _MARAC,
    ),
    "marac_keys_alike": Fault(
        "one key for everybody, so that all are repeats", REFUSED, "keys_tell_people_apart",
        in_table(_alike), _MARAC,
    ),
    "caseload_empty": Fault(
        "a workbook with a header and nobody in it", REFUSED, "no_rows",
        in_workbook(_no_people), _CASELOAD,
    ),
    "caseload_all_zero": Fault(
        "nobody is supervised at all", REFUSED, "people_are_counted",
        in_workbook(_all_zero), _CASELOAD,
    ),
    "caseload_password": Fault(
        "the workbook is protected by a password", REFUSED, "protected",
        in_bytes(_protected), _CASELOAD, "password",
    ),
    "caseload_other_format": Fault(
        "text by the name of a workbook", REFUSED, "not_workbook",
        in_bytes(lambda content: b"Measure,Offence group,Requirement,People\n"), _CASELOAD,
    ),
    "services_merged_header": Fault(
        "a header under a merged one has another name", REFUSED, "missing_column",
        in_cell("Referrals", "D2", "Asked for"), _SERVICES,
        "column “Safe accommodation / Requests” is missing",
    ),
    "services_other_marker": Fault(
        "the agreed marker in capitals", REFUSED, "number:accommodation_requests",
        in_cell("Referrals", "D3", "N/A"), _SERVICES,
    ),
    "victims_thirteen_times": Fault(
        "the whole file thirteen times over", REFUSED, "referral_once",
        in_table(many_times), "voluntary/victim_support",
    ),
    "deprivation_of_2019": Fault(
        "ranks and tenths of 32,844 areas: the edition of 2019", REFUSED, "decile_of_the_rank",
        in_rows({"IMD_decile": "6.0", "IMD_rank": "16500.0"}), "reference/imd_2025",
    ),
    "weights_of_two_schemes": Fault(
        "harm weights of two schemes in one file", REFUSED, "one_scheme",
        in_rows({"scheme": "another"}), "reference/harm_weights",
    ),
}  # fmt: skip
