"""Checking a published folder against its own manifest: nothing changed, missing or added."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from orchestration.files import sha256_of


def read_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest of a published folder, if the folder has one."""
    path = folder / "manifest.json"
    if not path.exists():
        return None
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return manifest


def differences(folder: Path) -> list[str]:
    """What is not as the manifest says, a sentence each; empty when all is.

    Raises:
        FileNotFoundError: the folder has no manifest.
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
    found = [f"{name} is missing" for name in sorted(set(expected) - set(present))]
    found += [f"{name} is not in the manifest" for name in sorted(set(present) - set(expected))]
    found += [
        f"{name} has changed"
        for name in sorted(set(present) & set(expected))
        if sha256_of(present[name]) != expected[name]["sha256"]
    ]
    return found
