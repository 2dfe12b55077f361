"""Receipts: one for every delivery ever received, beside its bytes.

landing/<partner>/<feed>/<period>[.<part>]/<sha256>.<ending>   the bytes
landing/<partner>/<feed>/<period>[.<part>]/<seq>-<sha12>.json  the receipt

The ledger holds the same. Where it knows a delivery, it is believed, so that a receipt that is damaged or
gone loses nothing; the file is made again from it, and it from the files where it is damaged.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orchestration.core import ledger, records
from orchestration.core.files import TEMPORARY_PREFIX
from orchestration.core.records import as_a, sound
from orchestration.core.refusal import SourceError
from orchestration.core.settings import Settings
from orchestration.ingest.transports.file_names import shown
from orchestration.protection import names

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
    """Every delivery ever received, in the order feed, slot, sequence; without those of `lost`.

    What the ledger knows is taken from it. A receipt that it does not know (of an older release, or of a
    run that was killed) is read from its file.
    """
    landed = _landed(settings)
    found = []
    for name, path in _files(settings):
        receipt = landed.pop(name, None)
        if receipt is None:
            receipt = _read(settings, Path(path), shared=True)
        if receipt is not None:
            found.append(receipt)
    # What is left has lost its receipt. Without its bytes as well, `lost` tells of it, if anything does.
    found += [
        receipt
        for receipt in landed.values()
        if receipt.bytes_path(settings).exists() and not _is_purged(settings, receipt)
    ]
    return sorted(found, key=lambda receipt: (receipt.feed, receipt.slot, receipt.seq))


def write_receipt(settings: Settings, receipt: Receipt) -> None:
    """Keep a receipt. Its line in the ledger is written by `enter`, at the end of a pull."""
    records.write(receipt.receipt_path(settings), asdict(receipt))


def name_of(receipt: Receipt) -> str:
    """How a delivery is named in the ledger."""
    return f"{receipt.feed}/{receipt.delivery_id}"


def damaged(settings: Settings) -> Iterator[tuple[Path, Receipt | None]]:
    """The receipts whose files are damaged or gone, each with what it should be, where the ledger knows."""
    landed = _landed(settings)
    for name, place in _files(settings):
        path, should = Path(place), landed.pop(name, None)
        there = _read(settings, path)
        if there is None or (should is not None and there != should):
            yield path, should
    for receipt in landed.values():
        if not _is_purged(settings, receipt):
            yield receipt.receipt_path(settings), receipt


def enter(settings: Settings) -> int:
    """Enter the receipts that the ledger lacks; return how many. Needs the run's lock.

    Those of a release that knew no ledger may hold a file's name that leads to a person: it is masked.
    """
    landed = ledger.read(settings.home).standing(ledger.LANDED)
    unknown = (Path(path) for name, path in _files(settings) if name not in landed)
    found = [receipt for path in unknown if (receipt := _read(settings, path)) is not None]
    names.learn(part for receipt in found for part in receipt.source_path.split("/"))
    lacking = [replace(one, source_path=names.masked_path(one.source_path)) for one in found]
    for before, receipt in zip(found, lacking, strict=True):
        if receipt != before:
            write_receipt(settings, receipt)
    bodies = [(ledger.LANDED, name_of(receipt), asdict(receipt)) for receipt in lacking]
    ledger.add(settings.home, *bodies)
    return len(lacking)


def forget(settings: Settings, receipt: Receipt, why: Mapping[str, Any]) -> None:
    """Take a receipt away, the last that is left of a delivery. Needs the run's lock.

    Its line in the ledger loses its body, which holds the file's name, before the receipt goes. `why` is
    what the ledger keeps instead.
    """
    ledger.forget(settings.home, name_of(receipt), why)
    receipt.receipt_path(settings).unlink(missing_ok=True)


def remembered(settings: Settings) -> list[Receipt]:
    """What the ledger knows of deliveries that have not gone, whatever is left of their files."""
    return list(_landed(settings).values())


def _landed(settings: Settings) -> dict[str, Receipt]:
    """What the ledger knows of deliveries that have not gone, by their names in it."""
    known = ledger.read(settings.home)
    if _last.get(settings.home, (None,))[0] is not known:
        entries = known.standing(ledger.LANDED)
        made = {name: Receipt(**entry.body) for name, entry in entries.items() if entry.body}
        _last[settings.home] = known, made
    return dict(_last[settings.home][1])


# The ledger of a home that was read last, and its receipts: a night asks for them a dozen times.
_last: dict[Path, tuple[ledger.Ledger, dict[str, Receipt]]] = {}


def _is_purged(settings: Settings, receipt: Receipt) -> bool:
    """Whether a release that knew no ledger has purged the delivery."""
    return (settings.home / "purged" / f"{name_of(receipt)}.json").exists()


def _files(settings: Settings) -> Iterator[tuple[str, str]]:
    """The files of receipts: how the delivery is named in the ledger, and the path. A link is refused."""

    linked: list[str] = []

    def noted(folder: os.DirEntry[str]) -> None:
        if folder.is_symlink():
            linked.append(folder.path)

    for feed, slot, entry in _entries(settings.landing, noted):
        if _IS_RECEIPT.fullmatch(entry.name):
            if linked or entry.is_symlink():
                refuse_links(settings, Path(entry.path))
            yield f"{feed}/{slot}/{entry.name.removesuffix('.json')}", entry.path


def _entries(
    root: Path, look: Callable[[os.DirEntry[str]], None] = lambda folder: None
) -> Iterator[tuple[str, str, os.DirEntry[str]]]:
    """What lies in the folders of slots below a root: feed, slot, entry. `look` is called with every folder.

    Names only, and no `Path` for each: a long history has tens of thousands.
    """
    for partner in _folders(str(root), look):
        for feed in _folders(partner.path, look):
            for slot in _folders(feed.path, look):
                with os.scandir(slot.path) as entries:
                    for entry in entries:
                        yield f"{partner.name}/{feed.name}", slot.name, entry


def _folders(path: str, look: Callable[[os.DirEntry[str]], None]) -> Iterator[os.DirEntry[str]]:
    with suppress(FileNotFoundError), os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir():
                look(entry)
                yield entry


def _read(settings: Settings, path: Path, *, shared: bool = False) -> Receipt | None:
    """The receipt in a file; `None` where it is damaged, or lies where it does not belong."""
    return sound(path, lambda document: _of_path(settings, path, document), shared=shared)


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
    unnamed, without_receipt = [], []
    for feed, slot, entry in _entries(settings.landing):
        if entry.name.startswith(TEMPORARY_PREFIX):
            continue
        if named := _RECEIPT.fullmatch(entry.name):
            if (feed, f"{slot}/{entry.name.removesuffix('.json')}") not in sound_ids:
                unnamed.append((feed, slot, Path(entry.path), named))
        elif (named := _BYTES.fullmatch(entry.name)) and (feed, slot, named[1]) not in with_bytes:
            without_receipt.append((feed, slot, Path(entry.path), named))
    for feed, slot, path, named in sorted(unnamed, key=_in_order):
        stub = _stub(path, feed, slot, int(named[1]), named[2])
        found[feed, slot, named[2]] = Lost(stub, f"its receipt {_damage(settings, path)}")
    for feed, slot, path, named in sorted(without_receipt, key=_in_order):
        before = found.get((feed, slot, named[1][:12]))
        stub = _stub(path, feed, slot, before.receipt.seq if before else 0, named[1])
        stub = replace(stub, ending=named[2], size=path.lstat().st_size)
        why = before.why if before else "its receipt is gone"
        found[feed, slot, named[1][:12]] = Lost(stub, why)
    of_raw = [
        (feed, slot, Path(entry.path), named)
        for feed, slot, entry in _entries(settings.raw)
        if (named := _RECEIPT.fullmatch(entry.name))
        if (feed, f"{slot}/{entry.name.removesuffix('.json')}") not in sound_ids
    ]
    for feed, slot, path, named in sorted(of_raw, key=_in_order):
        before = found.get((feed, slot, named[2]))
        if before is None:
            stub = _stub(path, feed, slot, int(named[1]), named[2])
            found[feed, slot, named[2]] = Lost(stub, "its receipt and its bytes are gone")
        elif not before.receipt.seq:
            known_seq = replace(before.receipt, seq=int(named[1]))
            found[feed, slot, named[2]] = replace(before, receipt=known_seq)
    return list(found.values())


def _in_order(trace: tuple[str, str, Path, re.Match[str]]) -> Path:
    return trace[2]


def _stub(path: Path, feed: str, slot: str, seq: int, sha256: str) -> Receipt:
    period, _, part = slot.partition(".")
    moment = datetime.fromtimestamp(path.lstat().st_mtime, UTC).isoformat()
    return Receipt(feed, period, part, seq, sha256, 0, "", 0.0, moment, True, "")


def _damage(settings: Settings, path: Path) -> str:
    found = records.damage_of(path, lambda document: _of_path(settings, path, document))
    return f"is damaged ({found.why})" if found else "is gone"


def refuse_links(settings: Settings, path: Path) -> None:
    """Refuse links: landing holds plain files and folders, and a link could lead anywhere.

    Raises:
        SourceError: the path, or a folder above it within landing, is a link.
    """
    below = path.relative_to(settings.landing)
    for place in (*reversed(below.parents), below):
        if (settings.landing / place).is_symlink() and place != Path():
            raise SourceError(f"landing/{shown(str(place))} is a symbolic link; take it away")
