"""`csp fsck` and the nightly scrub: every kept byte against what vouches for it.

| What | Vouched for by | Damaged or gone |
|---|---|---|
| originals in landing | the sha256 in their receipts | named: nothing makes them again |
| receipts | the ledger, and their seals | made again from the ledger |
| the ledger | its chain, and the head noted by the last scrub | made again from receipts and editions |
| records of gate 1, of the build, of pulls, of digests | their seals | taken away: the next run writes them |
| raw | the sha256 in the records of gate 1 | made again from landing |
| the assembled register, the parsed project, dbt's manifest | hashes beside them | made again before use |
| the candidate | the record of its build | built again |
| publications | their manifests, whose hash is in their name | published again; older ones are taken away |
| roles' copies of one | their manifests, whose hash is in the ledger of what was given | made again from it |
| the ledgers of what was erased and given | their chains and heads | named: nothing makes them again |
| editions | manifests, issue records, index and ledger | named: nothing makes them again |

Presence, size and time of everything are looked at each time; what differs in one, and a share of the rest
(those read longest ago), is read whole.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from orchestration import night
from orchestration.contracts.odcs import Contract
from orchestration.core import ledger, records, register
from orchestration.core.errors import GateRefusal
from orchestration.core.files import sha256_of, write_json
from orchestration.core.sealed import LedgerBroken
from orchestration.core.settings import Settings
from orchestration.core.verified import Verified
from orchestration.ingest.landing import erased, originals
from orchestration.ingest.landing import receipts as kept_receipts
from orchestration.ingest.landing.deliveries import (
    REFUSED,
    any_record,
    deliveries,
    is_damaged,
    record_path,
)
from orchestration.ingest.landing.receipts import Receipt, receipts
from orchestration.ingest.readers import raw_files
from orchestration.ingest.readers.parse import parquet_path
from orchestration.ingest.transports.file_names import shown
from orchestration.quality import quarantine
from orchestration.release import publish as release
from orchestration.release import roles
from orchestration.release.verify import (
    INDEX,
    ISSUE,
    BrokenManifest,
    NoManifest,
    differences,
    is_intact,
)
from orchestration.scrub import state
from orchestration.scrub.state import Fault, State
from orchestration.transform import dbt, manifest

Progress = Callable[[str, int, int], None]
Found = Iterator[Fault]
_NEXT_RUN = "the next run makes it again"
_NEXT_BUILD = "the next build makes it again"
_RESTORE = "restore it from a backup"


def check(
    settings: Settings,
    contracts: Mapping[str, Contract],
    *,
    share: int = 1,
    repair: bool = False,
    kept_only: bool = False,
    progress: Progress = lambda what, done, of: None,
) -> State:
    """Check everything that is kept, and one in `share` files by their content; return what was found.

    With `repair`, what is derived is made again, or taken away so that the next run does; a fault that was
    made good does not stand. With `kept_only`, only what cannot be made again is read, and nothing is
    written: what a backup asks. Needs the run's lock.

    Raises:
        KeyFileError: something is encrypted, and the key that opens it is not set.
    """
    scrub = _Scrub(settings, contracts, share, repair and not kept_only, progress)
    faults = tuple(scrub.kept_faults() if kept_only else scrub.faults())
    found = State(
        at=settings.now.isoformat(timespec="seconds"),
        read=scrub.read,
        of=scrub.of,
        head=ledger.read(settings.home, fresh=True).head,
        faults=faults,
    )
    if not kept_only:
        if repair:  # what is gone was told, and made again or purged
            scrub.verified.drop_gone()
        scrub.verified.save()
        state.save(settings, found)
    return found


class _Scrub:
    def __init__(
        self,
        settings: Settings,
        contracts: Mapping[str, Contract],
        share: int,
        repair: bool,
        progress: Progress,
    ) -> None:
        self.settings, self.contracts = settings, contracts
        self.share, self.repair, self.progress = share, repair, progress
        self.verified = Verified(settings.home)
        self.read = self.of = 0

    def kept_faults(self) -> Found:
        """The faults in what nothing makes again."""
        yield from self._ledger()
        yield from self._sealed_ledgers()
        yield from self._receipts()
        yield from self._originals()
        yield from self._editions()
        yield from self._purged()

    def faults(self) -> Found:
        """Every fault; the ledger and receipts first, by which all else is known."""
        yield from self._ledger()
        yield from self._sealed_ledgers()
        if self.repair or not ledger.read(self.settings.home).damaged:
            self._enter()
        yield from self._receipts()
        yield from self._originals()
        yield from self._records()
        yield from self._raw()
        yield from self._quarantine()
        yield from self._derived()
        yield from self._publications()
        yield from self._given()
        yield from self._editions()
        yield from self._small_records()
        yield from self._purged()

    def _fault(self, kind: str, what: str, mended: str = "", advice: str = _RESTORE) -> Fault:
        """A fault: made good as `mended` says where this is a repair, otherwise with `advice`."""
        if mended and self.repair:
            return Fault(kind, f"{what}; {mended}", stands=False)
        if mended:
            return Fault(kind, f"{what}; csp fsck --repair: {mended}")
        return Fault(kind, f"{what}; {advice}")

    def _due(self, kind: str, paths: Sequence[Path]) -> Iterator[Path]:
        """The files to read now: those that do not look as they did, and the share read longest ago."""
        by_age = sorted(paths, key=lambda path: (self.verified.day(path), path.as_posix()))
        turn = set(by_age[: -(-len(by_age) // self.share)])
        due = [p for p in paths if p in turn or not self.verified.is_same(p)]
        self.of += len(paths)
        for number, path in enumerate(due, start=1):
            self.read += 1
            self.progress(kind, number, len(due))
            yield path

    def _ledger(self) -> Found:
        home, last = self.settings.home, state.load(self.settings)
        if state.is_damaged(self.settings):
            yield self._fault("scrub", "the record of the last scrub has changed", "written anew")
        found = ledger.read(home, fresh=True)
        said = ledger.faults(found, last.head if last else "")
        for sentence in said:
            yield self._fault(
                "ledger", sentence, "made again from receipts and editions; the old one is kept"
            )
        if said and self.repair:
            kept = home / "ledger" / f"damaged-{self.settings.now:%Y%m%dT%H%M%S%f}.jsonl"
            ledger.mend(home, kept, self._bodies())

    def _sealed_ledgers(self) -> Found:
        """What was erased, and who was given what."""
        for one in (erased.ledger(self.settings), roles.ledger(self.settings)):
            paths = one.path, one.path.with_suffix(".head")
            try:
                one.entries()
            except LedgerBroken as problem:
                yield Fault("ledger", str(problem))
                continue
            for path in paths:
                if path.exists():
                    self.verified.note(path, self.settings.today)
                elif self.verified.day(path):
                    advice = "restore ledger/ as a whole from the newest backup"
                    yield self._fault("ledger", f"ledger/{path.name} is gone", advice=advice)

    def _bodies(self) -> Iterator[tuple[str, str, Mapping[str, object]]]:
        """What the ledger has to hold, by the files."""
        for receipt in receipts(self.settings):
            yield ledger.LANDED, kept_receipts.name_of(receipt), asdict(receipt)
        for name, issued in self._issued_by_files().items():
            yield ledger.ISSUED, name, issued

    def _enter(self) -> None:
        """Enter what was kept by an older release, or just before a run was killed."""
        kept_receipts.enter(self.settings)
        known = ledger.read(self.settings.home).standing(ledger.ISSUED)
        for name, issued in self._issued_by_files().items():
            folder = self.settings.editions / name
            if name not in known and not _differing(folder):
                ledger.add(self.settings.home, (ledger.ISSUED, name, issued))

    def _receipts(self) -> Found:
        for path, should in list(kept_receipts.damaged(self.settings)):
            if should is None:
                name = shown(path.relative_to(self.settings.landing).as_posix())
                what = f"the receipt landing/{name} has changed, and the ledger does not know it"
                yield self._fault("receipt", what)
                continue
            what = f"the receipt of {_named(should)} has changed or is gone"
            if not should.bytes_path(self.settings).exists() and not path.exists():
                what = f"the receipt and the original of {_named(should)} are gone"
                yield self._fault("original", what, advice="restore both from a backup")
                continue
            yield self._fault("receipt", what, "made again from the ledger")
            if self.repair:
                records.write(path, asdict(should))

    def _originals(self) -> Found:
        by_path: dict[Path, Receipt] = {}
        for receipt in receipts(self.settings):
            by_path.setdefault(receipt.bytes_path(self.settings), receipt)
        for path in self._due("originals", sorted(by_path)):
            receipt = by_path[path]
            if originals.is_sound(self.settings, receipt):
                self.verified.note(path, self.settings.today)
                if self.repair:
                    raw_files.restored(self.settings, receipt)
                continue
            self.verified.drop(path)
            how = "has changed" if path.exists() else "is gone"
            kept = f"{receipt.sha256[:12]}…{receipt.ending}"
            yield self._fault(
                "original",
                f"the original of {_named(receipt)} {how} (landing, {kept})",
                advice="restore it from a backup, or have the same file sent again",
            )

    def _records(self) -> Found:
        """Records of gate 1: those that are damaged, and those that were there and are gone."""
        for receipt in receipts(self.settings):
            path = record_path(self.settings, receipt)
            is_gone = not path.exists() and bool(self.verified.day(path))
            if not is_gone and not is_damaged(self.settings, receipt):
                self.verified.note(path, self.settings.today)
                continue
            how = "is gone" if is_gone else "has changed"
            what = f"the record of gate 1 on {_named(receipt)} {how}"
            yield self._fault("record", what, "the next run reads and judges the delivery again")
            if self.repair:
                path.unlink(missing_ok=True)
                self.verified.drop(path)

    def _raw(self) -> Found:
        known = {
            parquet_path(self.settings, receipt): (receipt, record)
            for receipt, record in raw_files.records_of(self.settings).items()
            if record is not None and record.raw_sha256
        }
        due = dict(known[path] for path in self._due("raw", sorted(known)))
        damaged = list(raw_files.unsound(self.settings, due, self.verified))
        if damaged and self.repair:
            self.verified.save()
            raw_files.mend(self.settings, self.contracts, lambda line: None)
            self.verified = Verified(self.settings.home)
        for receipt in damaged:
            record = any_record(self.settings, receipt)
            is_lost = self.repair and record is not None and not record.raw_sha256
            what = f"the file in raw of {_named(receipt)} has changed or is gone"
            if is_lost:
                yield self._fault("raw", f"{what}, and so is its original")
            else:
                yield self._fault("raw", what, "made again from the original")
        for path in manifest.damaged(self.settings):
            name = path.relative_to(self.settings.raw).as_posix()
            yield self._fault("raw", f"raw/{name} has changed or is gone", "written anew")
            if self.repair:
                night.write_manifest(self.settings, self.contracts)

    def _quarantine(self) -> Found:
        for delivery in deliveries(self.settings, self.contracts):
            receipt, record = delivery.receipt, delivery.record
            if record is None or record.state != REFUSED or record.rule == "landing_changed":
                continue
            contract = self.contracts[receipt.feed]
            if not quarantine.is_whole(self.settings, contract, receipt, record):
                what = f"the report on {_named(receipt)} in quarantine has changed or is gone"
                yield self._fault("quarantine", what, "written anew")
                if self.repair and originals.is_sound(self.settings, receipt):
                    quarantine.release(self.settings, receipt)
                    quarantine.set_aside(self.settings, contract, receipt, record)

    def _derived(self) -> Found:
        """The assembled register, the parsed project, the build's records and the candidate."""
        settings = self.settings
        if register.is_damaged(settings):
            what = "the register as it was assembled for dbt has changed"
            yield self._fault("candidate", what, "assembled again")
            if self.repair:
                register.assemble(settings)
        if dbt.is_damaged(settings):
            yield self._fault("candidate", "the project as dbt parsed it has changed", _NEXT_RUN)
            if self.repair:
                dbt.manifest_path(settings).with_name("prepared").unlink(missing_ok=True)
        for name in ("build.json", "verdict.json"):
            path = settings.warehouse / name
            if _is_sealed_wrongly(path):
                yield self._fault("candidate", f"warehouse/{name} has changed", _NEXT_RUN)
                if self.repair:
                    path.unlink()
        yield from self._candidate()

    def _candidate(self) -> Found:
        settings = self.settings
        build, candidate = night.read_build(settings), dbt.candidate_path(settings)
        if build is None:
            if candidate.exists():  # its record went, or a run was killed while it built
                yield self._fault("candidate", "nothing vouches for the candidate", _NEXT_BUILD)
                if self.repair:
                    candidate.unlink()
            return
        for path in self._due("candidate", [candidate]):
            if path.exists() and sha256_of(path) == build.candidate_sha256:
                self.verified.note(path, settings.today)
                continue
            how = "has changed" if path.exists() else "is gone"
            yield self._fault("candidate", f"the candidate {how}", _NEXT_BUILD)
            if self.repair:
                self.verified.drop(path)
                path.unlink(missing_ok=True)
                (settings.warehouse / "build.json").unlink(missing_ok=True)

    def _publications(self) -> Found:
        settings = self.settings
        present = settings.published.resolve() if settings.published.exists() else None
        was = ledger.read(settings.home).last(ledger.PUBLISHED, ledger.PUT_BACK)
        if present is None and was is not None:
            yield self._published_again("published/ is gone")
        for folder in release.kept(settings):
            files = sorted(path for path in folder.rglob("*") if path.is_file())
            for path in self._due("publications", files):
                self.verified.drop(path)
            if is_intact(folder, self.verified, settings.today):
                continue
            said = _differing(folder)
            few = ", ".join(said[:3]) + (f" and {len(said) - 3} more" if len(said) > 3 else "")
            if folder == present:
                yield self._published_again(f"published/: {few}")
            else:
                what = f"the earlier publication {folder.name}: {few}"
                yield self._fault("published", what, "taken away")
                if self.repair:
                    shutil.rmtree(folder)

    def _published_again(self, what: str) -> Fault:
        """Publish again from the candidate, where it is the one that was published; otherwise the next
        night builds and publishes it."""
        settings, later = self.settings, "the next night publishes it again"
        if not self.repair:
            return self._fault("published", what, "published again, or by the next night")
        build = night.read_build(settings)
        is_same = build is not None and build.inputs == night.inputs_of(settings, self.contracts)
        if not is_same or release.standing_put_back(settings) is not None:
            return self._fault("published", what, advice=later)
        try:
            night.publish(settings, self.contracts)
        except GateRefusal:
            return self._fault("published", what, advice=later)
        return self._fault("published", what, "published again")

    def _given(self) -> Found:
        """The roles' copies of what is published; made again from it."""
        settings = self.settings
        place = roles.copies(settings).resolve()
        for path in self._due("given", sorted(p for p in place.rglob("*") if p.is_file())):
            self.verified.drop(path)
        damaged = roles.damaged(settings, self.verified, settings.today)
        if not damaged:
            return
        mended = "written anew from what is published"
        if self.repair and not (
            settings.published.exists() and release.give_again(settings, settings.published)
        ):
            mended = ""
        for name in damaged:
            what = f"the copy that was given to the role {name} has changed or is gone"
            yield self._fault(
                "published", what, mended, advice="the next publication makes it again"
            )

    def _editions(self) -> Found:
        settings = self.settings
        known = ledger.read(settings.home).standing(ledger.ISSUED)
        issued: dict[str, Mapping[str, object]] = dict(self._issued_by_files())
        issued |= {name: entry.body for name, entry in known.items() if entry.body is not None}
        index = settings.editions / INDEX
        if issued and _json(index) != issued:
            what = f"the index of editions ({INDEX}) has changed or is gone"
            yield self._fault("edition", what, "written anew from the ledger")
            if self.repair:
                write_json(index, issued)
        for name in sorted(issued):
            folder = settings.editions / name
            files = sorted(path for path in folder.rglob("*") if path.is_file())
            looks = [*self._due("editions", files)]
            if not folder.is_dir():
                yield self._fault("edition", f"the edition {name} is gone")
            elif looks:
                said = _differing(folder)
                for path in files:
                    if said:
                        self.verified.drop(path)
                    else:
                        self.verified.note(path, settings.today)
                if said:
                    few = ", ".join(said[:3]) + (f" and {len(said) - 3} more" if said[3:] else "")
                    yield self._fault("edition", f"the edition {name}: {few}")

    def _issued_by_files(self) -> dict[str, dict[str, str]]:
        """The editions by the index; where that is damaged, by their own records."""
        root = self.settings.editions
        found = _json(root / INDEX)
        if isinstance(found, dict):
            return found
        editions: dict[str, dict[str, str]] = {}
        for path in sorted(root.glob(f"[0-9]*/v*/*/{ISSUE}")):
            name = path.parent.parent.relative_to(root).as_posix()
            editions.setdefault(name, {})[path.parent.name] = sha256_of(path)
        return editions

    def _small_records(self) -> Found:
        home = self.settings.home
        sightings = self.settings.landing / "sightings.json"
        derived = {
            "the record of what was seen at the sources": [sightings],
            "a record of a pull": sorted((self.settings.landing / "pulls").glob("*.json")),
            "a record of what a digest told": sorted((home / "alerts").glob("*.json")),
        }
        for what, paths in derived.items():
            for path in paths:
                if _is_sealed_wrongly(path):
                    name = path.relative_to(home).as_posix()
                    yield self._fault("record", f"{what} has changed ({name})", "taken away")
                    if self.repair:
                        path.unlink()

    def _purged(self) -> Found:
        home = self.settings.home
        for path in sorted((home / "purged").rglob("*.json")):
            if _is_sealed_wrongly(path):
                name = shown(path.relative_to(home).as_posix())
                yield self._fault("record", f"the record of a purge has changed ({name})")


def _named(receipt: Receipt) -> str:
    return f"{receipt.feed} {receipt.period} (delivery {receipt.seq:03d}-{receipt.sha256[:12]})"


def _is_sealed_wrongly(path: Path) -> bool:
    try:
        records.read(path)
    except records.DamagedRecord:
        return True
    return False


def _differing(folder: Path) -> list[str]:
    """What differs from a folder's manifest; one sentence where there is no manifest to speak of."""
    try:
        return differences(folder)
    except (NoManifest, BrokenManifest):
        return ["its manifest.json is gone or cannot be read"]


def _json(path: Path) -> object:
    """What a file holds as JSON; `None` where it is gone or cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
