"""What a scrub works with: where it looks, how much it reads, and how it says what it found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orchestration.contracts.odcs import Contract
from orchestration.core import progress
from orchestration.core.settings import Settings
from orchestration.core.verified import Verified
from orchestration.ingest.landing.receipts import Receipt
from orchestration.release.verify import BrokenManifest, NoManifest, differences
from orchestration.scrub.state import Fault

Found = Iterator[Fault]
_RESTORE = "restore it from a backup"


@dataclass
class Look:
    """One scrub: one file in `share` is read whole; with `repair`, what can be made again is."""

    settings: Settings
    contracts: Mapping[str, Contract]
    share: int
    repair: bool
    verified: Verified = field(init=False)
    read: int = 0
    of: int = 0

    def __post_init__(self) -> None:
        self.verified = Verified(self.settings.home)

    def fault(self, kind: str, what: str, mended: str = "", advice: str = _RESTORE) -> Fault:
        """A fault: made good as `mended` says where this is a repair, otherwise with `advice`."""
        if mended and self.repair:
            return Fault(kind, f"{what}; {mended}", stands=False)
        if mended:
            return Fault(kind, f"{what}; csp fsck --repair: {mended}")
        return Fault(kind, f"{what}; {advice}")

    def due(self, kind: str, paths: Sequence[Path]) -> Iterator[Path]:
        """The files to read now: those that do not look as they did, and the share read longest ago."""
        by_age = sorted(paths, key=lambda path: (self.verified.day(path), path.as_posix()))
        turn = set(by_age[: -(-len(by_age) // self.share)])
        due = [p for p in paths if p in turn or not self.verified.is_same(p)]
        self.of += len(paths)
        for number, path in enumerate(due, start=1):
            self.read += 1
            progress.tell(kind, number, len(due))
            yield path


def named(receipt: Receipt) -> str:
    """A delivery as a fault names it: without the name that its partner chose."""
    return f"{receipt.feed} {receipt.period} (delivery {receipt.seq:03d}-{receipt.sha256[:12]})"


def differing(folder: Path) -> list[str]:
    """What differs from a folder's manifest; one sentence where there is no manifest to speak of."""
    try:
        return differences(folder)
    except (NoManifest, BrokenManifest):
        return ["its manifest.json is gone or cannot be read"]


def few(said: Sequence[str]) -> str:
    """The first three of several sentences, and how many more there are."""
    return ", ".join(said[:3]) + (f" and {len(said) - 3} more" if len(said) > 3 else "")
