"""Receipts: one for every delivery ever received, beside its bytes.

landing/<partner>/<feed>/<period>[.<part>]/<sha256>.<ending>   the bytes
landing/<partner>/<feed>/<period>[.<part>]/<seq>-<sha12>.json  the receipt
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.core.files import TEMPORARY_PREFIX
from orchestration.core.records import DamagedRecord, as_a, read_record, sound
from orchestration.core.refusal import SourceError
from orchestration.core.settings import Settings
from orchestration.ingest.transports.file_names import shown

_IS_RECEIPT = re.compile(r"[^.].*-.*\.json")


@dataclass(frozen=True)
class Receipt:
    """One delivery: a file of a feed for a period, as received. Grain: feed × period × part × seq.

    `source` is the name of the configured source it came from, if any. `replaces` is the sha256 of the
    delivery that this one was rewritten from, without the rows of a person who had to be erased.
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
    replaces: str = ""

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


@dataclass(frozen=True)
class Lost:
    """A delivery of which there are traces, and no receipt that can be read: it may not read as missing.

    `receipt` holds what the traces tell: feed, period, part, and as much of the hash as they name.
    `why` follows on the delivery's name in a sentence.
    """

    receipt: Receipt
    why: str


_HASH = 64
_RECEIPT = re.compile(r"([0-9]{3,})-([0-9a-f]{12})\.json")
_BYTES = re.compile(r"([0-9a-f]{64})(\.[a-z0-9]+|)")


def receipts(settings: Settings) -> list[Receipt]:
    """Every delivery ever received, in the order feed, slot, sequence; without those of `lost`."""
    found = []
    for folder in settings.landing.glob("*/*/*"):
        if not folder.is_dir():
            continue
        refuse_links(settings, folder)  # once for all in it
        with os.scandir(folder) as entries:
            for entry in entries:
                if _IS_RECEIPT.fullmatch(entry.name):
                    path = Path(entry.path)
                    if entry.is_symlink():
                        refuse_links(settings, path)
                    receipt = sound(
                        path,
                        lambda document, path=path: _of_path(settings, path, document),
                        shared=True,
                    )
                    if receipt is not None:
                        found.append(receipt)
    return sorted(found, key=lambda receipt: (receipt.feed, receipt.slot, receipt.seq))


def _of_path(settings: Settings, path: Path, document: Any) -> Receipt:
    """The receipt that a document is, if it is that of this path."""
    receipt = as_a(Receipt)(document)
    moment = datetime.fromisoformat(receipt.received_at)
    if receipt.receipt_path(settings) != path or moment.tzinfo is None:
        raise ValueError("another delivery's")
    if len(receipt.sha256) != _HASH:
        raise ValueError("not a hash")
    return receipt


def lost(settings: Settings, known: Iterable[Receipt]) -> list[Lost]:
    """The deliveries of which only traces are left: a damaged receipt, bytes or a raw record without one.

    `known` are the receipts that can be read. Nothing is read but names, and the damaged receipts.
    """
    known = list(known)
    sound_ids = {(receipt.feed, receipt.delivery_id) for receipt in known}
    with_bytes = {(receipt.feed, receipt.slot, receipt.sha256) for receipt in known}
    found: dict[tuple[str, str, str], Lost] = {}
    for path in sorted(settings.landing.glob("*/*/*/*")):
        feed, slot = "/".join(path.parts[-4:-2]), path.parts[-2]
        if path.name.startswith(TEMPORARY_PREFIX):
            continue
        if named := _RECEIPT.fullmatch(path.name):
            if (feed, f"{slot}/{path.stem}") not in sound_ids:
                stub = _stub(path, feed, slot, int(named[1]), named[2])
                found[feed, slot, named[2]] = Lost(stub, f"its receipt {_damage(settings, path)}")
        elif (named := _BYTES.fullmatch(path.name)) and (feed, slot, named[1]) not in with_bytes:
            before = found.get((feed, slot, named[1][:12]))
            stub = _stub(path, feed, slot, before.receipt.seq if before else 0, named[1])
            stub = replace(stub, ending=named[2], size=path.lstat().st_size)
            why = before.why if before else "its receipt is gone"
            found[feed, slot, named[1][:12]] = Lost(stub, why)
    for path in sorted(settings.raw.glob("*/*/*/*-*.json")):
        feed, slot = "/".join(path.parts[-4:-2]), path.parts[-2]
        named = _RECEIPT.fullmatch(path.name)
        if named and (feed, f"{slot}/{path.stem}") not in sound_ids:
            before = found.get((feed, slot, named[2]))
            if before is None:
                stub = _stub(path, feed, slot, int(named[1]), named[2])
                found[feed, slot, named[2]] = Lost(stub, "its receipt and its bytes are gone")
            elif not before.receipt.seq:
                known_seq = replace(before.receipt, seq=int(named[1]))
                found[feed, slot, named[2]] = replace(before, receipt=known_seq)
    return list(found.values())


def _stub(path: Path, feed: str, slot: str, seq: int, sha256: str) -> Receipt:
    period, _, part = slot.partition(".")
    moment = datetime.fromtimestamp(path.lstat().st_mtime, UTC).isoformat()
    return Receipt(feed, period, part, seq, sha256, 0, "", 0.0, moment, True, "")


def _damage(settings: Settings, path: Path) -> str:
    try:
        read_record(path, lambda document: _of_path(settings, path, document))
    except DamagedRecord as problem:
        return f"is damaged ({problem.why})"
    return "is gone"


def refuse_links(settings: Settings, path: Path) -> None:
    """Refuse links: landing holds plain files and folders, and a link could lead anywhere.

    Raises:
        SourceError: the path, or a folder above it within landing, is a link.
    """
    below = path.relative_to(settings.landing)
    for place in (*reversed(below.parents), below):
        if (settings.landing / place).is_symlink() and place != Path():
            raise SourceError(f"landing/{shown(str(place))} is a symbolic link; take it away")
