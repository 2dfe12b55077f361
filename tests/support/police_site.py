"""What the API of data.police.uk knows in tests: two months of a city of two areas."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support.servers import Answer, Request

MONTHS = ["2025-02", "2025-01"]
SQUARE = "52.9,-2.3:52.9,-2.1:53.1,-2.1:53.1,-2.3"
CATEGORIES = [
    {"url": "anti-social-behaviour", "name": "Anti-social behaviour"},
    {"url": "violent-crime", "name": "Violence and sexual offences"},
]


def crime(number, category="violent-crime", place=("53.0", "-2.2"), kind="Force", **changes):
    identifier = "" if category == "anti-social-behaviour" else f"{number:064x}"
    where = place and {
        "latitude": place[0],
        "longitude": place[1],
        "street": {"id": number, "name": f"On or near Street {number}"},
    }
    return {
        "category": category,
        "location_type": kind if place else None,
        "location": where,
        "context": "",
        "outcome_status": {"category": "Under investigation", "date": "2025-02"},
        "persistent_id": identifier,
        "id": number,
        "location_subtype": "",
        "month": "2025-01",
        **changes,
    }


def documents() -> dict[str, Any]:
    """Documents by path; the answers under `failing` come first."""
    return {
        "/api/crimes-street-dates": [{"date": month, "stop-and-search": []} for month in MONTHS],
        "/api/crime-last-updated": {"date": "2025-03-01"},
        "/api/crime-categories": CATEGORIES,
        "/api/forces/staffordshire": {"id": "staffordshire", "name": "Staffordshire Police"},
        "/api/crimes-street/all-crime": [
            crime(2, "anti-social-behaviour", ("53.0", "-2.2"), outcome_status=None),
            crime(1),
            crime(3, place=("53.0", "-2.15")),
            crime(4, place=("52.95", "-2.25"), kind="BTP"),
        ],
        "/api/crimes-no-location": [crime(5, place=None)],
        "failing": [],
    }


def responder(known: dict[str, Any]) -> Callable[[Request], Answer]:
    """Answers with what is known."""

    def respond(request: Request) -> Answer:
        if known["failing"]:
            return known["failing"].pop(0)
        if request.path not in known:
            return Answer(status=404)
        return Answer(json.dumps(known[request.path]).encode())

    return respond


def write_boundaries(path: Path) -> Path:
    """The two areas, side by side."""
    shapes = [_boundary("E01000001", -2.3, -2.2), _boundary("E01000002", -2.2, -2.1)]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": shapes}))
    return path


def _boundary(code, west, east):
    ring = [[west, 52.9], [east, 52.9], [east, 53.1], [west, 53.1], [west, 52.9]]
    return {
        "type": "Feature",
        "properties": {"LSOA21CD": code, "LSOA21NM": f"Area {code}"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
