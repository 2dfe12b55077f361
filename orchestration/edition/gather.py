"""The contents of an edition, gathered from the published warehouse and the analyst's workspace.

The gate, a draft and the edition itself use the same functions: what is judged is what is printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from orchestration.core import register
from orchestration.core.engine import connect
from orchestration.core.settings import Settings
from orchestration.disclosure import cache, cells, control
from orchestration.disclosure.allow_list import MissingColumn
from orchestration.disclosure.attack import NothingFits
from orchestration.disclosure.cells import UnknownMeasure
from orchestration.disclosure.protect import Unprotectable
from orchestration.disclosure.publish import RowsLost
from orchestration.edition import freeze
from orchestration.edition.candidate import Candidate, baseline, before
from orchestration.edition.figures import changes
from orchestration.edition.figures.contents import VARIANTS, Before, Edition, Variant
from orchestration.edition.freeze import EditionRefused, Issued
from orchestration.edition.gate import checklist
from orchestration.edition.workspace import analyst_files as workspace
from orchestration.edition.workspace import ranking
from orchestration.edition.workspace.analyst_files import Workspace
from orchestration.figures import warehouse_tables
from orchestration.figures.warehouse_tables import Year, year_of
from orchestration.quality.waivers import Waiver
from orchestration.release.verify import differences, read_manifest

SENSITIVE, PUBLIC = VARIANTS
FIGURES = "parquet/figures.parquet"
PROFILES = "parquet/profiles.parquet"
NOT_SHOWN = "not shown"


@dataclass(frozen=True)
class Gathered:
    """The contents of an edition, in both variants (by name), before the gate's verdict.

    * `manifest` is that of the publication, `database` its file.
    * `tables`, `changes`, `ranking` are by variant; the public ones use controlled figures only.
    * `checklist` contains no counts and is the same in both.
    """

    candidate: Candidate
    year: Year
    manifest: Mapping[str, Any]
    database: Path
    tables: Mapping[str, Mapping[str, pd.DataFrame]]
    changes: Mapping[str, pd.DataFrame]
    rates_changed: Mapping[str, pd.DataFrame]
    ranking: Mapping[str, pd.DataFrame]
    checklist: pd.DataFrame
    workspace: Workspace
    boundaries: pd.DataFrame
    controlled: control.Controlled
    data_as_at: str
    before: Before | None
    baseline: Before | None


def priorities_of(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """The names of the priorities by their id, in the partnership's order."""
    rows = connection.execute(
        "select priority_id, priority_name from marts.dim_priority order by sort_order"
    ).fetchall()
    return dict(rows)


def open_publication(settings: Settings) -> tuple[Path, Mapping[str, Any]]:
    """The published database, by a path that later publications leave alone, and its manifest.

    Raises:
        EditionRefused: nothing is published.
    """
    folder = settings.published.resolve()
    manifest = read_manifest(folder) if folder.exists() else None
    if manifest is None:
        raise EditionRefused("nothing is published yet; run csp refresh first")
    return folder / "warehouse.duckdb", manifest


def gather(settings: Settings, candidate: Candidate) -> Gathered:
    """Gather everything about the candidate's year. Takes seconds; writes nothing.

    Raises:
        EditionRefused: what is published is not what the candidate was made from, an earlier edition is
            not as it was issued, or a protected count could be worked out from the public edition.
        WorkspaceError, RankingError, GapError: the analyst's files cannot be used.
    """
    database, manifest = open_publication(settings)
    if manifest["inputs"] != candidate.publication:
        raise EditionRefused("something else was published meanwhile; begin again")
    year = year_of(candidate.year)
    wanted = ranking.criteria(register.table(settings, "ranking_criteria"))
    with connect(str(database), read_only=True) as connection:
        try:
            true = control.unmarked(warehouse_tables.collect(connection, year))
        except (duckdb.CatalogException, duckdb.BinderException) as problem:
            raise EditionRefused(
                "what is published was built by other code and lacks a table; run csp refresh first"
            ) from problem
        priorities = priorities_of(connection)
        boundaries = connection.execute(
            "select area_type, area_code, boundary_geojson from marts.area_boundary order by 1, 2"
        ).df()
    analyst = workspace.read(
        settings.assessments / candidate.year,
        priorities,
        wanted,
        synthetic=bool(manifest["synthetic"]),
    )
    last, first = before(settings, candidate.year), baseline(settings, candidate.year)
    beside = public_before(settings, candidate)
    hold_as_issued(beside)
    earlier: dict[str, pd.DataFrame | None] = {
        variant: None if last is None else _frozen(last, variant) for variant in VARIANTS
    }
    try:
        controlled = cache.once(
            true,
            control.rules_in(register.assemble(settings)),
            [
                control.Previous(_counts(edition, PUBLIC), _counts(edition, SENSITIVE))
                for edition in beside
            ],
        )
    except (Unprotectable, NothingFits, UnknownMeasure, RowsLost, MissingColumn) as problem:
        raise EditionRefused(f"disclosure control: {problem}") from problem
    tables: dict[str, Mapping[str, pd.DataFrame]] = {SENSITIVE: true, PUBLIC: controlled.tables}
    cut_off = None if last is None else str(last.manifest["data_as_at"])
    compared: dict[str, pd.DataFrame] = {
        variant: changes.since(
            tables[variant]["figures"], earlier[variant], true["revisions"], cut_off
        )
        for variant in VARIANTS
    }
    rates: dict[str, pd.DataFrame] = {
        variant: changes.rates_only(
            tables[variant]["figures"], earlier[variant], true["revisions"], cut_off
        )
        for variant in VARIANTS
    }
    matrices: dict[str, pd.DataFrame] = {
        variant: ranking.matrix(tables[variant], wanted, analyst.scores) for variant in VARIANTS
    }
    return Gathered(
        candidate=candidate,
        year=year,
        manifest=manifest,
        database=database,
        tables=tables,
        changes=compared,
        rates_changed=rates,
        ranking=matrices,
        checklist=checklist.build(
            true,
            year,
            list(priorities),
            changes=compared[SENSITIVE],
            before=None if last is None else last.before,
            ranking=matrices[SENSITIVE],
            commentary=analyst.commentary,
            gaps=analyst.gaps,
        ),
        workspace=analyst,
        boundaries=boundaries,
        controlled=controlled,
        data_as_at=_newest(manifest),
        before=None if last is None else last.before,
        baseline=None if first is None else first.before,
    )


