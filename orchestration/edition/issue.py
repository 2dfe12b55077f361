"""The yearly assessment, step by step, as plain functions for Dagster and the tests to call.

    candidate -> judge -> issue          (or draft, which needs no verdict and freezes nothing)

Every step reads what it needs from disk, and the last one makes its own decision to refuse.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from orchestration import night
from orchestration.contracts.odcs import Contract
from orchestration.core import register
from orchestration.core.engine import connect
from orchestration.core.files import sha256_of, write_json
from orchestration.core.settings import Settings
from orchestration.edition import candidate as candidates
from orchestration.edition import freeze, printed_reasons, render
from orchestration.edition.candidate import Candidate
from orchestration.edition.figures.contents import VARIANTS
from orchestration.edition.freeze import EditionRefused, Issued, SignOff
from orchestration.edition.gate import agreements
from orchestration.edition.gate import judge as gate
from orchestration.edition.gate.evidence import AuditSummary, Evidence
from orchestration.edition.gate.verdict import (
    AssessmentHeld,
    AssessmentVerdict,
    authorise,
    decide,
    read_verdict,
    write_verdict,
)
from orchestration.edition.gather import (
    SENSITIVE,
    Gathered,
    edition_of,
    gather,
    open_publication,
    priorities_of,
)
from orchestration.edition.workspace import analyst_files, ranking
from orchestration.quality import waivers
from orchestration.quality.check_register import Check, load_checks
from orchestration.quality.gate_two import judge_suites
from orchestration.quality.suites import load_suites


@dataclass(frozen=True)
class Done:
    """An edition on disk: whether it existed before, and the sha256 of each variant's manifest."""

    folder: Path
    year: str
    version: int
    was_there: bool
    manifests: Mapping[str, str]


def prepare(settings: Settings, year: str) -> list[Path]:
    """Create what is missing of the analyst's workspace for a year; return the files created.

    Raises:
        UnknownYear: the year is not one of the strategy's.
        EditionRefused: nothing is published yet.
    """
    candidates.known(settings, year)
    database, manifest = open_publication(settings)
    with connect(str(database), read_only=True) as connection:
        priorities = priorities_of(connection)
    return analyst_files.prepare(
        settings.assessments / year,
        year,
        priorities,
        ranking.criteria(register.table(settings, "ranking_criteria")),
        synthetic=bool(manifest["synthetic"]),
    )


def candidate(settings: Settings, year: str, mode: str = "", reissue_reason: str = "") -> Candidate:
    """Record what would be issued, and discard the verdict on anything else."""
    prepare(settings, year)
    made = candidates.make(settings, year, mode, reissue_reason)
    candidates.verdict_path(settings, year).unlink(missing_ok=True)
    candidates.write(settings, made)
    return made


def judge(settings: Settings, contracts: Mapping[str, Contract], year: str) -> AssessmentVerdict:
    """Run gate 3 on the recorded candidate, and record the verdict."""
    made = candidates.read(settings, year)
    verdict, gates = _judged(settings, contracts, gather(settings, made))
    write_json(
        candidates.gates_path(settings, year),
        {
            "fingerprint": made.fingerprint,
            "judged_on": settings.today.isoformat(),
            "gates": gates.to_dict("records"),
        },
    )
    write_verdict(candidates.verdict_path(settings, year), verdict)
    return verdict


def last_verdict(settings: Settings, year: str) -> AssessmentVerdict | None:
    """The verdict on the year's newest candidate, if there is one."""
    return read_verdict(candidates.verdict_path(settings, year))


def issue(settings: Settings, year: str, sign_off: SignOff) -> Done:
    """Render and freeze the candidate, if its verdict allows it and it is signed off.

    A version that was already issued is rendered again and compared: the same bytes are not a new
    edition.

    Raises:
        EditionRefused: there is no verdict of today on exactly this candidate, the verdict is HOLD, the
            sign-off is missing, something was delivered since, or the year was issued with other
            content and there is no reason to reissue.
    """
    made = candidates.read(settings, year)
    if candidates.again(settings, made) != made:
        raise EditionRefused("the candidate is not what would be issued now; gate 3 must run again")
    verdict, checks = last_verdict(settings, year), _checks(settings)
    try:
        given = waivers.load_all(register.waiver_files(settings), settings.today, checks)
        authorise(verdict, made.fingerprint, settings.today, given, checks)
    except AssessmentHeld as held:
        raise EditionRefused(str(held)) from held
    assert verdict is not None
    freeze.hold_signed(sign_off.name)
    if made.publication != night.inputs_of(settings, night.contracts_of(settings)):
        raise EditionRefused("deliveries came or went since the publication; refresh first")
    gathered, gates = gather(settings, made), _gates(settings, made)
    if sha256_of(gathered.database) != made.database:
        raise EditionRefused("the published database is not the one that its manifest names")
    draft = freeze.scratch_folder(settings.editions, year)
    try:
        last = freeze.newest(settings.editions, year)
        again = last if last is not None and last.version == made.version else None
        _render(settings, draft, gathered, verdict, gates, is_draft=False, again=again)
        if again is not None:
            return _already_issued(again, draft)
        signed = SignOff(sign_off.name, sign_off.at, made.reissue_reason)
        folder = freeze.freeze(settings.editions, draft, year, made.version, signed)
        return Done(folder, year, made.version, False, freeze.manifests_of(folder))
    finally:
        freeze.discard(draft)


