"""Checking a published folder against its own manifest: nothing changed, missing or added."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from orchestration.files import sha256_of


class BrokenManifest(ValueError):
    """A manifest cannot be read. One sentence."""


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a published folder, if the folder has one.

    Raises:
        BrokenManifest: there is a file of that name which is no manifest.
    """
    path = folder / "manifest.json"
    if not path.exists():
        return None
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        manifest["files"]
    except (ValueError, KeyError, TypeError) as problem:
        raise BrokenManifest("manifest.json is not a manifest of a publication") from problem
    return manifest


def differences(folder: Path) -> list[str]:
    """What is not as the manifest says, a sentence each; empty when all is.

    Raises:
        FileNotFoundError: the folder has no manifest.
        BrokenManifest: the manifest cannot be read.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        raise FileNotFoundError(f"{folder} has no manifest.json")
    expected = manifest["files"]
    root = folder.resolve()
    present = {
        path.relative_to(root).as_posix(): path
        for path in root.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    # A publication's folder is named after its manifest, which cannot name its own hash.
    named = re.fullmatch(r".*-([0-9a-f]{8})", root.name)
    own = sha256_of(root / "manifest.json")
    found = ["manifest.json has changed"] if named and not own.startswith(named[1]) else []
    found += [f"{name} is missing" for name in sorted(set(expected) - set(present))]
    found += [f"{name} is not in the manifest" for name in sorted(set(present) - set(expected))]
    found += [
        f"{name} has changed"
        for name in sorted(set(present) & set(expected))
        if sha256_of(present[name]) != expected[name]["sha256"]
    ]
    return found
