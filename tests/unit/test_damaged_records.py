"""Small records that rot, are cut off or go: told in a sentence, never a traceback, never a silent gap."""

import json
import random
import shutil
from dataclasses import dataclass

import pytest

from orchestration import night
from orchestration.alerts import ledger, send
from orchestration.cli import summary
from orchestration.core import records
from orchestration.core.files import write_json
from orchestration.core.records import DamagedRecord, as_a, read_record
from orchestration.ingest.landing import purge
from orchestration.ingest.landing.deliveries import PASSED, Record, write_record
from orchestration.ingest.landing.pull_record import remember
from orchestration.quality.gate_two import read_verdict
from orchestration.release.verify import known_manifest
from tests.support.harbour import Harbour
from tests.support.made_up import column

COLUMNS = [column("ref", "Ref", required=True, unique=True), column("note", "Note")]
MONTHS = ("2026-05", "2026-06", "2026-07")
FILES = {
    f"boats_{month}.csv": "Ref,Note\n" + "".join(f"{month}-{n},x\n" for n in range(20))
    for month in MONTHS
}
KINDS = {
    "receipt": "landing/harbour/boats/2026-06/*.json",
    "receipt that no ledger knows": "landing/harbour/boats/2026-06/*.json",
    "raw record": "raw/harbour/boats/2026-06/*.json",
    "sightings": "landing/sightings.json",
    "pull": "landing/pulls/*.json",
    "verdict": "warehouse/verdict.json",
    "build": "warehouse/build.json",
    "ledger": "alerts/preview.json",
}


@dataclass(frozen=True)
class Thing:
    name: str
    number: int = 0
    maybe: str | None = None
    many: tuple[str, ...] = ()


