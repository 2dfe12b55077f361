"""Reading one sheet of an Excel or OpenDocument workbook: every cell as the text that it represents.

Whole numbers lose the `.0` that workbooks store; in a date column, date cells and serial numbers are
written in the column's own format. Blank rows at the end and columns without anything are ignored.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from operator import methodcaller
from pathlib import Path

import duckdb
import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from orchestration.contracts.model import Column, Contract
from orchestration.core.refusal import Refusal, Remark, Tell, unheard
from orchestration.ingest.readers.sheet_scan import ERRORS, Scan
from orchestration.ingest.readers.table import TOP_LINES, check_header, check_header_line, shown
from orchestration.ingest.readers.workbook import (
    counts_from_1904,
    damaged,
    open_container,
    scan_sheets,
    without_false_extent,
)

# What a cell can hold besides text, by the names of the Python types.
_MOMENTS, _LENGTHS = frozenset({"date", "datetime", "time"}), frozenset({"timedelta"})
_NUMBERS = frozenset({"float", "int"})
_EXACT = 1e15  # from here on, whole numbers in a workbook are not exact
_ROWS_SHOWN = 20
# Serial numbers of days from 1950 to 2099, and of times of day; other numbers are not dates.
_DAYS, _TIMES = (18264, 73051), (0, 1)


def read(
    connection: duckdb.DuckDBPyConnection, contract: Contract, source: Path, tell: Tell = unheard
) -> str:
    """Read `source` into a temporary table; return SQL that gives `_row` and the contract's columns.

    Raises:
        Refusal: the file is not such a workbook, has no such sheet, a formula has an error, its
            header is not the agreed one or not where it was agreed, or its rows are not what the
            sheet shows: merged, hidden, or numbers too long to be exact.
    """
    content, layout = source.read_bytes(), contract.layout
    container = open_container(content, contract.format)
    scans = scan_sheets(container, contract.format, layout.sheet)
    mended = without_false_extent(container, contract.format, content)
    sheet, cells = _cells(mended, layout.sheet)
    columns = _columns(cells, contract)
    rows, total = _rows(cells.iloc[layout.header_line :], layout.total_label, next(iter(columns)))
    from_1904 = counts_from_1904(container, contract.format)
    texts = {
        column.name: _as_text(rows[place], column, from_1904) for place, column in columns.items()
    }
    if sheet not in scans:
        raise damaged()
    _check_looks(scans[sheet], rows)
    _check_kinds([(column, rows[place]) for place, column in columns.items()], tell)
    errors = scans[sheet].errors
    broken = {row for row in errors if row > layout.header_line and row != total}
    if broken := broken | _written_errors(texts, contract):
        many = f" ({len(broken)} such rows)" if len(broken) > 1 else ""
        raise Refusal(
            "formula_error",
            f"row {min(broken)} holds a formula with an error or without a result{many}; "
            "send the workbook with its formulas worked out",
            tuple(sorted(broken)),
        )
    frame = pd.DataFrame(texts, dtype=object)
    frame.insert(0, "_row", rows.index.to_numpy() + 1)
    connection.register("sheet", frame)
    wanted = ", ".join(f"{column.name}::varchar as {column.name}" for column in contract.columns)
    connection.execute(f"create temp table delivered as select _row, {wanted} from sheet")
    connection.unregister("sheet")
    return "select * from delivered order by _row"


def _cells(content: bytes, agreed: str) -> tuple[str, pd.DataFrame]:
    """The name of the agreed sheet and its cells from A1 on; blank ones are None."""
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = list(workbook.sheet_names)
        if not agreed and len(names) == 1:
            agreed = names[0]
        if agreed not in names:
            there = ", ".join(f"“{shown(name)}”" for name in names[:10])
            wanted = f"there is no sheet “{agreed}”" if agreed else "no sheet was agreed by name"
            raise Refusal("missing_sheet", f"{wanted}; the workbook has {there}")
        rows = workbook.get_sheet_by_name(agreed).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError):
        raise damaged() from None
    except BaseException as problem:
        # The library is compiled; when it panics, it raises something that is not an `Exception`.
        if type(problem).__name__ != "PanicException":
            raise
        raise damaged() from None
    cells = pd.DataFrame(rows, dtype=object)
    blank = cells.map(lambda cell: isinstance(cell, str) and not cell.strip())
    return agreed, cells.mask(blank, None) if len(cells) else cells


def _columns(cells: pd.DataFrame, contract: Contract) -> dict[int, Column]:
    """The contract's columns by their place in the sheet."""
    layout = contract.layout
    top = _header_texts(cells.head(TOP_LINES))
    if layout.header_rows == 2:
        upper = top.shift(1)
        above = upper.ffill(axis=1).where(top.notna() | upper.notna())
        top = (above + " / " + top).fillna(top).fillna(above)
        # There is no row above the first, so it cannot be the lower of two.
        top = top.where(top.index.to_series().gt(0), axis=0)
    lines = top.fillna("").to_numpy(dtype=object).tolist()
    names = check_header_line(lines, contract)
    beneath = cells.iloc[layout.header_line :].notna().any()
    places = [place for place, name in enumerate(names) if name or beneath[place]]
    check_header([names[place] for place in places], contract, layout.header_line)
    agreed = {column.header: column for column in contract.columns}
    return {place: agreed[names[place]] for place in places}


