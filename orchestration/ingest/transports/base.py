"""The one interface of every transport, and the bounded stream that all of them hand out."""

from __future__ import annotations

import io
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, BinaryIO, cast

from orchestration.core.refusal import SourceError, unforeseen
from orchestration.ingest.transports import file_names
from orchestration.ingest.transports.failures import (
    FileRefused,
    PermanentFailure,
    TransientFailure,
)
from orchestration.ingest.transports.terms import DEFAULT_MAX_FILES, SYNTHETIC_MARKER, SourceFile

_MARKER_BYTES = 1 << 16
_READ = 1 << 16
DAY = 86_400.0  # seconds: the longest that anything of a source may take

# Turns a library's error into a failure of the source; `None` if the source is not the cause.
Translate = Callable[[Exception], SourceError | None]


class Source(ABC):
    """A place where partners put files. Nothing is ever written to it.

    A source that `is_rolling` keeps only the most recent months.
    """

    is_rolling = False

    def __init__(
        self, label: str, max_files: int = DEFAULT_MAX_FILES, seconds: float = DAY
    ) -> None:
        self.label = label
        self._max_files, self._seconds = max_files, seconds
        self._looks, self._ends = 0, 0.0
        self._listed: list[SourceFile] | None = None

    @abstractmethod
    def _listing(self) -> Iterator[SourceFile]:
        """Every file, in any order."""

    @abstractmethod
    def _open(self, file: SourceFile, limit: int) -> BinaryIO:
        """The bytes of a file, as a bounded stream."""

    def open(self, file: SourceFile, limit: int) -> BinaryIO:
        """The bytes of a file that was listed, at most `limit` of them.

        Raises:
            SourceError: now or while it is read, by kind (see failures.py).
        """
        with foreseen(self.label):
            return self._open(file, limit)

    def close(self) -> None:
        """Release what the source holds open; it may be used again afterwards."""
        self._listed = None

    def files(self) -> list[SourceFile]:
        """Every file under the source, oldest first (the order in which they are landed).

        Raises:
            SourceError: the source cannot be listed, by kind (see failures.py).
        """
        found: list[SourceFile] = []
        self._looks, self._ends = 0, time.monotonic() + self._seconds
        with foreseen(self.label):
            for file in self._listing():
                self._look()
                fault = file_names.fault_of(file.path)
                # The tag is stored: a lone surrogate, which JSON can express, cannot be.
                tag = file.tag.encode("utf-8", "backslashreplace").decode()
                found.append(refused(file, fault) if fault else replace(file, tag=tag))
        self._listed = sorted(found, key=lambda file: (file.modified, file.path))
        return self._listed

    def _look(self) -> None:
        """Check a listing against the agreed limits, at each file and folder."""
        self._looks += 1
        if self._looks > self._max_files:
            raise PermanentFailure(
                f"{self.label} holds more than the {self._max_files:,} files agreed"
            )
        if time.monotonic() > self._ends:
            sentence = f"{self.label} took longer than {self._seconds:g} seconds to list"
            raise TransientFailure(sentence, self._seconds)

    def is_synthetic(self) -> bool:
        """Whether the source declares its extracts to be synthetic."""
        listed = self.files() if self._listed is None else self._listed
        marker = next((file for file in listed if file.path == SYNTHETIC_MARKER), None)
        if marker is None:
            return False
        with self.open(marker, _MARKER_BYTES) as stream:
            text = stream.read()
        try:
            is_synthetic = json.loads(text)["synthetic"]
        except (ValueError, KeyError, TypeError, RecursionError):
            is_synthetic = None
        if not isinstance(is_synthetic, bool):
            raise PermanentFailure(f"{SYNTHETIC_MARKER} of {self.label} does not say yes or no")
        return is_synthetic


@contextmanager
def foreseen(
    what: str | Callable[[], str], translate: Translate = lambda problem: None
) -> Iterator[None]:
    """Turn every error of a transport into a failure by kind, so that the next sources are still pulled.

    `what` names what was read; given as a function, it is asked only where something fails.

    An unexpected error is permanent, so that it is investigated; it is reported by its place in the
    code, never by its own message, which may quote what was read.
    """
    try:
        yield
    except (SourceError, MemoryError):
        raise
    except Exception as problem:
        failure = translate(problem)
        if failure is None:
            name = what if isinstance(what, str) else what()
            failure = PermanentFailure(f"{name}: {unforeseen(problem)}")
        raise failure from problem


def refused(file: SourceFile, why: str) -> SourceFile:
    """The file, with the reason why it cannot be taken."""
    return SourceFile(file.path, file.size, file.modified, refused=why)


class BoundedStream(io.RawIOBase):
    """Reads a file of a source: no more bytes, and no longer, than agreed; its errors by kind."""

    def __init__(
        self,
        read: Callable[[int], bytes],
        close: Callable[[], Any],
        *,
        name: str,
        limit: int,
        seconds: float,
        translate: Translate,
    ) -> None:
        super().__init__()
        self._read, self._close = read, close
        self._name, self._limit, self._translate = name, limit, translate
        self._ends, self._seconds, self._count = time.monotonic() + seconds, seconds, 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes (all, if it is negative); only an empty result means the end."""
        if size < 0:
            return b"".join(iter(lambda: self.read(_READ), b""))
        if time.monotonic() > self._ends:
            # Three more waits of this length would leave no time for the other sources.
            raise TransientFailure(
                f"{file_names.shown(self._name)} took longer than {self._seconds:g} seconds to read",
                self._seconds,
            )
        # Making a name fit to be shown takes longer than reading a small file.
        with foreseen(lambda: file_names.shown(self._name), self._translate):
            chunk = self._read(min(size, _READ))
        self._count += len(chunk)
        if self._count > self._limit:
            raise too_large(self._name, self._limit)
        return chunk

    def close(self) -> None:
        if not self.closed:
            try:
                self._close()
            finally:
                super().close()

    def as_binary(self) -> BinaryIO:
        """The stream as the type that callers who copy it expect."""
        return cast(BinaryIO, self)


def too_large(name: str, limit: int) -> FileRefused:
    """The refusal of a file that holds more bytes than agreed."""
    return FileRefused(
        f"{file_names.shown(name)} is larger than the {limit:,} bytes that are agreed"
    )
