"""Writing one period of a sample as the file that its contract describes; nothing here knows a feed.

The same rows always give the same bytes: a file does not depend on the clock, machine or threads.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from orchestration.contracts.odcs import Column, Contract
from orchestration.core.sql import literal
from orchestration.synthetic.engine import Sample, unusable

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT")


def write(connection: duckdb.DuckDBPyConnection, sample: Sample, period: str, path: Path) -> None:
    """Write the requested period of `sample` to `path`, in the contract's format.

    Raises:
        SampleError: the sample's SQL fails on this period.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        _WRITERS[sample.contract.format](connection, sample, period, path)
    except (duckdb.Error, UnicodeEncodeError) as problem:
        raise unusable(sample.contract, problem) from problem


def titles_of(contract: Contract, period: str) -> list[str]:
    """The lines above the header, of the number given in the contract."""
    count = contract.layout.title_rows
    return [f"{contract.title} (SYNTHETIC)", f"Period: {period}", *[""] * count][:count]


def _csv(connection: duckdb.DuckDBPyConnection, sample: Sample, period: str, path: Path) -> None:
    contract = sample.contract
    layout = contract.layout
    connection.execute(
        f"copy ({_as_text(sample)}) to {literal(path)} (format csv, header true, "
        f"delimiter {literal(contract.delimiter)}, quote {literal(contract.quote)}, "
        f"escape {literal(contract.escape)})"
    )
    above = "".join(_line(contract, [title]) for title in titles_of(contract, period))
    below = _line(contract, total_row(connection, sample)) if layout.total_label else ""
    if above or below or contract.encoding != "utf-8":
        text = path.read_text(encoding="utf-8")
        path.write_bytes(f"{above}{text}{below}".encode(contract.encoding))


def _line(contract: Contract, fields: Sequence[object]) -> str:
    """One CSV line in the contract's dialect; an empty line where there is nothing in it."""
    buffer = io.StringIO()
    csv.writer(
        buffer,
        delimiter=contract.delimiter,
        quotechar=contract.quote,
        doublequote=contract.escape == contract.quote,
        escapechar=None if contract.escape == contract.quote else contract.escape,
        lineterminator="\n",
    ).writerow(fields)
    return buffer.getvalue().replace('""\n', "\n") if not any(fields) else buffer.getvalue()


def total_row(connection: duckdb.DuckDBPyConnection, sample: Sample) -> list[object]:
    """The trailing total: its label, then the sum of every column of numbers."""
    sums = []
    for column in sample.contract.columns:
        added = f'sum(try_cast("{column.name}" as {_number_type(column)}))'
        is_number = column.logical_type in ("integer", "number")
        sums.append(f"cast({added} as {_number_type(column)})" if is_number else "null")
    found = connection.sql(f"select {', '.join(sums)} from (\n{sample.sql}\n)").fetchone()
    assert found is not None
    return [sample.contract.layout.total_label, *found[1:]]


def _number_type(column: Column) -> str:
    return "bigint" if column.logical_type == "integer" else "double"


def _json(connection: duckdb.DuckDBPyConnection, sample: Sample, period: str, path: Path) -> None:
    wanted = ", ".join(
        f'{_text_of(column, sample) if column.date_format else _name(column)} as "{column.header}"'
        for column in sample.contract.columns
    )
    connection.execute(
        f"copy (select {wanted} from (\n{sample.sql}\n)) to {literal(path)} (format json, array true)"
    )
    if key := sample.contract.layout.records:
        array = path.read_text(encoding="utf-8")
        path.write_text(f'{{"synthetic": true, "{key}": {array.rstrip()}}}\n', encoding="utf-8")


def _xml(connection: duckdb.DuckDBPyConnection, sample: Sample, period: str, path: Path) -> None:
    """Root, then the header element (from the first row) if there is one, then a row element each."""
    layout = sample.contract.layout
    above = [column for column in sample.contract.columns if "/" in column.header]
    within = [column for column in sample.contract.columns if column not in above]
    header = f"<{layout.header}>' || {_tags(above, sample)} || '</{layout.header}>"
    rows, first = connection.execute(
        f"""
        with sample as (select *, row_number() over () as nth_of_sample from (\n{sample.sql}\n))
        select
            string_agg('<{layout.row}>' || {_tags(within, sample)} || '</{layout.row}>', chr(10)
                order by nth_of_sample),
            min_by('{header if layout.header else ""}', nth_of_sample)
        from sample
        """
    ).fetchall()[0]
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- SYNTHETIC -->\n<Extract>\n'
        f"{first or ''}\n{rows or ''}\n</Extract>\n"
    )
    path.write_text(text, encoding="utf-8")


def _tags(columns: Sequence[Column], sample: Sample) -> str:
    """SQL for the child elements of a row, in the contract's order; blanks are empty elements."""
    parts = []
    for column in columns:
        tag = column.header.rpartition("/")[2]
        text = f"cast({_text_of(column, sample)} as varchar)"
        for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = f"replace({text}, '{sign}', '{entity}')"
        parts.append(f"'<{tag}>' || coalesce({text}, '') || '</{tag}>'")
    return " || ".join(parts) if parts else "''"


def _workbook(
    connection: duckdb.DuckDBPyConnection, sample: Sample, period: str, path: Path
) -> None:
    from orchestration.synthetic import workbooks

    rows = connection.sql(sample.sql).fetchall()
    total = total_row(connection, sample) if sample.contract.layout.total_label else None
    workbooks.write(sample.contract, titles_of(sample.contract, period), rows, total, path)


_WRITERS: dict[str, Callable[[duckdb.DuckDBPyConnection, Sample, str, Path], None]] = {
    "csv": _csv,
    "json": _json,
    "xml": _xml,
    "xlsx": _workbook,
    "ods": _workbook,
}


def _as_text(sample: Sample) -> str:
    """The sample's rows with the contract's headers, every value written as the contract says."""
    wanted = ", ".join(
        f'{_text_of(column, sample)} as "{column.header.replace(chr(34), chr(34) * 2)}"'
        for column in sample.contract.columns
    )
    return f"select {wanted} from (\n{sample.sql}\n)"


def _text_of(column: Column, sample: Sample) -> str:
    """SQL that writes one column. What the sample gives as text is left as it is (markers, say)."""
    name, kind = _name(column), sample.types[column.name]
    if column.date_format and kind in ("DATE", "TIMESTAMP"):
        return f"strftime({name}, '{column.date_format}')"
    if column.date_format and kind == "TIME":
        return f"strftime(date '2000-01-01' + {name}, '{column.date_format}')"
    if column.thousands and kind in _INTEGERS:
        return f"format('{{:,}}', {name})"
    if column.thousands and kind != "VARCHAR":
        return f"format('{{:,.2f}}', {name}::double)"
    return name


def _name(column: Column) -> str:
    return f'"{column.name}"'
