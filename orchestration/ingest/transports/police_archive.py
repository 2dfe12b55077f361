"""The monthly archive of data.police.uk: only the agreed forces' files are read out of the zip.

The archive holds three years of every force, about 1.7 GB. Its list of contents and the wanted
members are fetched by range requests. A member's own checksum says whether it was restated, so a
new archive is not a new delivery of every month. Months are restated late: those of Devon and Cornwall
for November 2022 to January 2024 in February 2024 (annual-deprivation-index issue #47).
"""

from __future__ import annotations

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import BinaryIO

from orchestration.core.refusal import SourceError
from orchestration.ingest.transports import file_names
from orchestration.ingest.transports.base import BoundedStream, Source, too_large
from orchestration.ingest.transports.failures import FileRefused, PermanentFailure, Unsettled
from orchestration.ingest.transports.http import HttpClient
from orchestration.ingest.transports.ranged import RangedFile
from orchestration.ingest.transports.terms import Entry, SourceFile

_LIST_BYTES = 64 << 20  # to find the list of contents and read it
_MOST_MEMBERS = 50_000
_MOST_RATIO = 200  # text of this kind shrinks by about ten
_ANY_RATIO = 1 << 20  # bytes below which it is not checked
_BUFFER = 1 << 20
# Errors that the library raises for bytes that are not a valid zip.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, ValueError, OverflowError,
    EOFError, NotImplementedError, OSError,
)  # fmt: skip
_KINDS = ("street", "outcomes", "stop-and-search")


class PoliceArchive(Source):
    """The files of some forces within one archive."""

    is_rolling = True

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.name, entry.max_files, entry.file_seconds)
        self._entry, self._http = entry, HttpClient(entry)
        forces = "|".join(map(re.escape, entry.forces))
        kinds = "|".join(map(re.escape, _KINDS))
        self._wanted = re.compile(rf"([0-9]{{4}}-[0-9]{{2}})/\1-(?:{forces})-(?:{kinds})\.csv")

    def _listing(self) -> Iterator[SourceFile]:
        with ExitStack() as stack:
            members = self._archive(stack, _LIST_BYTES).infolist()
        if len(members) > _MOST_MEMBERS:
            raise PermanentFailure(f"{self.label}: the archive lists more files than are agreed")
        for member in members:
            name = member.orig_filename
            if not member.is_dir() and (fault := file_names.fault_of(name)):
                raise PermanentFailure(
                    f"{self.label}: the archive is refused whole: the name “{file_names.shown(name)}” "
                    f"in it {fault}"
                )
        found = [member for member in members if self._wanted.fullmatch(member.orig_filename)]
        if len({member.orig_filename for member in found}) < len(found):
            raise PermanentFailure(
                f"{self.label}: the archive is refused whole: a name stands twice"
            )
        newest = sorted({member.orig_filename[:7] for member in found})[-self._entry.months :]
        for member in found:
            if member.orig_filename[:7] in newest:
                yield _file(member)

    def _open(self, file: SourceFile, limit: int) -> BinaryIO:
        assert file.size is not None
        if file.size > limit:
            raise too_large(file.path, limit)
        with ExitStack() as stack:
            # Deflated data is never much longer than what it holds; the rest finds the member.
            archive = self._archive(stack, _LIST_BYTES + 2 * file.size)
            try:
                member = archive.getinfo(file.path)
                if _tag(member) != file.tag:
                    raise Unsettled(f"{file_names.shown(file.path)} changed after it was listed")
                stream = stack.enter_context(archive.open(member))
            except KeyError:
                raise Unsettled(f"{file_names.shown(file.path)} is gone from the archive") from None
            except _DAMAGE as problem:
                raise _broken(file.path) from problem
            held = stack.pop_all()
        return BoundedStream(
            stream.read,
            held.close,
            name=file.path,
            limit=limit,
            seconds=self._entry.file_seconds,
            translate=lambda problem: _translate(file.path, problem),
        ).as_binary()

    def close(self) -> None:
        super().close()
        self._http.close()

    def _archive(self, stack: ExitStack, budget: int) -> zipfile.ZipFile:
        ranged = RangedFile(self._http, self._entry.address, self.label, budget)
        stack.callback(ranged.close)
        # Buffered, because zipfile asks for four kilobytes at a time.
        buffered = io.BufferedReader(ranged, _BUFFER)  # type: ignore[arg-type,unused-ignore]
        try:
            return stack.enter_context(zipfile.ZipFile(buffered))
        except _DAMAGE as problem:
            raise PermanentFailure(
                f"{self.label}: the archive is not a zip file that can be read"
            ) from problem


def _file(member: zipfile.ZipInfo) -> SourceFile:
    try:
        modified = datetime(*member.date_time, tzinfo=UTC).timestamp()
    except ValueError:  # zip can hold a 31st of February
        modified = 0.0
    why = ""
    if member.flag_bits & 0x1:
        why = "is encrypted within the archive"
    elif member.file_size > max(_ANY_RATIO, _MOST_RATIO * member.compress_size):
        why = f"would grow more than {_MOST_RATIO} times when unpacked"
    return SourceFile(
        member.orig_filename, member.file_size, modified, tag=_tag(member), refused=why
    )


def _tag(member: zipfile.ZipInfo) -> str:
    return f"{member.CRC:08x}-{member.file_size}"


def _broken(path: str) -> FileRefused:
    return FileRefused(
        f"{file_names.shown(path)} cannot be unpacked: it is damaged within the archive"
    )


def _translate(path: str, problem: Exception) -> SourceError | None:
    return _broken(path) if isinstance(problem, _DAMAGE) else None
