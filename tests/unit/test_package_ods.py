"""Proves that the OpenDocument workbook says what the XLSX says, accessibly, and the same every time."""

import re
import time
import zipfile
from datetime import datetime

import openpyxl
import pytest
from defusedxml import ElementTree
from odf.namespaces import nsdict
from odf.opendocument import OpenDocumentText
from odf.text import P
from python_calamine import CalamineWorkbook

from orchestration.edition.package import ods, workbook
from orchestration.quality.waivers import Waiver
from tests.support.made_up_package import edition, few
from tests.unit.test_package_workbook import DANGEROUS

NAMES = {prefix: namespace for namespace, prefix in nsdict.items()}
MARK = "OFFICIAL-SENSITIVE. SYNTHETIC: made-up extracts, not about any place"


def part(path, name):
    """A part of the document, read by a parser that forgives nothing."""
    with zipfile.ZipFile(path) as parts:
        return ElementTree.fromstring(parts.read(name))


def name_of(element, what="table:name"):
    prefix, _, name = what.partition(":")
    return element.get(f"{{{NAMES[prefix]}}}{name}")


def cells_of_xlsx(page):
    return [[cell.value for cell in row] for row in page.iter_rows()]


def cells_of_ods(page):
    """The cells as another reader than ours has them: blank is empty text, and every number real."""
    return [[None if cell == "" else cell for cell in row] for row in page.to_python()]


def text_of(cell):
    """The text of a cell by the rules of OpenDocument: spaces of its own accord are taken together."""
    signs = {f"{{{NAMES['text']}}}s": "\x01", f"{{{NAMES['text']}}}tab": "\x02"}
    lines = []
    for line in cell.findall("text:p", NAMES):
        inner = "".join(signs[element.tag] + (element.tail or "") for element in line)
        together = re.sub("[ \t\n]+", " ", (line.text or "") + inner).strip(" ")
        lines.append(together.replace("\x01", " ").replace("\x02", "\t"))
    return "\n".join(lines) if lines else None


def plain(value):
    """Both readers' dates as one kind."""
    is_day = hasattr(value, "year") and not isinstance(value, datetime)
    return datetime(value.year, value.month, value.day) if is_day else value


@pytest.fixture(scope="module")
def xlsx(tmp_path_factory):
    return workbook.write(edition(), tmp_path_factory.mktemp("ods") / "tables.xlsx")


@pytest.fixture(scope="module")
def made(xlsx):
    return ods.write(xlsx)


def test_it_says_what_the_xlsx_says_cell_by_cell(xlsx, made):
    theirs, ours = openpyxl.load_workbook(xlsx), CalamineWorkbook.from_path(made)
    assert ours.sheet_names == theirs.sheetnames
    for name in theirs.sheetnames:
        expected = [[plain(cell) for cell in row] for row in cells_of_xlsx(theirs[name])]
        found = [
            [plain(cell) for cell in row] for row in cells_of_ods(ours.get_sheet_by_name(name))
        ]
        assert found == expected, name


def test_a_text_stays_the_text_that_it_was(tmp_path):
    texts = [
        *DANGEROUS,
        "  two  spaces ",
        "a\nb",
        "a \n\n b",
        "<b>&amp;</b>",
        '" xmlns:x="y',
        "x\ty",
    ]
    expires = edition().waivers[0].expires
    given = few(waivers=tuple(Waiver("check", "scope", text, "Chair", expires) for text in texts))
    path = workbook.write(given, tmp_path / "tables.xlsx")
    expected = [row[2] for row in cells_of_xlsx(openpyxl.load_workbook(path)["Waivers"])]
    (sheet,) = [
        found
        for found in part(ods.write(path), "content.xml").iterfind(".//table:table", NAMES)
        if name_of(found) == "Waivers"
    ]
    rows = [
        row.findall("table:table-cell", NAMES)
        for row in sheet.iterfind(".//table:table-row", NAMES)
    ]
    assert [text_of(row[2]) for row in rows] == expected
    assert {name_of(row[2], "office:value-type") for row in rows[-len(texts) :]} == {"string"}


def test_no_cell_is_a_formula_and_only_the_contents_have_links(made):
    content = part(made, "content.xml")
    assert not [cell for cell in content.iter() if name_of(cell, "table:formula")]
    names = {name_of(sheet) for sheet in content.iterfind(".//table:table", NAMES)}
    for sheet in content.iterfind(".//table:table", NAMES):
        links = [name_of(link, "xlink:href") for link in sheet.iterfind(".//text:a", NAMES)]
        if name_of(sheet) == "Contents":
            assert {link.removeprefix("#'").removesuffix("'.A1") for link in links} == names - {
                "Cover", "Contents", "Notes",
            }  # fmt: skip
        else:
            assert not links


def test_headings_are_headings_for_a_screen_reader_and_on_every_printed_page(made):
    content = part(made, "content.xml")
    ranges = {
        name_of(found, "table:target-range-address"): name_of(found, "table:contains-header")
        for found in content.iterfind(".//table:database-range", NAMES)
    }
    for sheet in content.iterfind(".//table:table", NAMES):
        headed = sheet.findall("table:table-header-rows/table:table-row", NAMES)
        assert len(headed) == (0 if name_of(sheet) == "Cover" else 1)
        mine = [place for place in ranges if place.startswith(f"'{name_of(sheet)}'.")]
        assert len(mine) == len(headed)
    assert set(ranges.values()) == {"true"}


def test_it_says_its_title_language_mark_and_the_day_of_its_data(made):
    properties = part(made, "meta.xml")
    title = "SYNTHETIC Harbourton strategic assessment 2025-26: data tables"
    assert properties.find(".//dc:title", NAMES).text == title
    assert properties.find(".//dc:subject", NAMES).text == MARK
    assert properties.find(".//dc:language", NAMES).text == "en-GB"
    assert properties.find(".//dc:date", NAMES).text == "2026-04-02T00:00:00"
    styles = part(made, "styles.xml")
    assert styles.find(".//style:region-left/text:p", NAMES).text == MARK
    words = styles.find(".//style:default-style/style:text-properties", NAMES)
    assert (name_of(words, "fo:language"), name_of(words, "fo:country")) == ("en", "GB")


def test_the_same_workbook_gives_the_same_bytes_whatever_the_process_did_before(
    xlsx, made, monkeypatch
):
    first = made.read_bytes()
    other = OpenDocumentText()  # odfpy remembers the namespaces of every document that it made
    other.text.addElement(P(text="other"))
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert ods.write(xlsx).read_bytes() == first
    finally:
        monkeypatch.undo()
        time.tzset()
    with zipfile.ZipFile(made) as parts:
        entries = parts.infolist()
        assert (entries[0].filename, entries[0].compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
        assert parts.testzip() is None


def test_a_workbook_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    path = workbook.write(few(), tmp_path / "tables.xlsx")
    monkeypatch.setattr(ods, "fix_bytes", lambda path: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        ods.write(path)
    assert list(tmp_path.iterdir()) == [path]
