"""The scrub of what is derived: it is made again, or taken away so that the next run makes it again."""

from __future__ import annotations

import shutil
from pathlib import Path

from orchestration import night
from orchestration.core import candidate, ledger, records, register
from orchestration.core.errors import GateRefusal
from orchestration.core.files import sha256_of
from orchestration.core.verified import Verified
from orchestration.ingest.landing import originals
from orchestration.ingest.landing.deliveries import (
    REFUSED,
    any_record,
    deliveries,
    is_damaged,
    record_path,
)
from orchestration.ingest.landing.pull_record import is_past
from orchestration.ingest.landing.receipts import receipts
from orchestration.ingest.readers import raw_files
from orchestration.ingest.readers.parse import parquet_path
from orchestration.protection import rekey
from orchestration.quality import quarantine
from orchestration.quality.gate_two import verdict_path
from orchestration.release import publish as release
from orchestration.release import role_copies
from orchestration.release.verify import is_intact
from orchestration.scrub.look import Found, Look, differing, few, named
from orchestration.scrub.state import Fault
from orchestration.transform import dbt, manifest

_NEXT_RUN = "the next run makes it again"
_NEXT_BUILD = "the next build makes it again"


def records_of_gate_one(look: Look) -> Found:
    """Records of gate 1: those that are damaged, and those that were there and are gone."""
    for receipt in receipts(look.settings):
        path = record_path(look.settings, receipt)
        is_gone = not path.exists() and bool(look.verified.day(path))
        if not is_gone and not is_damaged(look.settings, receipt):
            look.verified.note(path, look.settings.today)
            continue
        how = "is gone" if is_gone else "has changed"
        what = f"the record of gate 1 on {named(receipt)} {how}"
        yield look.fault("record", what, "the next run reads and judges the delivery again")
        if look.repair:
            path.unlink(missing_ok=True)
            look.verified.drop(path)


def raw(look: Look) -> Found:
    """Raw, against the key in use, the records of gate 1 and dbt's manifest of it."""
    if not rekey.is_settled(look.settings):
        yield look.fault("raw", "raw does not say that it is under the key in use", "put under it")
        if look.repair:
            rekey.settle(look.settings)
    known = {
        parquet_path(look.settings, receipt): (receipt, record)
        for receipt, record in raw_files.records_of(look.settings).items()
        if record is not None and record.raw_sha256
    }
    due = dict(known[path] for path in look.due("raw", sorted(known)))
    damaged = list(raw_files.unsound(look.settings, due, look.verified))
    if damaged and look.repair:
        look.verified.save()
        raw_files.mend(look.settings, look.contracts, lambda line: None)
        look.verified = Verified(look.settings.home)
    for receipt in damaged:
        record = any_record(look.settings, receipt)
        is_lost = look.repair and record is not None and not record.raw_sha256
        what = f"the file in raw of {named(receipt)} has changed or is gone"
        if is_lost:
            yield look.fault("raw", f"{what}, and so is its original")
        else:
            yield look.fault("raw", what, "made again from the original")
    changed = manifest.damaged(look.settings)
    for path in changed:
        name = path.relative_to(look.settings.raw).as_posix()
        yield look.fault("raw", f"raw/{name} has changed or is gone", "written anew")
    if changed and look.repair:
        night.write_manifest(look.settings, look.contracts)


def quarantined(look: Look) -> Found:
    """The reports on what was refused."""
    for delivery in deliveries(look.settings, look.contracts):
        receipt, record = delivery.receipt, delivery.record
        if record is None or record.state != REFUSED or record.rule == "landing_changed":
            continue
        contract = look.contracts[receipt.feed]
        if not quarantine.is_whole(look.settings, contract, receipt, record):
            what = f"the report on {named(receipt)} in quarantine has changed or is gone"
            yield look.fault("quarantine", what, "written anew")
            if look.repair and originals.is_sound(look.settings, receipt):
                quarantine.release(look.settings, receipt)
                quarantine.set_aside(look.settings, contract, receipt, record)


