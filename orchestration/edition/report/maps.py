"""Maps of a rate in five classes; without boundaries, a schematic map labelled as such."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.report import rows, text, theme
from orchestration.edition.report.book import KeyItem

_TILE = 24


def classes(areas: pd.DataFrame) -> pd.Series:
    """Each area's class, 1 (lowest) to 5, of equal size as far as tied rates allow.

    Hidden areas get 0, areas without a figure −1; neither is a class.
    """
    found = pd.Series(-1, index=areas.index, dtype="int64")
    found[rows.column(areas, "suppressed").notna()] = 0
    there = rows.shown(areas, "rate")["rate"].astype(float)
    if there.empty:
        return found
    # Tied rates share the lowest rank, so they share a class.
    place = (there.rank(method="min") - 1) / len(there)
    found[there.index] = (place * 5).astype("int64").clip(upper=4) + 1
    return found


def key(areas: pd.DataFrame, found: pd.Series) -> list[KeyItem]:
    """The classes with their lowest and highest rate, highest first, and the areas not shown."""
    rates = areas["rate"].astype(float) if "rate" in areas else pd.Series(dtype=float)
    items = []
    for number in range(5, 0, -1):
        inside = rates[found == number]
        if not inside.empty:
            low, high = text.rate(inside.min()), text.rate(inside.max())
            label = low if low == high else f"{low} to {high}"
            items.append(KeyItem(label, colour=theme.CLASSES[number - 1]))
    if (found == 0).any():
        items.append(KeyItem(vocabulary.NOT_SHOWN_IN_WORDS, kind="hatch"))
    if (found == -1).any():
        items.append(KeyItem("no figure", colour=theme.MISSING))
    return items


def choropleth(codes: pd.Series, found: pd.Series, boundaries: pd.DataFrame) -> dict[str, Any]:
    """A map from boundaries (columns area_code, boundary_geojson; longitude and latitude)."""
    colours = dict(zip(codes, found.map(_colour), strict=True))
    features = [
        {
            "type": "Feature",
            "properties": {"colour": colours.get(code, theme.MISSING)},
            "geometry": clockwise(json.loads(shape)),
        }
        for code, shape in zip(boundaries["area_code"], boundaries["boundary_geojson"], strict=True)
    ]
    return {
        "width": 360,
        "height": 420,
        "data": {
            "values": {"type": "FeatureCollection", "features": features},
            "format": {"type": "json", "property": "features"},
        },
        "projection": {"type": "mercator"},
        "mark": {"type": "geoshape", "stroke": theme.OUTLINE, "strokeWidth": 0.6},
        "encoding": {
            "color": {
                "field": "properties.colour",
                "type": "nominal",
                "scale": None,
                "legend": None,
            }
        },
    }


def _colour(number: int) -> str:
    if number == 0:
        return theme.HATCH
    return theme.MISSING if number < 0 else theme.CLASSES[number - 1]


def clockwise(geometry: dict[str, Any]) -> dict[str, Any]:
    """The geometry with outer rings clockwise and holes anticlockwise; otherwise d3 fills the globe."""
    if geometry["type"] == "Polygon":
        return {"type": "Polygon", "coordinates": _polygon(geometry["coordinates"])}
    if geometry["type"] == "MultiPolygon":
        return {
            "type": "MultiPolygon",
            "coordinates": [_polygon(p) for p in geometry["coordinates"]],
        }
    raise ValueError(f"a boundary is a Polygon or MultiPolygon, not a {geometry['type']}")


def _polygon(rings: Sequence[Any]) -> list[Any]:
    return [_turned(ring, wants_clockwise=place == 0) for place, ring in enumerate(rings)]


def _turned(ring: Sequence[Sequence[float]], wants_clockwise: bool) -> list[Any]:
    twice_area = sum(
        (second[0] - first[0]) * (second[1] + first[1]) for first, second in pairwise(ring)
    )
    is_clockwise = twice_area > 0
    return list(ring) if is_clockwise == wants_clockwise else list(ring)[::-1]


def schematic(groups: pd.Series, found: pd.Series) -> dict[str, Any]:
    """One tile per area, in blocks by group (LSOAs of a ward), for when no boundary was supplied.

    Tiles are in the order of their codes; their position says nothing about where an area is.
    """
    frame = pd.DataFrame({"group": groups, "colour": found.map(_colour)}).sort_values(
        "group", kind="stable"
    )
    across = math.ceil(math.sqrt(len(frame)))
    position = pd.Series(range(len(frame)), index=frame.index)
    frame = frame.assign(column=position % across, line=position // across)
    side = {"axis": None, "scale": {"paddingInner": 0.06}}
    return {
        "width": {"step": _TILE},
        "height": {"step": _TILE},
        "data": {"values": rows.records(frame)},
        "mark": {"type": "rect", "stroke": theme.OUTLINE, "strokeWidth": 0.6},
        "encoding": {
            "x": {"field": "column", "type": "ordinal", **side},
            "y": {"field": "line", "type": "ordinal", **side},
            "color": {"field": "colour", "type": "nominal", "scale": None, "legend": None},
        },
    }
