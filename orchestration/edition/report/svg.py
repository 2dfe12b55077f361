"""A chart as static SVG that a screen reader announces as one image with a name and a description."""

from __future__ import annotations

import json
import re
from typing import Any
from xml.etree import ElementTree as ET  # for writing; its only input comes from vl-convert

from defusedxml.ElementTree import fromstring
from markupsafe import Markup

from orchestration.edition.report import theme

_SVG = "http://www.w3.org/2000/svg"
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_XLINK = "http://www.w3.org/1999/xlink"


def static(spec: dict[str, Any], name: str, title: str, description: str, narrowest: int) -> Markup:
    """The SVG of a Vega-Lite specification; the same specification gives the same text.

    Args:
        name: unique on the page; every id in the image begins with it.
        narrowest: the width in pixels below which the image scrolls rather than shrinks.
    """
    import vl_convert

    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "config": theme.CONFIG,
        **spec,
    }
    root = fromstring(vl_convert.vegalite_to_svg(json.dumps(whole)))
    # Vega gives every mark a role and a label; for a map that would be 160 images in a row.
    for element in root.iter():
        for key in [key for key in element.attrib if _is_noise(key)]:
            del element.attrib[key]
        if "id" in element.attrib:
            element.set("id", f"{name}-{element.get('id')}")
        for key, value in element.attrib.items():
            element.set(key, _tidy(key, value, name))
    _describe(root, name, title, description)
    width = float(root.attrib.pop("width"))
    root.attrib.pop("height")
    root.set("class", "chart")
    root.set("preserveAspectRatio", "xMinYMin meet")
    root.set("style", f"max-width:{width:.0f}px;min-width:{min(narrowest, width):.0f}px")
    return Markup(_text(root))  # noqa: S704


def _text(root: ET.Element) -> str:
    """The image as text, with unprefixed names.

    The prefixes that ElementTree writes are a process-wide setting, which libraries that read workbooks
    change, so the namespaces are written explicitly.
    """
    for element in root.iter():
        element.tag = element.tag.removeprefix(f"{{{_SVG}}}")
        for key in [key for key in element.attrib if key.startswith(f"{{{_XLINK}}}")]:
            element.set(f"xlink:{key.removeprefix(f'{{{_XLINK}}}')}", element.attrib.pop(key))
    root.set("xmlns", _SVG)
    root.set("xmlns:xlink", _XLINK)
    return ET.tostring(root, encoding="unicode")


def _is_noise(key: str) -> bool:
    return key.startswith("aria-") or key in ("role", "pointer-events", "class")


def _tidy(key: str, value: str, name: str) -> str:
    if value.lower() == theme.HATCH.lower():
        return f"url(#{name}-hatch)"
    if key in ("d", "transform", "x", "y", "x1", "x2", "y1", "y2"):
        return _LONG_NUMBER.sub(lambda number: f"{float(number[0]):.1f}", value)
    return re.sub(rf"url\(#(?!{re.escape(name)}-)", f"url(#{name}-", value)


def _describe(root: ET.Element, name: str, title: str, description: str) -> None:
    words = [("title", title), ("desc", description)]
    for place, (tag, text) in enumerate(words):
        element = ET.Element(f"{{{_SVG}}}{tag}", id=f"{name}-{tag}")
        element.text = text
        root.insert(place, element)
    root.set("role", "img")
    root.set("aria-labelledby", f"{name}-title")
    root.set("aria-describedby", f"{name}-desc")
    if any(f"url(#{name}-hatch)" in element.attrib.values() for element in root.iter()):
        root.insert(2, _hatch(name))


def _hatch(name: str) -> ET.Element:
    definitions = ET.Element(f"{{{_SVG}}}defs")
    size = {"id": f"{name}-hatch", "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"}
    pattern = ET.SubElement(definitions, f"{{{_SVG}}}pattern", size)
    ET.SubElement(pattern, f"{{{_SVG}}}rect", width="6", height="6", fill="#FFFFFF")
    line = {"d": "M0,6 L6,0", "stroke": theme.OUTLINE, "stroke-width": "1.2"}
    ET.SubElement(pattern, f"{{{_SVG}}}path", line)
    return definitions
