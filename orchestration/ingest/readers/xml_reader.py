"""Reading one XML delivery: a row per repeated element, the text of its children as values.

Namespaces are ignored. A document that declares types or entities is refused before it is read, so
no entity is ever expanded (CWE-776) and no address ever opened (CWE-611).
"""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import ParseError

import duckdb
import pandas as pd
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from orchestration.contracts.model import Contract
from orchestration.core.refusal import Refusal, Tell, unheard
from orchestration.core.sql import literal
from orchestration.ingest.readers.sheet_scan import MOST_CELLS
from orchestration.ingest.readers.table import check_header, refuse_other_kinds

_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_HEADER = 0  # the number of the header element, beside rows 1, 2, 3…


def read(
    connection: duckdb.DuckDBPyConnection, contract: Contract, source: Path, _tell: Tell = unheard
) -> str:
    """Read `source`; return SQL that gives `_row` (number of the element) and the contract's columns.

    Raises:
        Refusal: the file is not well-formed XML of flat rows with the agreed tags.
    """
    content = source.read_bytes()
    refuse_other_kinds(content, "XML text", "not_xml")
    found = _parse(content, contract)
    cells = pd.DataFrame(
        {"row": found.rows, "name": found.names, "text": found.texts, "nested": found.nested}
    )
    if not found.count and contract.nil_return and not found.others and not found.headers:
        # Nothing but the root: a page about an error, say, would hold something.
        nothing = ", ".join(f"null::varchar as {column.name}" for column in contract.columns)
        return f"select 1::bigint as _row, {nothing} limit 0"
    if not found.count:
        raise Refusal("no_rows", f"the file has no element “{contract.layout.row}”")
    _check(cells, contract, found.headers)
    wanted = ", ".join(
        f"max(text) filter (name = {literal(column.header)}) as {column.name}"
        for column in contract.columns
    )
    connection.register("cells", cells)
    connection.execute(
        f"""
        create temp table delivered as
        with
            filled as (
                select "row", name, case when trim(text, ' \t\r\n') <> '' then text end as text
                from cells
            ),
            header as (select name, text from filled where "row" = {_HEADER}),
            numbers as (select unnest(range(1, {found.count + 1})) as _row),
            every as (
                select "row" as _row, name, text from filled where "row" <> {_HEADER}
                union all
                select numbers._row, header.name, header.text from numbers cross join header
            )
        select numbers._row, {wanted}
        from numbers left join every on every._row = numbers._row
        group by numbers._row
        """
    )
    connection.unregister("cells")
    return "select * from delivered order by _row"


def _check(cells: pd.DataFrame, contract: Contract, headers: int) -> None:
    """Check the elements against the contract: the agreed tags, each once in its row, none nested."""
    if headers > 1:
        raise Refusal(
            "duplicate_column", f"the element “{contract.layout.header}” stands {headers} times"
        )
    check_header(sorted(cells["name"].unique()), contract, line=None)
    _refuse_rows(cells[cells["nested"]], "nested_value", "holds elements within a value")
    twice = cells.duplicated(["row", "name"])
    _refuse_rows(cells[twice], "duplicate_column", "has an element twice")


def _refuse_rows(cells: pd.DataFrame, rule: str, what: str) -> None:
    if len(cells):
        rows = tuple(sorted(int(row) for row in cells["row"].unique()))
        many = f" ({len(rows)} such elements)" if len(rows) > 1 else ""
        which = "the header element" if rows[0] == _HEADER else f"element {rows[0]}"
        raise Refusal(rule, f"{which} {what}{many}", rows)


class _Cells:
    """What the parser calls at every tag: gathers the leaves of rows and of the header element.

    An attribute of a row is a leaf called `@name`, so that it is refused unless it was agreed.
    """

    def __init__(self, row: str, header: str) -> None:
        self._tags, self._prefix = {row, header} - {""}, {row: "", header: f"{header}/"}
        self._row, self._path, self._deepest = row, list[str](), 0
        self._text: list[str] = []
        self.count = self.headers = 0
        self.others = -1  # elements that were not agreed, beside the root; text counts as one
        self.rows: list[int] = []
        self.names: list[str] = []
        self.texts: list[str] = []
        self.nested: list[bool] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if not self._path and name not in self._tags:
            self.others += 1
            return
        if not self._path:
            self.count += name == self._row
            self.headers += name != self._row
        self._path.append(name)
        self._text = []
        self._deepest = len(self._path)
        for key, value in attributes.items():
            if not key.startswith(_INSTANCE):
                self._leaf(f"{self._name()}@{key.rpartition('}')[2]}", value)

    def data(self, text: str) -> None:
        if len(self._path) == 1 and text.strip():
            self._leaf("#text", text)  # text between values, where nothing was agreed
        elif self._path:
            self._text.append(text)
        elif text.strip():
            self.others += 1

    def end(self, _tag: str) -> None:
        if not self._path:
            return
        if len(self._path) == 2:
            self._leaf(self._name(), "".join(self._text), nested=self._deepest > 2)
        self._path.pop()
        self._text = []

    def close(self) -> _Cells:
        return self

    def _name(self) -> str:
        """The column that the open element represents."""
        return self._prefix[self._path[0]] + "/".join(self._path[1:2])

    def _leaf(self, name: str, text: str, nested: bool = False) -> None:
        if len(self.rows) >= MOST_CELLS:
            raise Refusal("too_large", f"the file holds more than {MOST_CELLS:,} values")
        self.rows.append(self.count if self._path[0] == self._row else _HEADER)
        self.names.append(name)
        self.texts.append(text)
        self.nested.append(nested)


def _parse(content: bytes, contract: Contract) -> _Cells:
    target = _Cells(contract.layout.row, contract.layout.header)
    parser = DefusedXMLParser(target=target, forbid_dtd=True)
    try:
        parser.feed(content)
        parser.close()
    except DefusedXmlException:
        raise Refusal(
            "not_xml", "the file declares a document type or entities; these are never read"
        ) from None
    except (ParseError, ValueError, LookupError) as problem:
        line = getattr(problem, "position", (0, 0))[0]
        where = f" (line {line})" if line else ""
        raise Refusal(
            "not_xml", f"the file is not well-formed XML{where}", (line,) if line else ()
        ) from None
    return target
