"""The scrub of what nothing makes again: ledgers, receipts, originals, editions, records of purges."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from orchestration.core import ledger, records
from orchestration.core.files import sha256_of, write_json
from orchestration.core.sealed import LedgerBroken
from orchestration.ingest.landing import erased
from orchestration.ingest.landing import receipts as landed
from orchestration.ingest.landing.originals import is_sound
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.readers import raw_files
from orchestration.ingest.transports.file_names import shown
from orchestration.release import roles
from orchestration.release.verify import INDEX, ISSUE
from orchestration.scrub import state
from orchestration.scrub.look import Found, Look, differing, few, named
from orchestration.scrub.state import Fault


def main_ledger(look: Look) -> Found:
    """The ledger of what landed, went and was issued."""
    home, last = look.settings.home, state.load(look.settings)
    if state.is_damaged(look.settings):
        yield look.fault("scrub", "the record of the last scrub has changed", "written anew")
    found = ledger.read(home, fresh=True)
    said = ledger.faults(found, last.head if last else "")
    for sentence in said:
        yield look.fault(
            "ledger", sentence, "made again from receipts and editions; the old one is kept"
        )
    if said and look.repair:
        kept = home / "ledger" / f"damaged-{look.settings.now:%Y%m%dT%H%M%S%f}.jsonl"
        ledger.mend(home, kept, _bodies(look))


def sealed_ledgers(look: Look) -> Found:
    """What was erased, and who was given what."""
    for one in (erased.ledger(look.settings), roles.ledger(look.settings)):
        paths = one.path, one.path.with_suffix(".head")
        try:
            one.entries()
        except LedgerBroken as problem:
            yield Fault("ledger", str(problem))
            continue
        for path in paths:
            if path.exists():
                look.verified.note(path, look.settings.today)
            elif look.verified.day(path):
                advice = "restore ledger/ as a whole from the newest backup"
                yield look.fault("ledger", f"ledger/{path.name} is gone", advice=advice)


def _bodies(look: Look) -> Iterator[tuple[str, str, Mapping[str, object]]]:
    """What the ledger has to hold, by the files."""
    for receipt in landed.receipts(look.settings):
        yield ledger.LANDED, landed.name_of(receipt), asdict(receipt)
    for name, issued in issued_by_files(look).items():
        yield ledger.ISSUED, name, issued


def enter(look: Look) -> None:
    """Enter what was kept by an older release, or just before a run was killed."""
    landed.enter(look.settings)
    known = ledger.read(look.settings.home).standing(ledger.ISSUED)
    for name, issued in issued_by_files(look).items():
        folder = look.settings.editions / name
        if name not in known and not differing(folder):
            ledger.add(look.settings.home, (ledger.ISSUED, name, issued))


def receipts(look: Look) -> Found:
    """The receipts, against the ledger."""
    for path, should in list(landed.damaged(look.settings)):
        if should is None:
            name = shown(path.relative_to(look.settings.landing).as_posix())
            what = f"the receipt landing/{name} has changed, and the ledger does not know it"
            yield look.fault("receipt", what)
            continue
        what = f"the receipt of {named(should)} has changed or is gone"
        if not should.bytes_path(look.settings).exists() and not path.exists():
            what = f"the receipt and the original of {named(should)} are gone"
            yield look.fault("original", what, advice="restore both from a backup")
            continue
        yield look.fault("receipt", what, "made again from the ledger")
        if look.repair:
            records.write(path, asdict(should))


def originals(look: Look) -> Found:
    """The bytes in landing, against their receipts."""
    by_path: dict[Path, Receipt] = {}
    for receipt in landed.receipts(look.settings):
        by_path.setdefault(receipt.bytes_path(look.settings), receipt)
    for path in look.due("originals", sorted(by_path)):
        receipt = by_path[path]
        if is_sound(look.settings, receipt):
            look.verified.note(path, look.settings.today)
            if look.repair:
                raw_files.restored(look.settings, receipt)
            continue
        look.verified.drop(path)
        how = "has changed" if path.exists() else "is gone"
        kept = f"{receipt.sha256[:12]}…{receipt.ending}"
        yield look.fault(
            "original",
            f"the original of {named(receipt)} {how} (landing, {kept})",
            advice="restore it from a backup, or have the same file sent again",
        )


def editions(look: Look) -> Found:
    """The index of editions, and each against its manifests."""
    settings = look.settings
    known = ledger.read(settings.home).standing(ledger.ISSUED)
    issued: dict[str, Mapping[str, object]] = dict(issued_by_files(look))
    issued |= {name: entry.body for name, entry in known.items() if entry.body is not None}
    index = settings.editions / INDEX
    if issued and _json(index) != issued:
        what = f"the index of editions ({INDEX}) has changed or is gone"
        yield look.fault("edition", what, "written anew from the ledger")
        if look.repair:
            write_json(index, issued)
    for name in sorted(issued):
        folder = settings.editions / name
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        looks = [*look.due("editions", files)]
        if not folder.is_dir():
            yield look.fault("edition", f"the edition {name} is gone")
        elif looks:
            said = differing(folder)
            for path in files:
                if said:
                    look.verified.drop(path)
                else:
                    look.verified.note(path, settings.today)
            if said:
                yield look.fault("edition", f"the edition {name}: {few(said)}")


def issued_by_files(look: Look) -> dict[str, dict[str, str]]:
    """The editions by the index; where that is damaged, by their own records."""
    root = look.settings.editions
    found = _json(root / INDEX)
    if isinstance(found, dict):
        return found
    editions: dict[str, dict[str, str]] = {}
    for path in sorted(root.glob(f"[0-9]*/v*/*/{ISSUE}")):
        name = path.parent.parent.relative_to(root).as_posix()
        editions.setdefault(name, {})[path.parent.name] = sha256_of(path)
    return editions


def purges(look: Look) -> Found:
    """The records of purges."""
    home = look.settings.home
    for path in sorted((home / "purged").rglob("*.json")):
        if records.is_damaged(path):
            name = shown(path.relative_to(home).as_posix())
            yield look.fault("record", f"the record of a purge has changed ({name})")


def _json(path: Path) -> object:
    """What a file holds as JSON; `None` where it is gone or cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
