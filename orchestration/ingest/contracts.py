"""Data contracts: Open Data Contract Standard files read into what the pipeline needs.

A contract is the only description of a feed. Whatever it does not say is refused (deny by default),
so an unknown key, a missing property or a rule that gate 1 could not run faithfully raises here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

SEVERITIES = ("critical", "warning", "info")

# Gate 1 runs a suite once over all new deliveries of a feed. That is only the same as running it
# over each alone for rules that look at one row, or that name `_delivery`; others are refused.
_ROW_RULES = {
    "expect_column_values_to_not_be_null",
    "expect_column_values_to_be_null",
    "expect_column_values_to_be_in_set",
    "expect_column_values_to_not_be_in_set",
    "expect_column_value_lengths_to_be_between",
    "expect_column_value_lengths_to_equal",
    "expect_column_pair_values_to_be_equal",
}
_DELIVERY_RULES = {"unexpected_rows_expectation", "expect_compound_columns_to_be_unique"}

_PROPERTIES = {
    "partner", "lawfulBasis", "format", "dialect", "filePattern", "period", "part", "keptFrom",
    "provisionalMonths",
}  # fmt: skip


class ContractError(ValueError):
    """A contract cannot be used. The message names the file and what is wrong with it."""


@dataclass(frozen=True)
class Column:
    """One column of a feed: `name` in the warehouse, `header` in the partner's file."""

    name: str
    header: str
    logical_type: str
    required: bool
    classification: str
    description: str
    allowed: tuple[str, ...] = ()
    pattern: str | None = None


@dataclass(frozen=True)
class Rule:
    """One Great Expectations rule of a contract or of a mart suite."""

    id: str
    severity: str
    expectation: str
    kwargs: Mapping[str, Any]
    sentence: str


@dataclass(frozen=True)
class Contract:
    """What was agreed with a partner about one feed."""

    partner: str
    name: str
    version: str
    title: str
    purpose: str
    limitations: str
    grain: str
    owner: str
    lawful_basis: str
    format: str
    encoding: str
    delimiter: str
    quote: str
    escape: str
    file_pattern: re.Pattern[str]
    period_kind: str
    period_value: str | None
    part_of: str | None
    cadence: str
    latency_months: int
    kept_from: str | None
    provisional_months: int
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...]
    fingerprint: str

    @property
    def feed(self) -> str:
        """The feed's name everywhere: `partner/name`."""
        return f"{self.partner}/{self.name}"

    def expected_part(self, partnership: Any) -> str:
        """The part of the feed that is due from this partnership; empty where a feed has none."""
        return str(getattr(partnership, self.part_of)) if self.part_of else ""


def load_contracts(folder: Path) -> dict[str, Contract]:
    """Read every `*.odcs.yaml` under `folder`; the result is ordered by feed.

    Raises:
        ContractError: a contract is not valid, or two contracts describe one feed.
    """
    contracts: dict[str, Contract] = {}
    for path in sorted(folder.rglob("*.odcs.yaml")):
        contract = load_contract(path)
        if contract.feed in contracts:
            raise ContractError(f"{path.name}: the feed {contract.feed} has two contracts")
        contracts[contract.feed] = contract
    if not contracts:
        raise ContractError("no contract was found; a feed without a contract is never read")
    return dict(sorted(contracts.items()))


def load_contract(path: Path) -> Contract:
    """Read one contract.

    Raises:
        ContractError: the file is not a contract of the standard, or lacks what a run needs.
    """
    text = path.read_text(encoding="utf-8")
    try:
        return _contract(yaml.load(text, Loader=PlainLoader), text)  # noqa: S506 - a SafeLoader
    except (KeyError, TypeError, ValueError, re.error, yaml.YAMLError) as problem:
        detail = f"{problem.args[0]} is missing" if isinstance(problem, KeyError) else str(problem)
        raise ContractError(f"{path.parent.name}/{path.name}: {detail}") from problem


class PlainLoader(yaml.SafeLoader):
    """YAML without dates: `2018-04` and `2021-04-01` in a contract are text."""


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def validate_standard(document: Mapping[str, Any]) -> list[str]:
    """Hold a contract to the published JSON schema of the standard; one sentence a problem."""
    import jsonschema

    schema = json.loads(
        (resources.files("open_data_contract_standard") / "schema.json").read_text("utf-8")
    )
    validator = jsonschema.validators.validator_for(schema)(schema)
    return [
        f"{'/'.join(str(step) for step in error.absolute_path) or 'contract'}: {error.message[:200]}"
        for error in sorted(validator.iter_errors(document), key=lambda e: list(e.absolute_path))
    ]


