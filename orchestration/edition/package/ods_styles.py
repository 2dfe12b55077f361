"""The appearance of cells, columns and rows in an OpenDocument workbook: that of the XLSX."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from odf import number, style

LANGUAGE = ("en", "GB")
DATES = {"d mmmm yyyy": "%d %B %Y", "mmmm yyyy": "%B %Y"}  # Excel's formats, as Python writes them
_PLAIN = "General"
_LINE = 16.0  # points
_OF_EXCEL, _OF_AN_INDENT = 0.19, 0.35  # centimetres, of a unit of Excel's width and of an indent


class Styles:
    """The styles of a document, each created once and named in order of first use."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._made: dict[Any, Any] = {}
        default = style.DefaultStyle(family="table-cell")
        default.addElement(
            style.TextProperties(
                fontfamily="Arial", fontsize="12pt", language=LANGUAGE[0], country=LANGUAGE[1]
            )
        )
        document.styles.addElement(default)

    def sheet(self) -> Any:
        """A sheet, on the pages that `_page` describes."""
        return self._once("table", (), lambda: [style.TableProperties(display="true")])

    def column(self, width: float) -> Any:
        """A column's width, in Excel's units."""
        wide = f"{width * _OF_EXCEL:.2f}cm"
        return self._once(
            "table-column", (wide,), lambda: [style.TableColumnProperties(columnwidth=wide)]
        )

    def row(self, height: float | None) -> Any:
        """A row's height in points; `None` for automatic height."""
        high = {"rowheight": f"{height or _LINE}pt", "useoptimalrowheight": str(not height).lower()}
        return self._once("table-row", (height,), lambda: [style.TableRowProperties(**high)])

    def cell(self, cell: Any) -> Any:
        """The appearance of a cell of the XLSX, and its number format."""
        font, aligned = cell.font, cell.alignment
        has_line = bool(cell.border and cell.border.bottom and cell.border.bottom.style)
        looks = (
            font.sz, bool(font.b), bool(font.u), bool(aligned.wrap_text), aligned.horizontal,
            aligned.indent, has_line, cell.number_format,
        )  # fmt: skip
        return self._once("table-cell", looks, lambda: _looks(*looks[:-1]))

    def _once(
        self, family: str, looks: tuple[Any, ...], properties: Callable[[], list[Any]]
    ) -> Any:
        key = (family, *looks)
        if key not in self._made:
            named = {"masterpagename": "Default"} if family == "table" else {}
            if family == "table-cell" and looks[-1] != _PLAIN:
                named["datastylename"] = self._figures(looks[-1])
            made = style.Style(name=f"{family}-{len(self._made)}", family=family, **named)
            for given in properties():
                made.addElement(given)
            self._document.automaticstyles.addElement(made)
            self._made[key] = made
        return self._made[key]

    def _figures(self, given: str) -> Any:
        if given not in self._made:
            self._made[given] = _number_style(f"figures-{len(self._made)}", given)
            self._document.automaticstyles.addElement(self._made[given])
        return self._made[given]


def _looks(
    size: float,
    bold: bool,
    linked: bool,
    wraps: bool,
    horizontal: str,
    indent: float,
    has_line: bool,
) -> list[Any]:
    return [
        style.TableCellProperties(
            verticalalign="top",
            wrapoption="wrap" if wraps else "no-wrap",
            borderbottom="0.75pt solid #000000" if has_line else "none",
        ),
        style.ParagraphProperties(
            marginleft=f"{(indent or 0) * _OF_AN_INDENT:.2f}cm",
            textalign="end" if horizontal == "right" else "start",
        ),
        style.TextProperties(
            fontsize=f"{size:g}pt",
            fontweight="bold" if bold else "normal",
            **{"textunderlinestyle": "solid", "color": "#0000ff"} if linked else {},
        ),
    ]


def _number_style(name: str, given: str) -> Any:
    if given in DATES:
        made = number.DateStyle(name=name)
        parts = [number.Month(textual="true", style="long"), number.Year(style="long")]
        if given.startswith("d"):
            parts.insert(0, number.Day())
        for position, part in enumerate(parts):
            if position:
                made.addElement(number.Text(text=" "))
            made.addElement(part)
        return made
    is_share = given.endswith("%")
    made = number.PercentageStyle(name=name) if is_share else number.NumberStyle(name=name)
    made.addElement(
        number.Number(
            minintegerdigits="1",
            decimalplaces="1" if ".0" in given else "0",
            grouping="true" if "," in given else "false",
        )
    )
    if is_share:
        made.addElement(number.Text(text="%"))
    return made
