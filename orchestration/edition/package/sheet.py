"""The cells of a sheet: numbers, dates and text, and a symbol wherever there is no value.

Symbols and wording are those of `core/vocabulary.py`. All operations work on whole columns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from orchestration.core import plain_yaml, vocabulary
from orchestration.edition.package.typed_tables import Undeclared

SIGNS = {sign: f"{sign} = {meaning}" for sign, meaning in vocabulary.SIGNS.items()}
_COMPARED = {
    "previous_count", "change", "change_percent", "change_is_significant", "change_lower", "change_upper",
    "dispersion", "tests_together",
}  # fmt: skip
# Text derived from the row's figures, and hidden with them.
_SAID_OF_FIGURES = {"finding", "verdict", "position", "signal", "record_finding", "agreement"}
_STATUS_FROM = ("suppressed", "missing_reason", "is_rounded", "is_provisional")
_LAYOUT = Path(__file__).parent / "sheets.yaml"
_LONGEST = 32_767  # the maximum number of characters in a spreadsheet cell


@dataclass(frozen=True)
class Heading:
    """A column of a sheet: its source, heading and kind, and the symbol for no value."""

    name: str
    text: str
    kind: str
    sign: str


@dataclass(frozen=True)
class Sheet:
    """A sheet as `sheets.yaml` declares it."""

    name: str
    table: str
    title: str
    empty: str
    columns: tuple[Heading, ...]
    notes: tuple[str, ...]
    only: Mapping[str, list[str] | list[bool]]


def layout() -> list[Sheet]:
    """The sheets of the workbook, in order."""
    return [
        Sheet(
            name=given["sheet"],
            table=given["table"],
            title=given["title"],
            empty=given["empty"],
            columns=tuple(
                Heading(name, text, kind, f"[{sign[0]}]" if sign else vocabulary.NOT_APPLICABLE)
                for name, text, kind, *sign in given["columns"]
            ),
            notes=tuple(given.get("notes", ())),
            only=given.get("only", {}),
        )
        for given in _declared()["sheets"]
    ]


def notes() -> dict[str, str]:
    """The notes that titles refer to, by name."""
    return dict(_declared()["notes"])


def content(
    sheet: Sheet, tables: Mapping[str, pd.DataFrame], words_of_title: Mapping[str, str]
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The cells of a sheet under their headings, and the kind of each heading.

    Columns that the edition lacks are omitted, and choose no rows. A sheet without rows says so in a
    single cell.

    Raises:
        Undeclared: a measure, priority or ward has no name, or a text is too long for a cell.
    """
    frame = tables[sheet.table]
    for column, values in sheet.only.items():
        if column in frame:
            frame = frame[frame[column].isin(values)]
    frame = _named(frame.reset_index(drop=True), tables)
    if frame.empty:
        return pd.DataFrame({"Nothing to show": [sheet.empty]}), {"Nothing to show": "text"}
    shown = [c for c in sheet.columns if c.kind == "status" or c.name in frame.columns]
    if not {"suppressed", "missing_reason"} & set(frame.columns):
        shown = [c for c in shown if c.kind != "status"]
    headings = {c: c.text.format_map(words_of_title) for c in shown}
    cells = {headings[c]: _cells(frame, c) for c in shown}
    return pd.DataFrame(cells), {headings[c]: c.kind for c in shown}


def safe(text: pd.Series) -> pd.Series:
    """Text for a single cell: not a link, never only symbols, no longer than a cell allows.

    The library that lays out the sheets reads `[a](b)` as a link and refuses a cell of symbols alone.

    Raises:
        Undeclared: a text is too long for a spreadsheet cell.
    """
    if (text.str.len() > _LONGEST - 10).any():
        raise Undeclared(f"a text is longer than {_LONGEST} characters, which no cell holds")
    text = text.str.replace("](", "] (", regex=False)
    only_signs = text.notna() & ~text.str.contains("[a-zA-Z0-9]", regex=True, na=False)
    blank = text.str.strip().eq("")
    return text.where(~only_signs, "Text: " + text).mask(blank.fillna(False))


