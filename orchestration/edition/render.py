"""Rendering one variant of an edition into a folder: pages, workbook, tables, evidence, manifest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from orchestration.core import progress, register
from orchestration.core.engine import connect
from orchestration.core.files import write_json, write_text
from orchestration.core.settings import Settings
from orchestration.core.sql import literal
from orchestration.edition import freeze, toolchain
from orchestration.edition.figures.contents import Edition
from orchestration.edition.gate.verdict import AssessmentVerdict, write_verdict
from orchestration.edition.gather import SENSITIVE, Gathered
from orchestration.edition.package import data_files, workbook
from orchestration.edition.report import html, pdf, quality

REPORT = "strategic-assessment"


def data(folder: Path, edition: Edition) -> None:
    """Render the tables of one variant into `folder`, in seconds; the pages take most of a minute.

    Raises:
        Undeclared: a table or a column is not declared in `descriptions.yaml`.
    """
    folder.mkdir(parents=True)
    data_files.write(edition, folder)


def variant(
    folder: Path,
    edition: Edition,
    gathered: Gathered,
    verdict: AssessmentVerdict,
    facts: Mapping[str, Any],
) -> str:
    """Render the rest of one variant into `folder`, which has its tables; return its manifest's sha256.

    The output does not depend on the clock, the machine's name or chance.
    """
    from orchestration.edition.package import ods  # imported here: odfpy is slow to load

    done = partial(progress.tell, f"files, {edition.variant}", of=5)
    page = html.render(edition)
    write_text(folder / f"{REPORT}.html", page)
    done(1)
    pdf.write(page, folder / f"{REPORT}.pdf")
    done(2)
    write_text(folder / "quality.html", quality.render(edition))
    done(3)
    xlsx = workbook.write(edition, folder / f"{REPORT}.xlsx")
    done(4)
    ods.write(xlsx)
    done(5)
    if edition.variant == SENSITIVE:
        _evidence(folder / "evidence", gathered, verdict)
    return freeze.write_manifest(
        folder,
        {
            **facts,
            "variant": edition.variant,
            **_origin(edition, gathered),
            "gate_3": {
                "verdict": "ALLOW" if verdict.allow else "HOLD",
                "reasons": list(verdict.reasons),
                "checks": _by_check(edition, verdict),
                "waivers": [f"{waiver.check}: {waiver.scope}" for waiver in verdict.used_waivers],
            },
        },
    )


def facts_of(settings: Settings, gathered: Gathered, *, is_draft: bool) -> dict[str, Any]:
    """The origin of the edition, for both manifests. Nothing in it depends on the clock."""
    made = gathered.candidate
    return {
        "edition": f"{made.year} version {made.version}",
        "year": made.year,
        "version": made.version,
        "mode": made.mode,
        "reissue_reason": made.reissue_reason,
        "is_draft": is_draft,
        "synthetic": bool(gathered.manifest["synthetic"]),
        "area_code": settings.partnership.area_code,
        "area_name": settings.partnership.area_name,
        "data_as_at": gathered.data_as_at,
        "fingerprint": made.fingerprint,
        "before": asdict(gathered.before) if gathered.before else None,
        "baseline": asdict(gathered.baseline) if gathered.baseline else None,
        "contracts": gathered.manifest["contracts"],
        "code": toolchain.code_of(settings),
        "partnership": {"sha256": register.decisions_sha256(settings)},
        "tools": toolchain.tools(),
    }


def _origin(edition: Edition, gathered: Gathered) -> dict[str, Any]:
    """The deliveries behind the edition. The public manifest has no hash of a single delivery, from
    which the content of a small file could be guessed."""
    deliveries = gathered.manifest["deliveries"]
    if edition.variant == SENSITIVE:
        return {"deliveries": deliveries, "publication": gathered.manifest["inputs"]}
    return {"deliveries": len(deliveries), "publication": gathered.manifest["inputs"]}


def _by_check(edition: Edition, verdict: AssessmentVerdict) -> dict[str, dict[str, int]]:
    """How often each check of gate 3 had which outcome, from the gates as this variant prints them."""
    gates = edition.gates
    found = gates[gates["check"].isin({finding.check for finding in verdict.findings})]
    counted: dict[str, dict[str, int]] = {}
    for (check, outcome), number in found.groupby(["check", "outcome"], sort=True).size().items():
        counted.setdefault(str(check), {})[str(outcome)] = int(number)
    return counted


def _evidence(folder: Path, gathered: Gathered, verdict: AssessmentVerdict) -> None:
    """Why the edition was allowed, what disclosure control decided, and what the audit found."""
    folder.mkdir()
    write_verdict(folder / "verdict.json", verdict)
    audit = gathered.controlled.audit
    write_json(
        folder / "disclosure_audit.json",
        {
            "passed": audit.passed,
            "cells": audit.cells,
            "attacked": audit.attacked,
            "relations": audit.relations,
            "components": audit.components,
            "programmes": audit.programmes,
            "rounds": gathered.controlled.rounds,
            "narrowest": audit.narrowest.astype(object)
            .where(audit.narrowest.notna(), None)
            .to_dict("records"),
        },
    )
    with connect() as connection:
        connection.register("decisions", gathered.controlled.decisions)
        path = literal(folder / "disclosure_decisions.parquet")
        connection.execute(f"copy decisions to {path} (format parquet, compression zstd)")
