"""Bombs: small or endless files that would take the machine down are refused in bounded time and memory.

Each is read in a process of its own that may take no more than the test allows it.
"""

import io
import struct
import zipfile
import zlib

import pytest

from orchestration.core.refusal import Refusal
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.readers import parse as parsing
from tests.conftest import settings_at
from tests.support.fuzz import agreed, bounded, rows_of
from tests.support.made_up import load
from tests.support.made_up_files import HEADER, ROWS, ods, xlsx

TOP = b"Area,Date seen,People,Rate\n"
SHEET, CONTENT, SHARED = "xl/worksheets/sheet1.xml", "content.xml", "xl/sharedStrings.xml"
MB = 1_000_000


def packed(content, changes, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, changes.get(name, lambda part: part)(old.read(name)))
    return out.getvalue()


def in_sheet(before, more):
    return lambda part: part.replace(before, more + before, 1)


def book(changes, method=zipfile.ZIP_DEFLATED):
    return packed(xlsx([HEADER, *ROWS]), changes, method)


def sheet_of_ods(*rows, tables=0):
    cells = "".join(rows).encode()
    more = b"".join(
        b'<table:table table:name="s%d">%s</table:table>' % (number, cells)
        for number in range(tables)
    )
    return packed(
        ods([HEADER, *ROWS]),
        {CONTENT: lambda part: part.replace(b"</table:table>", cells + b"</table:table>" + more, 1)},
    )  # fmt: skip


def repeated(columns, rows=1, inside='office:value-type="float" office:value="1"'):
    return (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
        f'table:number-columns-repeated="{columns}" {inside}/></table:table-row>'
    )


# --- text -----------------------------------------------------------------------------------------


def quotes():
    return TOP + b'"' * (100 * MB) + b"\n"


def lines_of_quotes():
    return TOP + b'"\n' * (12 * MB)


def empty_values():
    return TOP + b'"",' * (10 * MB) + b"\n"


def long_line():
    return TOP + b"a" * (10 * MB) + b",1,2,3\n"


def short_lines():
    return TOP + b"a,b,c\n" * (2 * MB)


def many_columns():
    return b",".join(b"c%d" % n for n in range(100_000)) + b",Area\n" + b"1," * 100_000 + b"1\n"


def deep_json():
    return b"[" * (5 * MB) + b"]" * (5 * MB)


def deep_value():
    return b'[{"Date seen":1,"People":1,"Rate":1,"Area":' + b"[" * MB + b"]" * MB + b"}]"


def many_keys():
    return ("[{" + ",".join(f'"k{n}":1' for n in range(200_000)) + ',"Area":1}]').encode()


def deep_xml():
    return b"<Row>" + b"<a>" * (MB // 2) + b"</a>" * (MB // 2) + b"</Row>"


def entities():
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE a [<!ENTITY e0 "x">{lines}]><Row><Area>&e9;</Area></Row>'.encode()


XML = {"layout": {"row": "Row"}}
TEXTS = [
    (quotes, "csv", {}, "REFUSED bad_line line 2 is far too long"),
    (lines_of_quotes, "csv", {}, "REFUSED bad_line line 2 has "),
    (empty_values, "csv", {}, "REFUSED bad_line line 2 has too many columns"),
    (long_line, "csv", {}, "REFUSED bad_line line 2 is far too long"),
    (short_lines, "csv", {}, "REFUSED bad_line line 2 has too few columns (at least 1000 such"),
    (many_columns, "csv", {}, "REFUSED missing_column column “Date seen” is missing"),
    (deep_json, "json", {}, "REFUSED not_records record 1 is not an object"),
    (deep_value, "json", {}, "REFUSED nested_value record 1 holds a list"),
    (many_keys, "json", {}, "REFUSED missing_column column “Date seen” is missing"),
    (deep_xml, "xml", XML, "REFUSED missing_column column “Area” is missing"),
    (entities, "xml", XML, "REFUSED not_xml the file declares a document type or entities"),
]


@pytest.mark.parametrize(
    ("make", "form", "more", "words"), TEXTS, ids=[make.__name__ for make, *_ in TEXTS]
)
def test_text_without_end(tmp_path, make, form, more, words):
    found = bounded("test_fuzz_bombs", make.__name__, form, tmp_path, 60, 4000, **more)
    assert found.startswith(words)


# --- workbooks ------------------------------------------------------------------------------------


def repeated_cells():
    return sheet_of_ods(repeated(10**9))


def repeated_blanks():
    return sheet_of_ods(repeated(10**9, 10**9, ""))


def repeated_text():
    text = f'office:value-type="string" office:string-value="{"x" * MB}"'
    return sheet_of_ods(repeated(4, 1000, text))


def number_without_end():
    return sheet_of_ods(repeated("9" * 5000))


def far_cell():
    cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return book({SHEET: in_sheet(b"</sheetData>", cell)})


def declared_dimension():
    whole = b'<dimension ref="A1:XFD1048576"'
    return book({SHEET: lambda part: part.replace(b'<dimension ref="A1:D4"', whole)})


def comment_of_cells():
    return book({SHEET: in_sheet(b"</worksheet>", b"<!--" + b"<c " * 300_000 + b"-->")})


def shared_text():
    cells = b"".join(
        b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row) for row in range(5, 50_000)
    )
    sheet = in_sheet(b"</sheetData>", cells)
    base = xlsx([HEADER, *ROWS])
    out = io.BytesIO(packed(base, {SHEET: sheet}))
    parts = zipfile.ZipFile(out)
    if SHARED in parts.namelist():
        return packed(
            out.getvalue(),
            {SHARED: lambda part: part.replace(b"Area", b"x" * (2 * MB), 1)},
        )
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as new:
        new.writestr(SHARED, b"<sst><si><t>" + b"x" * (2 * MB) + b"</t></si></sst>")
    return out.getvalue()


