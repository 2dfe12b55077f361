"""Monthly charts, as Vega-Lite: gaps stay gaps, hidden months are hatched, shapes mark signals.

Every function takes rows of an edition's table and returns the specification; `Book.figure` draws it.
Written directly rather than with Altair, which yields the same bytes in about as many lines and takes
2 to 3 s of processor time per variant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.report import rows, theme
from orchestration.edition.report.book import KeyItem
from orchestration.edition.report.sentences import months as words_series

Spec = dict[str, Any]
_WIDE, _HALF = 704, 372
_BREAK = {"mark": {"type": "line", "invalid": "break-paths-show-path-domains"}}

# Signals of the control chart: shape of the mark, symbol in the key, wording after a run's length.
SHAPES = {
    "above the limits": ("triangle-up", "▲", "above the usual range"),
    "below the limits": ("triangle-down", "▼", "below the usual range"),
    "in a row above": ("square", "■", "in a row on one side of the average"),
    "in a row below": ("square", "■", "in a row on one side of the average"),
    "in a row rising": ("diamond", "◆", "in a row rising or falling"),
    "in a row falling": ("diamond", "◆", "in a row rising or falling"),
    "of three near the upper limit": ("triangle-up", "▲", "two of three near a limit"),
    "of three near the lower limit": ("triangle-up", "▲", "two of three near a limit"),
}


def control_chart(months: pd.DataFrame, breaks: Sequence[Mapping[str, Any]]) -> Spec:
    """Monthly counts with centre line and limits, drawn month by month so that they can step at a break."""
    data = months.sort_values("month_start")
    frame = pd.DataFrame(
        {
            "month": data["month_start"].dt.strftime("%Y-%m-%d"),
            "next": (data["month_start"] + pd.DateOffset(months=1)).dt.strftime("%Y-%m-%d"),
            "count": data["count"].where(rows.column(data, "suppressed").isna()),
            "centre": rows.column(data, "centre"),
            "lower": rows.column(data, "lower_limit"),
            "upper": rows.column(data, "upper_limit"),
            "signal": rows.column(data, "signal"),
            "hidden": rows.column(data, "suppressed").notna(),
            "missing": rows.column(data, "missing_reason").notna(),
        }
    )
    axis = {**_months_axis(frame["month"]), "title": None}
    x = {"field": "month", "type": "temporal", "scale": {"type": "utc"}, "axis": axis}
    y = _quantity("count")
    values = rows.records(frame)
    signals = [
        {**row, "kind": _shape(row["signal"])[0]}
        for row in values
        if row["signal"] is not None and row["count"] is not None
    ]
    layers: list[Spec] = [
        _band(values, "hidden", x, theme.HATCH),
        _band(values, "missing", x, theme.MISSING),
        _limit("upper", x, dashed=True),
        _limit("lower", x, dashed=True),
        _limit("centre", x, dashed=False),
        {
            "mark": {**_BREAK["mark"], "color": theme.BLUE, "point": {"size": 26, "filled": True}},
            "encoding": {"x": x, "y": y},
        },
        {
            "data": {"values": signals},
            "mark": {
                "type": "point",
                "filled": True,
                "size": 130,
                "color": theme.ORANGE,
                "stroke": theme.INK,
                "strokeWidth": 1,
                "opacity": 1,
            },
            "encoding": {
                "x": x,
                "y": y,
                "shape": {"field": "kind", "type": "nominal", "scale": None, "legend": None},
            },
        },
        *_break_layers(breaks, x),
    ]
    return {"width": _WIDE - 60, "height": 172, "data": {"values": values}, "layer": layers}


def _shape(signal: str) -> tuple[str, str, str]:
    """Shape, symbol and wording of a signal by its name in the warehouse."""
    if signal in SHAPES:
        return SHAPES[signal]
    length, kind = words_series.run_of(signal)
    shape, sign, words = SHAPES[kind]
    return shape, sign, f"{length} {words}"


def _quantity(field: str) -> Spec:
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"zero": True},
        "axis": {"title": None, "format": ",.0f", "tickCount": 5, "tickMinStep": 1},
    }


def _months_axis(months: pd.Series) -> Spec:
    """Ticks at each April and October: only two labels a year fit."""
    ticks = sorted(month for month in months if month[5:7] in ("04", "10"))
    return {"format": "%b %Y", "values": ticks, "labelFlush": False, "grid": False}


def _limit(field: str, x: Spec, dashed: bool) -> Spec:
    dash = {"strokeDash": [5, 4]} if dashed else {}
    return {
        "transform": [{"filter": f"isValid(datum.{field})"}],
        "mark": {"type": "rule", "color": theme.GREY, "strokeWidth": 1.5, **dash},
        "encoding": {"x": x, "x2": {"field": "next"}, "y": _quantity(field)},
    }


def _band(values: Sequence[rows.Row], flag: str, x: Spec, colour: str) -> Spec:
    return {
        "data": {"values": [row for row in values if row[flag]]},
        "mark": {"type": "rect", "color": colour, "opacity": 1},
        "encoding": {"x": x, "x2": {"field": "next"}},
    }


def _break_layers(breaks: Sequence[Mapping[str, Any]], x: Spec) -> list[Spec]:
    if not breaks:
        return []
    data = {
        "values": [
            {"month": f"{row['break_on']:%Y-%m-%d}", "number": str(row["number"])} for row in breaks
        ]
    }
    return [
        {
            "data": data,
            "mark": {"type": "rule", "color": theme.PLUM, "strokeDash": [2, 3], "strokeWidth": 2},
            "encoding": {"x": x},
        },
        {
            "data": data,
            "mark": {
                "type": "text",
                "baseline": "bottom",
                "dy": -3,
                "fontWeight": "bold",
                "fontSize": 14,
                "color": theme.PLUM,
            },
            "encoding": {"x": x, "y": {"value": 0}, "text": {"field": "number"}},
        },
    ]


def control_key(months: pd.DataFrame, breaks: Sequence[Mapping[str, Any]]) -> list[KeyItem]:
    """The key of a control chart: only the elements that occur in it."""
    items = []
    if rows.column(months, "upper_limit").notna().any():
        items += [
            KeyItem("expected of the month", kind="line", colour=theme.GREY),
            KeyItem("usual range (control limits)", kind="dashed", colour=theme.GREY),
        ]
    there = rows.column(months, "signal").dropna().unique()
    signs = {_shape(signal)[1:] for signal in there}
    items += [
        KeyItem(words, sign=sign, colour=theme.ORANGE, kind="sign") for sign, words in sorted(signs)
    ]
    if rows.column(months, "suppressed").notna().any():
        items.append(KeyItem(vocabulary.NOT_SHOWN_IN_WORDS, kind="hatch"))
    if rows.column(months, "missing_reason").notna().any():
        items.append(KeyItem("no figure", colour=theme.MISSING))
    items += [
        KeyItem(f"{row['title']}: {row['description']}", sign=str(row["number"]), kind="sign")
        for row in breaks
    ]
    return items


def rolling(totals: pd.DataFrame) -> Spec:
    """Totals of the twelve months ending with each month; the axis starts at zero."""
    data = totals.sort_values("period_end")
    frame = pd.DataFrame(
        {
            "month": (
                data["period_end"] + pd.DateOffset(days=1) - pd.DateOffset(months=1)
            ).dt.strftime("%Y-%m-%d"),
            "count": data["count"].where(rows.column(data, "suppressed").isna()),
        }
    )
    axis = {
        "title": None,
        "format": "%b %Y",
        "tickCount": {"interval": "month", "step": 6},
        "grid": False,
    }
    return {
        "width": _HALF - 62,
        "height": 132,
        "data": {"values": rows.records(frame)},
        "mark": {**_BREAK["mark"], "color": theme.BLUE, "point": {"size": 22, "filled": True}},
        "encoding": {
            "x": {"field": "month", "type": "temporal", "scale": {"type": "utc"}, "axis": axis},
            "y": _quantity("count"),
        },
    }


def season(index: pd.DataFrame) -> Spec:
    """Each month's usual level (an average month is 100), with its lowest and highest year."""
    data = index.sort_values("month_of_year")
    names = [
        {"place": number, "name": letter} for number, letter in enumerate("JFMAMJJASOND", start=1)
    ]
    letters = "{" + ",".join(f"'{row['place']}':'{row['name']}'" for row in names) + "}"
    axis = {
        "title": None,
        "labelExpr": f"{letters}[datum.value]",
        "values": list(range(1, 13)),
        "grid": False,
    }
    x = {
        "field": "month_of_year",
        "type": "quantitative",
        "axis": axis,
        "scale": {"domain": [0.6, 12.4], "nice": False},
    }
    columns = ["month_of_year", "seasonal_index", "lowest_index", "highest_index"]
    kept = rows.records(data[[name for name in columns if name in data]])
    axis_y = {"title": None, "tickCount": 4, "format": ",.0f"}
    y = {
        "field": "seasonal_index",
        "type": "quantitative",
        "scale": {"zero": False},
        "axis": axis_y,
    }
    layers: list[Spec] = [
        {
            "data": {"values": [{"at": 100}]},
            "mark": {"type": "rule", "color": theme.GREY, "strokeDash": [5, 4], "strokeWidth": 1.5},
            "encoding": {"y": {"field": "at", "type": "quantitative", "axis": axis_y}},
        },
        {
            "mark": {
                "type": "point",
                "filled": True,
                "size": 80,
                "color": theme.BLUE,
                "opacity": 1,
            },
            "encoding": {"x": x, "y": y},
        },
    ]
    if "lowest_index" in data and "highest_index" in data:
        spread = {
            "mark": {"type": "rule", "color": theme.BLUE, "strokeWidth": 2},
            "encoding": {
                "x": x,
                "y": {**y, "field": "lowest_index"},
                "y2": {"field": "highest_index"},
            },
        }
        layers.insert(1, spread)
    return {"width": _HALF - 50, "height": 132, "data": {"values": kept}, "layer": layers}
