"""What was last seen at each path of each source, so that unchanged files are not opened again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from orchestration.core import records
from orchestration.core.settings import Settings
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.transports import SourceFile

_CACHE = "sightings.json"


@dataclass(frozen=True)
class Sighting:
    """A file as it was when last read. `gone_at` is the time from which it has been missing.

    `was_empty`: it was requested again, and the source had no data for it.
    """

    size: int
    modified: float
    sha256: str
    tag: str = ""
    source: str = ""
    gone_at: str = ""
    was_empty: bool = False


class Sightings:
    """Sightings by feed and path. The file is a cache: without it, receipts say nearly as much."""

    def __init__(self, settings: Settings, known: Iterable[Receipt]) -> None:
        self._path: Path = settings.landing / _CACHE
        self._seen = {
            f"{receipt.feed}:{receipt.source_path}": Sighting(
                receipt.size, receipt.modified, receipt.sha256, source=receipt.source
            )
            for receipt in known
        }
        try:
            entries = records.read(self._path) or {}
            self._seen.update({key: Sighting(**entry) for key, entry in entries.items()})
        except (records.DamagedRecord, TypeError):
            pass  # as without it: files are opened again, and known by their bytes

    def last(self, feed: str, path: str) -> Sighting | None:
        """What was last seen of a feed at a path."""
        return self._seen.get(f"{feed}:{path}")

    def is_unchanged(self, feed: str, file: SourceFile) -> bool:
        """Whether the file looks unchanged. Its tag, if it has one, takes precedence over size and time."""
        last = self.last(feed, file.path)
        if last is None:
            return False
        if file.tag:
            return last.tag == file.tag
        return (last.size, last.modified) == (file.size, file.modified)

    def was_empty(self, feed: str, file: SourceFile) -> bool:
        """Whether the source had no data at the path on the last request."""
        last = self.last(feed, file.path)
        return last is not None and last.was_empty

    def note_empty(self, feed: str, file: SourceFile, source: str) -> None:
        """Record that the source had no data at the path; what it had before stays on record."""
        last = self.last(feed, file.path) or Sighting(0, 0.0, "")
        self._seen[f"{feed}:{file.path}"] = replace(
            last, modified=file.modified, tag=file.tag, source=source, was_empty=True
        )

    def note(self, feed: str, file: SourceFile, size: int, sha256: str, source: str) -> None:
        """Record how the file looked when it was read."""
        self._seen[f"{feed}:{file.path}"] = Sighting(
            size, file.modified, sha256, tag=file.tag, source=source
        )

    def note_gone(self, source: str, present: Collection[str], now: str) -> list[str]:
        """Mark files that the source no longer has; return those that have gone since the last pull."""
        found = []
        for key, seen in self._seen.items():
            if seen.source != source:
                continue
            is_there = key.partition(":")[2] in present
            if is_there == bool(seen.gone_at):
                self._seen[key] = replace(seen, gone_at="" if is_there else now)
                if not is_there:
                    found.append(key)
        return sorted(found)

    def save(self) -> None:
        """Write the cache."""
        records.write(self._path, {key: asdict(entry) for key, entry in self._seen.items()})
