"""Reading an edition's tables: a table or column that a variant lacks is simply not printed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from orchestration.edition.figures.contents import Edition

Row = dict[str, Any]


def table(edition: Edition, name: str) -> pd.DataFrame:
    """A table of the edition; an empty frame without columns where this variant has none."""
    return edition.tables.get(name, pd.DataFrame())


def where(frame: pd.DataFrame, **wanted: Any) -> pd.DataFrame:
    """The rows whose columns have these values; none if a column is missing."""
    for column, value in wanted.items():
        if column not in frame:
            return frame.iloc[:0]
        frame = frame[frame[column] == value]
    return frame


def records(frame: pd.DataFrame) -> list[Row]:
    """Rows as plain Python values, in the frame's order; missing values are None."""
    plain = frame.astype(object)
    return [
        {str(key): cell for key, cell in row.items()}
        for row in plain.where(plain.notna(), None).to_dict("records")
    ]


def first(frame: pd.DataFrame) -> Row | None:
    """The first row as plain values, or None."""
    found = records(frame.head(1))
    return found[0] if found else None


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """A column; all values missing if the variant lacks it."""
    if name in frame:
        return frame[name]
    return pd.Series([None] * len(frame), index=frame.index, dtype=object)


def shown(frame: pd.DataFrame, value: str = "count") -> pd.DataFrame:
    """The rows where this figure exists and may be shown."""
    if value not in frame:
        return frame.iloc[:0]
    return frame[frame[value].notna() & column(frame, "suppressed").isna()]


def is_rounded(frame: pd.DataFrame) -> bool:
    """Whether any count of these rows was rounded."""
    return bool("is_rounded" in frame and frame["is_rounded"].fillna(False).astype(bool).any())


def has_suppressed(frame: pd.DataFrame) -> bool:
    """Whether any row is not shown, or what it is compared with is not."""
    flags = [name for name in ("suppressed", "previous_suppressed") if name in frame]
    return bool(frame[flags].notna().to_numpy().any()) if flags else False
