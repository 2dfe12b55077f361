"""Contracts made up for tests: the smallest valid one, changed as a test needs it."""

from pathlib import Path
from typing import Any

import yaml

from orchestration.contracts.odcs import Contract, load_contract


def column(name: str, header: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    """One column of a contract, as YAML has it."""
    return {
        "name": name,
        "physicalName": header,
        "logicalType": kind,
        "classification": "restricted",
        "description": "A column.",
        **more,
    }


def custom(**properties: Any) -> list[dict[str, Any]]:
    """Custom properties of a column."""
    return [{"property": name, "value": value} for name, value in properties.items()]


COLUMNS = (
    column("area", "Area", required=True),
    column(
        "seen_on", "Date seen", "date", logicalTypeOptions={"format": "dd/MM/yyyy"}, required=True
    ),
    column(
        "people", "People", "integer", customProperties=custom(markers={"*": "suppressed"})
    ),
    column("rate", "Rate", "number"),
)  # fmt: skip


def document(columns=COLUMNS, **properties: Any) -> dict[str, Any]:
    """A contract as YAML has it; `properties` are custom properties, None leaves one out."""
    kept = {
        "partner": "harbour",
        "lawfulBasis": "Made up",
        "format": "csv",
        "dialect": {"encoding": "utf-8", "delimiter": ",", "quote": '"', "escape": '"'},
        "filePattern": r"boats_(?P<period>\d{4}-\d{2})\.\w+",
        "period": {"kind": "month", "from": "name"},
        **properties,
    }
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "harbour-boats",
        "name": "boats",
        "version": "1.0.0",
        "status": "active",
        "dataProduct": "Boats",
        "description": {"purpose": "A test."},
        "team": {"name": "Harbour master"},
        "slaProperties": [{"property": "frequency", "value": 1, "unit": "month"}],
        "customProperties": custom(**{k: v for k, v in kept.items() if v is not None}),
        "schema": [
            {
                "name": "boats",
                "logicalType": "object",
                "dataGranularityDescription": "One row per boat.",
                "properties": list(columns),
            }
        ],
    }


def load(folder: Path, columns=COLUMNS, **properties: Any) -> Contract:
    """The contract, read as every contract is."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "boats.odcs.yaml"
    text = yaml.safe_dump(document(columns, **properties), allow_unicode=True)
    path.write_text(text, encoding="utf-8")
    return load_contract(path)
