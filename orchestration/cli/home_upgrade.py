"""What an older release left in the home that this one reads differently, and how it is migrated."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestration.core import register
from orchestration.core.files import private_folder, write_text
from orchestration.core.settings import Settings
from orchestration.quality import waivers
from orchestration.quality.check_register import Check
from orchestration.quality.waivers import Waiver

# The module that launches runs has moved; an instance that names the old one cannot be opened.
_OLD_LAUNCHER = re.compile(r"^(\s*module:\s*)orchestration\.launcher\s*$", re.MULTILINE)
_NEW_LAUNCHER = r"\1orchestration.defs.launcher"


@dataclass(frozen=True)
class Change:
    """A file of the home whose content has to change, and why."""

    path: Path
    why: str
    text: str


def changes(settings: Settings) -> list[Change]:
    """What has to change in the home. Only reads; empty if the home is up to date."""
    found = []
    instance = settings.home / "dagster" / "dagster.yaml"
    if instance.exists():
        text = instance.read_text(encoding="utf-8")
        if (now := _OLD_LAUNCHER.sub(_NEW_LAUNCHER, text)) != text:
            why = "the launcher of runs is now orchestration.defs.launcher"
            found.append(Change(instance, why, now))
    return found


def apply(settings: Settings, wanted: Sequence[Change]) -> None:
    """Write the changes, after copying each file as it was."""
    for change in wanted:
        keep(settings, change.path)
        write_text(change.path, change.text)


def keep(settings: Settings, path: Path) -> None:
    """Copy a file as it is now to `CSP_HOME/upgrades/<moment>/`."""
    kept = settings.home / "upgrades" / f"{settings.now:%Y%m%dT%H%M%SZ}"
    private_folder(kept)
    shutil.copy2(path, kept / path.name)


def to_import(
    settings: Settings, file: Path, checks: Mapping[str, Check]
) -> tuple[list[Waiver], list[Waiver]]:
    """The waivers in an older checkout's file: those to record, and those that have expired.

    Waivers that are already recorded are in neither.

    Raises:
        WaiverError: a file of waivers is not valid.
    """
    given = waivers.load(file, settings.today, checks)
    have = waivers.load_all(register.waiver_files(settings), settings.today, checks)
    new = [waiver for waiver in given if waiver not in have]
    standing = [waiver for waiver in new if waiver.expires >= settings.today]
    return standing, [waiver for waiver in new if waiver not in standing]


def record(settings: Settings, wanted: Sequence[Waiver], checks: Mapping[str, Check]) -> None:
    """Record waivers, after copying the file that they are added to.

    Raises:
        WaiverError: one of them is not permitted, or the file cannot be written.
    """
    if wanted and settings.waivers.exists():
        keep(settings, settings.waivers)
    for waiver in wanted:
        beside = register.waiver_files(settings)
        waivers.record(settings.waivers, waiver, settings.today, checks, beside)
