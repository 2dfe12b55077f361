"""Faults of the police's feeds beside the street file: extracts of crimes, incidents and people."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from orchestration.core.office_documents import excel
from orchestration.synthetic.faults.fault import (
    ACCEPTED,
    REFUSED,
    REJECTED_ROWS,
    WARNED,
    Fault,
    in_cell,
    in_rows,
    in_table,
    in_text,
    in_workbook,
    many_times,
)

_CRIMES, _INCIDENTS = "police/recorded_crime", "police/incidents"
_MISSING, _STOPS = "police/missing_episodes", "police/stop_and_search"
_LINES = "police/county_lines_activity"
_FIRST_MOMENT = pd.Timestamp("1899-12-30")  # day 0 of a workbook


def _serial_times(book: Any) -> None:
    (cells,) = book["Episodes"].iter_cols(4, 4, 4)
    for cell in cells:
        cell.value = (cell.value - _FIRST_MOMENT) / pd.Timedelta(days=1)
        cell.number_format = "General"


def _from_1904(book: Any) -> None:
    book.epoch = excel().utils.datetime.CALENDAR_MAC_1904


def _names(book: Any) -> None:
    book["Episodes"]["H3"], book["Episodes"]["H4"] = "name", "A N Other"


POLICE: dict[str, Fault] = {
    "crimes_lsoa_2011": Fault(
        "LSOA codes of 2011 that were split since", ACCEPTED, "",
        in_table(lambda table: table.assign(
            lsoa_code=["E01014251", "E01014236", *table["lsoa_code"].iloc[2:]])),
        _CRIMES,
    ),
    "crimes_unknown_offence": Fault(
        "an offence code that the Home Office does not know", REJECTED_ROWS,
        "offence_code_unknown", in_rows({"ho_code": "999Z"}), _CRIMES,
    ),
    "crimes_of_two_months": Fault(
        "the last days of the month before", REFUSED, "recorded_in_the_files_month",
        in_rows({"recorded_date": "31/07/2026", "committed_from": "31/07/2026 10:00"}), _CRIMES,
    ),
    "crimes_before_committed": Fault(
        "a crime that was recorded before it was committed", WARNED, "committed_before_recorded",
        in_rows({"committed_from": "31/12/2026 10:00"}), _CRIMES,
    ),
    "crimes_flags_as_words": Fault(
        "yes and no in place of Y and N", REJECTED_ROWS, "knife_flag_not_allowed",
        in_rows({"knife_flag": "yes"}), _CRIMES,
    ),
    "incidents_commas": Fault(
        "commas in place of upright bars", REFUSED, "wrong_delimiter",
        in_text(lambda text: text.replace("|", ",")), _INCIDENTS,
    ),
    "incidents_thirteen_times": Fault(
        "the whole file thirteen times over", REFUSED, "incident_once",
        in_table(many_times, "|"), _INCIDENTS,
    ),
    "incidents_class_missing": Fault(
        "anti-social behaviour of no class", WARNED, "class_of_asb_only",
        in_rows({"nsir_closing_code": "asb", "nsir_asb_class": ""}, delimiter="|"), _INCIDENTS,
    ),
    "missing_serial_times": Fault(
        "times as the serial numbers that Excel keeps", ACCEPTED, "",
        in_workbook(_serial_times), _MISSING,
    ),
    "missing_from_1904": Fault(
        "a workbook that counts days from 1904", ACCEPTED, "", in_workbook(_from_1904), _MISSING
    ),
    "missing_names": Fault(
        "a column of names", REFUSED, "undeclared_column", in_workbook(_names), _MISSING, "name"
    ),
    "missing_many_unplaced": Fault(
        "no episode has a ward", REFUSED, "share_without_location",
        in_workbook(lambda book: book["Episodes"].move_range("G4:G400", rows=400)), _MISSING,
    ),
    "stops_local_time": Fault(
        "local times in place of times with a zone", REFUSED, "pattern:searched_at",
        in_text(lambda text: re.sub(r"\+0[01]:00", "", text)), _STOPS,
    ),
    "stops_thirteen_times": Fault(
        "the whole file thirteen times over: a search has no number", REFUSED, "usual_volume",
        in_table(many_times), _STOPS,
    ),
    "stops_half_a_point": Fault(
        "a longitude without a latitude", WARNED, "point_is_whole",
        in_rows({"Latitude": ""}, lambda table: table["Longitude"] != ""), _STOPS,
    ),
    "lines_quarter_label": Fault(
        "the quarter is written another way", REFUSED, "pattern:quarter",
        in_cell("Data", "A5", "Q1 2026/27"), _LINES,
    ),
    "lines_part_of_a_quarter": Fault(
        "a quarter in which two months were collected", REJECTED_ROWS, "quarter_not_whole",
        in_cell("Data", "G5", 2), _LINES,
    ),
    "detentions_too_long": Fault(
        "a detention of longer than the law allows", WARNED, "lawful_length",
        in_rows({"hours_to_assessment": "40"}), "police/section_136",
    ),
    "outcomes_thirteen_times": Fault(
        "the whole file thirteen times over", REFUSED, "usual_volume",
        in_table(many_times), "police/outcomes",
    ),
    "outcomes_few": Fault(
        "the file ends after a third of the month", REFUSED, "usual_volume",
        in_table(lambda table: table[table.index % 3 == 0]), "police/outcomes",
    ),
}  # fmt: skip