def draft(
    settings: Settings, contracts: Mapping[str, Contract], year: str, mode: str = ""
) -> tuple[Path, AssessmentVerdict]:
    """Render a watermarked draft regardless of the gate; its gaps are shown as gaps."""
    prepare(settings, year)
    made = candidates.make(settings, year, mode)
    gathered = gather(settings, made)
    verdict, gates = _judged(settings, contracts, gathered)
    folder = settings.editions / "drafts" / year
    freeze.discard(folder)
    _render(settings, folder, gathered, verdict, gates, is_draft=True)
    return folder, verdict


def standing(settings: Settings, year: str) -> Issued | None:
    """The newest version of the year's edition, if one was issued."""
    return freeze.newest(settings.editions, year)


def _require_as_issued(last: Issued, changed: list[str]) -> None:
    if changed:
        raise EditionRefused(
            f"{last.year} was issued as version {last.version}, and what would be issued now differs, "
            f"in {changed[0]} first; say why with --reissue"
        )


def _already_issued(last: Issued, draft: Path) -> Done:
    _require_as_issued(last, freeze.differing(last.folder, draft))
    manifests = freeze.manifests_of(last.folder)
    if manifests != freeze.manifests_of(draft):
        raise EditionRefused(
            f"{last.year} was issued as version {last.version} by other code or tools, with the same "
            "content; there is nothing to reissue"
        )
    return Done(last.folder, last.year, last.version, True, manifests)


def _checks(settings: Settings) -> dict[str, Check]:
    return load_checks(settings.assessment_suites / "gate_3.yaml")


def _judged(
    settings: Settings, contracts: Mapping[str, Contract], gathered: Gathered
) -> tuple[AssessmentVerdict, pd.DataFrame]:
    checks = _checks(settings)
    # The suites of gate 2 run again, on the same file that the figures are read from.
    outcomes = judge_suites(settings, gathered.database)
    audit = gathered.controlled.audit
    made = gathered.candidate
    evidence = Evidence(
        year=gathered.year,
        mode=made.mode,
        is_synthetic=bool(gathered.manifest["synthetic"]),
        today=settings.today,
        tables=gathered.tables[SENSITIVE],
        contracts={feed: contract.version for feed, contract in contracts.items()},
        suites=[suite.name for suite in load_suites(settings.mart_suites)],
        outcomes=outcomes,
        published=gathered.manifest,
        database_sha256=sha256_of(gathered.database),
        is_fresh=made.publication == night.inputs_of(settings, contracts),
        checklist=gathered.checklist,
        commentary=gathered.workspace.commentary,
        agreements=agreements.load(register.table(settings, "agreements")),
        cycle=candidates.strategy_years(settings),
        issued=[edition.before for edition in freeze.issued(settings.editions)],
        audit=AuditSummary(
            passed=audit.passed,
            # Cells of a place or period that is never printed are not attacked if no count was supplied.
            suppressed=int(
                gathered.controlled.decisions["suppressed"].isin(["small", "linked", "open"]).sum()
            ),
            attacked=audit.attacked,
            pinned=len(audit.findings),
        ),
    )
    findings = gate.judge(checks, evidence)
    verdict = decide(
        made.fingerprint,
        # Checked again after gathering: anything that changed in the meantime was not judged.
        candidates.again(settings, made).fingerprint,
        findings,
        waivers.load_all(register.waiver_files(settings), settings.today, checks),
        settings.today,
        checks,
    )
    printed_reasons.hold_waivers(verdict.used_waivers)
    return verdict, gate.gates_frame(findings, verdict, outcomes)


def _gates(settings: Settings, made: Candidate) -> pd.DataFrame:
    """The gates behind the verdict on this candidate, as the edition prints them."""
    path = candidates.gates_path(settings, made.year)
    try:
        written = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError) as problem:
        raise EditionRefused("the outcomes of gate 3 are not there; it must run again") from problem
    if written["fingerprint"] != made.fingerprint:
        raise EditionRefused("the outcomes of gate 3 are of another candidate; it must run again")
    # Agreements end on a given day, and what was due yesterday may be late today.
    if written.get("judged_on") != settings.today.isoformat():
        raise EditionRefused("the outcomes of gate 3 are of another day; it must run again")
    return pd.DataFrame(written["gates"])


def _render(
    settings: Settings,
    folder: Path,
    gathered: Gathered,
    verdict: AssessmentVerdict,
    gates: pd.DataFrame,
    *,
    is_draft: bool,
    again: Issued | None = None,
) -> None:
    """Render both variants; if `again` was issued, render pages only once the tables match it."""
    editions = {
        variant: edition_of(
            settings,
            gathered,
            variant,
            gates,
            verdict.used_waivers,
            verdict.reasons,
            is_draft=is_draft,
        )
        for variant in VARIANTS
    }
    for variant, edition in editions.items():
        render.data(folder / variant, edition)
    if again is not None:
        _require_as_issued(again, freeze.differing(again.folder, folder))
    facts = render.facts_of(settings, gathered, is_draft=is_draft)
    for variant, edition in editions.items():
        render.variant(folder / variant, edition, gathered, verdict, facts)
