"""Freezing: where editions are stored, their manifest and issue record, and what keeps them unchanged.

    editions/<year>/v<n>/official-sensitive/   everything, with the frozen figures and the evidence
    editions/<year>/v<n>/official/             the public edition, complete in itself
    editions/index.json                        every edition ever issued, by the hash of its records

Both folders hold `manifest.json` (the sha256 of every file, and what they were made from; nothing in
it depends on the clock) and `issue.json` (who signed it off, when, and the manifest's sha256).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from orchestration.core import ledger
from orchestration.core.errors import GateRefusal
from orchestration.core.files import TEMPORARY_PREFIX, sha256_of, write_json, write_text
from orchestration.edition.figures.contents import VARIANTS, Before
from orchestration.quality.statements import is_somebody
from orchestration.release.verify import INDEX, ISSUE, MANIFEST, issue_text, read_manifest


class EditionRefused(GateRefusal):
    """The assessment may not be issued. One sentence; earlier editions are untouched."""

    opening = "not issued: "


@dataclass(frozen=True)
class SignOff:
    """Who signed the edition off, when (ISO, UTC) and, for a later version, why it was issued."""

    name: str
    at: str
    reason: str = ""


@dataclass(frozen=True)
class Issued:
    """An issued edition: its folder, and what its manifest says."""

    folder: Path
    year: str
    version: int
    manifest: Mapping[str, Any]

    @property
    def before(self) -> Before:
        """How a later assessment refers to this one."""
        return Before(self.year, self.version, self.manifest["mode"], self.manifest["data_as_at"])


def issued(root: Path) -> list[Issued]:
    """Every edition under `root`, by year and version; a copy in a folder of another name does not count."""
    found = []
    for folder in sorted(root.glob("[0-9][0-9][0-9][0-9]-[0-9][0-9]/v*")):
        manifest = read_manifest(folder / VARIANTS[0])
        if manifest is not None and folder.name[1:].isdigit():
            found.append(Issued(folder, folder.parent.name, int(folder.name[1:]), manifest))
    return sorted(found, key=lambda edition: (edition.year, edition.version))


def newest(root: Path, year: str) -> Issued | None:
    """The newest version of a year's edition, if one was issued."""
    return max(
        (edition for edition in issued(root) if edition.year == year),
        key=lambda edition: edition.version,
        default=None,
    )


def write_manifest(folder: Path, facts: Mapping[str, Any]) -> str:
    """Write the manifest of a finished folder; return its sha256."""
    write_json(folder / MANIFEST, {**facts, "files": _files_of(folder)})
    return sha256_of(folder / MANIFEST)


def manifests_of(folder: Path) -> dict[str, str]:
    """The sha256 of each variant's manifest in an edition's folder."""
    return {variant: sha256_of(folder / variant / MANIFEST) for variant in VARIANTS}


def hold_signed(name: str) -> None:
    """Require a name that identifies a person or role accountable for an edition.

    Raises:
        EditionRefused: it is blank, or identifies no particular person or role.
    """
    if not name.strip():
        raise EditionRefused("nobody has signed it off; name who answers for it with --sign-off")
    if not is_somebody(name):
        raise EditionRefused(f"{name!a} signs for nobody; name a person or a role")


def freeze(root: Path, draft: Path, year: str, version: int, sign_off: SignOff) -> Path:
    """Move a finished draft into its permanent place; return the folder.

    `draft` holds both variants with their manifests and is under `root`, so that one rename puts it
    into place. Files are made read-only.

    Raises:
        EditionRefused: it has not been signed off, or a version of that number already exists.
    """
    hold_signed(sign_off.name)
    final = root / year / f"v{version}"
    if final.exists():
        raise EditionRefused(f"version {version} of {year} was issued already and never changes")
    records = {}
    for variant, manifest_sha256 in manifests_of(draft).items():
        record = {
            "year": year,
            "version": version,
            "variant": variant,
            "manifest_sha256": manifest_sha256,
            **asdict(sign_off),
        }
        write_text(draft / variant / ISSUE, issue_text(record))
        records[variant] = sha256_of(draft / variant / ISSUE)
    draft.chmod(0o750)
    for path in draft.rglob("*"):
        if path.is_file():
            path.chmod(0o440)
        else:
            path.chmod(0o750)
    final.parent.mkdir(parents=True, exist_ok=True)
    # The index comes first: a run killed in between leaves an entry that the next attempt overwrites,
    # never an edition that is missing from the index.
    _add_to_index(root, f"{year}/v{version}", records)
    os.replace(draft, final)
    ledger.add(root.parent, (ledger.ISSUED, f"{year}/v{version}", records))
    return final


def scratch_folder(root: Path, year: str) -> Path:
    """An empty folder beside the editions; one that a killed run left behind is removed."""
    folder = root / f"{TEMPORARY_PREFIX}{year}"
    discard(folder)
    folder.mkdir(parents=True)
    return folder


def discard(folder: Path) -> None:
    """Remove a draft, if it exists."""
    if folder.exists():
        shutil.rmtree(folder)


def _add_to_index(root: Path, name: str, records: Mapping[str, str]) -> None:
    """Enter the edition in the index, so that even the replacement of a whole record is detected."""
    index = root / INDEX
    try:
        known = json.loads(index.read_text(encoding="utf-8")) if index.exists() else {}
    except ValueError:
        raise EditionRefused(
            "the index of editions is damaged; csp fsck --repair makes it again from the ledger"
        ) from None
    write_json(index, {**known, name: dict(records)})


def differing(issued: Path, draft: Path) -> list[str]:
    """The files, relative to the edition's folder, whose bytes in a draft differ from those issued.

    While a draft is still being rendered, and so has no manifest, missing files are not differences.
    """
    found = []
    for variant in VARIANTS:
        before = (read_manifest(issued / variant) or {"files": {}})["files"]
        manifest = read_manifest(draft / variant)
        now = _files_of(draft / variant) if manifest is None else manifest["files"]
        names = set(now) if manifest is None else set(now) | set(before)
        found += [f"{variant}/{name}" for name in names if now.get(name) != before.get(name)]
    return sorted(found)


def _files_of(folder: Path) -> dict[str, dict[str, Any]]:
    """A manifest's entries for every file under a folder, except itself and the issue record."""
    return {
        path.relative_to(folder).as_posix(): {
            "sha256": sha256_of(path),
            "size": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).as_posix() not in (MANIFEST, ISSUE)
    }
