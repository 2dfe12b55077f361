"""Proves that the workbook is accessible, holds signs for what is not there, and runs no formula."""

import zipfile
from dataclasses import replace

import openpyxl
import pytest

from orchestration.core.files import sha256_of
from orchestration.edition.package import sheet, typed_tables, workbook
from orchestration.figures import warehouse_tables
from orchestration.quality.waivers import Waiver
from tests.support.made_up_package import edition, few, with_cells

FRONT = ("Cover", "Contents", "Notes")


def write(given, folder):
    return openpyxl.load_workbook(workbook.write(given, folder / "tables.xlsx"))


def rows(book, name):
    """The rows of a sheet's one table, by heading."""
    page = book[name]
    (table,) = page.tables.values()
    headings, *cells = [[cell.value for cell in row] for row in page[table.ref]]
    return [dict(zip(headings, row, strict=True)) for row in cells]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    return write(edition(), tmp_path_factory.mktemp("workbook"))


def test_every_sheet_holds_one_table_without_merged_or_blank_cells(book):
    for page in book.worksheets[1:]:
        (table,) = page.tables.values()
        assert not page.merged_cells.ranges, page.title
        assert page["A1"].value, page.title
        assert all(cell.value not in (None, "") for row in page[table.ref] for cell in row), (
            page.title
        )
        headings = [cell.value for cell in page[table.ref][0]]
        assert len(set(headings)) == len(headings), page.title


def test_sheets_stand_in_order_and_the_contents_link_to_each(book):
    names = [given.name for given in sheet.layout()]
    assert book.sheetnames == [*FRONT, *names]
    links = {
        cell.value: cell.hyperlink.location for cell in book["Contents"]["A"] if cell.hyperlink
    }
    assert links == {name: f"'{name}'!A1" for name in names}


def test_every_sheet_says_its_number_and_how_it_may_be_handled(book):
    for number, given in enumerate(sheet.layout(), start=1):
        page = book[given.name]
        assert page["A1"].value.startswith(f"Table {number}: ")
        assert page["A2"].value.startswith("OFFICIAL-SENSITIVE. SYNTHETIC: ")
        assert page.oddFooter.left.text.startswith("OFFICIAL-SENSITIVE")
        texts = [page.cell(row, 1).value for row in range(1, 9)]
        assert "Harbourton. Data as at 2 April 2026." in texts


def test_the_cover_says_synthetic_draft_and_why_it_was_not_issued(tmp_path):
    held = few(is_draft=True, variant="official", reasons=("[a](b) is missing",))
    cover = [cell.value for cell in write(held, tmp_path)["Cover"]["A"]]
    assert cover[0].startswith("SYNTHETIC DRAFT Harbourton strategic assessment 2025-26")
    assert {"OFFICIAL", "DRAFT: not issued, not approved"} <= set(cover)
    assert "Not issued because: [a] (b) is missing" in cover


def test_the_same_edition_gives_the_same_bytes_and_properties(tmp_path):
    first = workbook.write(few("monthly"), tmp_path / "first.xlsx")
    second = workbook.write(few("monthly"), tmp_path / "second.xlsx")
    assert sha256_of(first) == sha256_of(second)
    properties = openpyxl.load_workbook(first).properties
    assert properties.title == "SYNTHETIC Harbourton strategic assessment 2025-26: data tables"
    assert (
        properties.created.isoformat() == properties.modified.isoformat() == "2026-04-02T00:00:00"
    )


DANGEROUS = ["=1+1", "{=1+1}", "+1", "-1", "@sum(1)", "\t=1+1", "=cmd|' /C calc'!A0",
             "http://example.org", "[a](http://example.org)", "[a](b) and [c](d)", "$$note$$",
             "12", "1e5"]  # fmt: skip


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """What each text became in a cell, and the file that it stands in."""
    told = [*DANGEROUS, "***", "   ", "", "—", "اردو"]
    expires = edition().waivers[0].expires
    given = few(waivers=tuple(Waiver("check", "scope", text, "Chair", expires) for text in told))
    folder = tmp_path_factory.mktemp("texts")
    written = write(given, folder)
    shown = [row["Reason"] for row in rows(written, "Waivers")]
    return dict(zip(told, shown, strict=True)), written, folder / "tables.xlsx"


@pytest.mark.parametrize("told", DANGEROUS)
def test_a_text_stays_a_text(texts, told):
    assert texts[0][told] == told.replace("](", "] (")


