"""Sentences about months: control chart, rolling twelve months, season."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.report import rows, text

OUTSIDE = ("above the limits", "below the limits")
# The wording for a run of months. In the warehouse the signal's name begins with its length in words.
RUNS = {
    "in a row above": "months in a row were above the average",
    "in a row below": "months in a row were below the average",
    "in a row rising": "months in a row were rising",
    "in a row falling": "months in a row were falling",
    "of three near the upper limit": "months of three were near the upper end of the usual range",
    "of three near the lower limit": "months of three were near the lower end of the usual range",
}


def control_title(months: pd.DataFrame, year: str) -> str:
    """The control chart's finding for the year, as a title: months outside the limits, else runs."""
    charted = _charted(months, year)
    if charted.empty:
        if rows.where(rows.shown(months), strategy_year=year).empty:
            return f"No month of {text.label(year)} has a figure that may be shown"
        return "There are too few events, or too few months, for control limits"
    parts = _outside(charted) or _runs(charted)
    if not parts:
        every = "Every month" if len(charted) == 12 else "Every month with a figure"
        return f"{every} of {text.label(year)} lay within the usual range"
    return text.upper_first("; ".join(parts))


def _charted(months: pd.DataFrame, year: str) -> pd.DataFrame:
    """The year's months that may be shown and have limits to be judged by."""
    inside = rows.where(rows.shown(months), strategy_year=year)
    return inside[rows.column(inside, "upper_limit").notna()]


def _when(charted: pd.DataFrame, signal: str) -> list[str]:
    found = charted.loc[rows.column(charted, "signal") == signal, "month_start"]
    return [text.month(one) for one in found.sort_values()]


def _outside(charted: pd.DataFrame) -> list[str]:
    parts = []
    for signal in OUTSIDE:
        when = _when(charted, signal)
        if when:
            verb = "was" if len(when) == 1 else "were"
            where = signal.replace("the limits", "the usual range")
            parts.append(f"{text.listed(when, 3)} {verb} {where}")
    return parts


def _runs(charted: pd.DataFrame) -> list[str]:
    signals = rows.column(charted, "signal").dropna().unique()
    named = [(signal, *run_of(signal)) for signal in signals if signal not in OUTSIDE]
    named.sort(key=lambda one: list(RUNS).index(one[2]))
    return [
        f"{length} {RUNS[kind]}, up to {_when(charted, signal)[-1]}"
        for signal, length, kind in named
    ]


def run_of(signal: str) -> tuple[str, str]:
    """The length and the kind of a run: `eight` and `in a row above`.

    Raises:
        ValueError: the report has no wording for the signal.
    """
    length, _, kind = signal.partition(" ")
    if kind not in RUNS:
        raise ValueError(f"the report has no words for the signal {signal}")
    return length, kind


def control(months: pd.DataFrame, year: str) -> list[str]:
    """The control chart in words: months outside the limits, runs, gaps. The limits allow for the season."""
    charted = _charted(months, year)
    parts = [] if charted.empty else [*_outside(charted), *_runs(charted)]
    lines = [f"{text.upper_first(one)}." for one in parts]
    if parts:
        lines.append(
            "That is more than usual variation from month to month, with the season allowed for."
        )
    elif not charted.empty:
        lines.append(f"{control_title(months, year)}.")
    return [*lines, *gaps(months, year)]


def gaps(months: pd.DataFrame, year: str) -> list[str]:
    """The months of the year whose figure is missing or not shown, and why."""
    inside = rows.where(months, strategy_year=year)
    hidden = inside[rows.column(inside, "suppressed").notna()]
    missing = inside[rows.column(inside, "missing_reason").notna()]
    lines = []
    if not hidden.empty:
        names = text.listed([text.month(one) for one in hidden["month_start"]], 3)
        lines.append(f"{text.upper_first(vocabulary.NOT_SHOWN_IN_WORDS)}: {names}.")
    for code in sorted(missing["missing_reason"].unique()):
        named = missing.loc[missing["missing_reason"] == code, "month_start"].map(text.month)
        lines.append(
            f"There is no figure for {text.listed(named.tolist(), 3)}: {vocabulary.reason(code)}."
        )
    return lines


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


def season(index: pd.DataFrame, seasonal: float) -> str:
    """Which months are usually high and low, as a title; an average month is 100.

    `seasonal` is the difference in points from which months are called seasonal.
    """
    if "seasonal_index" not in index or "month_of_year" not in index:
        return ""
    there = index[index["seasonal_index"].notna()].sort_values("month_of_year")
    if there.empty:
        return ""
    # A month is only called usual for what it was in every year.
    always = {
        "high": there[
            (rows.column(there, "lowest_index") > 100) & (there["seasonal_index"] >= 100 + seasonal)
        ],
        "low": there[
            (rows.column(there, "highest_index") < 100)
            & (there["seasonal_index"] <= 100 - seasonal)
        ],
    }
    parts = []
    if not always["high"].empty:
        high = always["high"].loc[always["high"]["seasonal_index"].idxmax()]
        month = text.month_name(int(high["month_of_year"]))
        parts.append(
            f"{month} is usually highest, {text.percent(high['seasonal_index'] - 100)} above average"
        )
    if not always["low"].empty:
        low = always["low"].loc[always["low"]["seasonal_index"].idxmin()]
        month = text.month_name(int(low["month_of_year"]))
        below = text.percent(100 - low["seasonal_index"])
        parts.append(
            f"{month} {'' if parts else 'is usually '}lowest, {below} below{'' if parts else ' average'}"
        )
    if not parts:
        points = text.few(round(seasonal))
        return (
            f"There is no marked season: no month is {points} points from the average in every year"
        )
    return "; ".join(parts)


def break_marks(breaks: pd.DataFrame, first: Any, last: Any) -> list[Mapping[str, Any]]:
    """The registered breaks and events within a chart's months, numbered chronologically."""
    if breaks.empty:
        return []
    inside = breaks[(breaks["break_on"] >= first) & (breaks["break_on"] <= last)]
    found = rows.records(inside.drop_duplicates("break_id").sort_values(["break_on", "break_id"]))
    return [{"number": place, **row} for place, row in enumerate(found, start=1)]
