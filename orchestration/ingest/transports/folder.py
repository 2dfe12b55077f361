"""A local folder, and any other place that fsspec can list."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

import fsspec
from fsspec import AbstractFileSystem

from orchestration.core.refusal import SourceError
from orchestration.ingest.transports.base import DAY, BoundedStream, Source, foreseen
from orchestration.ingest.transports.failures import (
    FileRefused,
    PermanentFailure,
    TransientFailure,
)
from orchestration.ingest.transports.file_names import shown
from orchestration.ingest.transports.terms import DEFAULT_MAX_FILES, SourceFile

_DEEPEST = 12
_PASSWORD = re.compile(r"://[^/@]*:[^@]*@")


class FolderSource(Source):
    """A folder. Links, and anything else that is not a plain file, are never followed or opened."""

    def __init__(
        self, root: Path, label: str, max_files: int = DEFAULT_MAX_FILES, seconds: float = DAY
    ) -> None:
        super().__init__(label, max_files, seconds)
        self._root = root

    def _listing(self) -> Iterator[SourceFile]:
        if not self._root.is_dir():
            raise PermanentFailure(f"the source {self.label} is not a folder that can be read")
        try:
            yield from self._within(self._root, "", 1)
        except OSError as problem:
            reason = (problem.strerror or "cannot be read").lower()
            raise PermanentFailure(f"the source {self.label} cannot be listed: {reason}") from None

    def _within(self, folder: Path, prefix: str, depth: int) -> Iterator[SourceFile]:
        if depth > _DEEPEST:
            yield SourceFile(prefix.rstrip("/"), 0, 0.0, refused="lies too deep in folders")
            return
        with os.scandir(folder) as entries:
            for entry in entries:
                path = f"{prefix}{entry.name}"
                try:
                    status = entry.stat(follow_symlinks=False)
                except FileNotFoundError:
                    continue  # removed during the listing: as if we had listed a moment later
                if stat.S_ISDIR(status.st_mode):
                    self._look()
                    yield from self._within(folder / entry.name, f"{path}/", depth + 1)
                    continue
                yield SourceFile(
                    path, status.st_size, status.st_mtime, refused=not_plain(status.st_mode)
                )

    def _open(self, file: SourceFile, limit: int) -> BinaryIO:
        path = self._root / file.path
        try:
            if not path.resolve().is_relative_to(self._root.resolve()):
                raise FileRefused(f"{shown(file.path)} lies outside its source")
            # Without O_NONBLOCK, a pipe that has since replaced the file would block for ever.
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as problem:
            raise _cannot_be_read(file, problem) from problem
        stream = os.fdopen(handle, "rb", buffering=0)
        if why := not_plain(os.fstat(handle).st_mode):
            stream.close()
            raise FileRefused(f"{shown(file.path)} {why}")
        return BoundedStream(
            stream.read,
            stream.close,
            name=file.path,
            limit=limit,
            seconds=self._seconds,
            translate=lambda problem: (
                _cannot_be_read(file, problem) if isinstance(problem, OSError) else None
            ),
        ).as_binary()


class FilesystemSource(Source):
    """A place behind an fsspec filesystem; `translate` puts that filesystem's errors into kinds."""

    def __init__(
        self,
        filesystem: AbstractFileSystem,
        root: str,
        label: str,
        max_files: int = DEFAULT_MAX_FILES,
        seconds: float = DAY,
    ) -> None:
        super().__init__(label, max_files, seconds)
        self._filesystem, self._root = filesystem, root.rstrip("/")

    def translate(self, problem: Exception, path: str = "") -> SourceError | None:
        """The failure that an error of the filesystem is."""
        if not isinstance(problem, OSError):
            return None
        what = shown(path) if path else "it"
        return TransientFailure(
            f"{self.label}: {what} could not be read ({type(problem).__name__})"
        )

    def _listing(self) -> Iterator[SourceFile]:
        with foreseen(self.label, self.translate):
            found = self._filesystem.find(self._root, detail=True)
        for path, detail in found.items():
            yield SourceFile(
                path=path[len(self._root) :].lstrip("/"),
                size=int(detail["size"]),
                modified=_seconds(detail.get("mtime") or detail.get("LastModified")),
                tag=str(detail.get("ETag") or "").strip('"'),
            )

    def _open(self, file: SourceFile, limit: int) -> BinaryIO:
        def translated(problem: Exception) -> SourceError | None:
            return self.translate(problem, file.path)

        with foreseen(self.label, translated):
            stream = self._filesystem.open(f"{self._root}/{file.path}", "rb")
        return BoundedStream(
            stream.read,
            stream.close,
            name=file.path,
            limit=limit,
            seconds=self._seconds,
            translate=translated,
        ).as_binary()


def open_source(place: str) -> Source:
    """Open a source by its folder or fsspec URL.

    Raises:
        SourceError: there is no such folder, its kind of place is not known, or the address holds a
            password, which every sentence about the source would repeat.
    """
    if _PASSWORD.search(place):
        raise PermanentFailure(
            "the address of the source holds a password; describe the source in the file that "
            "CSP_SOURCES names, which says where its secrets are"
        )

    def translate(problem: Exception) -> SourceError | None:
        if isinstance(problem, ValueError | ImportError):
            return PermanentFailure(f"the source {place} cannot be opened: {problem}")
        if isinstance(problem, OSError):
            why = type(problem).__name__
            return TransientFailure(f"the source {place} could not be reached ({why})")
        return None

    with foreseen(f"the source {place}", translate):
        filesystem, root = fsspec.url_to_fs(place)
        is_folder = filesystem.isdir(root)
    if not is_folder:
        raise PermanentFailure(f"the source {place} is not a folder that can be read")
    if "file" in filesystem.protocol:
        return FolderSource(Path(root), place)
    return FilesystemSource(filesystem, root, place)


def not_plain(mode: int) -> str:
    """Why something with this mode is not a plain file, in words; nothing if it is one."""
    if stat.S_ISLNK(mode):
        return "is a symbolic link, which is never followed"
    return "" if stat.S_ISREG(mode) else "is not a plain file"


def _cannot_be_read(file: SourceFile, problem: OSError) -> FileRefused:
    reason = (problem.strerror or type(problem).__name__).lower()
    return FileRefused(f"{shown(file.path)} cannot be read: {reason}")


def _seconds(moment: float | datetime | None) -> float:
    if isinstance(moment, datetime):
        return moment.timestamp()
    return float(moment or 0.0)
