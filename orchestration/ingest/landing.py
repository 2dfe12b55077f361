"""Landing: bytes as received, addressed by their content, never changed; one receipt a delivery.

    landing/<partner>/<feed>/<period>[.<part>]/<sha256>.<ending>   the bytes
    landing/<partner>/<feed>/<period>[.<part>]/<seq>-<sha12>.json  the receipt

The same bytes for the same period are one delivery however often they are pulled. Other bytes for a
period are a correction: a new receipt with the next sequence number; the old one stays.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath

from orchestration import periods
from orchestration.files import copy_hashed, move_into_place, scratch, write_json
from orchestration.ingest.contracts import Contract, ContractError
from orchestration.ingest.refusal import SourceError
from orchestration.ingest.transports import SYNTHETIC_MARKER, Source, SourceFile
from orchestration.settings import Settings

_SIGHTINGS = "sightings.json"


@dataclass(frozen=True)
class Receipt:
    """One delivery: a file of a feed for a period, as received. Grain: feed × period × part × seq."""

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

    @property
    def slot(self) -> str:
        """What a correction replaces: the feed's period (and part)."""
        return f"{self.period}.{self.part}" if self.part else self.period

    @property
    def delivery_id(self) -> str:
        """Short and unique within the feed; stands in every row of raw."""
        return f"{self.slot}/{self.seq:03d}-{self.sha256[:12]}"

    def bytes_path(self, settings: Settings) -> Path:
        return settings.landing / self.feed / self.slot / f"{self.sha256}{self.ending}"

    def receipt_path(self, settings: Settings) -> Path:
        return settings.landing / self.feed / f"{self.delivery_id}.json"


@dataclass
class Pull:
    """What one pull found. `undeclared` files match no contract and are left where they are."""

    landed: list[Receipt] = field(default_factory=list)
    known: int = 0
    undeclared: list[str] = field(default_factory=list)
    misdated: list[str] = field(default_factory=list)


def receipts(settings: Settings) -> list[Receipt]:
    """Every delivery ever received, in the order feed, slot, sequence."""
    found = []
    for path in settings.landing.glob("*/*/*/*-*.json"):
        found.append(Receipt(**json.loads(path.read_text(encoding="utf-8"))))
    return sorted(found, key=lambda receipt: (receipt.feed, receipt.slot, receipt.seq))


def pull(
    settings: Settings,
    contracts: Mapping[str, Contract],
    source: Source,
    only: Sequence[str] = (),
    *,
    dry: bool = False,
) -> Pull:
    """Land every new file of the declared feeds from `source`.

    With `dry`, nothing is written and `landed` holds what would be looked at more closely (a file
    whose path, size and time are as at its last receipt is known without being opened).

    Raises:
        SourceError: the source cannot be read.
        ContractError: two contracts claim one file.
    """
    result, synthetic = Pull(), source.is_synthetic()
    known = receipts(settings)
    history: dict[tuple[str, str], list[Receipt]] = defaultdict(list)
    for receipt in known:
        history[receipt.feed, receipt.slot].append(receipt)
    seen = _sightings(settings, known)
    for file in source.files():
        if file.name == SYNTHETIC_MARKER:
            continue
        contract = match(file, contracts.values())
        if contract is None:
            result.undeclared.append(file.path)
            continue
        if only and contract.feed not in only and contract.name not in only:
            continue
        draft = _draft(settings, contract, file, synthetic)
        if (why := misdated(contract, draft.period, settings)) is not None:
            result.misdated.append(f"{contract.feed}: {file.name} {why}")
            continue
        path_key = f"{contract.feed}:{file.path}"
        last = seen.get(path_key)
        if last and (last.size, last.modified) == (file.size, file.modified):
            result.known += 1
            continue
        if dry:
            result.landed.append(draft)
            continue
        earlier = history[contract.feed, draft.slot]
        draft = replace(draft, seq=max((other.seq for other in earlier), default=0) + 1)
        landed, sha256 = _land(settings, source, file, draft, earlier, last)
        seen[path_key] = Sighting(file.size, file.modified, sha256)
        if landed is None:
            result.known += 1
        else:
            earlier.append(landed)
            result.landed.append(landed)
    if not dry:
        write_json(
            settings.landing / _SIGHTINGS, {key: asdict(entry) for key, entry in seen.items()}
        )
    return result


