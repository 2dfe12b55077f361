"""The edition for readers: an accessible workbook, one table per sheet, following the guidance of the
Government Analysis Function (no merged cells, no blank cells, text from cell A1).

Text never becomes a formula or a link, whatever its source. Same edition, same bytes.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from orchestration.core.files import replacing
from orchestration.core.wording import day, month
from orchestration.edition.figures.contents import Edition
from orchestration.edition.package import sheet, typed_tables
from orchestration.edition.package.marking import data_title, label, marks

_FORMATS = {
    "whole": "#,##0",
    "plain": "0",
    "number": "General",
    "decimal": "#,##0.0",
    "percent": "#,##0.0",
    "share": "0.0%",
    "date": "d mmmm yyyy",
    "month": "mmmm yyyy",
}
_TEXT_IS_TEXT = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
# Widths and heights are set, since programs differ in whether they allow for text that wraps.
_NARROWEST, _WIDEST, _COVER_WIDTH, _PROSE_WIDTH = 12, 50, 85, 100  # Excel's characters
_LONGEST_DATE = len("30 September 2026")
_WIDTH_OF_A_CHARACTER = 1.1  # Arial 12 in Excel's character widths, which refer to its default font
_CHARACTERS_A_WIDTH = 1.05  # running text is narrower, but wraps before the end of the line
_LINE, _TALLEST = 16, 400  # points


def write(edition: Edition, path: Path) -> Path:
    """Write the edition's workbook (XLSX) to `path`, atomically; return `path`.

    Raises:
        Undeclared: a table, column or name is not declared, or a text does not fit a cell.
    """
    import gptables  # imported here: it is slow, and most commands write no workbook

    tables = typed_tables.of(edition)
    words = _title_words(edition)
    sheets: dict[str, Any] = {}
    cells: dict[str, tuple[pd.DataFrame, dict[str, str]]] = {}
    for given in sheet.layout():
        if given.table in tables:
            cells[given.name] = sheet.content(given, tables, words)
            number = len(cells)
            sheets[given.name] = _gptable(edition, given, number, *cells[given.name], words)
    known = {name: note.format_map(words) for name, note in sheet.notes().items()}
    referred = [note for given in sheet.layout() if given.name in sheets for note in given.notes]
    notes = pd.DataFrame(  # in the order in which the sheets refer to them, which is that of their numbers
        [(name, known[name]) for name in dict.fromkeys(referred)], columns=["Note", "What it says"]
    )
    cover = _cover(edition, len(sheets))
    with replacing(path) as temporary, warnings.catch_warnings():
        # The warnings come from the library's own pandas calls, which we cannot change.
        warnings.filterwarnings("ignore", module="gptables")
        book = gptables.produce_workbook(
            filename=str(temporary),
            sheets=sheets,
            theme=_theme(),
            cover=cover,
            notes_table=notes,
            auto_width=False,
            workbook_options=_TEXT_IS_TEXT,
        )
        for name, (table, kinds) in cells.items():
            _make_room(book.get_worksheet_by_name(name), sheets[name], table, kinds)
        _make_room_for_prose(book, cover, notes)
        _finish(book, edition)
        book.close()
    return path


def _theme() -> Any:
    """The library's own theme, with the cells of a row aligned at the top."""
    import gptables

    theme = copy.deepcopy(gptables.gptheme)
    theme.update_data_format({"valign": "top"})
    theme.update_index_2_format({"valign": "top"})
    theme.update_cover_text_format({"valign": "top"})
    theme.update_subtitle_format({"font_size": 12, "bold": True})
    return theme


def _gptable(
    edition: Edition,
    given: sheet.Sheet,
    number: int,
    table: pd.DataFrame,
    kinds: Mapping[str, str],
    words: Mapping[str, str],
) -> Any:
    import gptables

    title = f"Table {number}: {given.title.format_map(words)}"
    present = set(pd.unique(table.to_numpy(dtype=object).ravel()).astype(str)) & set(sheet.SIGNS)
    return gptables.GPTable(
        table=table,
        table_name=f"table_{given.table}",
        title=f"{title} {''.join(f'$${note}$$' for note in given.notes)}".strip(),
        subtitles=[label(edition)],
        instructions="This worksheet contains one table. Notes are on the worksheet Notes.",
        scope=f"{edition.area_name}. Data as at {words['as_at']}.",
        source="Source: the community safety warehouse; the sheet Sources lists the deliveries.",
        legend=[sheet.SIGNS[sign] for sign in sorted(present)],
        index_columns={},  # gptables would read references to notes in the text of index columns
        additional_formatting=[
            {"column": {"columns": [heading], "format": _format(kind, position)}}
            for position, (heading, kind) in enumerate(kinds.items())
        ],
    )


def _format(kind: str, position: int) -> dict[str, Any]:
    """A column's number format; text after the first column is set apart from numbers before it."""
    if kind in _FORMATS:
        return {"num_format": _FORMATS[kind]}
    return {"indent": 1} if position else {}


