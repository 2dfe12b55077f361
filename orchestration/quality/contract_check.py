"""Checking contracts: against the standard's schema, an extract of their own, gate 1 and dbt's files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from orchestration.contracts.odcs import (
    Contract,
    ContractError,
    PlainLoader,
    load_contract,
    load_contracts,
    validate_standard,
)
from orchestration.core.settings import Settings
from orchestration.quality import contract_trial
from orchestration.synthetic import sample
from orchestration.transform import contract_sync


def problems_of(settings: Settings, files: Sequence[Path]) -> list[str]:
    """The problems of the contracts, one sentence each; empty if they are valid."""
    found: list[str] = []
    tried: dict[str, Contract] = {}
    labels: dict[str, str] = {}
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
        if contract.feed in tried:
            found.append(f"{label}: the feed {contract.feed} has two contracts")
        tried[contract.feed], labels[contract.feed] = contract, label
        if not contract.rules:
            found.append(
                f"{label}: the contract has no rule, so gate 1 would refuse every delivery"
            )
    found += [
        f"{labels[feed]}: {problem}"
        for feed, problems in contract_trial.problems_of(settings, tried).items()
        for problem in problems
    ]
    if not found and all(path.is_relative_to(settings.contracts) for path in files):
        contracts = load_contracts(settings.contracts)
        found += [
            f"{name} does not follow the contracts; run csp contract sync"
            for name in contract_sync.differing(contracts, settings.dbt_project)
        ]
    return found


def retired_among(files: Sequence[Path]) -> list[str]:
    """The feeds of sound contracts that are retired: nothing is pulled or expected of them."""
    return sorted(contract.feed for contract in map(load_contract, files) if contract.retired)
