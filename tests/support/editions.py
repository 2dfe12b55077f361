"""A home with two editions of the synthetic city, built once a session; whoever changes it has a copy."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock

from orchestration import extracts, night
from orchestration.core.files import sha256_of, write_text
from orchestration.core.settings import PROJECT, RUN_LOCK, Settings
from orchestration.edition import issue as assess
from orchestration.edition.freeze import SignOff
from orchestration.transform import dbt
from tests.support import parsed

FIRST, SECOND = "2024-25", "2025-26"
CHAIR = "Chair of the Partnership"
REPORT = "strategic-assessment"
SENSITIVE, PUBLIC = "official-sensitive", "official"
# What a checkout is made of, as far as an edition is concerned.
CHECKOUT = ("orchestration", "dbt_project", "seeds", "expectations")
_BUILD_PRODUCTS = shutil.ignore_patterns("target", "logs", "__pycache__")
# What dbt compiled, into files that it writes again; nobody needs it. What it parsed is in a room of its own.
_NOT_LINKED = ("warehouse/dbt", RUN_LOCK, "run.steps.lock")


def once(settings: Settings, make: Callable[[Settings], None]) -> Settings:
    """Make a home, unless another process of the session made it; wait for one that is at it."""
    marker = settings.home.with_suffix(".done")
    with FileLock(settings.home.with_suffix(".lock")):
        if not marker.exists():
            shutil.rmtree(settings.home, ignore_errors=True)
            make(settings)
            write_text(marker, "done\n")
    return settings


def publish_and_issue(settings: Settings) -> None:
    """The whole synthetic city, and both of its years that are over."""
    publish(settings)
    for year in (FIRST, SECOND):
        issue(settings, year)


def publish(settings: Settings) -> None:
    """A whole night of plain functions; every step refuses on its own."""
    contracts = night.contracts_of(settings)
    parsed.lend(settings)
    dbt.prepare(settings)
    with night.alone(settings):
        extracts.pull(settings, contracts)
        night.gate_one(settings, contracts, lambda line: None)
        night.write_manifest(settings, contracts)
        night.build(settings, contracts)
        night.gate_two(settings)
        night.publish(settings, contracts)


def judge(settings: Settings, year: str, reissue_reason: str = ""):
    """The verdict of gate 3 on what would be issued now."""
    assess.candidate(settings, year, reissue_reason=reissue_reason)
    return assess.judge(settings, night.contracts_of(settings), year)


def signed(settings: Settings, name: str = CHAIR) -> SignOff:
    """A sign-off by the clock of the settings."""
    return SignOff(name, settings.now.isoformat(timespec="seconds"))


def issue(settings: Settings, year: str, reissue_reason: str = "") -> assess.Done:
    """Candidate, gate 3 and issue, which has to be allowed."""
    verdict = judge(settings, year, reissue_reason)
    assert verdict.allow, verdict.reasons
    return assess.issue(settings, year, signed(settings))


def linked(home: Path, target: Path, *rooms: str) -> Path:
    """A copy of a home (or of these rooms of it) whose files are the same files until one is replaced.

    The product replaces files and never writes into one; a test that does calls `put` first.
    """
    target.mkdir(parents=True, exist_ok=True)
    for room in rooms or tuple(sorted(path.name for path in home.iterdir())):
        found = home / room
        if room in _NOT_LINKED or not found.exists():
            continue
        if found.is_symlink() or found.is_file():
            shutil.copy2(found, target / room, follow_symlinks=False)
        else:
            shutil.copytree(
                found,
                target / room,
                symlinks=True,
                copy_function=os.link,
                ignore=lambda folder, names: {
                    name for name in names if f"{Path(folder).name}/{name}" in _NOT_LINKED
                },
            )
    return target


def checkout(folder: Path) -> Path:
    """A copy of what an edition is made with, whose registers and waivers a test may change."""
    for name in CHECKOUT:
        shutil.copytree(PROJECT / name, folder / name, ignore=_BUILD_PRODUCTS)
    shutil.copy(PROJECT / "requirements.lock", folder)
    return folder


def put(path: Path, content: bytes) -> None:
    """Let a file have this content, as another file: what links to the old one keeps the old content."""
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def bytes_of(folder: Path) -> dict[str, str]:
    """The hash of every file under a folder, by its path."""
    return {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def editions_of(home: Path) -> dict[str, str]:
    """The hash of everything that was issued under a home: every version's files, and the index."""
    found = bytes_of(home / "editions")
    return {name: sha for name, sha in found.items() if not name.startswith((".", "drafts/"))}
