"""Faults of the council's feeds: workbooks, open documents, and files of three kinds of year."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from orchestration.synthetic.faults.fault import (
    ACCEPTED,
    MISDATED,
    REFUSED,
    REJECTED_ROWS,
    UNDECLARED,
    WARNED,
    Fault,
    in_archive,
    in_cell,
    in_lines,
    in_rows,
    in_table,
    in_text,
    in_workbook,
    many_times,
    renamed,
)

_CASES, _REVIEWS = "council/asb_cases", "council/asb_case_reviews"
_TOOLS, _TOOLS_SHEET = "council/asb_tools_used", "Powers used"
_FACTORS, _FACTORS_SHEET = "council/child_assessment_factors", "Factors"
_PLAN, _ANSWERS = "council/plan_actions", "council/consultation_responses"
_EXCLUSIONS = "council/school_exclusions"
_OLD_WARDS = ("E05008714", "E05008715", "E05008716")  # of 2011, until May 2023
_FIRST_DAY = pd.Timestamp("1899-12-30")  # day 0 of a workbook


def _other_sheet(book: Any) -> None:
    book[_TOOLS_SHEET].title = "Sheet1"


def _total(book: Any) -> None:
    book[_FACTORS_SHEET].append(["Total", 999])


def _serial_dates(book: Any) -> None:
    (cells,) = book["Actions"].iter_cols(5, 5, 4)
    for cell in cells:
        cell.value, cell.number_format = (cell.value - _FIRST_DAY).days, "General"


def _withhold_all(book: Any) -> None:
    (cells,) = book[_FACTORS_SHEET].iter_cols(2, 2, 3)
    for cell in cells:
        cell.value = "*"


def _is_total(table: pd.DataFrame) -> pd.Series:
    return table["school_type"] == "Total"


def _numbers_to_zero(text: str) -> str:
    return re.sub(r'office:value="\d+"><text:p>\d+', 'office:value="0"><text:p>0', text)


COUNCIL: dict[str, Fault] = {
    "tools_other_sheet": Fault(
        "the agreed sheet has another name", REFUSED, "missing_sheet",
        in_workbook(_other_sheet), _TOOLS, "there is no sheet “Powers used”",
    ),
    "tools_merged_header": Fault(
        "a header under a merged one has another name", REFUSED, "missing_column",
        in_cell(_TOOLS_SHEET, "B4", "Local authority"), _TOOLS, "column “Uses / Council” is missing",
    ),
    "tools_formula_error": Fault(
        "a formula that nobody worked out", REFUSED, "formula_error",
        in_cell(_TOOLS_SHEET, "B5", "=1/0"), _TOOLS, "row 5",
    ),
    "tools_thousands": Fault(
        "commas in numbers, where none were agreed", REFUSED, "number:council_uses",
        in_cell(_TOOLS_SHEET, "B5", "1,085"), _TOOLS,
    ),
    "tools_other_total": Fault(
        "the total at the end has another label than agreed", REFUSED, "allowed:tool",
        in_cell(_TOOLS_SHEET, "A13", "All powers"), _TOOLS,
    ),
    "tools_quarter_in_words": Fault(
        "the quarter in the file's name is written another way", UNDECLARED, "",
        renamed(lambda path: path.name.replace("2026-Q2", "Q2-2026")), _TOOLS,
    ),
    "factors_header_moved": Fault(
        "a line more above the header", REFUSED, "header_not_there",
        in_workbook(lambda book: book[_FACTORS_SHEET].insert_rows(1)), _FACTORS,
        "the header stands on line 3; it was agreed for line 2",
    ),
    "factors_total": Fault(
        "a total at the end, where none was agreed", REFUSED, "allowed:factor",
        in_workbook(_total), _FACTORS,
    ),
    "factors_undeclared_marker": Fault(
        "a marker that was not agreed", REFUSED, "number:assessments",
        in_cell(_FACTORS_SHEET, "B3", "c"), _FACTORS,
    ),
    "factors_error_value": Fault(
        "an error in place of a number", REFUSED, "formula_error",
        in_cell(_FACTORS_SHEET, "B3", "#N/A"), _FACTORS, "row 3",
    ),
    "factors_thousands": Fault(
        "commas in numbers, as agreed", ACCEPTED, "",
        in_cell(_FACTORS_SHEET, "B3", "1,204"), _FACTORS,
    ),
    "factors_all_withheld": Fault(
        "every number is withheld", REFUSED, "not_all_withheld", in_workbook(_withhold_all), _FACTORS
    ),
    "factors_small_number": Fault(
        "a number that the partner usually withholds", WARNED, "small_numbers_are_withheld",
        in_cell(_FACTORS_SHEET, "B3", 3), _FACTORS,
    ),
    "plan_serial_dates": Fault(
        "dates as the serial numbers that Excel keeps", ACCEPTED, "",
        in_workbook(_serial_dates), _PLAN,
    ),
    "plan_dates_in_words": Fault(
        "a date as text, in words", REJECTED_ROWS, "due_on_not_a_date",
        in_cell("Actions", "E4", "30 September 2024"), _PLAN,
    ),
    "plan_phone": Fault(
        "a telephone number in a field of words", REFUSED, "depersonalised",
        in_cell("Actions", "C4", "Visit the family, 01632 960123"), _PLAN, "telephone number",
    ),
    "reviews_all_zero": Fault(
        "a year without any application: law has it published as it is", ACCEPTED, "",
        in_archive("content.xml", _numbers_to_zero), _REVIEWS,
    ),
    "reviews_postcode": Fault(
        "an address in the notes", REFUSED, "depersonalised",
        in_archive("content.xml", lambda text: re.sub(
            r"<text:p>[^<]*</text:p>(</table:table-cell></table:table-row></table:table>)",
            r"<text:p>The applicant of ST4 1AA</text:p>\1", text)),
        _REVIEWS, "full postcode",
    ),
    "reviews_two_years": Fault(
        "the file's name spans two years", MISDATED, "",
        renamed(lambda path: path.name.replace("2025-26", "2025-27")), _REVIEWS,
    ),
    "cases_commas": Fault(
        "commas in place of semicolons", REFUSED, "wrong_delimiter",
        in_text(lambda text: text.replace(";", ",")), _CASES,
    ),
    "cases_short_years": Fault(
        "years of two digits", REFUSED, "date:opened_on",
        in_table(lambda table: table.assign(opened_on=table["opened_on"].str.replace("/20", "/")), ";"),
        _CASES, "dd/MM/yyyy",
    ),
    "cases_without_wards": Fault(
        "half the cases without a ward", REFUSED, "share_without_ward",
        in_rows({"ward_code": ""}, lambda table: table.index % 2 == 0, ";"), _CASES,
    ),
    "old_wards": Fault(
        "wards of before May 2023", WARNED, "in_force:ward_code",
        in_table(lambda table: table.assign(
            ward_code=[*_OLD_WARDS, *table["ward_code"].iloc[len(_OLD_WARDS):]]), "\t"),
        "council/environmental_crime",
    ),
    "hate_email": Fault(
        "an e-mail address in a field of words", REFUSED, "depersonalised",
        in_rows({"source": "j.bloggs@example.org"}, encoding="latin-1"),
        "council/hate_incidents_and_tension", "e-mail address",
    ),
    "safeguarding_thirteen_times": Fault(
        "the whole file thirteen times over", REFUSED, "enquiry_once",
        in_table(many_times), "council/adult_safeguarding",
    ),
    "exclusions_not_available": Fault(
        "numbers that the source does not give (x)", ACCEPTED, "",
        in_rows({"susp_offensive_weapon": "x", "perm_theft": "x"}, _is_total), _EXCLUSIONS,
    ),
    "exclusions_unknown_marker": Fault(
        "a marker that was not agreed, where a number may be blank", REJECTED_ROWS,
        "susp_theft_not_a_number",
        in_rows({"susp_theft": "~"}, lambda table: table["school_type"] == "Special"), _EXCLUSIONS,
    ),
    "exclusions_calendar_year": Fault(
        "an academic year is named as a calendar year", UNDECLARED, "",
        renamed(lambda path: path.name.replace("2024-25", "2024")), _EXCLUSIONS,
    ),
    "exclusions_other_year": Fault(
        "the year before once more, under the new year's name", REFUSED, "year_is_the_files_year",
        in_table(lambda table: table.assign(time_period="202324")), _EXCLUSIONS,
    ),
    "exclusions_other_authority": Fault(
        "the figures of another authority", ACCEPTED, "",
        in_table(lambda table: table.assign(new_la_code="E06000020", la_name="Telford and Wrekin")),
        _EXCLUSIONS,
    ),
    "exclusions_without_total": Fault(
        "the row of all schools is missing", REFUSED, "one_authority_and_its_total",
        in_table(lambda table: table[~_is_total(table)]), _EXCLUSIONS,
    ),
    "consultation_strands_mixed": Fault(
        "pupils' answers among the adults'", REFUSED, "strands_kept_apart",
        in_rows({"strand": "adult"}, lambda table: table["strand"] == "school"), _ANSWERS,
    ),
    "consultation_pupils_wards": Fault(
        "the wards in which pupils live", REFUSED, "pupils_have_no_ward",
        in_rows({"ward_code": "E05014558"}, lambda table: table["strand"] == "school"), _ANSWERS,
    ),
    "consultation_comments": Fault(
        "a column of comments, with what neighbours are called", REFUSED, "undeclared_column",
        in_lines(lambda lines: [line.rstrip("\n") + (",comment" if n == 0 else ",") + "\n"
                                for n, line in enumerate(lines)]),
        _ANSWERS, "comment",
    ),
}  # fmt: skip