def test_no_cell_is_a_formula_and_no_text_a_link(texts):
    _, written, path = texts
    cells = [cell for row in written["Waivers"].iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
    with zipfile.ZipFile(path) as parts:
        sheets = [part for part in parts.namelist() if part.startswith("xl/worksheets/sheet")]
        assert sheets
        assert not [part for part in sheets if b"<f>" in parts.read(part)]


@pytest.mark.parametrize(
    ("told", "shown"),
    [("***", "Text: ***"), ("   ", "[z]"), ("", "[z]"), ("—", "Text: —"), ("اردو", "Text: اردو")],
)
def test_a_text_of_signs_or_of_nothing_is_readable(texts, told, shown):
    assert texts[0][told] == shown


def test_a_text_too_long_for_a_cell_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(typed_tables.Undeclared, match="no cell holds"):
        write(few(commentary={"calm": "x" * 40_000}), tmp_path)
    assert not list(tmp_path.iterdir())


def test_zero_suppressed_not_available_and_not_applicable_are_told_apart(tmp_path):
    given = with_cells(few(), "wards", 0, count=0, rate=0.0, position=None)
    hidden = with_cells(given, "wards", 1, count=None, rate=None, position=None, suppressed="small")
    shown, concealed = rows(write(hidden, tmp_path), "Wards")
    assert (shown["Count"], shown["Rate"], shown["Place in the funnel"]) == (0, 0, "[z]")
    assert shown["Status of the figure"] == "Shown"
    assert {concealed[name] for name in ("Count", "Rate", "Place in the funnel")} == {"[c]"}
    assert concealed["Ward"] == "ward_name two"
    assert concealed["Status of the figure"] == "Not shown: the number is small"

    missing = with_cells(
        edition(), "wards", 0, count=None, rate=None, missing_reason="not_supplied"
    )
    first = rows(write(missing, tmp_path), "Wards")[0]
    assert (first["Count"], first["Rate"]) == ("[x]", "[x]")
    assert first["Status of the figure"] == "Not available: not supplied"


def test_the_year_before_has_signs_of_its_own(tmp_path):
    gone = {"previous_count": None, "change": None, "change_percent": None}
    given = with_cells(few(), "headline", 0, **gone, previous_suppressed="linked")
    given = with_cells(given, "headline", 1, **gone, comparison_missing_reason="break_in_series")
    hidden, broken = rows(write(given, tmp_path), "Headline")
    assert (hidden["Count, 2025-26"], hidden["Count, 2024-25"], hidden["Change in count"]) == (
        12, "[c]", "[c]",
    )  # fmt: skip
    assert (broken["Count, 2024-25"], broken["Change, per cent"]) == ("[x]", "[x]")


def test_a_rounded_and_a_provisional_figure_say_so(tmp_path):
    given = with_cells(few("monthly"), "monthly", 0, is_rounded=True, is_provisional=True)
    given = with_cells(given, "monthly", 1, is_provisional=False)
    first, second = rows(write(given, tmp_path), "Monthly")
    assert first["Status of the figure"] == "Shown, rounded, provisional"
    assert second["Status of the figure"] == "Shown"


def test_the_legend_explains_the_signs_that_the_sheet_has(tmp_path):
    given = with_cells(few(), "wards", 0, count=None, suppressed="small")
    page = write(given, tmp_path)["Wards"]
    told = [page.cell(row, 1).value for row in range(1, 9)]
    assert sheet.SIGNS["[c]"] in told
    assert sheet.SIGNS["[x]"] not in told


def test_numbers_and_dates_have_formats(book):
    page = book["Monthly"]
    (table,) = page.tables.values()
    first = dict(zip([c.value for c in page[table.ref][0]], page[table.ref][1], strict=True))
    assert first["Month"].number_format == "mmmm yyyy"
    assert first["Month"].is_date
    assert (first["Count"].value, first["Count"].number_format) == (12, "#,##0")


def test_a_column_that_no_sheet_declares_is_not_on_it(tmp_path):
    leak = few()
    with pytest.raises(typed_tables.Undeclared):
        leaked = leak.tables["wards"].assign(victim_name="somebody")
        write(replace(leak, tables={**leak.tables, "wards": leaked}), tmp_path)
    fewer = leak.tables["wards"].drop(columns="rate")
    written = write(replace(leak, tables={**leak.tables, "wards": fewer}), tmp_path)
    assert "Rate" not in rows(written, "Wards")[0]


def test_sheets_are_made_from_declared_columns_and_all_reader_tables_have_one():
    derived = {"measure_name", "priority_name", "ward_name", "record_measure_name", "rate_per"}
    for given in sheet.layout():
        known = {column.name for column in typed_tables.columns_of(given.table)}
        shown = {column.name for column in given.columns if column.kind != "status"}
        assert shown <= known | derived, given.name
        assert set(given.notes) <= set(sheet.notes()), given.name
    # Working tables of gate 3, and the cells that the other tables are cut from.
    without = {"figures", "judged_deliveries", "ledger", "owed_periods"}
    assert {given.table for given in sheet.layout()} == set(typed_tables.names()) - without
    assert without <= set(warehouse_tables.names())


def test_only_figures_that_changed_are_on_the_sheet_of_changes(tmp_path):
    changes = edition().changes.assign(status=["unchanged", "revised"])
    shown = rows(write(few(changes=changes), tmp_path), "Changes")
    assert [row["What became of it"] for row in shown] == ["revised"]


def test_a_sheet_without_rows_says_so(tmp_path):
    assert rows(write(few(waivers=()), tmp_path), "Waivers") == [
        {"Nothing to show": "No failure was waived."}
    ]


def test_a_table_that_the_variant_leaves_out_has_no_sheet(tmp_path):
    given = few("lsoas", variant="official")
    public = {name: table for name, table in given.tables.items() if name != "lsoas"}
    names = write(replace(given, tables=public), tmp_path).sheetnames
    assert "LSOAs" not in names
    assert "Wards" in names


def test_a_measure_without_a_name_is_refused(tmp_path):
    given = with_cells(few(), "wards", 0, measure_id="unheard_of")
    with pytest.raises(typed_tables.Undeclared, match="unheard_of has no name"):
        write(given, tmp_path)