def test_a_record_is_there_or_absent_or_damaged(tmp_path):
    path = tmp_path / "thing.json"
    assert read_record(path, as_a(Thing)) is None
    write_json(path, {"name": "a", "many": ["b"]})
    assert read_record(path, as_a(Thing)) == Thing("a", many=("b",))
    damaged = [b"", b"\x00", b"{", b"[]", b'"a"', b'{"name": "\xff"}', b"[" * 99_999]
    damaged += [
        json.dumps(text).encode()
        for text in ({}, {"name": 1}, {"name": "a", "nam": 1}, {"name": "a", "number": True},
                     {"name": "a", "many": [1]}, {"name": "a", "maybe": 2.5})
    ]  # fmt: skip
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(DamagedRecord, match=r"thing\.json is damaged: "):
            read_record(path, as_a(Thing))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A home after a night, with the other records that are read each night."""
    harbour = Harbour(tmp_path_factory.mktemp("harbour"), COLUMNS)
    pulled, settings = harbour.pull(**FILES), harbour.settings
    remember(settings, pulled)
    for receipt in pulled.landed:
        fingerprint = harbour.contract.fingerprint
        write_record(settings, receipt, Record(fingerprint, "1.0.0", PASSED, 20, "", ""))
    write_json(settings.warehouse / "verdict.json", {
        "allow": False, "reasons": ["x"], "candidate_sha256": "a", "inputs": "b", "outcomes": {},
    })  # fmt: skip
    write_json(
        settings.warehouse / "build.json", {"candidate_sha256": "a", "inputs": "b", "failed": []}
    )
    told = {"a": "2026-11-28"}
    write_json(settings.home / "alerts" / "preview.json",
               {"recipient": "preview", "up_to": settings.now.isoformat(), "publication": "",
                "told": told, "failures": []})  # fmt: skip
    return harbour


@pytest.fixture
def home(whole):
    """The same home, put back after the test."""
    places = (whole.settings.home, whole.source)
    for place in places:
        shutil.copytree(place, place.with_suffix(".kept"), symlinks=True)
    yield whole
    for place in places:
        shutil.rmtree(place)
        place.with_suffix(".kept").rename(place)


@pytest.fixture
def older(home):
    """The same home, as a release left it that kept no ledger of what landed."""
    shutil.rmtree(home.settings.home / "ledger")
    return home


def looked_at(harbour):
    """All that looks at records without a run; the state of the month whose records are damaged."""
    settings, contracts = harbour.settings, harbour.contracts
    text = summary.text(settings, contracts) + summary.as_json(settings, contracts)
    text += "".join(preview.digest.text for preview in send.previews(settings, contracts))
    purge.due(settings, contracts)
    night.work(settings, contracts)
    read_verdict(settings)
    ledger.read(settings, "preview")
    return summary.states(settings, contracts)["harbour/boats"]["2026-06"], text


def damage(path, chance):
    """One bit turned, or the file cut off, or gone; what was done."""
    content = bytearray(path.read_bytes())
    kind = chance.choice(["flip", "flip", "flip", "cut", "gone"])
    if kind == "gone":
        path.unlink()
        return kind
    place = chance.randrange(len(content))
    if kind == "cut":
        del content[place:]
    else:
        content[place] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(content))
    return kind


@pytest.mark.parametrize("kind", KINDS)
def test_damage_is_no_traceback_and_no_silent_gap(home, kind):
    chance = random.Random(f"14 {kind}")
    (path,) = home.settings.home.glob(KINDS[kind])
    if "no ledger" in kind:
        shutil.rmtree(home.settings.home / "ledger")
    sound = path.read_bytes()
    assert looked_at(home)[0] == "delivered"
    seen = set()
    for _ in range(8):
        damage(path, chance)
        state, text = looked_at(home)
        seen.add(state)
        assert state in ("delivered", "damaged", "landed")
        if state == "damaged":
            assert "damaged" in text or "gone" in text
        path.write_bytes(sound)
    # A receipt that is damaged loses nothing that the ledger knows.
    harmful = ("receipt that no ledger knows", "raw record")
    assert (kind in harmful) == bool(seen - {"delivered"})


def test_what_can_be_made_again_is_made_again_by_the_next_night(tmp_path):
    home = Harbour(tmp_path, COLUMNS)
    home.night(**FILES)
    settings, before = home.settings, home.live()
    for kind in ("receipt", "raw record", "sightings"):
        (path,) = settings.home.glob(KINDS[kind])
        path.write_bytes(path.read_bytes()[:-9])
    assert "damaged" in looked_at(home)[1]
    home.night()
    assert home.live() == before
    remember(settings, home.pulled)
    state, text = looked_at(home)
    # The cache is whole again, and it is told that it was not.
    assert state == "delivered" and "sightings.json is damaged" in text


@pytest.mark.parametrize("gone", ["receipt", "receipt and bytes", "receipt and raw record"])
def test_a_delivery_of_which_only_traces_are_left_is_no_missing_month(older, gone):
    home = older
    landing = home.settings.landing / "harbour/boats/2026-06"
    for path in landing.iterdir():
        if path.suffix == ".json" or "bytes" in gone:
            path.unlink()
    if "raw" in gone:
        shutil.rmtree(home.settings.raw / "harbour/boats/2026-06")
    (home.source / "boats_2026-06.csv").rename(home.source / "elsewhere.csv")
    for _ in range(2):
        state, text = looked_at(home)
        assert (state, "2026-06" in text) == ("damaged", True)
        home.night()  # its source does not have it any more
    assert home.live() == {"2026-05/1", "2026-07/1"}


def test_a_delivery_that_the_ledger_knows_is_not_lost_with_its_receipt(home):
    for path in home.settings.landing.glob("harbour/boats/2026-06/*.json"):
        path.unlink()
    before = home.live()
    assert looked_at(home)[0] == "delivered" and "2026-06/1" in before
    home.night()
    assert home.live() == before and not home.pulled.landed


def test_a_receipt_that_names_another_feed_is_damaged(older):
    (path,) = older.settings.home.glob(KINDS["receipt"])
    held = path.read_text().replace("harbour/boats", "harbour/coats")
    path.write_text(held)
    state, text = looked_at(older)
    assert state == "damaged" and "it has changed since it was written" in text
    records.write(path, {k: v for k, v in json.loads(held).items() if k != records.SEAL})
    state, text = looked_at(older)
    assert state == "damaged" and "it is not what such a record holds" in text


def test_a_damaged_manifest_is_no_publication_that_is_known(tmp_path):
    chance, path = random.Random(14), tmp_path / "manifest.json"
    manifest = {"files": {}, "published_at": "2026-11-29", "inputs": "b", "synthetic": False}
    manifest["tables"] = {}
    assert known_manifest(tmp_path) is None
    for _ in range(30):
        write_json(path, manifest)
        assert known_manifest(tmp_path) == manifest
        damage(path, chance)
        known_manifest(tmp_path)
    path.write_bytes(b"{}")
    assert known_manifest(tmp_path) is None


def test_an_original_that_is_gone_is_told_when_it_is_needed(home):
    (path,) = home.settings.home.glob(KINDS["raw record"])
    path.write_bytes(b"{")
    (original,) = home.settings.landing.glob("harbour/boats/2026-06/*.csv")
    original.unlink()
    night.gate_one(home.settings, home.contracts, lambda line: None)
    _, text = looked_at(home)
    assert "restore landing from the backup" in text
