"""Sentences about months: control chart, rolling twelve months, season."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from orchestration.edition.report import rows, text

OUTSIDE = ("above the limits", "below the limits")
# What a run of months says, by the signal's name in the warehouse.
RUNS = {
    "eight in a row above": "eight months in a row above the average",
    "eight in a row below": "eight months in a row below the average",
    "six in a row rising": "six months in a row rising",
    "six in a row falling": "six months in a row falling",
}


def control_title(months: pd.DataFrame, year: str) -> str:
    """The control chart's finding for the year, as a title."""
    charted = _charted(months, year)
    if charted.empty:
        return "There are too few events, or too few months, for control limits"
    signals = rows.column(charted, "signal")
    if not signals.notna().any():
        return f"Every month of {text.label(year)} lay within the usual range"
    parts = [_part(charted, signal) for signal in (*OUTSIDE, *RUNS) if (signals == signal).any()]
    return text.upper_first(text.listed(parts))


def _charted(months: pd.DataFrame, year: str) -> pd.DataFrame:
    """The year's months that may be shown and have limits to be judged by."""
    inside = rows.where(rows.shown(months), strategy_year=year)
    return inside[rows.column(inside, "upper_limit").notna()]


def _part(charted: pd.DataFrame, signal: str) -> str:
    when = charted.loc[charted["signal"] == signal, "month_start"].map(text.month).tolist()
    if signal in OUTSIDE:
        verb = "was" if len(when) == 1 else "were"
        return f"{text.listed(when, 3)} {verb} {signal.replace('the limits', 'the usual range')}"
    return f"there were {RUNS[signal]} by {when[-1]}"


def control(months: pd.DataFrame, year: str) -> list[str]:
    """What the control chart says, in sentences: months outside the limits, runs, months without a figure."""
    said = []
    charted = _charted(months, year)
    if not charted.empty:
        said.append(f"{control_title(months, year)}.")
        signals = rows.column(charted, "signal")
        if signals.notna().any():
            said.append(
                "Months outside the usual range, or long runs, are more than month-to-month chance."
            )
    return [*said, *gaps(months, year)]


def gaps(months: pd.DataFrame, year: str) -> list[str]:
    """The months of the year that have no figure, or may not show one, and why."""
    inside = rows.where(months, strategy_year=year)
    hidden = inside[rows.column(inside, "suppressed").notna()]
    missing = inside[rows.column(inside, "missing_reason").notna()]
    said = []
    if not hidden.empty:
        names = text.listed(hidden["month_start"].map(text.month).tolist(), 3)
        said.append(f"The number for {names} is {text.SUPPRESSED_IN_WORDS}.")
    for code in sorted(missing["missing_reason"].unique()):
        named = missing.loc[missing["missing_reason"] == code, "month_start"].map(text.month)
        said.append(
            f"There is no figure for {text.listed(named.tolist(), 3)}: {text.reason(code)}."
        )
    return said


def rolling(totals: pd.DataFrame, unit: str) -> str:
    """The newest twelve months beside the highest and lowest twelve months of the series, as a title."""
    there = rows.shown(totals).sort_values("period_end")
    if len(there) < 2:
        return ""
    newest = there.iloc[-1]
    when = f"the twelve months to {text.month(newest['period_end'])}"
    if newest["count"] >= there["count"].max() and there["count"].nunique() > 1:
        return f"{text.upper_first(when)} are the highest of the series ({text.units(newest['count'], unit)})"
    if newest["count"] <= there["count"].min() and there["count"].nunique() > 1:
        return f"{text.upper_first(when)} are the lowest of the series ({text.units(newest['count'], unit)})"
    low, high = text.count(there["count"].min()), text.count(there["count"].max())
    if low == high:
        return f"Every twelve months hold {text.units(newest['count'], unit)}"
    return f"Twelve-month totals lay between {low} and {high}; the newest is {text.count(newest['count'])}"


def season(index: pd.DataFrame) -> str:
    """Which months are usually high and low, as a title; an average month is 100."""
    there = index[rows.column(index, "seasonal_index").notna()].sort_values("month_of_year")
    if there.empty:
        return ""
    high = there.loc[there["seasonal_index"].idxmax()]
    low = there.loc[there["seasonal_index"].idxmin()]
    if high["seasonal_index"] - low["seasonal_index"] < 10:
        return "There is no marked season: every month is within ten points of the others"
    above, below = high["seasonal_index"] - 100, 100 - low["seasonal_index"]
    peak, trough = (
        text.month_name(int(high["month_of_year"])),
        text.month_name(int(low["month_of_year"])),
    )
    return f"{peak} is usually highest, {text.percent(above)} above average; {trough} lowest, {text.percent(below)} below"


def break_marks(breaks: pd.DataFrame, first: Any, last: Any) -> list[Mapping[str, Any]]:
    """The registered breaks and events that fall into a chart's months, numbered in order of time."""
    if breaks.empty:
        return []
    inside = breaks[(breaks["break_on"] >= first) & (breaks["break_on"] <= last)]
    found = rows.records(inside.drop_duplicates("break_id").sort_values(["break_on", "break_id"]))
    return [{"number": place, **row} for place, row in enumerate(found, start=1)]
