"""Files made up for tests of the readers: one table, in every format."""

import io
import zipfile
from datetime import date

import duckdb
import openpyxl
import pytest
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from orchestration.core.refusal import Refusal, unheard
from orchestration.ingest.readers import content as look
from orchestration.ingest.readers import parse
from tests.support.made_up import COLUMNS, load

HEADER = ["Area", "Date seen", "People", "Rate"]
SECRET = "Jane Example"


def read(folder, content: bytes, form: str, columns=COLUMNS, tell=unheard, **properties):
    """Rows as (_row, values…) through the reader of the contract's format, looked at as all rows are."""
    dialect = {"dialect": None} if form not in ("csv", "geojson") else {}
    contract = load(folder, columns, format=form, **dialect, **properties)
    source = folder / "delivered"
    source.write_bytes(content)
    with duckdb.connect() as connection:
        query = parse.reader_of(form)(connection, contract, source, tell)
        look.check(connection, query, contract, tell)
        relation = connection.sql(query)
        assert relation.columns == ["_row", *(c.name for c in contract.columns)]
        assert {str(kind) for kind in relation.types[1:]} == {"VARCHAR"}
        return relation.fetchall()


def refusal(folder, content, form, columns=COLUMNS, **properties) -> Refusal:
    with pytest.raises(Refusal) as found:
        read(folder, content, form, columns, **properties)
    sentence = found.value.sentence
    assert sentence and "\n" not in sentence and SECRET not in sentence
    return found.value


# --- building files -------------------------------------------------------------------------------


def xlsx(rows, sheet="Data", change=lambda book: None) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in rows:
        book.active.append(row)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _ods_cell(value):
    if value is None:
        return TableCell()
    if isinstance(value, date):
        return TableCell(valuetype="date", datevalue=value.isoformat())
    if isinstance(value, int | float):
        return TableCell(valuetype="float", value=str(value))
    if value.startswith("="):
        cell = TableCell(valuetype="string", stringvalue="", formula=f"of:{value}")
        cell.addElement(P(text="#REF!"))
        return cell
    cell = TableCell(valuetype="string")
    cell.addElement(P(text=value))
    return cell


def ods(rows, sheet="Data") -> bytes:
    book = OpenDocumentSpreadsheet()
    table = Table(name=sheet)
    book.spreadsheet.addElement(table)
    for row in rows:
        line = TableRow(numberrowsrepeated=1)
        for value in row:
            line.addElement(_ods_cell(value))
        table.addElement(line)
    # What office programs write after the last row.
    table.addElement(TableRow(numberrowsrepeated=1000))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def csv_text(rows) -> bytes:
    return "".join(
        ",".join("" if v is None else str(v) for v in row) + "\n" for row in rows
    ).encode()


BOOKS = {"xlsx": xlsx, "ods": ods}
ROWS = [
    ["ST1", date(2025, 6, 3), 12, 0.25],
    ["ST2", "04/06/2025", "*", 1500],
    ["007", 45813, None, -1.5],
]
TEXTS = [
    ("ST1", "03/06/2025", "12", "0.25"),
    ("ST2", "04/06/2025", "*", "1500"),
    ("007", "05/06/2025", None, "-1.5"),
]


def numbered(first, rows=TEXTS):
    return [(first + n, *row) for n, row in enumerate(rows)]


def repacked(content, change):
    """The workbook with some of its files changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


GOOD_XLSX, GOOD_ODS = xlsx([HEADER, *ROWS]), ods([HEADER, *ROWS])
