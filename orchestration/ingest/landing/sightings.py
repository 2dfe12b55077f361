"""What was last seen at each path of each source, so that unchanged files are not opened again."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from orchestration.core import records
from orchestration.core.records import an_object, as_a, damage_of, sound
from orchestration.core.settings import Settings
from orchestration.ingest.landing.receipts import Lost, Receipt
from orchestration.ingest.transports import SourceFile
from orchestration.protection import names

_CACHE = "sightings.json"
_HIDDEN = "#"  # begins a path that is kept as a hash


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


def _entries(document: Any) -> dict[str, Sighting]:
    entry = as_a(Sighting)
    return {key: entry(value) for key, value in an_object(document).items()}


def damaged_sightings(settings: Settings) -> list[str]:
    """A sentence, if the cache cannot be read: the next pull makes it again from the receipts."""
    found = damage_of(settings.landing / _CACHE, _entries)
    return [f"{found}; it is made again from the receipts"] if found else []


class Sightings:
    """Sightings by feed and path. The file is a cache: without it, receipts say nearly as much.

    What was seen of deliveries that have since been `lost` is forgotten, so that they are read again.
    """

    def __init__(
        self, settings: Settings, known: Iterable[Receipt], lost: Iterable[Lost] = ()
    ) -> None:
        self._path: Path = settings.landing / _CACHE
        self._seen = {
            f"{receipt.feed}:{receipt.source_path}": Sighting(
                receipt.size, receipt.modified, receipt.sha256, source=receipt.source
            )
            for receipt in known
            if not receipt.replaces  # its bytes are ours, not those at the source
        }
        self._seen.update(sound(self._path, _entries) or {})
        gone = {(one.receipt.feed, one.receipt.sha256[:12]) for one in lost}
        self._seen = {
            key: seen
            for key, seen in self._seen.items()
            if (key.partition(":")[0], seen.sha256[:12]) not in gone
        }

    def _key(self, feed: str, path: str) -> str:
        """A file by its path, or by the mask of a path that holds personal data."""
        plain = f"{feed}:{path}"
        return plain if plain in self._seen else f"{feed}:{names.masked_path(path)}"

    def last(self, feed: str, path: str) -> Sighting | None:
        """What was last seen of a feed at a path."""
        return self._seen.get(self._key(feed, path)) or self._seen.get(_hidden(feed, path))

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
        self._seen[self._key(feed, file.path)] = replace(
            last, modified=file.modified, tag=file.tag, source=source, was_empty=True
        )

    def note(self, feed: str, file: SourceFile, size: int, sha256: str, source: str) -> None:
        """Record how the file looked when it was read."""
        self._seen[self._key(feed, file.path)] = Sighting(
            size, file.modified, sha256, tag=file.tag, source=source
        )

    def note_erased(self, feed: str, file: SourceFile, size: int, sha256: str) -> None:
        """Record that the file holds what was erased: it is not opened again, and its name is not kept."""
        self._seen.pop(f"{feed}:{file.path}", None)
        self._seen[_hidden(feed, file.path)] = Sighting(size, file.modified, sha256, tag=file.tag)

    def hide(self, sha256s: Collection[str]) -> None:
        """Hide the names of files that hold what was erased."""
        for key, seen in list(self._seen.items()):
            feed, _, path = key.partition(":")
            if seen.sha256 in sha256s and not path.startswith(_HIDDEN):
                del self._seen[key]
                self._seen[_hidden(feed, path)] = replace(seen, source="", gone_at="")

    def note_gone(self, source: str, present: Collection[str], now: str) -> list[str]:
        """Mark files that the source no longer has; return those that have gone since the last pull."""
        found = []
        paths = {key.partition(":")[2] for key in self._seen}
        # Only what was never seen under its own name can have been seen under a mask.
        present = {
            *present,
            *(names.masked_if_known(path) for path in present if path not in paths),
        }
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


def _hidden(feed: str, path: str) -> str:
    """The key of a file whose name must not be kept."""
    return f"{feed}:{_HIDDEN}{hashlib.sha256(path.encode('utf-8', 'surrogatepass')).hexdigest()}"
