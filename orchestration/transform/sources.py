"""dbt sources from contracts: the YAML files are derived, and a test holds them to the contracts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import yaml

from orchestration.ingest.contracts import Contract
from orchestration.ingest.parse import ADDED_COLUMNS

_HEAD = (
    "# Derived from expectations/feeds/{partner}/*.odcs.yaml by `csp contract sync`; do not edit.\n"
)
_ADDED = {
    "_delivery": "Delivery that the row came in.",
    "_period": "Period of the delivery.",
    "_part": "Part of the delivery (a force, a district), empty where the feed has none.",
    "_row": "Line of the file (or number of the feature) that the row stands on.",
}


def render(contracts: Mapping[str, Contract]) -> dict[str, str]:
    """The source files by their path under `dbt_project/models/staging`. Pure."""
    by_partner: dict[str, list[Contract]] = defaultdict(list)
    for contract in contracts.values():
        by_partner[contract.partner].append(contract)
    return {
        f"{partner}/_{partner}__sources.yml": _HEAD.format(partner=partner)
        + yaml.safe_dump(
            {"sources": [_source(partner, feeds)]},
            sort_keys=False,
            allow_unicode=True,
            width=100,
        )
        for partner, feeds in by_partner.items()
    }


def sync(contracts: Mapping[str, Contract], staging: Path) -> list[str]:
    """Write the source files that differ; return their paths."""
    changed = []
    for name, text in render(contracts).items():
        path = staging / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            changed.append(name)
    return changed


def _source(partner: str, feeds: list[Contract]) -> dict[str, object]:
    return {
        "name": partner,
        "description": f"Extracts of the partner “{partner}”, as parsed: every value is text.",
        "config": {
            "meta": {
                "external_location": "read_parquet("
                f"'{partner}/{{name}}/*/*.parquet', hive_partitioning = false)"
            }
        },
        "tables": [
            {
                "name": contract.name,
                "description": f"{contract.title}. {contract.purpose} {contract.limitations}".strip(),
                "config": {
                    "meta": {
                        "contract_version": contract.version,
                        "owner": contract.owner,
                        "lawful_basis": contract.lawful_basis,
                    }
                },
                "columns": [
                    *(
                        {"name": name, "data_type": kind, "description": _ADDED[name]}
                        for name, kind in ADDED_COLUMNS.items()
                    ),
                    *(
                        {
                            "name": column.name,
                            "data_type": "varchar",
                            "description": column.description,
                        }
                        for column in contract.columns
                    ),
                ],
            }
            for contract in feeds
        ],
    }
