"""Scanning a sheet's XML before its cells are read: its extent, and its errors.

The library that reads the cells returns formula errors as blanks, lays a sheet out up to its farthest
cell whatever the cost, and does not always stop on truncated XML. So each part of a workbook is first
scanned by a parser that does none of these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from xml.parsers import expat

from orchestration.core.errors import WarehouseError

MOST_CELLS = 10_000_000
MOST_TEXT = 1 << 29  # characters, every repeated text counted as often as it is laid out
ERRORS = ("#REF!", "#N/A", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!")

_ODS_ERROR = re.compile("|".join((*map(re.escape, ERRORS), r"Err:[0-9]{3}")))
_REFERENCE = re.compile(r"([A-Z]{1,7})([0-9]{1,9})")
_COLUMNS = re.compile(rb"\br=\"([A-Z]{1,7})[0-9]{1,9}\"")
_ROWS = re.compile(rb"\br=\"[A-Z]{1,7}([0-9]{1,9})\"")
# A formula, an error, a cell without a reference, or a place where `<` may occur without
# opening a tag (there the last pattern would take the square of its length).
_SUSPECT = re.compile(rb"<!|<\?(?!xml )")
_UNUSUAL = re.compile(
    rb"<(?:\w+:)?f[\s>/]|\bt=[\"']e[\"']|<(?:\w+:)?c(?=[\s>/])(?![^>]*\br=\"[A-Z])"
)
# How rows look is only of interest where some are hidden, without height, or hold merged cells.
_LOOKS = re.compile(rb"mergeCell|\bhidden=|\bht=[\"']0")
_SPAN = re.compile(r"[A-Z]{1,7}([0-9]{1,9})(?::[A-Z]{1,7}([0-9]{1,9}))?")
_ODS_VALUES = ("value", "date-value", "time-value", "boolean-value", "string-value")


class NotWellFormed(WarehouseError):
    """The XML is cut off or damaged, or declares a document type (which may hold entities)."""


class Scan:
    """How far a sheet's filled cells reach, how much text they hold, and its rows with an error.

    `merged` and `hidden` are ranges of rows (first, last) with merged cells, and that are not shown.
    """

    def __init__(self) -> None:
        self.rows = self.columns = self.text = 0
        self.errors: set[int] = set()
        self.merged: list[tuple[int, int]] = []
        self.hidden: list[tuple[int, int]] = []

    def reach(self, row: int, column: int) -> None:
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)

    @property
    def cells(self) -> int:
        """How many cells the sheet has when it is laid out whole."""
        return self.rows * self.columns


def check_xml(content: bytes) -> None:
    """Check a part of a workbook.

    Raises:
        NotWellFormed: it is not XML, or declares a document type.
    """
    _parse(content, expat.ParserCreate(namespace_separator="}"))


def scan_xlsx(content: bytes, shared: bytes = b"") -> Scan:
    """Scan the XML of one sheet of an Excel workbook; raises as `check_xml` does.

    `shared` is the XML of the workbook's shared texts, each of which may stand in any number of
    cells.
    """
    plain = not _SUSPECT.search(content) and not _UNUSUAL.search(content)
    if plain and _most_text(content, shared) <= MOST_TEXT:
        # Without a formula or an error only the size is needed, which is faster to find.
        scan = Scan()
        columns = (_column_number(letters.decode()) for letters in set(_COLUMNS.findall(content)))
        scan.reach(max(map(int, set(_ROWS.findall(content))), default=0), max(columns, default=0))
        if scan.cells <= MOST_CELLS:
            if _LOOKS.search(content):
                _parse(content, _Looks(scan).parser())
            return scan
    texts = _Shared()
    if shared:
        _parse(shared, texts.parser())
    handler = _Xlsx(texts.lengths)
    _parse(content, handler.parser())
    if _LOOKS.search(content):
        _parse(content, _Looks(handler.scan).parser())
    return handler.scan


def _most_text(content: bytes, shared: bytes) -> int:
    """The largest possible size of the shared texts: the longest one in every cell."""
    longest = len(shared) if b"<!" in shared else max(map(len, shared.split(b"<si")))
    # A cell with a value is four tags: its own two, and its value's.
    return longest * (content.count(b"<") // 4)


def scan_ods(content: bytes) -> dict[str, Scan]:
    """Scan all sheets of an OpenDocument spreadsheet, by name; raises as `check_xml` does."""
    handler = _Ods()
    _parse(content, handler.parser())
    return handler.scans


def _parse(content: bytes, parser: expat.XMLParserType) -> None:
    def refuse(*_: object) -> None:
        raise NotWellFormed("a document type is declared")

    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as problem:
        raise NotWellFormed(str(problem)) from None


class _Handler:
    """What the parser calls; tags come without their namespace."""

    def parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = lambda tag, attributes: self.start(
            tag.rpartition("}")[2], attributes
        )
        parser.EndElementHandler = lambda tag: self.end(tag.rpartition("}")[2])
        parser.CharacterDataHandler = self.data
        return parser

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def end(self, tag: str) -> None:
        raise NotImplementedError

    def data(self, text: str) -> None:
        raise NotImplementedError


class _Shared(_Handler):
    """`<si><t>…</t></si>`, the first of which is text 0."""

    def __init__(self) -> None:
        self.lengths: list[int] = []

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if tag == "si":
            self.lengths.append(0)

    def data(self, text: str) -> None:
        if self.lengths:
            self.lengths[-1] += len(text)

    def end(self, tag: str) -> None:
        pass


class _Xlsx(_Handler):
    """`<row r="7"><c r="B7" t="e"><f>…</f><v>…</v></c></row>`"""

    def __init__(self, shared: Sequence[int]) -> None:
        self.scan, self._shared, self._value = Scan(), shared, ""
        self._row = self._column = 0
        self._type = ""
        self._formula = self._filled = self._in_value = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() else self._row + 1
            self._column = 0
        elif tag == "c":
            place = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = _column_number(place[1]) if place else self._column + 1
            self._row = int(place[2]) if place else self._row
            self._type = attributes.get("t", "n")
            self._formula = self._filled = False
            self._value = ""
        elif tag == "f":
            self._formula = True
        elif tag in ("v", "t"):
            self._in_value = True

    def data(self, text: str) -> None:
        self._filled = self._filled or (self._in_value and bool(text))
        if self._in_value and self._type == "s":
            self._value += text[:10]

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._in_value = False
        elif tag == "c":
            # A formula whose result is empty text has t="str"; without it, the formula was not calculated.
            unsolved = self._formula and not self._filled and self._type != "str"
            if self._type == "e" or unsolved:
                self.scan.errors.add(self._row)
            if self._filled:
                self.scan.reach(self._row, self._column)
            number = self._value.strip()[:10]
            if number.isdecimal() and int(number) < len(self._shared):
                self.scan.text += self._shared[int(number)]


class _Looks(_Handler):
    """`<row r="7" hidden="1">` and `<mergeCell ref="E2:E3"/>`"""

    def __init__(self, scan: Scan) -> None:
        self._scan, self._row = scan, 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "row":
            number = attributes.get("r", "")
            self._row = int(number) if number.isdecimal() else self._row + 1
            if attributes.get("hidden") in ("1", "true", "on") or _is_nothing(attributes.get("ht")):
                self._scan.hidden.append((self._row, self._row))
        elif tag == "mergeCell" and (span := _SPAN.fullmatch(attributes.get("ref", ""))):
            self._scan.merged.append((int(span[1]), int(span[2] or span[1])))

    def data(self, text: str) -> None:
        pass

    def end(self, tag: str) -> None:
        pass


class _Ods(_Handler):
    """`<table-row number-rows-repeated="2"><table-cell value-type="…"><p>…</p></table-cell>…`"""

    def __init__(self) -> None:
        self.scans: dict[str, Scan] = {}
        self._scan = Scan()
        self._row = self._column = self._rows_alike = self._cells_alike = 0
        self._reached = self._length = 0
        self._error = self._formula = self._in_cell = False
        self._values: list[str] = []
        self._text: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        known = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        if tag == "table":
            self._scan, self._row = self.scans.setdefault(known.get("name", ""), Scan()), 0
        elif tag == "table-row":
            self._rows_alike = _repeats(known.get("number-rows-repeated"))
            self._column, self._reached, self._length, self._error = 0, 0, 0, False
            if known.get("visibility", "visible") != "visible":
                self._scan.hidden.append((self._row + 1, self._row + self._rows_alike))
        elif tag in ("table-cell", "covered-table-cell"):
            self._cells_alike = _repeats(known.get("number-columns-repeated"))
            below = _repeats(known.get("number-rows-spanned"))
            if below > 1 or _repeats(known.get("number-columns-spanned")) > 1:
                self._scan.merged.append((self._row + 1, self._row + below))
            self._formula = "formula" in known or "error" in attributes.values()
            self._values = [known[name] for name in _ODS_VALUES if known.get(name)]
            self._in_cell, self._text = True, []

    def data(self, text: str) -> None:
        if self._in_cell:
            self._text.append(text)

    def end(self, tag: str) -> None:
        if tag in ("table-cell", "covered-table-cell"):
            text = "".join(self._text).strip()
            if self._formula and _ODS_ERROR.fullmatch(text):
                self._error = True
            self._column += self._cells_alike
            if self._values or text:
                self._reached = self._column
            self._length += self._cells_alike * max(map(len, (text, *self._values)))
            self._in_cell = False
        elif tag == "table-row":
            if self._error:
                self._scan.errors.add(self._row + 1)
            self._row += self._rows_alike
            self._scan.text += self._rows_alike * self._length
            if self._reached:
                self._scan.reach(self._row, self._reached)


def _repeats(number: str | None) -> int:
    return int(number) if number and number.isdecimal() else 1


def _is_nothing(height: str | None) -> bool:
    return height is not None and re.fullmatch(r"0+([.]0*)?", height) is not None


@lru_cache
def _column_number(letters: str) -> int:
    """`A` is 1, `Z` 26, `AA` 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
