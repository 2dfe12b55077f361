"""A file on a web server, read in pieces: so that a few megabytes are taken out of an archive.

Our own, not fsspec's: pieces go through the `HttpClient` of the source (certificates, addresses, pace,
time), within a budget, and of one version of the file.
"""

from __future__ import annotations

import io
import re

from orchestration.ingest.transports.failures import PermanentFailure, TransientFailure
from orchestration.ingest.transports.http import HttpClient, NotThere

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class RangedFile(io.RawIOBase):
    """Random access by range requests, at most `budget` bytes in all; one version of the file."""

    def __init__(self, http: HttpClient, url: str, label: str, budget: int) -> None:
        super().__init__()
        self._http, self._url, self._label = http, url, label
        self._budget, self._position, self._tag = budget, 0, ""
        self.size = 0
        self._piece(0, 1)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning of the file")
        self._position = start + offset
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        wanted = min(len(buffer), self.size - self._position)
        if wanted <= 0:
            return 0
        piece = self._piece(self._position, wanted)
        buffer[: len(piece)] = piece
        self._position += len(piece)
        return len(piece)

    def _piece(self, start: int, length: int) -> bytes:
        if length > self._budget:
            raise PermanentFailure(f"{self._label}: more has to be read of the archive than agreed")
        self._budget -= length
        wanted = {"Range": f"bytes={start}-{start + length - 1}"}
        try:
            answer = self._http.request("GET", self._url, headers=wanted)
        except NotThere as problem:
            raise PermanentFailure(str(problem)) from problem
        found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
        if answer.status_code != 206 or found is None or int(found[1]) != start:
            answer.close()
            raise PermanentFailure(f"{self._label}: the server does not give parts of a file")
        tag = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
        if not self._tag:
            self._tag, self.size = tag, int(found[3])
        elif (tag, int(found[3])) != (self._tag, self.size):
            answer.close()
            raise TransientFailure(f"{self._label}: the archive changed while it was being read")
        with self._http.stream(answer, "a part of the archive", length) as body:
            piece = body.read()
        if len(piece) != int(found[2]) - start + 1:
            raise TransientFailure(f"{self._label}: a part of the archive came cut short")
        return piece
