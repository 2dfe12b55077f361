"""Receipts: one for every delivery ever received, beside its bytes.

landing/<partner>/<feed>/<period>[.<part>]/<sha256>.<ending>   the bytes
landing/<partner>/<feed>/<period>[.<part>]/<seq>-<sha12>.json  the receipt

The ledger holds the same. Where it knows a delivery, it is believed, so that a receipt that is damaged or
gone loses nothing; the file is made again from it, and it from the files where it is damaged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestration.core import ledger, records
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

    def bytes_path(self, settings: Settings) -> Path:
        return settings.landing / self.feed / self.slot / f"{self.sha256}{self.ending}"

    def receipt_path(self, settings: Settings) -> Path:
        return settings.landing / self.feed / f"{self.delivery_id}.json"


def receipts(settings: Settings) -> list[Receipt]:
    """Every delivery ever received, in the order feed, slot, sequence.

    A receipt that the ledger does not know (of an older release, or of a run that was killed) is read from
    its file; one that is damaged as well is left out here and named by `damaged`.
    """
    landed = ledger.read(settings.home).standing(ledger.LANDED)
    found = []
    for path in _paths(settings):
        refuse_links(settings, path)
        entry = landed.pop(_name_of(settings, path), None)
        if entry is not None and entry.body is not None:
            found.append(Receipt(**entry.body))
        elif (receipt := _read(path)) is not None:
            found.append(receipt)
    # What is left has lost its receipt. Without its bytes as well there is no delivery any more.
    lost = (Receipt(**entry.body) for entry in landed.values() if entry.body is not None)
    found += [
        receipt
        for receipt in lost
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
    landed = ledger.read(settings.home).standing(ledger.LANDED)
    for path in _paths(settings):
        entry = landed.pop(_name_of(settings, path), None)
        should = Receipt(**entry.body) if entry is not None and entry.body is not None else None
        there = _read(path)
        if there is None or (should is not None and there != should):
            yield path, should
    for entry in landed.values():
        if (
            entry.body is not None
            and not (settings.home / "purged" / f"{entry.name}.json").exists()
        ):
            receipt = Receipt(**entry.body)
            yield receipt.receipt_path(settings), receipt


def enter(settings: Settings) -> int:
    """Enter the receipts that the ledger lacks; return how many. Needs the run's lock."""
    landed = ledger.read(settings.home).standing(ledger.LANDED)
    unknown = (path for path in _paths(settings) if _name_of(settings, path) not in landed)
    lacking = [receipt for path in unknown if (receipt := _read(path)) is not None]
    bodies = [(ledger.LANDED, name_of(receipt), asdict(receipt)) for receipt in lacking]
    ledger.add(settings.home, *bodies)
    return len(lacking)


def _is_purged(settings: Settings, receipt: Receipt) -> bool:
    """Whether a release that knew no ledger has purged the delivery."""
    return (settings.home / "purged" / f"{name_of(receipt)}.json").exists()


def _paths(settings: Settings) -> list[Path]:
    return sorted(settings.landing.glob("*/*/*/*-*.json"))


def _name_of(settings: Settings, path: Path) -> str:
    return path.relative_to(settings.landing).with_suffix("").as_posix()


def _read(path: Path) -> Receipt | None:
    """The receipt in a file; `None` where it is damaged, or lies where it does not belong."""
    try:
        found = records.read(path)
        receipt = Receipt(**found) if found is not None else None
        is_here = receipt is not None and path.as_posix().endswith(f"/{name_of(receipt)}.json")
    except (records.DamagedRecord, TypeError, AttributeError, ValueError):
        return None
    return receipt if is_here else None


def refuse_links(settings: Settings, path: Path) -> None:
    """Refuse links: landing holds plain files and folders, and a link could lead anywhere.

    Raises:
        SourceError: the path, or a folder above it within landing, is a link.
    """
    below = path.relative_to(settings.landing)
    for place in (*reversed(below.parents), below):
        if (settings.landing / place).is_symlink() and place != Path():
            raise SourceError(f"landing/{shown(str(place))} is a symbolic link; take it away")
