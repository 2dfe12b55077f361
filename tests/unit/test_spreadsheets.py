"""Workbooks: the same rows from a good one, and one sentence from each bad one."""

from datetime import date, datetime, time

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.core.refusal import Refusal
from tests.support.made_up import COLUMNS, column
from tests.support.made_up_files import (
    BOOKS,
    GOOD_ODS,
    GOOD_XLSX,
    HEADER,
    ROWS,
    SECRET,
    numbered,
    ods,
    read,
    refusal,
    repacked,
    xlsx,
)


@pytest.mark.parametrize("form", BOOKS)
def test_cells_become_the_text_that_they_stand_for(tmp_path, form):
    assert read(tmp_path, BOOKS[form]([HEADER, *ROWS]), form) == numbered(2)


@pytest.mark.parametrize("form", BOOKS)
def test_title_rows_blank_rows_columns_and_the_total_are_no_rows(tmp_path, form):
    rows = [
        ["Boats in the harbour"], [], [None, *HEADER],
        *([None, *row] for row in ROWS), [None, "Total", None, 99, 1], [None], [None, None],
    ]  # fmt: skip
    layout = {"titleRows": 2, "sheet": "Data", "totalLabel": "Total"}
    assert read(tmp_path, BOOKS[form](rows), form, layout=layout) == numbered(4)


def test_a_total_that_nobody_agreed_is_a_row(tmp_path):
    found = read(tmp_path, xlsx([HEADER, ROWS[0], ["Total", None, 12, None]]), "xlsx")
    assert found[-1] == (3, "Total", None, "12", None)


def test_a_blank_row_in_the_middle_is_a_row(tmp_path):
    found = read(tmp_path, xlsx([HEADER, ROWS[0], [], ROWS[1]]), "xlsx")
    assert found[1] == (3, None, None, None, None)


@pytest.mark.parametrize("form", BOOKS)
def test_two_header_rows_with_merged_cells(tmp_path, form):
    names = ["Area", "2024 / Boats", "2024 / Crew", "2025 / Boats", "Notes"]
    columns = [column(f"c{n}", name) for n, name in enumerate(names)]
    rows = [
        ["A title"],
        ["Area", "2024", None, "2025", "Notes", None],
        [None, "Boats", "Crew", "Boats", None, None],
        ["ST1", 1, 2, 3, "a"],
    ]
    layout = {"titleRows": 1, "headerRows": 2}
    found = read(tmp_path, BOOKS[form](rows), form, columns, layout=layout)
    assert found == [(4, "ST1", "1", "2", "3", "a")]


def test_header_cells_may_be_broken_over_lines(tmp_path):
    rows = [["Area ", "Date\nseen", " People", "Rate"], *ROWS]
    assert read(tmp_path, xlsx(rows), "xlsx") == numbered(2)


def test_dates_times_and_serial_numbers_follow_the_columns_format(tmp_path):
    formats = {"a": "yyyy-MM-dd", "b": "dd/MM/yyyy HH:mm", "c": "yyyy-MM-dd'T'HH:mm:ss",
               "d": "yyyy-MM"}  # fmt: skip
    columns = [
        *(
            column(name, name, "timestamp", logicalTypeOptions={"format": form})
            for name, form in formats.items()
        ),
        column("e", "e", "time", logicalTypeOptions={"format": "HH:mm"}),
        column("f", "f"),
    ]
    moment = datetime(2025, 6, 3, 13, 29)
    serial = 45811 + (13 * 60 + 29) / 1440
    rows = [
        ["a", "b", "c", "d", "e", "f"],
        [moment, moment, moment, moment, time(13, 29), moment],
        [serial, serial, serial, serial, serial % 1, 45811],
        [2025, 202506, 20250603, "2025-06", 1.5, True],
    ]
    assert read(tmp_path, xlsx(rows), "xlsx", columns) == [
        (2, "2025-06-03", "03/06/2025 13:29", "2025-06-03T13:29:00", "2025-06", "13:29",
         "2025-06-03 13:29:00"),
        (3, "2025-06-03", "03/06/2025 13:29", "2025-06-03T13:29:00", "2025-06", "13:29", "45811"),
        # Numbers that are no plausible dates stay numbers, for the date rule to refuse.
        (4, "2025", "202506", "20250603", "2025-06", "1.5", "TRUE"),
    ]  # fmt: skip


def test_every_minute_of_a_day_survives(tmp_path):
    columns = [column("a", "a", "timestamp", logicalTypeOptions={"format": "yyyy-MM-dd HH:mm"})]
    minutes = range(1440)
    rows = [["a"], *([45811 + minute / 1440] for minute in minutes)]
    found = read(tmp_path, xlsx(rows), "xlsx", columns)
    assert [row[1][11:] for row in found] == [f"{m // 60:02d}:{m % 60:02d}" for m in minutes]


def test_serial_numbers_of_the_1904_calendar_are_not_guessed(tmp_path):
    def old_calendar(book):
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    content = xlsx([HEADER, ["ST1", date(2025, 6, 3), 1, 1], ["ST1", 45811, 1, 1]], "Data",
                   old_calendar)  # fmt: skip
    assert [row[2] for row in read(tmp_path, content, "xlsx")] == ["03/06/2025", "45811"]


