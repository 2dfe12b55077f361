"""The candidate of an edition: exactly what would be issued, identified by one fingerprint.

    editions/.candidate/<year>.json

It is written before the gate runs, and the release recomputes its fingerprint from disk: a verdict on
anything else releases nothing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orchestration.core import register
from orchestration.core.files import sha256_of, write_json
from orchestration.core.settings import Settings
from orchestration.edition import freeze, printed_reasons, toolchain
from orchestration.edition.figures.contents import MODES, Mode
from orchestration.edition.freeze import EditionRefused, Issued
from orchestration.figures.warehouse_tables import UnknownYear, year_of
from orchestration.release.verify import read_manifest

_DATABASE = "warehouse.duckdb"


@dataclass(frozen=True)
class Candidate:
    """What would be issued: the year, its mode and version, and the publication it is made from.

    `publication` is the fingerprint of what the published warehouse was built from. `fingerprint`
    covers everything that affects the bytes of the edition or the verdict. `database` is the sha256 of
    the published database: two builds from the same inputs hold the same tables but differ in their
    bytes, so it ties the verdict to one file and is not part of the fingerprint.
    """

    year: str
    mode: Mode
    version: int
    reissue_reason: str
    publication: str
    database: str
    fingerprint: str


def strategy_years(settings: Settings) -> list[str]:
    """The years of the strategy, in order (`strategy_years.csv` of the partnership's folder)."""
    return [year.label for year in register.strategy_years(settings) if year.role == "strategy"]


def known(settings: Settings, year: str) -> None:
    """Require that the year is one of the strategy's.

    Raises:
        UnknownYear: it is not.
    """
    year_of(year)
    if year not in strategy_years(settings):
        raise UnknownYear(
            f"{year} is not a year of the strategy; the years are "
            f"{', '.join(strategy_years(settings))}"
        )


def usual_mode(settings: Settings, year: str) -> Mode:
    """The mode of the three-year cycle: full in its first year, refreshes after."""
    return "full" if strategy_years(settings).index(year) % 3 == 0 else "refresh"


def before(settings: Settings, year: str) -> Issued | None:
    """The previous year's edition, in its newest version, if one was issued."""
    years = strategy_years(settings)
    place = years.index(year)
    return freeze.newest(settings.editions, years[place - 1]) if place else None


def baseline(settings: Settings, year: str) -> Issued | None:
    """The edition of the first year of the year's cycle, if one was issued."""
    years = strategy_years(settings)
    place = years.index(year)
    return freeze.newest(settings.editions, years[place - place % 3]) if place % 3 else None


def make(settings: Settings, year: str, mode: str = "", reissue_reason: str = "") -> Candidate:
    """Today's candidate for a year.

    Without a reason to reissue it has the version that was issued last, so that the two can be compared
    byte for byte; with a reason it has the next version.

    Raises:
        UnknownYear: the year is not one of the strategy's.
        EditionRefused: nothing is published, or there is nothing to reissue or no reason for it.
    """
    known(settings, year)
    if mode and mode not in MODES:
        raise UnknownYear(f"{mode} is not a mode; the modes are {' and '.join(MODES)}")
    published = read_manifest(settings.published) if settings.published.exists() else None
    if published is None:
        raise EditionRefused("nothing is published yet; run csp refresh first")
    last = freeze.newest(settings.editions, year)
    if reissue_reason and last is None:
        raise EditionRefused(f"{year} was never issued, so there is nothing to reissue")
    if reissue_reason:
        printed_reasons.hold_reissue(reissue_reason)
    version, reason = 1, ""
    if last is not None:
        version = last.version + bool(reissue_reason)
        reason = reissue_reason or str(last.manifest["reissue_reason"])
        mode = mode or str(last.manifest["mode"])
    chosen: Mode = "full" if (mode or usual_mode(settings, year)) == "full" else "refresh"
    publication, files = str(published["inputs"]), published["files"]
    parts = {
        "area": settings.partnership.area_code,
        "year": year,
        "mode": chosen,
        "version": version,
        "reissue_reason": reason,
        "publication": publication,
        "tables": {name: one["sha256"] for name, one in files.items() if name != _DATABASE},
        "workspace": _folder_sha256(settings.assessments / year),
        "waivers": [sha256_of(path) for path in register.waiver_files(settings)],
        "before": _manifests(before(settings, year)),
        "baseline": _manifests(baseline(settings, year)),
        "code": toolchain.code_of(settings)["sha256"],
        "partnership": register.decisions_sha256(settings),
        "tools": toolchain.tools(),
    }
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
    fingerprint = hashlib.sha256(text.encode()).hexdigest()
    database = str(files[_DATABASE]["sha256"])
    return Candidate(year, chosen, version, reason, publication, database, fingerprint)


def write(settings: Settings, candidate: Candidate) -> None:
    """Write the candidate to disk."""
    write_json(_path(settings, candidate.year), asdict(candidate))


def read(settings: Settings, year: str) -> Candidate:
    """The candidate that was written last.

    Raises:
        EditionRefused: there is none, or it cannot be read.
    """
    path = _path(settings, year)
    try:
        return Candidate(**json.loads(path.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError) as problem:
        raise EditionRefused(f"there is no candidate of {year}; gate 3 has not run") from problem


def again(settings: Settings, candidate: Candidate) -> Candidate:
    """The candidate as it would be made now; a different one if anything has changed since."""
    last = freeze.newest(settings.editions, candidate.year)
    is_next = last is not None and candidate.version > last.version
    reason = candidate.reissue_reason if is_next else ""
    return make(settings, candidate.year, candidate.mode, reason)


def verdict_path(settings: Settings, year: str) -> Path:
    """The path of the verdict on a year's candidate."""
    return settings.editions / ".candidate" / f"{year}.verdict.json"


def gates_path(settings: Settings, year: str) -> Path:
    """The path of the gate outcomes behind that verdict."""
    return settings.editions / ".candidate" / f"{year}.gates.json"


def _path(settings: Settings, year: str) -> Path:
    return settings.editions / ".candidate" / f"{year}.json"


def _manifests(edition: Issued | None) -> dict[str, Any] | None:
    return None if edition is None else dict(freeze.manifests_of(edition.folder))


def _folder_sha256(folder: Path) -> str:
    """One hash over a folder's files by name; that of an empty folder where there is none."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(f"{path.relative_to(folder).as_posix()}\0{sha256_of(path)}\n".encode())
    return digest.hexdigest()
