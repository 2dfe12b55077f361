"""Mart suites: the Great Expectations rules of gate 2, one YAML file per table."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from orchestration.contracts.odcs import SEVERITIES, ContractError, Rule
from orchestration.core import plain_yaml


@dataclass(frozen=True)
class Suite:
    """The rules that a mart must keep before it may be published."""

    schema: str
    table: str
    owner: str
    rules: tuple[Rule, ...]

    @property
    def name(self) -> str:
        return f"{self.schema}_{self.table}"


def load_suites(folder: Path) -> list[Suite]:
    """Read every suite under `folder`, ordered by file name.

    Raises:
        ContractError: a suite is incomplete, or there is none: without suites nothing is published.
    """
    suites = [_suite(path) for path in sorted(folder.glob("*.yaml"))]
    if not suites:
        raise ContractError("no mart suite was found; nothing may be published unchecked")
    return suites


def _suite(path: Path) -> Suite:
    document = plain_yaml.load(path.read_text(encoding="utf-8"))
    try:
        rules = tuple(
            Rule(
                entry["id"],
                entry["severity"],
                entry["type"],
                entry.get("kwargs", {}),
                entry["reason"],
            )
            for entry in document["rules"]
        )
        suite = Suite(document["schema"], document["table"], document["owner"], rules)
    except (KeyError, TypeError) as problem:
        raise ContractError(f"{path.name}: {problem} is missing") from problem
    wrong = [rule.id for rule in rules if rule.severity not in SEVERITIES]
    if wrong or not rules:
        raise ContractError(f"{path.name}: every rule needs a severity of {', '.join(SEVERITIES)}")
    return suite
