"""Checking a frozen folder against its own manifest: nothing changed, missing or added.

A publication's folder is named after its manifest. An edition's folder has an issue record that
names the manifest's sha256, carries its own seal, and is listed in the index of editions.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from orchestration.core.errors import WarehouseError
from orchestration.core.files import sha256_of
from orchestration.core.records import DamagedRecord, an_object, read_record, sound
from orchestration.core.verified import Verified

MANIFEST, ISSUE, INDEX = "manifest.json", "issue.json", "index.json"


class NoManifest(WarehouseError):
    """The folder was not written by a publication or an edition. One sentence."""


class BrokenManifest(WarehouseError):
    """A manifest cannot be read. One sentence."""


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a frozen folder, if the folder has one.

    Raises:
        BrokenManifest: there is a file of that name which is not a manifest.
    """
    path = folder / MANIFEST
    try:
        return read_record(path, _manifest_of)
    except DamagedRecord as problem:
        raise BrokenManifest("manifest.json is not a manifest of a publication") from problem


def _manifest_of(document: Any) -> dict[str, Any]:
    for entry in an_object(an_object(document)["files"]).values():
        if not isinstance(entry["sha256"], str):
            raise TypeError("not a hash")
    return an_object(document)


def known_manifest(folder: Path) -> dict[str, Any] | None:
    """A publication's manifest, for those who only want to know what it says: `None` if it is broken."""
    return sound(folder / MANIFEST, _publication_of)


def _publication_of(document: Any) -> dict[str, Any]:
    manifest = _manifest_of(document)
    texts = (manifest["published_at"], manifest["inputs"])
    if not all(isinstance(text, str) for text in texts) or not isinstance(
        manifest["synthetic"], bool
    ):
        raise TypeError("not a publication's")
    an_object(manifest["tables"])
    for held in manifest.get("held", []):
        an_object(held)
    return manifest


def issue_text(record: Mapping[str, Any]) -> str:
    """An issue record as it is written: sorted JSON, sealed by the sha256 of everything else in it."""
    kept = {key: value for key, value in record.items() if key != "seal"}
    body = json.dumps(kept, sort_keys=True, ensure_ascii=False)
    sealed = {**kept, "seal": hashlib.sha256(body.encode()).hexdigest()}
    return json.dumps(sealed, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def differences(folder: Path) -> list[str]:
    """Differences from the manifest, one sentence each; empty if there are none.

    An edition's folder holds one frozen folder a variant; each is checked, and named.

    Raises:
        NoManifest: the folder has no manifest.
        BrokenManifest: the manifest of a folder that is not an edition's cannot be read.
    """
    variants = sorted(path.parent for path in folder.glob(f"*/{ISSUE}"))
    if not (folder / MANIFEST).exists() and variants:
        found = _index_differences(folder)
        names = {variant.name for variant in variants}
        found += [
            f"{path.name} is not part of the edition"
            for path in sorted(folder.iterdir())
            if path.name not in names
        ]
        for variant in variants:
            try:
                lines = _folder_differences(variant)
            except BrokenManifest:  # one damaged variant does not hide what happened to the other
                lines = [f"{MANIFEST} has changed and cannot be read"]
            found += [f"{variant.name}/{line}" for line in lines]
        return found
    return _folder_differences(folder)


def is_intact(folder: Path, verified: Verified | None = None, today: date | None = None) -> bool:
    """Whether a publication is as its manifest says: every file is there with its hash.

    With a memory, files of the size and time that they had when they were last found sound are believed;
    those that are hashed now and found sound are noted in it, where `today` is given.
    """
    root = folder.resolve()
    try:
        manifest = read_manifest(root)
    except BrokenManifest:
        return False
    if manifest is None:
        return False
    files = {root / name: str(entry["sha256"]) for name, entry in manifest["files"].items()}
    present = {path for path in root.rglob("*") if path.is_file()}
    if present != {*files, root / MANIFEST}:
        return False
    # The folder's name begins the manifest's hash only; it is short, so it is hashed every time.
    named = re.fullmatch(r".*-([0-9a-f]{8})", root.name)
    if named and not sha256_of(root / MANIFEST).startswith(named[1]):
        return False
    for path, sha256 in files.items():
        if verified is not None and verified.is_same(path):
            continue
        if sha256_of(path) != sha256:
            return False
        if verified is not None and today is not None:
            verified.note(path, today)
    return True


def _folder_differences(folder: Path) -> list[str]:
    manifest = read_manifest(folder)
    if manifest is None:
        raise NoManifest(f"{folder} has no manifest.json")
    expected = manifest["files"]
    root = folder.resolve()
    is_edition = "edition" in manifest
    own = {MANIFEST, ISSUE} if is_edition else {MANIFEST}
    present = {
        path.relative_to(root).as_posix(): path
        for path in root.rglob("*")
        if path.is_file() and path.relative_to(root).as_posix() not in own
    }
    manifest_sha256 = sha256_of(root / MANIFEST)
    if is_edition:
        found = _issue_differences(root, manifest_sha256)
    else:
        # A publication's folder is named after its manifest, which cannot name its own hash.
        named = re.fullmatch(r".*-([0-9a-f]{8})", root.name)
        is_own = not named or manifest_sha256.startswith(named[1])
        found = [] if is_own else ["manifest.json has changed"]
    found += [f"{name} is missing" for name in sorted(set(expected) - set(present))]
    found += [f"{name} is not in the manifest" for name in sorted(set(present) - set(expected))]
    found += [
        f"{name} has changed"
        for name in sorted(set(present) & set(expected))
        if sha256_of(present[name]) != expected[name]["sha256"]
    ]
    return found


def _issue_differences(root: Path, manifest_sha256: str) -> list[str]:
    path = root / ISSUE
    if not path.exists():
        return ["issue.json is missing: this was never issued"]
    text = path.read_bytes().decode("utf-8", errors="replace")
    try:
        record = json.loads(text)
        is_sealed = issue_text(record) == text
        signed = record["manifest_sha256"]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ["issue.json has changed"]
    if not is_sealed:
        return ["issue.json has changed"]
    return (
        [] if signed == manifest_sha256 else ["manifest.json has changed since it was signed off"]
    )


def _index_differences(folder: Path) -> list[str]:
    """What the index beside the editions says of this one; an edition carried elsewhere has none."""
    index = folder.resolve().parent.parent / INDEX
    if not index.exists():
        return []
    try:
        known = json.loads(index.read_text(encoding="utf-8"))
        records = known[f"{folder.resolve().parent.name}/{folder.resolve().name}"]
        return [
            f"{variant}/{ISSUE} is not the record in the index of editions"
            for variant, expected in sorted(records.items())
            if not (folder / variant / ISSUE).exists()
            or sha256_of(folder / variant / ISSUE) != expected
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ["the index of editions does not name this one"]