def match(file: SourceFile, contracts: Iterable[Contract]) -> Contract | None:
    """The contract whose file pattern the whole file name follows, if there is one."""
    claims = [contract for contract in contracts if contract.file_pattern.fullmatch(file.name)]
    if len(claims) > 1:
        feeds = " and ".join(contract.feed for contract in claims)
        raise ContractError(f"the file name {file.name} is claimed by {feeds}")
    return claims[0] if claims else None


def misdated(contract: Contract, period: str, settings: Settings) -> str | None:
    """Why a period cannot be, in words; `None` when it can."""
    kind = contract.period_kind
    if kind == periods.EDITION:
        return None
    if not periods.is_period(kind, period):
        return f"names {period}, which is not {periods.in_words(kind)}"
    begins = periods.first_month(kind, period)
    if begins > periods.month_of(settings.today):
        return f"names {period}, {periods.in_words(kind)} that has not begun"
    if contract.kept_from and begins < contract.kept_from:
        return f"names {period}, earlier than the feed is kept from ({contract.kept_from})"
    return None


def _draft(settings: Settings, contract: Contract, file: SourceFile, synthetic: bool) -> Receipt:
    """The receipt of a file whose bytes have not been read yet."""
    groups = contract.file_pattern.fullmatch(file.name)
    assert groups is not None
    named = groups.groupdict()
    return Receipt(
        feed=contract.feed,
        period=contract.period_value or named["period"],
        part=named.get("part") or "",
        seq=0,
        sha256="",
        size=file.size,
        source_path=file.path,
        modified=file.modified,
        received_at=settings.now.isoformat(),
        synthetic=synthetic,
        ending=PurePosixPath(file.name).suffix.lower(),
    )


def _land(
    settings: Settings,
    source: Source,
    file: SourceFile,
    draft: Receipt,
    earlier: Sequence[Receipt],
    last: Sighting | None,
) -> tuple[Receipt | None, str]:
    """Copy one file into landing; give its receipt (`None`: nothing new was delivered) and hash."""
    folder = draft.bytes_path(settings).parent
    with scratch(folder, draft.ending) as temporary:
        with source.open(file) as stream:
            sha256, size = copy_hashed(stream, temporary)
        if size != file.size:
            raise SourceError(f"{draft.feed}: {file.name} changed while it was being pulled")
        receipt = replace(draft, sha256=sha256, size=size)
        if not receipt.bytes_path(settings).exists():
            move_into_place(temporary, receipt.bytes_path(settings))
    # Seen before for this period: the same delivery again, unless this very path has meanwhile
    # delivered something else and now goes back to it (the partner takes a correction back).
    is_known = any(known.sha256 == sha256 for known in earlier)
    goes_back = last is not None and last.sha256 != sha256
    if is_known and not goes_back:
        return None, sha256
    write_json(receipt.receipt_path(settings), asdict(receipt))
    return receipt, sha256


@dataclass(frozen=True)
class Sighting:
    """What was last seen at a path of the source, so that an unchanged file is not opened again."""

    size: int
    modified: float
    sha256: str


def _sightings(settings: Settings, known: Iterable[Receipt]) -> dict[str, Sighting]:
    """Sightings by `feed:path`. The file is a cache: without it, receipts say nearly as much."""
    seen = {
        f"{receipt.feed}:{receipt.source_path}": Sighting(
            receipt.size, receipt.modified, receipt.sha256
        )
        for receipt in known
    }
    cache = settings.landing / _SIGHTINGS
    if cache.exists():
        entries = json.loads(cache.read_text(encoding="utf-8"))
        seen.update({key: Sighting(**entry) for key, entry in entries.items()})
    return seen