def _contract(document: Mapping[str, Any], text: str) -> Contract:
    from open_data_contract_standard.model import OpenDataContractStandard

    OpenDataContractStandard.model_validate(document)
    custom = {entry["property"]: entry["value"] for entry in document["customProperties"]}
    unknown = sorted(set(custom) - _PROPERTIES)
    if unknown:
        raise ContractError(f"unknown custom property {unknown[0]}")
    (table,) = document["schema"]
    columns = tuple(_column(entry) for entry in table["properties"])
    sla = {entry["property"]: entry for entry in document["slaProperties"]}
    period = custom["period"]
    if period["kind"] not in ("month", "edition") or period["from"] not in ("name", "constant"):
        raise ContractError(f"period {period} is not known; expected a month or an edition")
    pattern = re.compile(custom["filePattern"])
    if period["from"] == "name" and "period" not in pattern.groupindex:
        raise ContractError("filePattern has no group named period")
    if custom.get("part") and "part" not in pattern.groupindex:
        raise ContractError("filePattern has no group named part")
    dialect = custom["dialect"]
    return Contract(
        partner=custom["partner"],
        name=document["name"],
        version=document["version"],
        title=document["dataProduct"],
        purpose=document["description"]["purpose"],
        limitations=document["description"].get("limitations", ""),
        grain=table["dataGranularityDescription"],
        owner=document["team"]["name"],
        lawful_basis=custom["lawfulBasis"],
        format=_one_of("format", custom["format"], ("csv", "geojson")),
        encoding=_one_of("encoding", dialect["encoding"], ("utf-8", "latin-1", "utf-16")),
        delimiter=dialect.get("delimiter", ","),
        quote=dialect.get("quote", '"'),
        escape=dialect.get("escape", '"'),
        file_pattern=pattern,
        period_kind=period["kind"],
        period_value=str(period["value"]) if period["from"] == "constant" else None,
        part_of=custom.get("part"),
        cadence=sla["frequency"]["unit"],
        latency_months=int(sla["latency"]["value"]) if "latency" in sla else 0,
        kept_from=custom.get("keptFrom"),
        provisional_months=int(custom.get("provisionalMonths", 0)),
        columns=columns,
        rules=(*_schema_rules(columns), *(_rule(entry) for entry in table.get("quality", []))),
        fingerprint=hashlib.sha256(text.encode()).hexdigest(),
    )


def _one_of(what: str, value: str, known: Iterable[str]) -> str:
    if value not in known:
        raise ContractError(f"{what} {value!r} is not known; expected one of {', '.join(known)}")
    return value


def _column(entry: Mapping[str, Any]) -> Column:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", entry["name"]):
        raise ContractError(f"column name {entry['name']!r} is not in lower snake case")
    return Column(
        name=entry["name"],
        header=entry["physicalName"],
        logical_type=entry["logicalType"],
        required=bool(entry.get("required", False)),
        classification=entry["classification"],
        description=entry["description"],
        allowed=tuple(str(choice["value"]) for choice in entry.get("enum", [])),
        pattern=entry.get("logicalTypeOptions", {}).get("pattern"),
    )


def _schema_rules(columns: Iterable[Column]) -> Iterable[Rule]:
    """The rules that a column's own description implies: required, allowed, number, pattern."""
    for column in columns:
        if column.required:
            yield Rule(
                f"required:{column.name}",
                "critical",
                "expect_column_values_to_not_be_null",
                {"column": column.name},
                f"column “{column.header}” is never blank",
            )
        if column.allowed:
            yield Rule(
                f"allowed:{column.name}",
                "critical",
                "expect_column_values_to_be_in_set",
                {"column": column.name, "value_set": list(column.allowed)},
                f"column “{column.header}” holds only the agreed values "
                f"({len(column.allowed)} of them)",
            )
        if column.logical_type in ("number", "integer"):
            kind = "double" if column.logical_type == "number" else "bigint"
            yield Rule(
                f"number:{column.name}",
                "critical" if column.required else "warning",
                "unexpected_rows_expectation",
                {
                    "unexpected_rows_query": "select _delivery, _row from {batch} where "
                    f"{column.name} is not null and try_cast({column.name} as {kind}) is null"
                },
                f"column “{column.header}” holds {'whole ' if kind == 'bigint' else ''}numbers",
            )
        if column.pattern:
            # GX has no regex for DuckDB; braces are doubled because GX formats the query.
            escaped = column.pattern.replace("'", "''").replace("{", "{{").replace("}", "}}")
            yield Rule(
                f"pattern:{column.name}",
                "critical",
                "unexpected_rows_expectation",
                {
                    "unexpected_rows_query": "select _delivery, _row from {batch} where not "
                    f"coalesce(regexp_full_match({column.name}, '{escaped}'), true)"
                },
                f"column “{column.header}” is written as agreed ({column.pattern})",
            )


def _rule(entry: Mapping[str, Any]) -> Rule:
    if entry.get("type") != "custom" or entry.get("engine") != "greatExpectations":
        raise ContractError(f"rule {entry.get('id')}: only engine greatExpectations is run")
    severity = _one_of(f"severity of rule {entry['id']}", entry["severity"], SEVERITIES)
    implementation = entry["implementation"]
    expectation, kwargs = implementation["type"], implementation["kwargs"]
    if expectation not in _ROW_RULES | _DELIVERY_RULES:
        raise ContractError(
            f"rule {entry['id']}: {expectation} does not judge row by row; "
            "write it as unexpected_rows_expectation grouped by _delivery"
        )
    if "mostly" in kwargs:
        raise ContractError(
            f"rule {entry['id']}: mostly is not allowed; write the share as a query by _delivery"
        )
    if expectation in _DELIVERY_RULES and "_delivery" not in json.dumps(kwargs):
        raise ContractError(f"rule {entry['id']}: the rule must name _delivery")
    return Rule(entry["id"], severity, expectation, kwargs, entry["description"])
