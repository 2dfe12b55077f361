"""What programs and people do to files: read where nothing is lost, else refused or told in one sentence."""

import json
from datetime import date, datetime

import pytest

from tests.support.made_up import column
from tests.support.made_up_files import (
    BOOKS,
    GOOD_XLSX,
    HEADER,
    ROWS,
    TEXTS,
    csv_text,
    numbered,
    ods,
    read,
    refusal,
    repacked,
    xlsx,
)

TEXT = [column("code", "Code"), column("note", "Note")]
SHUT = [column("note", "Note"), column("kind", "Kind", enum=[{"value": "a"}, {"value": "b"}])]
LINES = csv_text([HEADER, *TEXTS])
LATIN = {"encoding": "latin-1", "delimiter": ",", "quote": '"', "escape": '"'}


def table(form, rows, names=("Code", "Note")):
    """One table in any format that holds text."""
    records = [dict(zip(names, row, strict=True)) for row in rows]
    if form in BOOKS:
        return BOOKS[form]([list(names), *rows])
    if form == "csv":
        return csv_text([names, *rows])
    if form == "json":
        return json.dumps(records).encode()
    cells = "".join(
        "<r>" + "".join(f"<{k}>{v}</{k}>" for k, v in record.items()) + "</r>" for record in records
    )
    return f"<all>{cells}</all>".encode()


def told(folder, content, form, columns=TEXT, **properties):
    """The rows that were read, and rule, severity and lines of what was said about them."""
    said = []
    rows = read(folder, content, form, columns, said.append, **properties)
    assert all("\n" not in remark.sentence and "xyz" not in remark.sentence for remark in said)
    return rows, [(remark.rule, remark.severity, remark.rows) for remark in said]


def properties(form):
    return {"layout": {"row": "r"}} if form == "xml" else {}


FORMS = ("csv", "xlsx", "ods", "json", "xml")


# --- line ends, delimiters, encodings ---------------------------------------------------------------


def test_a_last_line_without_its_end_is_read_and_told(tmp_path):
    rows, said = told(tmp_path, b"Code,Note\na,b\nc,d", "csv")
    assert rows == [(2, "a", "b"), (3, "c", "d")]
    assert said == [("no_last_line_end", "info", (3,))]


def test_a_last_value_that_is_as_agreed_needs_no_remark(tmp_path):
    assert told(tmp_path, b"Note,Kind\nx,a\ny,b", "csv", SHUT)[1] == []


@pytest.mark.parametrize(
    "end",
    [b"y", b"y,", b"y,c", b'"y', b'y,"a'],
    ids=["short", "blank", "not agreed", "quote", "last"],
)
def test_a_last_row_that_is_not_whole_was_cut_off(tmp_path, end):
    columns = [SHUT[0], {**SHUT[1], "required": True}]
    found = refusal(tmp_path, b"Note,Kind\nx,a\n" + end, "csv", columns)
    assert (found.rule, found.rows) == ("cut_off", (3,))


def test_a_file_that_ends_within_a_letter_was_cut_off(tmp_path):
    assert refusal(tmp_path, "Code,Note\na,\u00e9".encode()[:-1], "csv", TEXT).rule == "cut_off"


def test_a_line_that_is_short_before_the_last_one_is_no_cut(tmp_path):
    assert refusal(tmp_path, b"Note,Kind\nx\ny,b", "csv", SHUT).rule == "bad_line"


def test_lines_ended_by_carriage_returns(tmp_path):
    assert read(tmp_path, LINES.replace(b"\n", b"\r"), "csv") == numbered(2)
    within = b'Code,Note\r"a\nb",c\r'
    assert read(tmp_path, within, "csv", TEXT) == [(2, "a\nb", "c")]


@pytest.mark.parametrize(
    ("sign", "word"), [(";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")]
)
def test_another_delimiter_is_named(tmp_path, sign, word):
    found = refusal(tmp_path, LINES.replace(b",", sign.encode()), "csv")
    assert found.sentence == f"the columns are separated by {word}; commas were agreed"


def test_blank_rows_at_the_end_and_columns_without_anything(tmp_path):
    content = LINES.replace(b"\n", b",,\n") + b",,,,,\n , ,,,,\n"
    assert read(tmp_path, content, "csv") == numbered(2)


def test_blank_cells_in_the_middle_are_a_row(tmp_path):
    assert read(tmp_path, b"Code,Note\na,b\n,\nc,d\n", "csv", TEXT)[1] == (3, None, None)


def test_a_column_with_values_needs_a_name(tmp_path):
    content = LINES.replace(b"\n", b",\n", 2).replace(b"*,1500\n", b"*,1500,x\n")
    content = content.replace(b"-1.5\n", b"-1.5,\n")
    assert refusal(tmp_path, content, "csv").rule == "unnamed_column"


def test_windows_1252_can_be_agreed(tmp_path):
    content = "Code,Note\na,driver\u2019s \u00a320 \u2013 paid\n".encode("windows-1252")
    dialect = {**LATIN, "encoding": "windows-1252"}
    rows = read(tmp_path, content, "csv", TEXT, dialect=dialect)
    assert rows == [(2, "a", "driver\u2019s \u00a320 \u2013 paid")]


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252"])
def test_utf_8_where_another_encoding_was_agreed(tmp_path, encoding):
    content = "Code,Note\na,caf\u00e9\n".encode()
    found = refusal(tmp_path, content, "csv", TEXT, dialect={**LATIN, "encoding": encoding})
    assert found.sentence == f"the file is UTF-8; expected {encoding.upper()}"


