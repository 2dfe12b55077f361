"""Every format: the same rows from a good file, and one sentence from each bad one."""

import io
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.core.refusal import Refusal
from tests.support.made_up import column
from tests.support.made_up_files import (
    BOOKS,
    GOOD_ODS,
    GOOD_XLSX,
    HEADER,
    ROWS,
    SECRET,
    csv_text,
    numbered,
    read,
    refusal,
    repacked,
)

OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


def _encrypted_ods():
    mark = b"<manifest:encryption-data/></manifest:manifest>"
    return repacked(
        GOOD_ODS,
        lambda name, old: (
            old.replace(b"</manifest:manifest>", mark) if name.endswith("manifest.xml") else old
        ),
    )


def _plain_zip():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        new.writestr("a.csv", csv_text([HEADER, *ROWS]))
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "content", "rule", "words"),
    [
        ("csv", GOOD_XLSX, "not_text", "a zip or Excel file"),
        ("csv", GOOD_ODS, "not_text", "a zip or Excel file"),
        ("json", GOOD_XLSX, "not_json", "a zip or Excel file"),
        ("xml", GOOD_XLSX, "not_xml", "a zip or Excel file"),
        ("xlsx", csv_text([HEADER, *ROWS]), "not_workbook", "may be text by another name"),
        ("ods", csv_text([HEADER, *ROWS]), "not_workbook", "may be text by another name"),
        ("xlsx", GOOD_ODS, "not_workbook", "is an OpenDocument spreadsheet"),
        ("ods", GOOD_XLSX, "not_workbook", "is an Excel workbook"),
        ("xlsx", _plain_zip(), "not_workbook", "a zip file of another kind"),
        ("xlsx", b"%PDF-1.7", "not_workbook", "is a PDF"),
        ("xlsx", OLD, "not_workbook", "an old Excel file"),
        ("xlsx", OLD + "EncryptedPackage".encode("utf-16-le"), "protected", "password"),
        ("ods", _encrypted_ods(), "protected", "password"),
        ("xlsx", GOOD_XLSX[: len(GOOD_XLSX) // 2], "not_workbook", "damaged"),
        ("xlsx", b"PK\x03\x04" + bytes(range(256)), "not_workbook", "damaged"),
    ],
)
def test_another_kind_of_file_is_refused_in_words(tmp_path, form, content, rule, words):
    layout = {"layout": {"row": "Boat"}} if form == "xml" else {}
    found = refusal(tmp_path, content, form, **layout)
    assert found.rule == rule
    assert words in found.sentence


HEADERS = [
    (["Area", "Date seen", "People"], "missing_column", "“Rate” is missing"),
    (["Area", "Date Seen", "People", "Rate"], "missing_column", "“Date Seen” may be meant"),
    ([*HEADER, "Name"], "undeclared_column", "“Name” is not in the contract"),
    ([*HEADER, "People "], "duplicate_column", "“People” stands twice"),
    (["a", SECRET, "c", "d"], "missing_column", "and so are all others"),
]


@pytest.mark.parametrize("form", ["csv", "xlsx", "ods"])
@pytest.mark.parametrize(("header", "rule", "words"), HEADERS)
def test_headers_are_held_to_the_contract(tmp_path, form, header, rule, words):
    make = csv_text if form == "csv" else BOOKS[form]
    layout = {"titleRows": 1}
    found = refusal(tmp_path, make([["Title"], header, ["x"] * len(header)]), form, layout=layout)
    assert (found.rule, found.rows) == (rule, (2,))
    assert words in found.sentence


# --- CSV ------------------------------------------------------------------------------------------

CSV_ROWS = [["ST1", "03/06/2025", "12", "0.25"], ["ST2", "04/06/2025", "*", '"1,500"']]
CSV_TEXTS = [("ST1", "03/06/2025", "12", "0.25"), ("ST2", "04/06/2025", "*", "1,500")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("total", [["Total", "", "12", "1"], ["Total", "12"]])
def test_csv_title_rows_and_total(tmp_path, end, total):
    rows = [["Boats, counted"], ['"quoted'], HEADER, *CSV_ROWS, total]
    layout = {"titleRows": 2, "totalLabel": "Total"}
    content = csv_text(rows).replace(b"\n", end)
    assert read(tmp_path, content, "csv", layout=layout) == numbered(4, CSV_TEXTS)
    without = csv_text(rows[:-1]).replace(b"\n", end)
    assert read(tmp_path, without, "csv", layout=layout) == numbered(4, CSV_TEXTS)


def test_csv_header_not_where_agreed(tmp_path):
    found = refusal(tmp_path, csv_text([["Title"], HEADER, *CSV_ROWS]), "csv")
    assert (found.rule, found.rows) == ("header_not_there", (2,))
    found = refusal(tmp_path, csv_text([HEADER]), "csv", layout={"titleRows": 1})
    assert (found.rule, found.rows) == ("header_not_there", (1,))


def test_csv_lines_are_counted_with_the_title(tmp_path):
    rows = [["Title"], HEADER, *CSV_ROWS, [SECRET]]
    found = refusal(tmp_path, csv_text(rows), "csv", layout={"titleRows": 1})
    assert (found.rule, found.rows) == ("bad_line", (5,))
    assert "line 5 has too few columns" in found.sentence


# --- JSON -----------------------------------------------------------------------------------------

RECORDS = [
    {"Area": "ST1", "Date seen": "03/06/2025", "People": 12, "Rate": 0.25},
    {"Rate": 1500, "People": "*", "Date seen": "04/06/2025", "Area": "ST2"},
    {"Area": "007", "Date seen": None, "People": "", "Rate": True},
]
JSON_TEXTS = [
    ("ST1", "03/06/2025", "12", "0.25"),
    ("ST2", "04/06/2025", "*", "1500"),
    ("007", None, None, "true"),
]


def as_json(value) -> bytes:
    return json.dumps(value).encode()


def test_json_records(tmp_path):
    assert read(tmp_path, as_json(RECORDS), "json") == numbered(1, JSON_TEXTS)
    assert read(tmp_path, b"\xef\xbb\xbf" + as_json(RECORDS), "json") == numbered(1, JSON_TEXTS)
    within = as_json({"made": "2025-07-01", "boats/here": RECORDS})
    layout = {"records": "boats/here"}
    assert read(tmp_path, within, "json", layout=layout) == numbered(1, JSON_TEXTS)


@pytest.mark.parametrize(
    ("content", "rule", "words", "rows"),
    [
        (b"Area,People\nJane Example,1\n", "not_json", "not JSON", ()),
        (as_json(RECORDS)[:-9], "not_json", "not JSON", ()),
        (as_json({"boats": RECORDS}), "not_records", "is not an array", ()),
        (as_json(RECORDS[0]), "not_records", "is not an array", ()),
        (as_json([RECORDS[0], [SECRET], SECRET]), "not_records", "record 2 is not an object with keys (2",
         (2, 3)),
        (as_json([RECORDS[0], {**RECORDS[1], "Name": SECRET}]), "undeclared_column", "“Name”", ()),
        (as_json([{"Area": "ST1", "Date seen": SECRET, "Peple": 1, "Rate": 1}]), "missing_column",
         "“Peple” may be meant", ()),
        (as_json([RECORDS[0], {**RECORDS[1], "People": {"Name": SECRET}}]), "nested_value",
         "record 2 holds a list or an object", (2,)),
        (as_json([{**RECORDS[1], "People": [1]}]), "nested_value", "record 1", (1,)),
        (b'[{"Area": "a", "Area": "b", "Date seen": 1, "People": 1, "Rate": 1}]',
         "duplicate_column", "record 1 has a key twice", (1,)),
        (b"\xff\xfe[\x00]\x00", "wrong_encoding", "UTF-16", ()),
    ],
)  # fmt: skip
def test_json_that_is_not_as_agreed(tmp_path, content, rule, words, rows):
    found = refusal(tmp_path, content, "json")
    assert (found.rule, found.rows) == (rule, rows)
    assert words in found.sentence


def test_json_without_the_agreed_key(tmp_path):
    for content in (as_json({"ships": RECORDS}), as_json(RECORDS), as_json({"boats": {}})):
        found = refusal(tmp_path, content, "json", layout={"records": "boats"})
        assert found.rule == "not_records"
        assert "“boats”" in found.sentence


# --- XML ------------------------------------------------------------------------------------------

XML_COLUMNS = [
    column("from_date", "Header/StartDate"),
    column("area", "Area"),
    column("n", "Boats"),
]
XML = """<?xml version="1.0" encoding="UTF-8"?>
<h:Return xmlns:h="urn:harbour" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <h:Header><h:StartDate>2025-06-01</h:StartDate></h:Header>
  <h:List>
    <h:Boat><h:Area>ST1 &amp; ST2</h:Area><h:Boats> 12 </h:Boats></h:Boat>
    <h:Boat><h:Boats xsi:nil="true"/></h:Boat>
    <h:Boat/>
  </h:List>
  <h:Footer>ignored</h:Footer>
</h:Return>
"""


def read_xml(folder, text, how=read):
    content = text.encode() if isinstance(text, str) else text
    return how(folder, content, "xml", XML_COLUMNS, layout={"row": "Boat", "header": "Header"})


def test_xml_rows_with_their_header(tmp_path):
    expected = [
        (1, "2025-06-01", "ST1 & ST2", " 12 "),
        (2, "2025-06-01", None, None),
        (3, "2025-06-01", None, None),
    ]
    assert read_xml(tmp_path, XML) == expected
    other = XML.replace("UTF-8", "UTF-16").encode("utf-16")
    assert read_xml(tmp_path, other) == expected


BOMB = """<?xml version="1.0"?><!DOCTYPE Return [<!ENTITY a "Jane Example">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><Return><Boat><Area>&b;</Area></Boat></Return>"""
OUTSIDE = """<!DOCTYPE Return SYSTEM "file:///etc/passwd"><Return><Boat/></Return>"""


@pytest.mark.parametrize(
    ("text", "rule", "words", "rows"),
    [
        (XML.replace("</h:List>", ""), "not_xml", "not well-formed XML (line 10)", (10,)),
        ("Area,Boats\nJane Example,1\n", "not_xml", "not well-formed", (1,)),
        ("", "not_xml", "not well-formed", (1,)),
        (BOMB, "not_xml", "declares a document type or entities", ()),
        (OUTSIDE, "not_xml", "declares a document type or entities", ()),
        (XML.replace("h:Boat>", "h:Ship>").replace("<h:Boat/>", ""), "no_rows", "“Boat”", ()),
        (XML.replace("<h:Boat/>", "<h:Boat><h:Name>Jane Example</h:Name></h:Boat>"),
         "undeclared_column", "“Name” is not", ()),
        (XML.replace("<h:Boat/>", '<h:Boat id="Jane Example"/>'), "undeclared_column", "“@id”", ()),
        (XML.replace("<h:Boat/>", "<h:Boat>Jane Example</h:Boat>"), "undeclared_column", "“#text”",
         ()),
        (XML.replace("h:Area", "h:Aera"), "missing_column", "“Aera” may be meant", ()),
        (XML.replace("<h:StartDate>", "<h:Owner>Jane Example</h:Owner><h:StartDate>"),
         "undeclared_column", "“Header/Owner”", ()),
        (XML.replace("<h:List>", "<h:Header/><h:List>"), "duplicate_column", "stands 2 times", ()),
        (XML.replace(" 12 ", "<h:Name>Jane Example</h:Name>"), "nested_value", "element 1 holds",
         (1,)),
        (XML.replace("<h:Boat/>", "<h:Boat><h:Area>a</h:Area><h:Area>b</h:Area></h:Boat>"),
         "duplicate_column", "element 3 has an element twice", (3,)),
    ],
)  # fmt: skip
def test_xml_that_is_not_as_agreed(tmp_path, text, rule, words, rows):
    found = read_xml(tmp_path, text, refusal)
    assert (found.rule, found.rows) == (rule, rows)
    assert words in found.sentence


@pytest.mark.parametrize("form", ["json", "xml"])
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(content=st.binary(max_size=60), at=st.integers(0, 400))
def test_any_bytes_are_rows_or_a_refusal(tmp_path, form, content, at):
    good = {"json": as_json(RECORDS), "xml": XML.encode()}[form]
    spoilt = good[:at] + content + good[at:]
    try:
        if form == "xml":
            read_xml(tmp_path, spoilt)
        else:
            read(tmp_path, spoilt, form)
    except Refusal as refused:
        assert refused.sentence and "\n" not in refused.sentence
