"""Where extracts are pulled from: any place fsspec can list, a local folder to begin with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import fsspec
from fsspec import AbstractFileSystem

from orchestration.ingest.refusal import SourceError

SYNTHETIC_MARKER = "SYNTHETIC.json"


@dataclass(frozen=True)
class SourceFile:
    """One file at the source. `path` is relative to the source; `modified` is seconds (UTC)."""

    path: str
    size: int
    modified: float

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Source:
    """A folder or URL whose files partners put there. Nothing is ever written to it."""

    filesystem: AbstractFileSystem
    root: str
    label: str

    def files(self) -> list[SourceFile]:
        """Every file under the source, oldest first (the order in which they are landed)."""
        return sorted(self._listing(), key=lambda file: (file.modified, file.path))

    def _listing(self) -> Iterator[SourceFile]:
        found = self.filesystem.find(self.root, detail=True)
        for path, detail in found.items():
            yield SourceFile(
                path=path[len(self.root) :].lstrip("/"),
                size=int(detail["size"]),
                modified=_seconds(detail.get("mtime") or detail.get("LastModified")),
            )

    def open(self, file: SourceFile) -> BinaryIO:
        return self.filesystem.open(f"{self.root}/{file.path}", "rb")  # type: ignore[no-any-return]

    def is_synthetic(self) -> bool:
        """Whether the source says of itself that its extracts are made up."""
        marker = f"{self.root}/{SYNTHETIC_MARKER}"
        if not self.filesystem.exists(marker):
            return False
        with self.filesystem.open(marker, "rb") as stream:
            return bool(json.load(stream)["synthetic"])


def open_source(place: str) -> Source:
    """Open a source by its folder or fsspec URL.

    Raises:
        SourceError: there is no such folder, or its kind of place is not known.
    """
    try:
        filesystem, root = fsspec.url_to_fs(place)
    except (ValueError, ImportError) as problem:
        raise SourceError(f"the source {place} cannot be opened: {problem}") from problem
    if not filesystem.isdir(root):
        raise SourceError(f"the source {place} is not a folder that can be read")
    return Source(filesystem, root.rstrip("/"), place)


def _seconds(moment: float | datetime | None) -> float:
    if isinstance(moment, datetime):
        return moment.timestamp()
    return float(moment or 0.0)
