"""The files of the dbt project that follow from the contracts: sources, lists, staged columns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from orchestration.contracts.odcs import Contract
from orchestration.ingest.readers.parse import ADDED_COLUMNS
from orchestration.transform import staging

_HEAD = (
    "# Derived from expectations/feeds/{partner}/*.odcs.yaml by `csp contract sync`; do not edit.\n"
)
_LISTS = """\
{{#- Derived from the contracts and the measures folder by `csp contract sync`; do not edit. -#}}
{{% macro all_feeds() %}}
    {{{{
        return(
            [{feeds}
            ]
        )
    }}}}
{{% endmacro %}}

{{% macro all_measure_models() %}}
    {{{{
        return(
            [{models}
            ]
        )
    }}}}
{{% endmacro %}}

{{% macro all_prescribed_feeds() %}}
    {{{{
        return(
            [{prescribed}
            ]
        )
    }}}}
{{% endmacro %}}

{{% macro all_covering_feeds() %}}
    {{{{
        return(
            [{covering}
            ]
        )
    }}}}
{{% endmacro %}}

{{% macro all_feeds_without_rates() %}}
    {{{{
        return(
            [{without_rates}
            ]
        )
    }}}}
{{% endmacro %}}
"""
_DOCS = "models/docs"  # describes, by hand, what staging models derive


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


def render_lists(contracts: Mapping[str, Contract], measure_models: Iterable[str]) -> str:
    """The macros that list every feed and every model that counts measures. Pure."""
    return _LISTS.format(
        feeds="".join(
            f'\n                ("{c.partner}", "{c.name}"),' for c in contracts.values()
        ),
        models="".join(f'\n                "{name}",' for name in sorted(measure_models)),
        prescribed="".join(_prescribed(c) for c in contracts.values() if c.prescribed_fields),
        covering="".join(
            f'\n                "{c.feed}",' for c in contracts.values() if c.covers_district
        ),
        without_rates="".join(
            f'\n                "{c.feed}",' for c in contracts.values() if not c.has_rates
        ),
    )


def files(contracts: Mapping[str, Contract], project: Path) -> dict[str, str]:
    """Every derived file of the dbt `project`, as it has to be, by its path there."""
    counting = (project / "models/intermediate/measures").glob("msr_*.sql")
    docs = "".join(p.read_text(encoding="utf-8") for p in sorted((project / _DOCS).glob("*.md")))
    in_staging = {**render(contracts), **staging.render_models(contracts, docs)}
    return {
        **{f"models/staging/{name}": text for name, text in in_staging.items()},
        "macros/derived.sql": render_lists(contracts, (path.stem for path in counting)),
        "macros/generated/staged_columns.sql": staging.render_columns(contracts),
    }


def differing(contracts: Mapping[str, Contract], project: Path) -> dict[str, str]:
    """The derived files that are not on disk as they have to be, by their path."""
    return {
        name: text
        for name, text in files(contracts, project).items()
        if not (path := project / name).exists() or path.read_text(encoding="utf-8") != text
    }


def sync(contracts: Mapping[str, Contract], project: Path) -> list[str]:
    """Write the derived files of the dbt `project` that differ; return their paths."""
    changed = differing(contracts, project)
    for name, text in changed.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(changed)


def under_key(location: str, argument: str) -> str:
    """A source's `external_location` with one more argument for its `read_parquet`. Pure.

    dbt treats the text as a format string, so braces are doubled.
    """
    call = location if "(" in location else f"read_parquet('{location}')"
    return call[:-1] + argument.replace("{", "{{").replace("}", "}}") + ")"


def _prescribed(contract: Contract) -> str:
    """A feed and the fields it owes, a line each: the one layout that the formatter never changes."""
    fields = "".join(f'\n                        "{f}",' for f in contract.prescribed_fields)
    indent = "\n" + " " * 16
    return (
        f"{indent}("
        f'{indent}    "{contract.partner}",'
        f'{indent}    "{contract.name}",'
        f"{indent}    [{fields}"
        f"{indent}    ],"
        f"{indent}),"
    )


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
                        {"name": name, "data_type": kind, "description": staging.doc(f"raw{name}")}
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
