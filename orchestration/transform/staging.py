"""What staging follows from the contracts: the columns of every feed, for dbt's macro `stage`.

A staged column is a column of the contract under its staged name, cast as the contract says. The
rules that reject rows are the contract's too, with their conditions. What is derived from them, and any
reason that needs more than the delivery itself (a taxonomy, for one), is in the feed's model.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from orchestration.contracts.odcs import Column, Contract

# The macro's own layout, a line a column, is not the formatter's.
_COLUMNS = """\
{{#- Derived from the contracts by `csp contract sync`; do not edit. -#}}
-- fmt: off
{{% macro staged_columns(feed) %}}
    {{%- set columns = {{{feeds}
    }} -%}}
    {{%- if feed not in columns -%}}
        {{%- do exceptions.raise_compiler_error("no contract says how " ~ feed ~ " is staged") -%}}
    {{%- endif -%}}
    {{{{ return(columns[feed]) }}}}
{{% endmacro %}}

{{% macro staged_rejects(feed) %}}
    {{%- set rejects = {{{rejects}
    }} -%}}
    {{{{ return(rejects.get(feed, [])) }}}}
{{% endmacro %}}
"""
_MODELS = """\
# Derived from expectations/feeds/{partner}/*.odcs.yaml by `csp contract sync`; do not edit.
# Columns that a model derives are described in models/docs/staging.md.
"""
_BLOCK = re.compile(r"{% docs stg_(\w+__\w+)__(\w+) %}")
# What parsing adds to every row, and where it is described.
_DELIVERY = {"_delivery": "delivery_id", "_row": "line_number"}
_ADDED = {"_period": "raw_period", "_part": "raw_part"}


def staged_columns(contract: Contract) -> list[dict[str, Any]]:
    """The columns of a feed in staging, in their order, as the macro `stage` reads them. Pure.

    `raw` is the column as delivered, `name` its staged name and `as` how it is read: text, number,
    integer, flag, key, date, timestamp or time. A column with `reason` says why the number of `raw` is
    missing.
    """
    return [
        *({"raw": raw, "name": name, "as": "text"} for raw, name in _DELIVERY.items()),
        *([] if "period_month" in contract.staging.omitted else [{"name": "period_month"}]),
        *(
            {"raw": raw, "name": contract.staging.names[raw], "as": "text"}
            for raw in _ADDED
            if raw in contract.staging.names
        ),
        *(entry for column in contract.columns for entry in _entries(contract, column)),
        *([] if "received_at" in contract.staging.omitted else [{"name": "received_at"}]),
    ]


def render_columns(contracts: Mapping[str, Contract]) -> str:
    """The macros that list, for every feed, its staged columns and the reasons for rejecting a row, a line
    each. Pure.
    """
    return _COLUMNS.format(
        feeds="".join(
            f'\n        "{contract.feed}": ['
            + "".join(f"\n            {json.dumps(entry)}," for entry in staged_columns(contract))
            + "\n        ],"
            for contract in _generated(contracts)
        ),
        rejects="".join(
            f'\n        "{contract.feed}": ['
            + "".join(f"\n            {json.dumps(entry)}," for entry in staged_rejects(contract))
            + "\n        ],"
            for contract in contracts.values()
            if contract.rejecting
        ),
    )


def staged_rejects(contract: Contract) -> list[dict[str, str]]:
    """Why a row of the feed is rejected (`reason`), and the condition on it as delivered (`when`). Pure.

    The conditions are those by which gate 1 counts, in the same order.
    """
    return [{"reason": rule.rejects, "when": rule.condition} for rule in contract.rejecting]


def derived_columns(docs: str) -> dict[str, list[str]]:
    """The columns that models derive, by model, from the names of their doc blocks. Pure."""
    found: dict[str, list[str]] = defaultdict(list)
    for model, column in _BLOCK.findall(docs):
        found[model].append(column)
    return found


def render_models(contracts: Mapping[str, Contract], docs: str) -> dict[str, str]:
    """The descriptions of the staging models by their path under `models/staging`. Pure.

    `docs` is the text in which the columns that models derive are described.
    """
    derived = derived_columns(docs)
    by_partner: dict[str, list[Contract]] = defaultdict(list)
    for contract in _generated(contracts):
        by_partner[contract.partner].append(contract)
    return {
        f"{partner}/_{partner}__models.yml": _MODELS.format(partner=partner)
        + yaml.safe_dump(
            {"models": [_model(feed, derived) for feed in feeds]},
            sort_keys=False,
            allow_unicode=True,
            width=100,
        )
        for partner, feeds in by_partner.items()
    }


def doc(block: str) -> str:
    """A description that is a doc block of `models/docs`."""
    return f"{{{{ doc('{block}') }}}}"


def _generated(contracts: Mapping[str, Contract]) -> Iterator[Contract]:
    return (contract for contract in contracts.values() if not contract.staging.by_hand)


def _entries(contract: Contract, column: Column) -> Iterator[dict[str, Any]]:
    staging = contract.staging
    if column.name in staging.omitted:
        return
    entry: dict[str, Any] = {
        "raw": column.name,
        "name": staging.names.get(column.name, column.name),
        "as": staging.types.get(column.name) or _read_as(column),
    }
    if column.date_format:
        entry["format"] = column.date_format
    if column.thousands:
        entry["thousands"] = True
    if column.markers:
        entry["markers"] = dict(column.markers)
    yield entry
    if column.name in staging.reasons:
        yield {
            "raw": column.name,
            "name": staging.reasons[column.name],
            "as": "reason",
            "markers": {
                sign: meaning for sign, meaning in column.markers.items() if meaning != "zero"
            },
        }


def _read_as(column: Column) -> str:
    if column.date_format:
        return column.logical_type
    return {"number": "number", "integer": "number", "boolean": "flag"}.get(
        column.logical_type, "text"
    )


def _model(contract: Contract, derived: Mapping[str, list[str]]) -> dict[str, Any]:
    model = f"{contract.partner}__{contract.name}"
    described = [
        *((entry["name"], _description(contract, entry)) for entry in staged_columns(contract)),
        *((name, doc(f"stg_{model}__{name}")) for name in derived.get(model, [])),
        ("reject_reason", doc("reject_reason")),
    ]
    return {
        "name": f"stg_{model}",
        "description": f"{contract.grain} Rows of current deliveries, rejected ones included.",
        "data_tests": [
            {"unique_together": {"arguments": {"columns": ["delivery_id", "line_number"]}}}
        ],
        "columns": [{"name": name, "description": text} for name, text in described],
    }


def _description(contract: Contract, entry: Mapping[str, Any]) -> str:
    name, raw = entry["name"], entry.get("raw")
    if name == "period_month":
        return doc(f"first_day_of_{contract.period_kind}")
    if raw is None or raw in _DELIVERY:
        return doc(name)
    if raw in _ADDED:
        return doc(_ADDED[raw])
    column = next(column for column in contract.columns if column.name == raw)
    if entry["as"] == "reason":
        meanings = " or ".join(dict.fromkeys(entry["markers"].values()))
        number = contract.staging.names.get(raw, raw)
        return f"Why {number} has no number: {meanings}; null otherwise."
    return column.description
