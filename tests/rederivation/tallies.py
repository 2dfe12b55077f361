"""What a rule says of each row: how much it counts, and for shares how much it is of."""

from __future__ import annotations

import pandas as pd


def rows(frame: pd.DataFrame, where: pd.Series | bool = True) -> pd.DataFrame:
    """Rows that count, each once."""
    return pd.DataFrame({"count": pd.Series(where, index=frame.index).astype(float)})


def total(values: pd.Series, where: pd.Series | bool = True) -> pd.DataFrame:
    """Numbers that are added up over the rows that count; a withheld one makes the sum unknown."""
    return pd.DataFrame({"count": values.where(pd.Series(where, index=values.index), 0.0)})


def share(part: pd.DataFrame, whole: pd.DataFrame) -> pd.DataFrame:
    """A part of a whole: what `part` counts, of what `whole` counts."""
    return pd.DataFrame({"count": part["count"], "base": whole["count"]})


def among(lists: pd.Series, value: str) -> pd.Series:
    """Rows in whose list (parted by semicolons) a value stands."""
    return (";" + lists + ";").str.contains(f";{value};", regex=False)