def blank_gigabyte():
    return book({"docProps/app.xml": lambda part: part + b" " * (600 * MB)})


def other_packing():
    return book({SHEET: lambda part: part + b" " * (100 * MB)}, zipfile.ZIP_BZIP2)


def lying_directory():
    content = book({SHEET: lambda part: part + b" " * (100 * MB)})
    size = zipfile.ZipFile(io.BytesIO(content)).getinfo(SHEET).file_size
    return content.replace(struct.pack("<I", size), struct.pack("<I", 1000))


def lying_directory_with_its_checksum():
    """`ZipFile.open` reads the thousand bytes that are declared, and finds their checksum right."""
    content = book({SHEET: lambda part: part + b" " * (100 * MB)})
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        entry, start = parts.getinfo(SHEET), parts.read(SHEET)[:1000]
    for true, false in ((entry.file_size, 1000), (entry.CRC, zlib.crc32(start))):
        content = content.replace(struct.pack("<I", true), struct.pack("<I", false))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert parts.read(SHEET) == start
    return content


def nested_workbook():
    return book({"docProps/app.xml": lambda part: book({})})


def two_parts_of_one_name():
    out = io.BytesIO(book({}))
    with zipfile.ZipFile(out, "a") as new:
        new.writestr(SHEET.upper(), b"<worksheet/>")
    return out.getvalue()


def path_outside():
    return book(
        {"xl/_rels/workbook.xml.rels": lambda part: part.replace(
            b"/xl/worksheets/sheet1.xml", b"../../../../etc/passwd")}
    )  # fmt: skip


def entity_in_a_sheet():
    start = b'<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet'
    return book({SHEET: lambda part: part.replace(b"<worksheet", start, 1)})


DAMAGED = "REFUSED not_workbook the workbook is damaged"
BOOKS = [
    (repeated_cells, "ods", "REFUSED not_workbook sheet “Data” reaches to row"),
    (repeated_blanks, "ods", "ROWS 3"),
    (repeated_text, "ods", "REFUSED too_large the workbook repeats its texts"),
    (number_without_end, "ods", DAMAGED),
    (far_cell, "xlsx", "REFUSED not_workbook sheet “Data” reaches to row 1048576 and column 16384"),
    (declared_dimension, "xlsx", "ROWS 3"),
    (comment_of_cells, "xlsx", "ROWS 3"),
    (shared_text, "xlsx", "REFUSED too_large the workbook repeats its texts"),
    (blank_gigabyte, "xlsx", "REFUSED too_large the workbook unpacks to more"),
    (other_packing, "xlsx", DAMAGED),
    (lying_directory, "xlsx", DAMAGED),
    (lying_directory_with_its_checksum, "xlsx", DAMAGED),
    (nested_workbook, "xlsx", DAMAGED),
    (two_parts_of_one_name, "xlsx", DAMAGED),
    (path_outside, "xlsx", DAMAGED),
    (entity_in_a_sheet, "xlsx", DAMAGED),
]


@pytest.mark.parametrize(
    ("make", "form", "words"), BOOKS, ids=[make.__name__ for make, *_ in BOOKS]
)
def test_workbooks_that_are_larger_than_they_look(tmp_path, make, form, words):
    assert bounded("test_fuzz_bombs", make.__name__, form, tmp_path, 60, 4000).startswith(words)


def test_cells_are_counted_over_all_sheets(tmp_path):
    content = sheet_of_ods(repeated(4, 100_000), tables=30)
    with pytest.raises(Refusal, match="more than 10,000,000 cells"):
        rows_of(tmp_path, content, load(tmp_path, format="ods", dialect=None))


def test_a_file_that_is_too_large_is_not_opened(tmp_path):
    settings = settings_at(tmp_path)
    for form, most in (("csv", 1 << 30), ("json", 1 << 28)):
        receipt = Receipt(
            "harbour/boats", "2025-06", "", 1, "0" * 64, most + 1, "boats", 0.0, "", False, ".x"
        )
        with pytest.raises(Refusal, match=f"at most {most:,} are read"):
            parsing.parse(settings, agreed(form, 4), receipt)