def _header_texts(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells as headers: on one line, without spaces around."""
    all_of_them = pd.Series(cells.to_numpy(dtype=object).ravel(), dtype=object)
    text = _as_text(all_of_them, None, False).astype("str")
    text = text.str.replace(r"\s+", " ", regex=True).str.strip().astype(object)
    shaped = text.to_numpy(dtype=object).reshape(cells.shape)
    return pd.DataFrame(shaped, cells.index, cells.columns, dtype=object)


def _rows(rows: pd.DataFrame, total_label: str, first: int) -> tuple[pd.DataFrame, int | None]:
    """The rows without blank ones at the end and without the agreed total; the total's number."""
    filled = rows.notna().any(axis=1)
    if not filled.any():
        return rows.iloc[:0], None
    last = filled[filled].index[-1]
    if total_label and str(rows.loc[last, first]).strip() == total_label:
        return rows.loc[: last - 1], int(last) + 1
    return rows.loc[:last], None


def _as_text(cells: pd.Series, column: Column | None, from_1904: bool) -> pd.Series:
    """Cells of one column as text; None where they are blank."""
    kinds = cells.map(lambda cell: type(cell).__name__)
    there = set(kinds.unique())
    text = cells.where(kinds == "str", None)
    if not there.isdisjoint(_LENGTHS | _MOMENTS):
        text = text.mask(kinds.isin(_LENGTHS | _MOMENTS), cells.map(str))
    if "bool" in there:
        text = text.mask(kinds == "bool", cells.map(str).str.upper())
    date_format = column.date_format if column else None
    if date_format and not there.isdisjoint(_MOMENTS):
        moments = kinds.isin(_MOMENTS)
        written = methodcaller("strftime", date_format)
        text = text.mask(moments, cells.where(moments).map(written, na_action="ignore"))
    if there.isdisjoint(_NUMBERS):
        return text
    numbers = pd.to_numeric(cells.where(kinds.isin(_NUMBERS)), errors="coerce").astype(float)
    whole = numbers.notna() & (numbers == numbers.round()) & (numbers.abs() < _EXACT)
    text = text.mask(numbers.notna() & ~whole, numbers.map(repr))
    text = text.mask(whole, numbers.where(whole, 0).astype("int64").astype(str))
    if column is None or date_format is None:
        return text
    least, most = _TIMES if column.logical_type == "time" else _DAYS
    serial = numbers.where((numbers >= least) & (numbers < most) & (not from_1904))
    days = pd.to_datetime(serial, unit="D", origin="1899-12-30").dt.round("s")
    return text.mask(serial.notna(), days.dt.strftime(date_format))


def _check_looks(scan: Scan, rows: pd.DataFrame) -> None:
    """Refuse rows that look otherwise than they are read: a person would see another table."""
    numbers = pd.Series(rows.index + 1, dtype="int64")
    filled = rows.notna().any(axis=1).to_numpy()
    for rule, ranges, there, what in (
        (
            "merged_cells",
            scan.merged,
            numbers,
            "holds merged cells, of which only the first has a value; fill each cell by itself",
        ),
        (
            "hidden_rows",
            scan.hidden,
            numbers[filled],
            "is hidden or filtered out; show the rows that are meant and delete the others",
        ),
    ):
        if not ranges or there.empty:
            continue
        spans = pd.DataFrame(ranges, columns=["first", "last"]).drop_duplicates()
        spans = spans[(spans["last"] >= there.min()) & (spans["first"] <= there.max())]
        covered = pd.IntervalIndex.from_arrays(spans["first"], spans["last"], closed="both")
        hit = there[_within(there, covered)]
        if len(hit):
            many = f" ({len(hit)} such rows)" if len(hit) > 1 else ""
            raise Refusal(rule, f"row {hit.iloc[0]} {what}{many}", tuple(map(int, hit)))


def _within(numbers: pd.Series, covered: pd.IntervalIndex) -> pd.Series:
    """Which numbers lie in any interval: those that have begun, less those that have ended before."""
    begun = covered.left.sort_values().searchsorted(numbers, side="right")
    ended = covered.right.sort_values().searchsorted(numbers, side="left")
    return pd.Series(begun > ended, index=numbers.index)


def _check_kinds(cells: Sequence[tuple[Column, pd.Series]], tell: Tell) -> None:
    """Look at columns of text and whole numbers for cells that a spreadsheet has changed.

    Raises:
        Refusal: a number has more digits than a workbook keeps, so that others may have had the same.
    """
    for column, values in cells:
        if column.date_format or column.logical_type not in ("string", "integer"):
            continue
        kinds = values.map(lambda cell: type(cell).__name__)
        numbers = pd.to_numeric(values.where(kinds.isin(_NUMBERS)), errors="coerce").astype(float)
        if len(long := numbers[numbers.abs() >= _EXACT]):
            rows = tuple(int(row) + 1 for row in long.index)
            many = f" ({len(rows)} such rows)" if len(rows) > 1 else ""
            raise Refusal(
                "inexact_number",
                f"row {rows[0]} holds a number of more than 15 digits in column “{column.header}”, "
                f"which workbooks do not keep exactly{many}; make it a column of text before it is filled",
                rows[:_ROWS_SHOWN],
            )
        dated = kinds[kinds.isin(_MOMENTS | _LENGTHS)]
        if len(dated) and column.logical_type == "string":
            tell(
                Remark(
                    f"date_in_text:{column.name}",
                    f"column “{column.header}” of text holds dates or times, which a spreadsheet may "
                    "have made of codes",
                    tuple(int(row) + 1 for row in dated.index[:_ROWS_SHOWN]),
                    len(dated),
                )
            )


def _written_errors(texts: dict[str, pd.Series], contract: Contract) -> set[int]:
    """Rows in which an error is written as text, unless it is an agreed marker."""
    found = [
        texts[column.name].isin(set(ERRORS).difference(column.markers))
        for column in contract.columns
    ]
    hit = pd.concat(found, axis=1).any(axis=1)
    return {int(row) + 1 for row in hit[hit].index}