# --- what is among the rows, in every format --------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_a_header_among_the_rows(tmp_path, form):
    content = table(form, [["a", "b"], ["Code", "Note"], ["c", "d"]])
    found = refusal(tmp_path, content, form, TEXT, **properties(form))
    assert found.rule == "repeated_header" and len(found.rows) == 1


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "text", ["xyz \u00c3\u00a9", "xyz \ufffd", "\u00c2\u00a3 xyz", "xyz \u00e2\u20ac\u2122 s"]
)
def test_text_spoilt_by_an_encoding(tmp_path, form, text):
    rows, said = told(
        tmp_path,
        table(form, [["caf\u00e9", "\u00c9t\u00e9"], ["a", text]]),
        form,
        **properties(form),
    )
    assert rows[1][2] == text
    assert [(rule, severity) for rule, severity, _ in said] == [("mangled_text:note", "warning")]
    assert said[0][2] == (rows[1][0],)


@pytest.mark.parametrize("form", ["csv", "json"])
def test_control_characters_of_latin_1(tmp_path, form):
    assert (
        told(tmp_path, table(form, [["a", "driver\u0092s"]]), form)[1][0][0] == "mangled_text:note"
    )


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("text", "rule"),
    [("1.23457E+15", "shortened_number"), ("Oct-25", "became_date"), ("03-Apr", "became_date")],
)
def test_what_a_spreadsheet_made_of_a_code(tmp_path, form, text, rule):
    rows = [["10/26", "x"], ["a", "y"], [text, "z"]]
    found = told(tmp_path, table(form, rows), form, **properties(form))[1]
    assert [entry[0] for entry in found] == [f"{rule}:code"]


def test_a_column_of_months_is_how_it_is_written(tmp_path):
    assert told(tmp_path, table("csv", [["Oct-25", "x"], ["Nov-25", "y"]]), "csv")[1] == []


# --- workbooks --------------------------------------------------------------------------------------


def test_strict_open_xml_is_read(tmp_path):
    def strict(_name, part):
        return part.replace(
            b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
            b"http://purl.oclc.org/ooxml/spreadsheetml/main",
        ).replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        )

    assert read(tmp_path, repacked(GOOD_XLSX, strict), "xlsx") == numbered(2)


@pytest.mark.parametrize("said", [b"A0:D4", b"", b"nothing", b"A1:B2", b"A1", b"A1:XFD1048576"])
def test_an_extent_that_is_not_so_is_a_hint(tmp_path, said):
    lie = repacked(GOOD_XLSX, lambda _, part: part.replace(b'ref="A1:D4"', b'ref="%s"' % said))
    assert lie != GOOD_XLSX
    assert read(tmp_path, lie, "xlsx") == numbered(2)


def spanned(content, old, new):
    return repacked(
        content, lambda name, part: part.replace(old, new, 1) if name == "content.xml" else part
    )


def test_merged_cells_in_rows(tmp_path):
    book = xlsx([HEADER, *ROWS], change=lambda book: book.active.merge_cells("C3:C4"))
    sheet = ods([HEADER, *ROWS])
    sheet = spanned(sheet, b'office:value="12"', b'table:number-rows-spanned="2" office:value="12"')
    for form, content, rows in (("xlsx", book, (3, 4)), ("ods", sheet, (2, 3))):
        found = refusal(tmp_path, content, form)
        assert (found.rule, found.rows) == ("merged_cells", rows)


def test_merged_cells_above_the_rows_and_in_the_total(tmp_path):
    def merge(book):
        book.active.merge_cells("A1:D1")
        book.active.merge_cells("A6:B6")

    rows = [["Title"], HEADER, *ROWS, ["Total", None, 12, 1]]
    layout = {"titleRows": 1, "totalLabel": "Total"}
    assert read(tmp_path, xlsx(rows, change=merge), "xlsx", layout=layout) == numbered(3)


def test_hidden_and_filtered_rows(tmp_path):
    def hide(book):
        book.active.row_dimensions[3].hidden = True

    book = xlsx([HEADER, *ROWS], change=hide)
    sheet = ods([HEADER, *ROWS])
    row = b'<table:table-row table:number-rows-repeated="1">'
    filtered = row.replace(b">", b' table:visibility="filter">')
    parts = repacked(
        sheet,
        lambda name, part: (
            filtered.join(part.rsplit(row, 2)[:2]) + row + part.rsplit(row, 2)[2]
            if name == "content.xml"
            else part
        ),
    )
    for form, content in (("xlsx", book), ("ods", parts)):
        found = refusal(tmp_path, content, form)
        assert (found.rule, found.rows) == ("hidden_rows", (3,))


def test_hidden_rows_below_the_table_hold_nothing(tmp_path):
    def hide(book):
        book.active.row_dimensions[9].hidden = True

    assert read(tmp_path, xlsx([HEADER, *ROWS], change=hide), "xlsx") == numbered(2)


@pytest.mark.parametrize("form", ["xlsx", "ods", "json"])
def test_a_number_that_is_too_long_to_be_exact(tmp_path, form):
    long = 1234567890123456 if form in BOOKS else 12345678901234567890123
    found = refusal(tmp_path, table(form, [["a", "b"], [long, "c"]]), form, TEXT)
    assert found.rule == "inexact_number" and len(found.rows) == 1
    assert "123456" not in found.sentence


def test_json_keeps_a_number_of_sixteen_digits(tmp_path):
    assert (
        read(tmp_path, table("json", [[1234567890123456, "b"]]), "json", TEXT)[0][1]
        == "1234567890123456"
    )


@pytest.mark.parametrize("moment", [date(2025, 10, 1), datetime(2025, 10, 1, 10, 25)])
def test_a_date_in_a_column_of_text_is_told(tmp_path, moment):
    content = xlsx([["Code", "Note"], ["10/26", "x"], [moment, "y"]])
    assert told(tmp_path, content, "xlsx")[1] == [("date_in_text:code", "warning", (3,))]
