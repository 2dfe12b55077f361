"""Receipts: one for every delivery ever received, beside its bytes.

landing/<partner>/<feed>/<period>[.<part>]/<sha256>.<ending>   the bytes
landing/<partner>/<feed>/<period>[.<part>]/<seq>-<sha12>.json  the receipt
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from orchestration.core.refusal import SourceError
from orchestration.core.settings import Settings
from orchestration.ingest.transports.file_names import shown


@dataclass(frozen=True)
class Receipt:
    """One delivery: a file of a feed for a period, as received. Grain: feed × period × part × seq.

    `source` is the name of the configured source it came from, if any.
    """

    feed: str
    period: str
    part: str
    seq: int
    sha256: str
    size: int
    source_path: str
    modified: float
    received_at: str
    synthetic: bool
    ending: str
    source: str = ""

    @property
    def slot(self) -> str:
        """The unit that a correction replaces: the feed's period (and part)."""
        return f"{self.period}.{self.part}" if self.part else self.period

    @property
    def delivery_id(self) -> str:
        """Short and unique within the feed; included in every row of raw."""
        return f"{self.slot}/{self.seq:03d}-{self.sha256[:12]}"

    @property
    def file_name(self) -> str:
        """The name of the file as its partner gave it, without the folders it lay in."""
        return self.source_path.rsplit("/", 1)[-1]

    def bytes_path(self, settings: Settings) -> Path:
        return settings.landing / self.feed / self.slot / f"{self.sha256}{self.ending}"

    def receipt_path(self, settings: Settings) -> Path:
        return settings.landing / self.feed / f"{self.delivery_id}.json"


def receipts(settings: Settings) -> list[Receipt]:
    """Every delivery ever received, in the order feed, slot, sequence."""
    found = []
    for path in settings.landing.glob("*/*/*/*-*.json"):
        refuse_links(settings, path)
        found.append(Receipt(**json.loads(path.read_text(encoding="utf-8"))))
    return sorted(found, key=lambda receipt: (receipt.feed, receipt.slot, receipt.seq))


def refuse_links(settings: Settings, path: Path) -> None:
    """Refuse links: landing holds plain files and folders, and a link could lead anywhere.

    Raises:
        SourceError: the path, or a folder above it within landing, is a link.
    """
    below = path.relative_to(settings.landing)
    for place in (*reversed(below.parents), below):
        if (settings.landing / place).is_symlink() and place != Path():
            raise SourceError(f"landing/{shown(str(place))} is a symbolic link; take it away")
