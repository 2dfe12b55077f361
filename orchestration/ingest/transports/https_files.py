"""HTTPS files: they are listed in a JSON index, and their paths are relative to it.

    {"files": [{"path": "2025-01.csv", "size": 123, "modified": "2025-02-01T06:00:00Z",
                "etag": "…", "sha256": "…"}]}

Only `path` is required; anything else that is missing is requested from the server, file by file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, BinaryIO
from urllib.parse import quote, urljoin

from orchestration.ingest.transports import file_names
from orchestration.ingest.transports.base import Source
from orchestration.ingest.transports.failures import FileRefused, PermanentFailure, Unsettled
from orchestration.ingest.transports.http import HttpClient, NotThere, expected
from orchestration.ingest.transports.terms import Entry, SourceFile

_INDEX_BYTES = 16 << 20
_KEYS = {"path", "size", "modified", "etag", "sha256"}
_SHA256 = re.compile(r"[0-9a-f]{64}")


class HttpsSource(Source):
    """Files beside an index that the partner keeps."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.name, entry.max_files, entry.file_seconds)
        self._entry, self._http = entry, HttpClient(entry)

    def _listing(self) -> Iterator[SourceFile]:
        try:
            document = self._http.json(self._entry.address, _INDEX_BYTES)
        except FileRefused as problem:
            raise PermanentFailure(f"{self.label}: its index: {problem}") from problem
        index = expected(self._entry, document, dict, "the index")
        listed = expected(self._entry, index.get("files"), list, "the key “files” of the index")
        for number, item in enumerate(listed, start=1):
            yield self._file(number, item)

    def _file(self, number: int, item: Any) -> SourceFile:
        if not isinstance(item, dict) or not isinstance(item.get("path"), str):
            raise PermanentFailure(f"{self.label}: entry {number} of the index names no path")
        strange = sorted(set(item) - _KEYS)
        size, sha256 = item.get("size"), item.get("sha256") or ""
        is_wrong = strange or not (size is None or (type(size) is int and size >= 0))
        if is_wrong or not (sha256 == "" or _SHA256.fullmatch(str(sha256))):
            raise PermanentFailure(f"{self.label}: entry {number} of the index is not as agreed")
        path = item["path"]
        if file_names.fault_of(path) is not None:
            return SourceFile(path, size, 0.0)
        tag = str(item.get("etag") or sha256).strip('"')
        if size is not None and (tag or item.get("modified")):
            return SourceFile(path, size, self._moment(number, item), tag, sha256)
        return self._asked(path, sha256)

    def _moment(self, number: int, item: Mapping[str, Any]) -> float:
        try:
            moment = datetime.fromisoformat(str(item.get("modified") or "1970-01-01T00:00:00Z"))
        except ValueError:
            raise PermanentFailure(
                f"{self.label}: entry {number} of the index has a time that is not an ISO time"
            ) from None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()

    def _asked(self, path: str, sha256: str) -> SourceFile:
        try:
            answer = self._http.request("HEAD", self._url(path))
        except NotThere:
            return SourceFile(path, 0, 0.0, refused="is in the index but not on the server")
        answer.close()
        length = answer.headers.get("Content-Length", "")
        tag = sha256 or answer.headers.get("ETag", "").strip('"')
        try:
            modified = parsedate_to_datetime(answer.headers.get("Last-Modified", "")).timestamp()
        except (ValueError, TypeError):
            modified = 0.0
        size = int(length) if length.isdecimal() else None
        if size is None or not (tag or modified):
            why = "has no size, or neither an ETag nor a time: a change could not be seen"
            return SourceFile(path, size, modified, refused=why)
        return SourceFile(path, size, modified, tag, sha256)

    def _open(self, file: SourceFile, limit: int) -> BinaryIO:
        answer = self._http.request("GET", self._url(file.path))
        tag = answer.headers.get("ETag", "").strip('"')
        if tag and file.tag and not file.sha256 and tag != file.tag:
            answer.close()
            raise Unsettled(f"{file_names.shown(file.path)} changed after it was listed")
        return self._http.stream(answer, file.path, limit)

    def close(self) -> None:
        super().close()
        self._http.close()

    def _url(self, path: str) -> str:
        return urljoin(self._entry.address, quote(path))
