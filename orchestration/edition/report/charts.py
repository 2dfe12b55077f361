"""Charts other than monthly series, as Vega-Lite specifications: partners side by side, ranks."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd

from orchestration.edition.report import rows, theme

Spec = dict[str, Any]


def cross_check(pairs: pd.DataFrame) -> Spec:
    """One small chart per partner: the years' counts as bars, each labelled with its number."""
    shown = rows.shown(pairs)
    frame = pd.DataFrame(
        {
            "measure": shown["measure_name"],
            "year": shown["strategy_year"].str.replace("-", "–"),
            "count": shown["count"],
            "label": shown["count"].map("{:,.0f}".format),
        }
    )
    x = {"field": "count", "type": "quantitative", "axis": None, "scale": {"zero": True}}
    y = {
        "field": "year",
        "type": "nominal",
        "axis": {"title": None, "domain": False, "ticks": False},
    }
    header = {
        "labelFontSize": 13,
        "labelFontWeight": "bold",
        "labelAnchor": "start",
        "labelLimit": 340,
        "labelColor": theme.INK,
        "title": None,
    }
    return {
        "data": {"values": rows.records(frame)},
        "facet": {"field": "measure", "type": "nominal", "header": header},
        "columns": 2,
        "spacing": 16,
        "resolve": {"scale": {"x": "independent"}},
        "spec": {
            "width": 270,
            "height": 66,
            "layer": [
                {
                    "mark": {"type": "bar", "color": theme.BLUE, "height": 16},
                    "encoding": {"x": x, "y": y},
                },
                {
                    "mark": {"type": "text", "align": "left", "dx": 5},
                    "encoding": {"x": x, "y": y, "text": {"field": "label"}},
                },
            ],
        },
    }


def rank_range(ranks: pd.DataFrame) -> Spec:
    """Each priority's rank, and its range when any weight is changed."""
    data = ranks.sort_values(["rank", "priority_name"])
    lines = data["priority_name"].map(lambda name: "|".join(textwrap.wrap(name, 46)))
    order = lines.tolist()
    y = {
        "field": "lines",
        "type": "nominal",
        "sort": order,
        "axis": {
            "title": None,
            "labelExpr": "split(datum.value, '|')",
            "labelLimit": 330,
            "domain": False,
            "ticks": False,
            "labelBaseline": "middle",
        },
    }
    scale = {"domain": [0.5, len(order) + 0.5], "nice": False}
    axis = {
        "title": "Rank (1 is first)",
        "values": list(range(1, len(order) + 1)),
        "format": "d",
        "grid": True,
        "orient": "top",
    }
    x = {"field": "best_rank", "type": "quantitative", "scale": scale, "axis": axis}
    return {
        "width": 300,
        "height": {"step": 36},
        "data": {"values": rows.records(data.assign(lines=lines))},
        "layer": [
            {
                "mark": {
                    "type": "rule",
                    "strokeWidth": 8,
                    "color": "#BFBFBF",
                    "strokeCap": "round",
                },
                "encoding": {"x": x, "x2": {"field": "worst_rank"}, "y": y},
            },
            {
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 130,
                    "color": theme.BLUE,
                    "opacity": 1,
                },
                "encoding": {"x": {**x, "field": "rank"}, "y": y},
            },
        ],
    }
