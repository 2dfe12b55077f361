"""The ward funnel: each ward's rate by its size, within or outside the limits of chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from orchestration.edition.report import rows, text, theme
from orchestration.edition.report.book import KeyItem

_WIDTH, _HEIGHT = 640, 214
_LETTER, _LINE = 7.2, 15.0  # of the labels, in pixels

# Position in the funnel: shape, symbol in the key, colour, wording with thresholds.
POSITIONS = {
    "above the outer limit": (
        "triangle-up",
        "▲",
        theme.ORANGE,
        "higher than chance explains ({outer_percent}% limit)",
    ),
    "above the inner limit": (
        "diamond",
        "◆",
        theme.ORANGE,
        "possibly higher or lower ({confidence_percent}% limit)",
    ),
    "within": ("circle", "●", theme.BLUE, "within the limits"),
    "below the inner limit": (
        "diamond",
        "◆",
        theme.ORANGE,
        "possibly higher or lower ({confidence_percent}% limit)",
    ),
    "below the outer limit": (
        "triangle-down",
        "▼",
        theme.TEAL,
        "lower than chance explains ({outer_percent}% limit)",
    ),
}


def chart(wards: pd.DataFrame, over: str) -> dict[str, Any]:
    """The specification, without wards that are hidden or have no rate. Labels do not overlap."""
    there = _judged(wards).sort_values("denominator")
    points = pd.DataFrame(
        {
            "residents": there["denominator"],
            "rate": there["rate"],
            "kind": there["position"].map({name: item[0] for name, item in POSITIONS.items()}),
            "colour": there["position"].map({name: item[2] for name, item in POSITIONS.items()}),
        }
    )
    axis = {
        "title": text.upper_first(over) if over else "Size of the group",
        "format": ",.0f",
        "tickCount": 5,
        "grid": False,
    }
    x = {"field": "residents", "type": "quantitative", "axis": axis, "scale": {"zero": False}}
    axis_y = {"title": None, "tickCount": 5, "format": ",~f"}
    y = {"field": "rate", "type": "quantitative", "axis": axis_y, "scale": {"zero": True}}
    limits = [
        ("lower_998", [2, 3]),
        ("upper_998", [2, 3]),
        ("lower_95", [6, 4]),
        ("upper_95", [6, 4]),
        ("city_rate", []),
    ]
    columns = ["denominator", *[name for name, _ in limits if name in there]]
    lines = there[columns].rename(columns={"denominator": "residents"})
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": rows.records(lines)},
            "mark": {
                "type": "line",
                "color": theme.GREY,
                "strokeWidth": 1.5,
                "strokeDash": dash,
                "interpolate": "monotone",
            },
            "encoding": {"x": x, "y": {**y, "field": name}},
        }
        for name, dash in limits
        if name in there
    ]
    raw = {"type": "nominal", "scale": None, "legend": None}
    layers.append(
        {
            "mark": {
                "type": "point",
                "filled": True,
                "size": 90,
                "stroke": theme.INK,
                "strokeWidth": 0.7,
                "opacity": 1,
            },
            "encoding": {
                "x": x,
                "y": y,
                "shape": {"field": "kind", **raw},
                "fill": {"field": "colour", **raw},
            },
        }
    )
    layers.append(
        {
            "data": {"values": _labels(there)},
            "mark": {
                "type": "text",
                "align": {"expr": "datum.side == 'left' ? 'right' : 'left'"},
                "dx": {"expr": "datum.side == 'left' ? -9 : 9"},
            },
            "encoding": {"x": x, "y": y, "text": {"field": "name"}},
        }
    )
    return {
        "width": _WIDTH,
        "height": _HEIGHT,
        "data": {"values": rows.records(points)},
        "layer": layers,
    }


def _judged(wards: pd.DataFrame) -> pd.DataFrame:
    there = rows.shown(wards, "rate")
    if "denominator" not in there or "position" not in there:
        return there.iloc[:0]
    return there[there["denominator"].notna() & there["position"].notna()]


def can_be_drawn(wards: pd.DataFrame) -> bool:
    """Whether any ward has a position in the funnel that may be shown."""
    return not _judged(wards).empty


def key(wards: pd.DataFrame, thresholds: Mapping[str, str]) -> list[KeyItem]:
    """The key: the positions that occur, and the lines, with `thresholds` as they are printed."""
    there = set(_judged(wards)["position"])
    signs = {item[1:] for name, item in POSITIONS.items() if name in there}
    items = [
        KeyItem(words.format_map(thresholds), sign=sign, colour=colour, kind="sign")
        for sign, colour, words in sorted(signs)
    ]
    return [
        *items,
        KeyItem("the whole area’s rate", kind="line", colour=theme.GREY),
        KeyItem(
            "{confidence_percent}% and {outer_percent}% limits".format_map(thresholds),
            kind="dashed",
            colour=theme.GREY,
        ),
    ]


def _labels(there: pd.DataFrame) -> list[dict[str, Any]]:
    """Names beside the wards above the outer limit, highest first, where they overlap nothing."""
    high = there[there["position"] == "above the outer limit"].sort_values("rate", ascending=False)
    span = float(there["denominator"].max() - there["denominator"].min()) or 1.0
    top = float(there[[name for name in ("rate", "upper_998") if name in there]].max().max()) or 1.0
    across = (
        (there["denominator"].astype(float) - float(there["denominator"].min())) / span
    ) * _WIDTH
    down = (1 - there["rate"] / top) * _HEIGHT
    taken = [(x - 7, x + 7, y - 7, y + 7) for x, y in zip(across, down, strict=True)]
    placed: list[dict[str, Any]] = []
    for row in rows.records(high[["ward_name", "denominator", "rate"]].head(6)):
        x = (row["denominator"] - float(there["denominator"].min())) / span * _WIDTH
        y = (1 - row["rate"] / top) * _HEIGHT
        wide = len(row["ward_name"]) * _LETTER
        sides = {"right": (x + 8, x + 9 + wide), "left": (x - 9 - wide, x - 8)}
        for side, (begin, end) in sides.items():
            box = (begin, end, y - _LINE / 2, y + _LINE / 2)
            if begin > 0 and end < _WIDTH and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                placed.append(
                    {
                        "residents": row["denominator"],
                        "rate": row["rate"],
                        "name": row["ward_name"],
                        "side": side,
                    }
                )
                break
    return placed


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]