def project_and_candidate(look: Look) -> Found:
    """The assembled register, the parsed project, the build's records and the candidate."""
    settings = look.settings
    if register.is_damaged(settings):
        what = "the register as it was assembled for dbt has changed"
        yield look.fault("candidate", what, "assembled again")
        if look.repair:
            register.assemble(settings)
    if dbt.is_damaged(settings):
        yield look.fault("candidate", "the project as dbt parsed it has changed", _NEXT_RUN)
        if look.repair:
            dbt.manifest_path(settings).with_name("prepared").unlink(missing_ok=True)
    built = candidate.build_record_of(settings)
    if not built.exists():  # an erasure took it away; a candidate without one is told below
        look.verified.drop(built)
        look.verified.drop(verdict_path(settings))
    for path in (built, verdict_path(settings)):
        if how := _how_damaged(look, path):
            yield look.fault("candidate", f"warehouse/{path.name} {how}", _NEXT_RUN)
    yield from _candidate(look)


def _candidate(look: Look) -> Found:
    settings = look.settings
    build, there = night.read_build(settings), candidate.path_of(settings)
    if build is None:
        if there.exists():  # its record went, or a run was killed while it built
            yield look.fault("candidate", "nothing vouches for the candidate", _NEXT_BUILD)
            if look.repair:
                candidate.drop(settings)
        return
    for path in look.due("candidate", [there]):
        if path.exists() and sha256_of(path) == build.candidate_sha256:
            look.verified.note(path, settings.today)
            continue
        how = "has changed" if path.exists() else "is gone"
        yield look.fault("candidate", f"the candidate {how}", _NEXT_BUILD)
        if look.repair:
            look.verified.drop(path)
            candidate.forget(settings)


def publications(look: Look) -> Found:
    """The present publication and the earlier ones."""
    settings = look.settings
    present = settings.published.resolve() if settings.published.exists() else None
    was = ledger.read(settings.home).last(ledger.PUBLISHED, ledger.PUT_BACK)
    if present is None and was is not None:
        yield _published_again(look, "published/ is gone")
    for folder in release.kept(settings):
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        for path in look.due("publications", files):
            look.verified.drop(path)
        if is_intact(folder, look.verified, settings.today):
            continue
        said = differing(folder)
        if folder == present:
            yield _published_again(look, f"published/: {few(said)}")
        else:
            what = f"the earlier publication {folder.name}: {few(said)}"
            yield look.fault("published", what, "taken away")
            if look.repair:
                shutil.rmtree(folder)


def _published_again(look: Look, what: str) -> Fault:
    """Publish again from the candidate, where it is the one that was published; otherwise the next
    night builds and publishes it."""
    settings, later = look.settings, "the next night publishes it again"
    if not look.repair:
        return look.fault("published", what, "published again, or by the next night")
    build = night.read_build(settings)
    is_same = build is not None and build.inputs == night.inputs_of(settings, look.contracts)
    if not is_same or release.standing_put_back(settings) is not None:
        return look.fault("published", what, advice=later)
    try:
        night.publish(settings, look.contracts)
    except GateRefusal:
        return look.fault("published", what, advice=later)
    return look.fault("published", what, "published again")


def given(look: Look) -> Found:
    """The roles' copies of what is published; made again from it."""
    settings = look.settings
    place = role_copies.copies(settings).resolve()
    for path in look.due("given", sorted(p for p in place.rglob("*") if p.is_file())):
        look.verified.drop(path)
    damaged = role_copies.damaged(settings, look.verified, settings.today)
    if not damaged:
        return
    mended = "written anew from what is published"
    if look.repair and not (
        settings.published.exists() and release.give_again(settings, settings.published)
    ):
        mended = ""
    for name in damaged:
        what = f"the copy that was given to the role {name} has changed or is gone"
        yield look.fault("published", what, mended, advice="the next publication makes it again")


def small_records(look: Look) -> Found:
    """What was seen, pulled and told."""
    settings = look.settings
    pulls, told = settings.landing / "pulls", settings.home / "alerts"
    derived = {
        "the record of what was seen at the sources": [settings.landing / "sightings.json"],
        "a record of a pull": [
            *pulls.glob("*.json"),
            *(path for path in look.verified.gone(pulls) if not is_past(settings, path)),
        ],
        "a record of what a digest told": [*told.glob("*.json"), *look.verified.gone(told)],
    }
    for what, paths in derived.items():
        for path in sorted(paths):
            if how := _how_damaged(look, path):
                name = path.relative_to(settings.home).as_posix()
                yield look.fault("record", f"{what} {how} ({name})", "done without")


def _how_damaged(look: Look, path: Path) -> str:
    """How a small record that runs write again is damaged, if it is; with a repair it is taken away."""
    if not path.exists():
        return "is gone" if look.verified.day(path) else ""
    if not records.is_damaged(path):
        look.verified.note(path, look.settings.today)
        return ""
    if look.repair:
        path.unlink()
    return "has changed"
