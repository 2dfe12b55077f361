"""The workbook as OpenDocument: the cells, formats, widths, links and marks of the finished XLSX.

It is written from the XLSX itself, so that the two cannot differ. odfpy makes the document; the cells
below the headings are assembled as text, one column at a time, since an object for each of 140,000
cells would take three times as long. Same workbook, same bytes.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from odf import dc, meta, style
from odf.element import Text
from odf.namespaces import STYLENS
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import (
    DatabaseRange,
    DatabaseRanges,
    Table,
    TableCell,
    TableColumn,
    TableHeaderRows,
    TableRow,
)
from odf.text import A, P, PageCount, PageNumber

from orchestration.core.files import replacing
from orchestration.core.office_documents import ONE_AT_A_TIME, excel, fix_bytes
from orchestration.edition.package.ods_styles import DATES, LANGUAGE, Styles

# Excel's number formats and their equivalents in Python.
_NUMBERS = {"#,##0": "{:,.0f}", "0": "{:.0f}", "#,##0.0": "{:,.1f}", "0.0%": "{:.1%}"}
_ESCAPED: Mapping[int, str] = {
    **{ord(sign): entity for sign, entity in
       (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("\r", "\n"))},
    # Characters that XML does not allow.
    **dict.fromkeys([*range(9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF], ""),
}  # fmt: skip
# OpenDocument collapses spaces, so significant ones are written as elements.
_LOOSE_SPACE = re.compile(r"(?<![^ \n\t]) | (?![^ \n\t])")


def write(xlsx: Path) -> Path:
    """Write the workbook `xlsx` as ODS beside it, atomically; return the new path."""
    book = excel().load_workbook(xlsx)
    target = xlsx.with_suffix(".ods")
    with ONE_AT_A_TIME, replacing(target) as temporary:
        _document(book).save(str(temporary))
        fix_bytes(temporary)
    return target


def _document(book: Any) -> Any:
    document = OpenDocumentSpreadsheet()
    _properties(document, book.properties)
    styles = Styles(document)
    _page(document, book.worksheets[0].oddFooter.left.text)
    ranges = DatabaseRanges()
    for page in book.worksheets:
        document.spreadsheet.addElement(_table(page, styles))
        for table in page.tables.values():
            place = ":".join(f"'{page.title}'.{corner}" for corner in table.ref.split(":"))
            ranges.addElement(
                DatabaseRange(name=table.name, targetrangeaddress=place, containsheader="true")
            )
    document.spreadsheet.addElement(ranges)
    return document


def _properties(document: Any, given: Any) -> None:
    made = given.created.isoformat()
    for element in (
        dc.Title(text=given.title),
        dc.Subject(text=given.subject),
        dc.Language(text="-".join(LANGUAGE)),
        meta.InitialCreator(text=given.creator),
        dc.Creator(text=given.creator),
        meta.CreationDate(text=made),
        dc.Date(text=made),
    ):
        document.meta.addElement(element)


def _page(document: Any, mark: str) -> None:
    """A4, landscape, one page wide, with the marking and the page number in the footer."""
    layout = style.PageLayout(name="Landscape")
    properties = style.PageLayoutProperties(
        pagewidth="29.7cm", pageheight="21cm", printorientation="landscape", margin="1.5cm"
    )
    properties.setAttrNS(STYLENS, "scale-to-X", "1")  # newer than odfpy's list
    layout.addElement(properties)
    document.automaticstyles.addElement(layout)
    master = style.MasterPage(name="Default", pagelayoutname=layout)
    footer, left, right = style.Footer(), style.RegionLeft(), style.RegionRight()
    left.addElement(P(text=mark))
    pages = P()
    for part in (PageNumber(text="1"), Text(" / "), PageCount(text="1")):
        pages.appendChild(part)
    right.addElement(pages)
    footer.addElement(left)
    footer.addElement(right)
    master.addElement(footer)
    document.masterstyles.addElement(master)


def _table(page: Any, styles: Styles) -> Any:
    """A sheet: cell by cell down to the headings, and by columns below them."""
    tables = [excel().utils.range_boundaries(table.ref) for table in page.tables.values()]
    headings = tables[0][1] if tables else page.max_row
    under = page[min(headings + 1, page.max_row)]
    singly = page.max_row if under[0].hyperlink else headings  # a link is an element of its own
    made = Table(name=page.title, stylename=styles.sheet())
    for cell, width in zip(under, _widths(page), strict=True):
        made.addElement(
            TableColumn(stylename=styles.column(width), defaultcellstylename=styles.cell(cell))
        )
    rows = [
        *([_cell(cell, styles) for cell in cells] for cells in page.iter_rows(max_row=singly)),
        *([_Written(cells)] for cells in _under(page, singly)),
    ]
    for number_, cells in enumerate(rows, start=1):
        row = TableRow(stylename=styles.row(page.row_dimensions[number_].height))
        for cell in cells:
            row.appendChild(cell)
        place = made
        if tables and number_ == headings:
            place = TableHeaderRows()
            made.addElement(place)
        place.addElement(row)
    return made


def _cell(cell: Any, styles: Styles) -> Any:
    if cell.value is None:
        return TableCell()
    made = TableCell(valuetype="string", stylename=styles.cell(cell))
    if cell.hyperlink is None:
        made.appendChild(_Written(_paragraphs(str(cell.value))))
        return made
    sheet, _, corner = cell.hyperlink.location.rpartition("!")
    paragraph = P()
    paragraph.addElement(A(type="simple", href=f"#{sheet}.{corner}", text=cell.value))
    made.addElement(paragraph)
    return made


def _under(page: Any, singly: int) -> Iterable[str]:
    """The cells of each row below the row `singly`, as XML."""
    if singly == page.max_row:
        return ()
    return functools.reduce(
        operator.add, map(_column, zip(*page.iter_rows(min_row=singly + 1), strict=True))
    )


def _column(cells: tuple[Any, ...]) -> pd.Series:
    """The cells of a column as XML: texts, and figures that share one format."""
    values = pd.Series([cell.value for cell in cells], dtype=object)
    is_text = values.map(lambda value: isinstance(value, str)).astype(bool)
    texts = (
        '<table:table-cell office:value-type="string">'
        + values[is_text].map(_paragraphs).astype(object)
        + "</table:table-cell>"
    )
    figures = _figures(values[~is_text & values.notna()], cells[0].number_format)
    return pd.concat([texts, figures]).reindex(values.index).fillna("<table:table-cell/>")


def _figures(values: pd.Series, given: str) -> pd.Series:
    if values.empty:
        return values
    if given in DATES:
        days = pd.to_datetime(values).dt.round("s")
        moments = days.dt.strftime("%Y-%m-%dT%H:%M:%S").str.removesuffix("T00:00:00")
        kind = 'date" office:date-value="' + moments
        shown = days.dt.strftime(DATES[given]).str.removeprefix("0")
    else:
        kind = "percentage" if given.endswith("%") else "float"
        kind = f'{kind}" office:value="' + values.astype(str)
        shown = values.map(_NUMBERS.get(given, "{}").format)
    return (
        '<table:table-cell office:value-type="' + kind + '"><text:p>' + shown
        + "</text:p></table:table-cell>"
    )  # fmt: skip


def _paragraphs(text: str) -> str:
    """A text as paragraphs, so that all its spaces and lines are preserved."""
    lines = text.replace("\r\n", "\n").translate(_ESCAPED)
    lines = _LOOSE_SPACE.sub("<text:s/>", lines).replace("\t", "<text:tab/>")
    return "<text:p>" + lines.replace("\n", "</text:p><text:p>") + "</text:p>"


def _widths(page: Any) -> list[float]:
    """The width of each column in Excel's units; openpyxl keeps one entry for a run of equal ones."""
    found: Mapping[int, float] = {
        position: given.width
        for given in page.column_dimensions.values()
        for position in range(given.min, given.max + 1)
    }
    return [found[position] for position in range(1, page.max_column + 1)]


class _Written(Text):  # type: ignore[misc]
    """A part of the document that is already XML."""

    def toXml(self, level: int, f: Any) -> None:  # noqa: N802, ARG002 - odfpy's names
        f.write(self.data)
