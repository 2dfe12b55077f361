"""Writing a small table as a workbook (XLSX or ODS), with the layout that the contract describes.

Workbooks are written cell by cell, which is slow: they are for the tables of some hundred rows that
partners send that way.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from orchestration.contracts.odcs import Column, Contract
from orchestration.core.office_documents import ONE_AT_A_TIME, excel, fix_bytes

_EXCEL_PARTS = {"%Y": "yyyy", "%m": "mm", "%d": "dd", "%H": "hh", "%M": "mm", "%S": "ss"}
_NOTES = (("SYNTHETIC",), ("Made-up figures for trying the warehouse; nobody's statistics.",))


@dataclass(frozen=True)
class Sheet:
    """The rows of one sheet from the top, and which cells are merged: (row, column, down, right)."""

    name: str
    rows: Sequence[Sequence[object]]
    merged: Sequence[tuple[int, int, int, int]] = ()


def write(
    contract: Contract,
    titles: Sequence[str],
    rows: Sequence[Sequence[object]],
    total: Sequence[object] | None,
    path: Path,
) -> None:
    """Write titles, header, `rows` and total to `path`, which ends in the contract's format."""
    headers, merged = _headers(contract, len(titles))
    table = [
        *([title or None] for title in titles),
        *headers,
        *(
            [_cell(column, value) for column, value in zip(contract.columns, row, strict=True)]
            for row in rows
        ),
        *([total] if total else []),
    ]
    sheets = [Sheet(contract.layout.sheet or "Data", table, merged)]
    if contract.layout.sheet:
        sheets.insert(0, Sheet("Notes", _NOTES))
    with ONE_AT_A_TIME:
        _FORMATS[contract.format](contract, sheets, path)
    fix_bytes(path)


def _headers(
    contract: Contract, above: int
) -> tuple[list[list[str | None]], list[tuple[int, int, int, int]]]:
    """One header row, or two with “upper / lower” parted and the runs of an upper cell merged.

    A single-part header goes in the upper row: a blank there would be read as its left neighbour.
    """
    names = [column.header for column in contract.columns]
    if contract.layout.header_rows == 1:
        return [list(names)], []
    parts = [name.partition(" / ") for name in names]
    upper: list[str | None] = []
    merged = []
    for name, group in itertools.groupby(parts, key=lambda part: part[0]):
        width, first = len(list(group)), len(upper)
        upper += [name, *[None] * (width - 1)]
        if width > 1:
            merged.append((above, first, 1, width))
        elif not parts[first][2]:
            merged.append((above, first, 2, 1))
    return [upper, [part[2] or None for part in parts]], merged


def _cell(column: Column, value: Any) -> Any:
    """A value as a cell: numbers as numbers though a marker made the column text; times as text."""
    if isinstance(value, time) and column.date_format:
        return value.strftime(column.date_format)
    if isinstance(value, str) and column.logical_type in ("integer", "number"):
        with suppress(ValueError):
            return float(value) if column.logical_type == "number" else int(value)
    return value


def _xlsx(contract: Contract, sheets: Sequence[Sheet], path: Path) -> None:
    book = excel().Workbook()
    del book[book.sheetnames[0]]
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        for row in sheet.rows:
            page.append(row)
        for row_at, column_at, down, right in sheet.merged:
            page.merge_cells(
                start_row=row_at + 1,
                start_column=column_at + 1,
                end_row=row_at + down,
                end_column=column_at + right,
            )
    for number, column in enumerate(contract.columns, start=1):
        if column.date_format:
            shown = re.sub("%[YmdHMS]", lambda part: _EXCEL_PARTS[part.group()], column.date_format)
            (cells,) = page.iter_cols(number, number, contract.layout.header_line + 1)
            for cell in cells:
                cell.number_format = shown
    book.save(path)


def _ods(contract: Contract, sheets: Sequence[Sheet], path: Path) -> None:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import CoveredTableCell, Table, TableCell, TableRow
    from odf.text import P

    def cell_of(value: Any, spans: dict[str, int]) -> Any:
        if value is None:
            return TableCell(**spans)
        if isinstance(value, date):
            moment = "%Y-%m-%dT%H:%M:%S" if isinstance(value, datetime) else "%Y-%m-%d"
            kind = {"valuetype": "date", "datevalue": value.strftime(moment)}
        elif isinstance(value, str):
            kind = {"valuetype": "string"}
        else:
            kind = {"valuetype": "float", "value": str(value)}
        cell = TableCell(**kind, **spans)
        cell.addElement(P(text=str(value)))
        return cell

    book = OpenDocumentSpreadsheet()
    for sheet in sheets:
        spans = {
            (row, column): {"numberrowsspanned": down, "numbercolumnsspanned": right}
            for row, column, down, right in sheet.merged
        }
        covered = {
            (row + y, column + x)
            for row, column, down, right in sheet.merged
            for y in range(down)
            for x in range(right)
        } - set(spans)
        table = Table(name=sheet.name)
        for y, values in enumerate(sheet.rows):
            row = TableRow()
            for x, value in enumerate(values):
                row.addElement(
                    CoveredTableCell()
                    if (y, x) in covered
                    else cell_of(value, spans.get((y, x), {}))
                )
            table.addElement(row)
        book.spreadsheet.addElement(table)
    book.save(str(path))


_FORMATS: dict[str, Callable[[Contract, Sequence[Sheet], Path], None]] = {
    "xlsx": _xlsx,
    "ods": _ods,
}
