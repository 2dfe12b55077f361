"""Colours and fonts of charts: the Government Analysis Function's palette, and the chart keys."""

from __future__ import annotations

from typing import Any

BLUE, ORANGE, PLUM, TEAL, INK = "#12436D", "#F46A25", "#801650", "#28A197", "#0B0C0C"
GREY, PALE = "#767676", "#D9D9D9"
OUTLINE = "#505A5F"
CLASSES = ("#D5E7F5", "#6BACE6", "#2073BC", "#12436D", "#092135")  # low to high
MISSING = "#F3F2F1"
# Stands for the hatch pattern in a specification; `svg.static` puts the pattern in its place.
HATCH = "#FEDCBA"

CONFIG: dict[str, Any] = {
    "font": "Arial, Helvetica, Liberation Sans, sans-serif",
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 14,
        "titleFontSize": 14,
        "titleFontWeight": "normal",
        "labelColor": INK,
        "titleColor": INK,
        "gridColor": PALE,
        "domainColor": GREY,
        "tickColor": GREY,
    },
    "axisX": {"grid": False},
    "axisY": {"domain": False, "ticks": False},
    "line": {"strokeWidth": 2.5},
    "text": {"fontSize": 13, "color": INK},
}