def _cover(edition: Edition, sheets: int) -> Any:
    import gptables

    words = _title_words(edition)
    intro = [
        *marks(edition),
        f"This workbook has {sheets} tables of the strategic assessment of {edition.area_name} "
        f"for {words['span']}, one on each sheet. The sheet Contents lists them.",
        f"Version {edition.version}, {_mode(edition)}. Data as at {words['as_at']}.",
    ]
    if edition.before is not None:
        intro.append(
            f"Changes are against the assessment of {edition.before.year}, version "
            f"{edition.before.version}, with data as at {_as_at(edition.before.data_as_at)}."
        )
    if edition.reissue_reason:
        intro.append(f"Issued again because: {edition.reissue_reason}")
    intro += [f"Not issued because: {reason}" for reason in edition.reasons]
    about = [
        "Cells without a value hold a sign:",
        *sheet.SIGNS.values(),
        "A zero is a zero: everything was delivered, and nothing happened.",
        "The same tables are in the folders csv and parquet for programs; datapackage.json says "
        "what each column means.",
    ]
    plain = [sheet.safe(pd.Series(text, dtype="string")).tolist() for text in (intro, about)]
    return gptables.Cover(
        title=data_title(edition), intro=plain[0], about=plain[1], width=_COVER_WIDTH
    )


def _make_room(page: Any, layout: Any, table: pd.DataFrame, kinds: Mapping[str, str]) -> None:
    """Set the widths of a table's columns and the heights of its rows."""
    widths = [_width(heading, kind, table[heading]) for heading, kind in kinds.items()]
    for position, width in enumerate(widths):
        page.set_column(position, position, width)
    lines = pd.DataFrame(
        {
            heading: _lines(table[heading].astype(str), width)
            for (heading, kind), width in zip(kinds.items(), widths, strict=True)
            if kind not in _FORMATS
        }
    )
    headings = _lines(pd.Series(list(kinds), dtype=str), pd.Series(widths) / 1.2)  # bold
    first = layout.data_range[0]
    page.repeat_rows(first)
    _set_heights(page, first, pd.concat([pd.Series([headings.max()]), lines.max(axis=1)]))


def _make_room_for_prose(book: Any, cover: Any, notes: pd.DataFrame) -> None:
    lines = ["", "", *cover.intro, "", *cover.about]  # with the title and the two subtitles
    _set_heights(
        book.get_worksheet_by_name(cover.cover_label), 0, _lines(pd.Series(lines), cover.width)
    )
    book.get_worksheet_by_name("Contents").set_column(0, 0, 20)
    book.get_worksheet_by_name("Contents").set_column(1, 1, _PROSE_WIDTH)
    book.get_worksheet_by_name("Notes").set_column(0, 0, 16)
    book.get_worksheet_by_name("Notes").set_column(1, 1, _PROSE_WIDTH)
    _set_heights(
        book.get_worksheet_by_name("Notes"), 3, _lines(notes["What it says"], _PROSE_WIDTH)
    )


def _lines(text: pd.Series, width: int | pd.Series) -> pd.Series:
    """How many lines each text takes in a column of `width`."""
    wrapped = np.ceil(text.str.len() / (width * _CHARACTERS_A_WIDTH)).clip(lower=1)
    return wrapped + text.str.count("\n")


def _set_heights(page: Any, first: int, lines: pd.Series) -> None:
    """Set the heights of the rows from `first` on that need more than one line."""
    for offset, height in enumerate(np.minimum(lines.to_numpy() * _LINE, _TALLEST)):
        if height > _LINE:
            page.set_row(first + offset, float(height))


def _finish(book: Any, edition: Edition) -> None:
    """Printing and properties, all of them fixed by the edition."""
    for page in book.worksheets():
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        page.set_footer(f"&L{label(edition)}&R&P / &N")
    made = datetime.fromisoformat(edition.data_as_at)  # the only date that an edition has
    book.set_properties(
        {
            "title": data_title(edition),
            "subject": label(edition),
            "author": f"{edition.area_name} Community Safety Partnership",
            "created": datetime(made.year, made.month, made.day),
        }
    )


def _width(heading: str, kind: str, values: pd.Series) -> int:
    """Wide enough for the longest value or word of the heading; text may wrap."""
    if kind in ("date", "month"):
        return _LONGEST_DATE + 4
    longest = 0 if kind in _FORMATS else int(values.astype(str).str.len().max())
    word = max(len(part) for part in heading.split())
    wanted = max(longest, word + 2) * _WIDTH_OF_A_CHARACTER + 1
    return int(min(max(_NARROWEST, wanted), _WIDEST))


def _title_words(edition: Edition) -> dict[str, str]:
    year = edition.year
    first = year.starts_on.year
    return {
        "area": edition.area_name,
        "year": year.label,
        "previous": f"{first - 1}-{first % 100:02d}",
        "span": f"{month(year.starts_on)} to {month(year.ends_on)}",
        "baseline": month(_first_month(edition)),
        "as_at": _as_at(edition.data_as_at),
        **edition.in_words,
    }


def _as_at(moment: str) -> str:
    return day(datetime.fromisoformat(moment))


def _first_month(edition: Edition) -> date:
    """The first month in the charts; for an edition without monthly figures, the year's first month."""
    if "monthly" not in edition.tables:
        return edition.year.starts_on
    months = edition.tables["monthly"]["month_start"].dropna()
    return months.min() if len(months) else edition.year.starts_on


def _mode(edition: Edition) -> str:
    return "full assessment" if edition.mode == "full" else "yearly refresh"