def _cells(frame: pd.DataFrame, column: Heading) -> pd.Series:
    if column.kind == "status":
        return _status(frame)
    values = frame[column.name]
    if column.kind == "words":
        values = _in_words(values, column.name)
    if column.kind == "flag":
        values = values.map({True: "Yes", False: "No"}, na_action="ignore")
    if column.kind in ("text", "words"):
        values = safe(values.astype("string"))
    return values.astype(object).where(values.notna(), _signs(frame, column))


def _signs(frame: pd.DataFrame, column: Heading) -> pd.Series:
    """The symbol for each row where the column has no value."""
    nothing = pd.Series(False, index=frame.index)
    # Text and dates beside a figure that is not shown are not hidden themselves.
    is_figure = column.kind not in ("text", "words", "month", "date")
    if not is_figure and column.name not in _SAID_OF_FIGURES:
        return pd.Series(column.sign, index=frame.index, dtype=object)
    hidden = frame["suppressed"].notna() if "suppressed" in frame.columns else nothing
    missing = frame["missing_reason"].notna() if "missing_reason" in frame.columns else nothing
    if column.name in _COMPARED and "previous_suppressed" in frame.columns:
        hidden = hidden | frame["previous_suppressed"].notna()
    if column.name in _COMPARED and "comparison_missing_reason" in frame.columns:
        missing = missing | frame["comparison_missing_reason"].notna()
    chosen = np.select(
        [hidden, missing], [vocabulary.NOT_SHOWN, vocabulary.NOT_AVAILABLE], default=column.sign
    )
    return pd.Series(chosen, index=frame.index, dtype=object)


def _status(frame: pd.DataFrame) -> pd.Series:
    """Whether a row's figures are shown, and why not, in words."""
    have = {name: frame[name] for name in _STATUS_FROM if name in frame.columns}
    status = pd.Series("Shown", index=frame.index, dtype=object)
    for name, wording in (("is_rounded", ", rounded"), ("is_provisional", ", provisional")):
        if name in have:
            status = status.where(~have[name].fillna(False).astype(bool), status + wording)
    for name, wording in (("missing_reason", "Not available: "), ("suppressed", "Not shown: ")):
        if name in have:
            known = have[name].notna()
            status = status.where(~known, wording + _in_words(have[name]).astype(object))
    return status


def _in_words(codes: pd.Series, column: str = "") -> pd.Series:
    """Codes in words."""
    values = codes.astype("string")
    known = {code: vocabulary.said(code, column) for code in values.dropna().unique()}
    return values.map(known, na_action="ignore").astype("string")


def _named(frame: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The frame with the names for its identifiers, from the tables that hold them."""
    frame = frame.copy()
    for key, table, known_as, wanted, name in (
        ("measure_id", "methods", "measure_id", "measure_name", "measure_name"),
        ("measure_id", "methods", "measure_id", "rate_per", "rate_per"),
        ("headline_measure_id", "methods", "measure_id", "record_measure_name", "measure_name"),
        ("priority_id", "headline", "priority_id", "priority_name", "priority_name"),
        ("ward_code", "wards", "ward_code", "ward_name", "ward_name"),
    ):
        if key not in frame.columns or wanted in frame.columns or table not in tables:
            continue
        names = tables[table].drop_duplicates(known_as).set_index(known_as)[name]
        frame[wanted] = frame[key].map(names)
        unknown = frame[key][frame[key].notna() & frame[wanted].isna()]
        if len(unknown) and name != "rate_per":
            raise Undeclared(f"{unknown.iloc[0]} has no name in the table {table}")
    return frame


@cache
def _declared() -> dict[str, Any]:
    declared: dict[str, Any] = plain_yaml.load(_LAYOUT.read_text(encoding="utf-8"))
    return declared
