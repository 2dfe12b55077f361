"""The full answer to where a number comes from, assembled from database, publication and models."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb

from orchestration.core.settings import Settings
from orchestration.explain import lineage, queries
from orchestration.explain.explanation import Explanation, text
from orchestration.figures import warehouse_tables
from orchestration.release.verify import read_manifest
from orchestration.transform import dbt

__all__ = ["Explanation", "explain", "of_published", "text"]

_TABLES = Path(warehouse_tables.__file__).parent / "tables"
_READ = re.compile(r"\b(?:from|join)\s+(?:marts|governance)\.(\w+)")
# Rates over these do not use the populations that are delivered as reference data.
_WITHOUT_POPULATION = ("none", "own", "published")


def of_published(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    measure_id: str,
    area: str | None = None,
    period: str | None = None,
    edition: Path | None = None,
) -> str:
    """What `csp explain` prints about the current publication.

    Raises:
        ExplainError: nothing is published, or the measure, area, period or edition is unknown.
        BuildError: dbt cannot parse the project.
    """
    published = read_manifest(settings.published)
    if published is None:
        raise queries.ExplainError("nothing is published yet; run csp refresh first")
    dbt.prepare(settings)
    project = json.loads(dbt.manifest_path(settings).read_text(encoding="utf-8"))
    return text(
        explain(
            connection,
            measure_id,
            area,
            period,
            project=project,
            published=published,
            edition=edition,
        )
    )


def explain(
    connection: duckdb.DuckDBPyConnection,
    measure_id: str,
    area: str | None = None,
    period: str | None = None,
    *,
    project: Mapping[str, Any],
    published: Mapping[str, Any],
    edition: Path | None = None,
) -> Explanation:
    """What one figure is based on; or, given the name of a table of the edition, that table.

    `area` is a code or a name (default: the whole area). `period` is a month `2026-03`, a quarter
    `2025-Q2`, a year `2025-26` or `2025`, `12m to 2026-03`, `3y to 2025-03`, a name as it is printed,
    or `2025-04-01..2026-03-31` (default: the newest year with a figure). `project` is dbt's manifest,
    `published` the publication's, `edition` an edition's folder.

    Raises:
        ExplainError: the measure, area, period or edition is unknown.
    """
    measure = queries.measure(connection, measure_id)
    if measure is None:
        return _explain_table(connection, measure_id, project, published)
    figure = queries.figure(connection, measure_id, area, period)
    feed, span = (
        measure["feed"],
        {"start": figure["period_start"], "end": figure["period_end"]},
    )
    mart = figure["mart"]
    marts = [mart]
    if mart == "fct_measure":
        marts += lineage.known(project, queries.priorities(connection, measure_id))
    counted_by = [f"msr_{feed.replace('/', '__')}"]
    if measure["denominator"] not in _WITHOUT_POPULATION:
        counted_by.append("int_denominator")
    reference = set(lineage.feeds_behind(project, counted_by, "reference")) - {feed}
    found = queries.deliveries(connection, [feed], span)
    return Explanation(
        name=measure_id,
        measure=measure,
        figure=figure,
        deliveries=found,
        reference=queries.deliveries(connection, sorted(reference)),
        not_delivered=queries.not_delivered(connection, feed, span),
        models=[*lineage.from_feed(project, feed, mart), *lineage.named(project, marts[1:])],
        gate_1=queries.gate_1(connection, found),
        gate_2=_gate_2(published, marts),
        publication=_publication(published),
        frozen=None if edition is None else queries.frozen(connection, edition, measure_id, figure),
        held=_held(published, measure_id),
    )


def _explain_table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    project: Mapping[str, Any],
    published: Mapping[str, Any],
) -> Explanation:
    """What a table of the edition is based on whose figures belong to no measure."""
    if name not in warehouse_tables.names():
        known = [*queries.measures(connection), *warehouse_tables.names()]
        raise queries.unknown("measure or table", name, known)
    marts = sorted(set(_READ.findall((_TABLES / f"{name}.sql").read_text(encoding="utf-8"))))
    found = queries.deliveries(connection, lineage.feeds_behind(project, marts))
    return Explanation(
        name=name,
        measure={},
        figure={},
        deliveries=found,
        reference=[],
        not_delivered=[],
        models=lineage.named(project, marts),
        gate_1=queries.gate_1(connection, found),
        gate_2=_gate_2(published, marts),
        publication={**_publication(published), "grain": warehouse_tables.grain_of(name)},
    )


def _held(published: Mapping[str, Any], measure_id: str) -> str:
    """Why gate 2 holds the measure, as the manifest of the publication says it; else empty."""
    entries = published.get("held", [])
    return next((e["sentence"] for e in entries if e["measure_id"] == measure_id), "")


def _gate_2(published: Mapping[str, Any], marts: Iterable[str]) -> dict[str, dict[str, str]]:
    """Outcomes of the suites on these marts and on the ledger of rows, by suite and rule."""
    suites = {
        "governance_reconciliation",
        *(f"{s}_{m}" for m in marts for s in ("marts", "governance")),
    }
    return {name: dict(rules) for name, rules in published["gate_2"].items() if name in suites}


def _publication(published: Mapping[str, Any]) -> dict[str, Any]:
    return {key: published[key] for key in ("inputs", "published_at", "synthetic")}
