"""JSON, GeoJSON, XML and workbooks: what was written comes back equal; anything is rows or a sentence."""

import json
from xml.sax.saxutils import escape

import openpyxl.utils.exceptions
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from orchestration.core.refusal import Refusal
from tests.support.fuzz import NAMES, agreed, is_one_sentence, rounds, rows_of
from tests.support.made_up_files import GOOD_ODS, GOOD_XLSX, ods, read, repacked, xlsx

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
# What XML 1.0 can hold; its parser reads a CR as a line end, and blank text is no value.
XML_TEXT = st.text(
    st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"],
                  exclude_characters="\ufffe\uffff"),
    max_size=8,
)  # fmt: skip
KEYS = st.one_of(st.sampled_from([*NAMES, "geometry", 'a"; drop table', "{batch}", "\n"]), TEXT)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=5)
    ),
    max_leaves=20,
)  # fmt: skip


def rows(strategy):
    return st.lists(st.lists(strategy, min_size=4, max_size=4), min_size=1, max_size=6)


def numbered(table, blank=lambda text: text == ""):
    return [
        (number, *(None if blank(value) else value for value in row))
        for number, row in enumerate(table, start=1)
    ]


def rows_or_sentence(folder, content, contract):
    try:
        found = rows_of(folder, content, contract)
    except Refusal as refused:
        is_one_sentence(refused)
    else:
        assert all(len(row) == len(contract.columns) + 1 for row in found)


@rounds(60)
@given(table=rows(TEXT), ascii_only=st.booleans())
def test_json_comes_back_equal(tmp_path, table, ascii_only):
    content = json.dumps(
        [dict(zip(NAMES, row, strict=True)) for row in table], ensure_ascii=ascii_only
    ).encode()
    assert rows_of(tmp_path, content, agreed("json", 4)) == numbered(table)


@rounds(40)
@given(table=rows(TEXT))
def test_geojson_comes_back_equal(tmp_path, table):
    point = {"type": "Point", "coordinates": [-2.1, 53]}
    features = [
        {"type": "Feature", "properties": dict(zip(NAMES[:3], row, strict=False)),
         "geometry": point} for row in table
    ]  # fmt: skip
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    found = rows_of(tmp_path, content, agreed("geojson", 4))
    assert [row[:4] for row in found] == [row[:4] for row in numbered(table)]
    assert all(json.loads(row[4]) == point for row in found)


@rounds(40)
@given(table=rows(XML_TEXT))
def test_xml_comes_back_equal(tmp_path, table):
    lines = [
        "<Row>"
        + "".join(f"<{n}>{escape(v)}</{n}>" for n, v in zip(NAMES, row, strict=True))
        + "</Row>"
        for row in table
    ]
    content = ("<All>" + "".join(lines) + "</All>").encode()
    blank = lambda text: not text.strip(" \t\r\n")  # noqa: E731
    assert rows_of(tmp_path, content, agreed("xml", 4)) == numbered(table, blank)


@pytest.mark.parametrize("make", [xlsx, ods])
@rounds(15)
@given(table=rows(st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), max_size=8)))
def test_workbooks_come_back_equal(tmp_path, make, table):
    assume(not any(value.startswith(("=", "#")) for row in table for value in row))
    filled = [[value or "x" for value in row] for row in table]
    try:
        content = make([NAMES, *filled])
    except openpyxl.utils.exceptions.IllegalCharacterError:
        assume(False)
    found = rows_of(tmp_path, content, agreed(make.__name__, 4))
    assert found == [(row[0] + 1, *row[1:]) for row in numbered(filled)]


@rounds(120)
@given(document=JSON)
def test_any_json_is_rows_or_one_sentence(tmp_path, document):
    content = json.dumps(document).encode()
    rows_or_sentence(tmp_path, content, agreed("json", 4))
    wrapped = {"type": "FeatureCollection", "features": document}
    rows_or_sentence(tmp_path, json.dumps(wrapped).encode(), agreed("geojson", 4))


@pytest.mark.parametrize("form", ["json", "geojson", "xml", "xlsx", "ods"])
@rounds(40)
@given(content=st.binary(max_size=120), at=st.integers(0, 2000))
def test_bytes_anywhere_are_rows_or_one_sentence(tmp_path, form, content, at):
    record = dict.fromkeys(NAMES, "x")
    good = {
        "json": json.dumps([record, record]).encode(),
        "geojson": json.dumps(
            {"type": "FeatureCollection",
             "features": [{"type": "Feature", "properties": record, "geometry": None}]}
        ).encode(),
        "xml": b"<All><Row>"
        + b"".join(f"<{name}>x</{name}>".encode() for name in NAMES)
        + b"</Row></All>",
        "xlsx": GOOD_XLSX,
        "ods": GOOD_ODS,
    }[form]  # fmt: skip
    at %= len(good)
    rows_or_sentence(tmp_path, good[:at] + content + good[at + len(content) // 2 :],
                     agreed(form, 4))  # fmt: skip


GEO = '{"type":"FeatureCollection","features":[%s]}'
FEATURE = '{"type":"Feature","properties":{"One":1,"Two":2,"Three":3},"geometry":null}'


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (GEO % "7", "not_records"),
        (GEO % '{"type":"Feature","properties":null,"geometry":null}', "not_records"),
        (GEO % FEATURE.replace(',"geometry":null', ""), "not_records"),
        (GEO % FEATURE.replace('"geometry":null', '"geometry":"POINT (1 2)"'), "not_records"),
        (GEO % FEATURE.replace('"Two":2', '"Two":2,"One":3'), "duplicate_column"),
        (GEO % FEATURE.replace('"Two":2', '"Two":{"a":1}'), "nested_value"),
        (GEO % FEATURE.replace('"Two":2', '"Two":2,"Name":"x"'), "undeclared_column"),
        (GEO % FEATURE[:-1] + "]", "not_geojson"),
        (GEO % "", "not_geojson"),
        ((GEO % FEATURE)[:-1] + ',"features":[]}', "duplicate_column"),
        ((GEO % FEATURE).replace("FeatureCollection", "Topology"), "not_geojson"),
        ("[]", "not_geojson"),
        ("PK\x03\x04", "not_geojson"),
    ],
)
def test_geojson_that_is_not_as_agreed(tmp_path, text, rule):
    assert len(rows_of(tmp_path, (GEO % FEATURE).encode(), agreed("geojson", 4))) == 1
    with pytest.raises(Refusal) as found:
        rows_of(tmp_path, text.encode(), agreed("geojson", 4))
    is_one_sentence(found.value)
    assert found.value.rule == rule


def test_an_array_that_stands_twice_is_not_half_read(tmp_path):
    record = '[{"Area":"a","Date seen":"b","People":1,"Rate":2}]'
    layout = {"layout": {"records": "data"}}
    assert len(read(tmp_path, f'{{"data":{record}}}'.encode(), "json", **layout)) == 1
    with pytest.raises(Refusal, match="the key “data” stands twice"):
        read(tmp_path, f'{{"data":{record},"data":{record}}}'.encode(), "json", **layout)


def test_two_sheets_of_one_name_are_not_told_apart(tmp_path):
    def twice(name, old):
        at = old.find(b"<sheet ")
        sheet = old[at : old.find(b"/>", at) + 2]
        return old.replace(sheet, sheet * 2) if name == "xl/workbook.xml" else old

    content = repacked(xlsx([NAMES, ["a", "b", "c", "d"]]), twice)
    with pytest.raises(Refusal, match="damaged"):
        rows_of(tmp_path, content, agreed("xlsx", 4))