def edition_of(
    settings: Settings,
    gathered: Gathered,
    variant: Variant,
    gates: pd.DataFrame,
    waivers: tuple[Waiver, ...],
    reasons: tuple[str, ...],
    *,
    is_draft: bool,
) -> Edition:
    """The edition in one variant, ready to be rendered."""
    candidate, analyst = gathered.candidate, gathered.workspace
    return Edition(
        year=gathered.year,
        variant=variant,
        version=candidate.version,
        mode=candidate.mode,
        is_draft=is_draft,
        is_synthetic=bool(gathered.manifest["synthetic"]),
        area_code=settings.partnership.area_code,
        area_name=settings.partnership.area_name,
        data_as_at=gathered.data_as_at,
        tables=gathered.tables[variant],
        changes=gathered.changes[variant],
        checklist=gathered.checklist,
        ranking=gathered.ranking[variant],
        gates=gates if variant == SENSITIVE else public_gates(gates, gathered.tables[variant]),
        waivers=waivers,
        reasons=reasons,
        commentary=analyst.commentary if variant == SENSITIVE else analyst.public_commentary,
        boundaries=gathered.boundaries,
        before=gathered.before,
        baseline=gathered.baseline,
        reissue_reason=candidate.reissue_reason,
        rates_changed=gathered.rates_changed[variant],
    )


def public_gates(gates: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The gates without the comparison of hidden counts with the Home Office's, whose exact number would
    narrow the hidden one."""
    external = tables["external"]
    hidden = external.loc[external["suppressed"].notna(), "offence_group"]
    kept_back = gates["check"].eq("external") & gates["scope"].isin(hidden)
    withheld = gates["scope"] + ": our count is not shown, nor how it compares"
    return gates.assign(
        outcome=gates["outcome"].mask(kept_back, NOT_SHOWN),
        detail=gates["detail"].mask(kept_back, withheld),
    )


def public_before(settings: Settings, candidate: Candidate) -> list[Issued]:
    """The editions that a reader can compare with this one, newest first: all that were ever issued,
    including those of later years when an earlier year is reissued."""
    return [
        edition
        for edition in reversed(freeze.issued(settings.editions))
        if edition.year != candidate.year or edition.version < candidate.version
    ]


def hold_as_issued(editions: Iterable[Issued]) -> None:
    """Require that the editions used for comparison and attack are exactly as issued.

    Raises:
        EditionRefused: a file of an earlier edition has changed, is missing or was added.
    """
    for edition in editions:
        if found := differences(edition.folder):
            raise EditionRefused(
                f"{edition.year} version {edition.version} is not as it was issued: {found[0]}"
            )


def _frozen(edition: Issued, variant: str, table: str = FIGURES) -> pd.DataFrame:
    """The frozen figures, or another table, of an earlier edition."""
    path = edition.folder / variant / table
    with connect() as connection:
        return connection.execute("select * from read_parquet($path)", {"path": str(path)}).df()


def _counts(edition: Issued, variant: str) -> pd.DataFrame:
    """The frozen figures of an earlier edition, and the counts of its profiles where it has any."""
    tables = {"figures": _frozen(edition, variant)}
    if (edition.folder / variant / PROFILES).is_file():
        tables["profiles"] = _frozen(edition, variant, PROFILES)
    return cells.counts(tables)


def _newest(manifest: Mapping[str, Any]) -> str:
    """The day (ISO, UTC) of the newest current delivery."""
    return max((str(one["received_at"])[:10] for one in manifest["deliveries"]), default="")
