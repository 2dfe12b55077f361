"""Checking contracts: against the standard's schema, against gate 1, against dbt's files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from orchestration.contracts.odcs import (
    ContractError,
    PlainLoader,
    load_contract,
    load_contracts,
    validate_standard,
)
from orchestration.core.settings import Settings
from orchestration.synthetic import sample
from orchestration.transform import contract_sync


def problems_of(settings: Settings, files: Sequence[Path]) -> list[str]:
    """The problems of the contracts, one sentence each; empty if they are valid."""
    found: list[str] = []
    for path in files:
        label = f"{path.parent.name}/{path.name}"
        try:
            text = path.read_text(encoding="utf-8")
            document = yaml.load(text, Loader=PlainLoader)  # noqa: S506 - a SafeLoader
            found += [f"{label}: {problem}" for problem in validate_standard(document)]
            contract = load_contract(path)
        except UnicodeDecodeError:
            found.append(f"{label}: the file is not UTF-8 text")
            continue
        except (ContractError, yaml.YAMLError) as problem:
            found.append(f"{label}: {problem}")
            continue
        model = (
            settings.dbt_project
            / f"models/staging/{contract.partner}/stg_{contract.partner}__{contract.name}.sql"
        )
        if path.is_relative_to(settings.contracts) and not model.exists():
            found.append(f"{label}: the feed has no staging model {model.name}")
        if path.is_relative_to(settings.contracts) and (lack := sample.lacking(settings, contract)):
            found.append(f"{label}: {lack}")
        if not contract.rules:
            found.append(
                f"{label}: the contract has no rule, so gate 1 would refuse every delivery"
            )
    if not found and all(path.is_relative_to(settings.contracts) for path in files):
        contracts = load_contracts(settings.contracts)
        found += [
            f"{name} does not follow the contracts; run csp contract sync"
            for name in contract_sync.differing(contracts, settings.dbt_project)
        ]
    return found