def test_large_and_long_numbers(tmp_path):
    columns = [column("a", "a")]
    rows = [["a"], [123456789012345], [0.1], [-0.0], [100000]]
    assert [row[1] for row in read(tmp_path, xlsx(rows), "xlsx", columns)] == [
        "123456789012345", "0.1", "0", "100000",
    ]  # fmt: skip


@pytest.mark.parametrize("form", BOOKS)
def test_a_sheet_that_is_not_there_is_named_with_those_that_are(tmp_path, form):
    found = refusal(tmp_path, BOOKS[form]([HEADER, *ROWS]), form, layout={"sheet": "Table 1"})
    assert found.rule == "missing_sheet"
    assert found.sentence == "there is no sheet “Table 1”; the workbook has “Data”"


def test_several_sheets_need_an_agreed_name(tmp_path):
    content = xlsx([HEADER, *ROWS], "Data", lambda book: book.create_sheet("Notes"))
    assert refusal(tmp_path, content, "xlsx").rule == "missing_sheet"
    assert read(tmp_path, content, "xlsx", layout={"sheet": "Data"}) == numbered(2)


@pytest.mark.parametrize("form", BOOKS)
def test_a_header_that_is_not_where_it_was_agreed(tmp_path, form):
    found = refusal(tmp_path, BOOKS[form]([["Title"], [], HEADER, *ROWS]), form)
    assert (found.rule, found.rows) == ("header_not_there", (3,))
    assert "stands on line 3; it was agreed for line 1" in found.sentence
    late = {"titleRows": 6}
    assert refusal(tmp_path, BOOKS[form]([HEADER, *ROWS]), form, layout=late).rule == (
        "header_not_there"
    )


def test_values_without_a_header_are_refused(tmp_path):
    found = refusal(tmp_path, xlsx([HEADER, [*ROWS[0], None, SECRET]]), "xlsx")
    assert (found.rule, found.sentence) == (
        "unnamed_column", "column 5 has no name in the header",
    )  # fmt: skip


def _errors(book):
    for place, value in (("C2", "#REF!"), ("D4", "#N/A")):
        cell = book.active[place]
        cell.value, cell.data_type = value, "e"


def test_formula_errors_are_refused_with_their_rows(tmp_path):
    found = refusal(tmp_path, xlsx([HEADER, *ROWS], change=_errors), "xlsx")
    assert (found.rule, found.rows) == ("formula_error", (2, 4))
    content = ods([HEADER, ROWS[0], ["=A1", None, 1, 1], ROWS[1], [None, None, None, "=A1"]])
    found = refusal(tmp_path, content, "ods")
    assert (found.rule, found.rows) == ("formula_error", (3, 5))


def test_an_error_on_a_row_of_nothing_else_is_no_blank_row(tmp_path):
    def after(book):
        cell = book.active["A9"]
        cell.value, cell.data_type = "#REF!", "e"

    assert refusal(tmp_path, xlsx([HEADER, *ROWS], change=after), "xlsx").rows == (9,)


def test_a_formula_that_was_never_worked_out_is_no_blank(tmp_path):
    content = xlsx([HEADER, ["ST1", "04/06/2025", "=1+1", 1]])
    assert refusal(tmp_path, content, "xlsx").rule == "formula_error"


def test_an_error_in_the_title_or_the_total_does_not_matter(tmp_path):
    rows = [["=1+1"], HEADER, *ROWS, ["Total", None, "=SUM(C3:C5)", None]]
    layout = {"titleRows": 1, "totalLabel": "Total"}
    assert read(tmp_path, xlsx(rows), "xlsx", layout=layout) == numbered(3)


def test_an_error_written_as_text_is_one_unless_it_is_a_marker(tmp_path):
    content = xlsx([HEADER, ["ST1", "04/06/2025", "#N/A", 1]])

    def as_text(book):
        book.active["C2"].data_type = "s"

    content = xlsx([HEADER, ["ST1", "04/06/2025", "#N/A", 1]], change=as_text)
    assert refusal(tmp_path, content, "xlsx").rows == (2,)
    marked = [
        {**entry, "customProperties": [{"property": "markers", "value": {"#N/A": "not_available"}}]}
        if entry["name"] == "people"
        else entry
        for entry in COLUMNS
    ]
    assert read(tmp_path, content, "xlsx", marked)[0][3] == "#N/A"


@pytest.mark.parametrize("form", BOOKS)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_damaged_workbook_is_rows_or_a_refusal(tmp_path, form, data):
    good = {"xlsx": GOOD_XLSX, "ods": GOOD_ODS}[form]
    inside = data.draw(st.booleans())

    def spoil(content):
        at = data.draw(st.integers(0, len(content) - 1))
        return content[:at] + data.draw(st.binary(max_size=6)) + content[at + 3 :]

    content = repacked(good, lambda name, old: spoil(old)) if inside else spoil(good)
    try:
        read(tmp_path, content, form)
    except Refusal as refused:
        assert refused.sentence and "\n" not in refused.sentence
