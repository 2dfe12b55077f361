"""Figures and tables of one page: numbered in order of creation, with unique ids."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import pandas as pd
from markupsafe import Markup

from orchestration.core import vocabulary
from orchestration.edition.report import rows, svg

ROUNDED = "Counts are rounded, so parts need not add up to their total."
_SHORT = 8  # characters that a cell keeps on one line: "no rate"
NOT_SHOWN = f"{vocabulary.NOT_SHOWN} = {vocabulary.NOT_SHOWN_IN_WORDS}."


@dataclass(frozen=True)
class Column:
    """A column of a printed table: the key of its value, its format, the text for no value.

    `suppressed_by` names the column that says why the value is not shown; None for values that are
    never hidden (names). `reason` names the column that says why there is no number.
    """

    key: str
    title: str
    show: Callable[[Any], str] = str
    is_number: bool = False
    absent: str = "not known"
    suppressed_by: str | None = None
    reason: str | None = None
    is_tight: bool = False  # on one line


def figure_column(key: str, title: str, show: Callable[[Any], str], **other: Any) -> Column:
    """A column of numbers that disclosure control may hide or that may not have been delivered."""
    usual = {"is_number": True, "suppressed_by": "suppressed", "reason": "missing_reason"}
    return Column(key, title, show, **{**usual, **other})


@dataclass(frozen=True)
class Cell:
    """The printed content of a cell: text, whether it is a number, and a marker in words."""

    text: str
    is_number: bool = False
    words: str = ""
    is_tight: bool = False


@dataclass(frozen=True)
class Table:
    """A table as it is printed. The first column holds the row headings."""

    kind: ClassVar[str] = "table"
    name: str
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    notes: Sequence[str] = ()
    is_folded: bool = False


@dataclass(frozen=True)
class KeyItem:
    """An entry of the key beside a chart: a sign or a colour, and what it means."""

    label: str
    sign: str = ""
    colour: str = ""
    kind: Literal["sign", "area", "hatch", "line", "dashed", "none"] = "area"


@dataclass(frozen=True)
class Figure:
    """A chart as it is printed: its title states the finding."""

    kind: ClassVar[str] = "figure"
    name: str
    number: int
    title: str
    subtitle: str
    picture: Markup
    source: str
    key: Sequence[KeyItem] = ()
    shape: Literal["wide", "half", "tall"] = "wide"


@dataclass
class Book:
    """Hands out numbers and ids for one page."""

    figures: int = 0
    tables: int = 0
    captions: list[str] = field(default_factory=list)

    def figure(
        self,
        spec: dict[str, Any],
        title: str,
        subtitle: str,
        description: str,
        source: str,
        key: Sequence[KeyItem] = (),
        shape: Literal["wide", "half", "tall"] = "wide",
        narrowest: int = 0,
    ) -> Figure:
        """Draw the next figure."""
        self.figures += 1
        name = f"figure-{self.figures}"
        picture = svg.static(spec, name, title, f"{subtitle}. {description}", narrowest)
        return Figure(
            name=f"{name}-heading",
            number=self.figures,
            title=title,
            subtitle=subtitle,
            picture=picture,
            source=source,
            key=key,
            shape=shape,
        )

    def table(
        self,
        frame: pd.DataFrame,
        caption: str,
        columns: Sequence[Column],
        notes: Sequence[str] = (),
        is_folded: bool = False,
    ) -> Table | None:
        """The next table, without columns that the frame lacks; None if it is empty."""
        there = [column for column in columns if column.key in frame]
        if frame.empty or not there:
            return None
        self.tables += 1
        extra = [ROUNDED] if rows.is_rounded(frame) else []
        extra += [NOT_SHOWN] if rows.has_suppressed(frame) else []
        printed = [[_cell(row, column) for column in there] for row in rows.records(frame)]
        return Table(
            name=f"table-{self.tables}",
            caption=f"Table {self.tables}: {caption}",
            columns=there,
            rows=printed,
            notes=[*notes, *extra],
            is_folded=is_folded,
        )


def _cell(row: rows.Row, column: Column) -> Cell:
    if column.suppressed_by and row.get(column.suppressed_by) is not None:
        return Cell(vocabulary.NOT_SHOWN, column.is_number, vocabulary.NOT_SHOWN_IN_WORDS)
    value = row[column.key]
    if value is not None and value != "":
        return Cell(column.show(value), column.is_number, is_tight=column.is_tight)
    why = row.get(column.reason) if column.reason else None
    wording = vocabulary.brief(why) if why else column.absent
    return Cell(wording, is_tight=len(wording) <= _SHORT)
