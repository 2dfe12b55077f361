"""What was erased is nowhere in the home, does not come back, and is told of; all else stays."""

import contextlib
import json
import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from orchestration import erasure, night
from orchestration.alerts.delivery_items import run_items, source_items
from orchestration.core import ledger
from orchestration.core.sealed import LedgerBroken
from orchestration.erasure.person import TooShort
from orchestration.erasure.plan import NothingToErase
from orchestration.ingest.landing import erased, pull, purge
from orchestration.ingest.landing.deliveries import PASSED, REFUSED, deliveries
from orchestration.ingest.landing.pull_record import remember
from orchestration.ingest.landing.receipts import name_of, receipts
from orchestration.ingest.readers.parse import parquet_path
from orchestration.ingest.transports import open_source
from orchestration.protection import vault
from tests.conftest import settings_at
from tests.support.made_up import column, load
from tests.unit.test_pseudonyms import KEY, OLD, keyed

FEED = "harbour/boats"
COLUMNS = (KEY, column("notes", "Notes"))
HER, HIS = "QX-7731-alpha", "ZB-0042-omega"
BAD = "lives at ST4 1AA"
BY = {"ground": "article_17", "by": "Data protection officer"}


@pytest.fixture
def contracts(tmp_path):
    return {FEED: load(tmp_path / "contracts", COLUMNS)}


@pytest.fixture
def source(tmp_path, template):
    return Path(shutil.copytree(template / "source", tmp_path / "source"))


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A home with three deliveries, one of them refused; its sources beside it."""
    folder = tmp_path_factory.mktemp("template")
    source = folder / "source"
    source.mkdir()
    (source / "boats_2026-07.csv").write_text(f"Key,Notes\n{HER},a\n{HIS},b\n{HER},c\n")
    (source / "boats_2026-08.csv").write_text(f"Key,Notes\n{HIS},d\n")
    (source / "boats_2026-09.csv").write_text(f"Key,Notes\n{HER},{BAD}\n")
    settings = keyed(settings_at(folder / "home"), folder, OLD)
    served(settings, {FEED: load(folder / "contracts", COLUMNS)}, source)
    return folder


@pytest.fixture
def place(tmp_path, template, source):
    """A copy of the home, with what nights and people leave beside deliveries."""
    shutil.copytree(template / "home", tmp_path / "home")
    settings = keyed(settings_at(tmp_path / "home"), tmp_path, OLD)
    settings.warehouse.mkdir()
    (settings.warehouse / "candidate.duckdb").write_text(HER)
    (settings.warehouse / "dbt").mkdir()
    (settings.warehouse / "dbt" / "dbt.log").write_text(HER)
    old = settings.publications / "old"
    old.mkdir(parents=True)
    (old / "warehouse.duckdb").write_text(HER)
    draft = settings.editions / ".candidate"
    draft.mkdir(parents=True)
    (draft / "figures").write_text(HER)
    return settings


def served(settings, contracts, source):
    found = pull.pull(settings, contracts, open_source(str(source)))
    remember(settings, found)
    night.gate_one(settings, contracts, print)
    return found


def of(settings, period):
    return [one for one in receipts(settings) if one.period == period]


def states(settings, contracts):
    return {one.receipt.period: one.state for one in deliveries(settings, contracts)}


def holding(home, *texts):
    """The files of the home that hold one of the texts, in their bytes or as Parquet."""
    found = set()
    for path in home.rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        if content[:4] == b"PAR1":
            rows = duckdb.execute(f"select t::varchar from read_parquet('{path}') as t").fetchall()
            content = repr(rows).encode()
        found |= {path.relative_to(home) for text in texts if text.encode() in content}
        found |= {path.relative_to(home) for text in texts if text in path.name}
    return found


def everything(home):
    return {p.relative_to(home): p.read_bytes() for p in home.rglob("*") if p.is_file()}


def test_a_refused_delivery_goes_from_everywhere_and_does_not_come_back(place, contracts, source):
    (delivery,) = of(place, "2026-09")
    assert states(place, contracts) == {"2026-07": PASSED, "2026-08": PASSED, "2026-09": REFUSED}
    assert len(holding(place.home, BAD)) == 2  # landing and quarantine
    plan = erasure.of_delivery(place, f"{FEED}/{delivery.delivery_id}")
    before = everything(place.home)
    assert everything(place.home) == before, "looking changes nothing"
    done = erasure.carry_out(place, contracts, plan, **BY)
    assert holding(place.home, BAD, "boats_2026-09") == set()
    # That it landed and has gone, in the ledger of what is kept.
    assert holding(place.home, delivery.delivery_id) == {Path("ledger/kept.jsonl")}
    # The hash of the file is all that is left of it, in the ledger and so that it is not read again.
    assert {str(path) for path in holding(place.home, delivery.sha256)} == {
        "ledger/erasures.jsonl",
        "landing/sightings.json",
    }
    assert done.entry["deliveries"][0]["rows"] is None
    assert done.entry["backups_until"] == (place.today + timedelta(days=35)).isoformat()
    assert not list(place.publications.iterdir())
    assert not (place.editions / ".candidate").exists()
    assert list(place.warehouse.iterdir()) == []
    # Not again in the next night, nor under another name, nor when the file was touched.
    assert served(place, contracts, source).landed == []
    shutil.copy(source / "boats_2026-09.csv", source / "boats_2026-10.csv")
    (source / "boats_2026-09.csv").touch()
    again = served(place, contracts, source)
    assert again.landed == []
    assert len(again.erased) == 2
    assert "boats" not in again.erased[0].split(":", 1)[1]
    told = source_items(place, contracts, place.now - timedelta(days=1))
    assert f"{FEED}: 2 files with what was erased here" in told[0].sentence
    assert told[0].partners == ("harbour",)
    assert holding(place.home, BAD, "boats_2026-09", "boats_2026-10") == set()
    assert states(place, contracts) == {"2026-07": PASSED, "2026-08": PASSED}
    # A corrected file is another one.
    (source / "boats_2026-09.csv").write_text(f"Key,Notes\n{HIS},e\n")
    assert len(served(place, contracts, source).landed) == 1


def test_a_person_goes_by_value_and_the_other_rows_stay(place, contracts, source):
    plan = erasure.of_person(place, contracts, erasure.Person(HER))
    found = {one.receipt.period: one.rows for one in plan.gone}
    assert found == {"2026-07": (2, 4), "2026-09": None}
    (before,) = of(place, "2026-07")
    erasure.carry_out(place, contracts, plan, **BY)
    assert holding(place.home, HER) == set()
    night.gate_one(place, contracts, print)
    (after,) = of(place, "2026-07")
    assert (after.replaces, after.seq, after.received_at) == (
        before.sha256, before.seq, before.received_at,
    )  # fmt: skip
    assert states(place, contracts) == {"2026-07": PASSED, "2026-08": PASSED}
    rows = duckdb.execute(f"select _row, notes from '{parquet_path(place, after)}'").fetchall()
    assert rows == [(3, "b")]
    assert served(place, contracts, source).landed == []
    assert holding(place.home, HER) == set()
    with pytest.raises(NothingToErase):
        erasure.of_person(place, contracts, erasure.Person(HER))


def test_a_ledger_from_before_an_erasure_loses_it_again(place, contracts):
    (delivery,) = of(place, "2026-09")
    older = ledger.path_of(place.home).read_bytes()
    erasure.carry_out(place, contracts, erasure.of_delivery(place, delivery.delivery_id), **BY)
    ledger.path_of(place.home).write_bytes(older)
    assert holding(place.home, "boats_2026-09") == {Path("ledger/kept.jsonl")}
    assert erasure.unsettled(place) == [delivery]
    assert night.purge(place, contracts, print) == 0
    assert holding(place.home, "boats_2026-09") == set()
    assert erasure.unsettled(place) == []
    assert ledger.faults(ledger.read(place.home, fresh=True)) == []


def test_what_is_kept_of_a_delivery_is_in_the_ledger(place, contracts):
    erasure.carry_out(
        place, contracts, erasure.of_person(place, contracts, erasure.Person(HER)), **BY
    )
    assert {*ledger.read(place.home).standing(ledger.LANDED)} == {
        name_of(receipt) for receipt in receipts(place)
    }


def test_a_person_goes_by_pseudonym(place, contracts):
    (one,) = of(place, "2026-07")
    pseudonym = duckdb.execute(
        f"select key from '{parquet_path(place, one)}' where _row = 3"
    ).fetchone()[0]
    plan = erasure.of_person(place, contracts, erasure.Person(pseudonym))
    assert {gone.receipt.period: gone.rows for gone in plan.gone} == {
        "2026-07": (3,),
        "2026-08": (2,),
    }
    assert [receipt.period for receipt in plan.unsearched] == []
    erasure.carry_out(place, contracts, plan, **BY)
    assert holding(place.home, HIS, pseudonym) == set()


def test_the_record_and_the_words_hold_no_value_and_no_name(place, contracts):
    plan = erasure.of_person(place, contracts, erasure.Person(HER))
    said = "\n".join(erasure.in_words(plan)) + repr(erasure.Person(HER))
    erasure.carry_out(place, contracts, plan, **BY)
    ledger = erased.ledger(place).path.read_text()
    for text in (HER, "boats_2026-07", "k2025"):
        assert text not in ledger
        assert text not in said


def test_a_value_in_another_text_or_another_writing_is_found(tmp_path, contracts):
    settings = keyed(settings_at(tmp_path / "home"), tmp_path, OLD)
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "boats_2026-07.csv").write_text(
        "Key,Notes\n4728 1193,a\n5555 0001,seen with qx 7731 ALPHA once\n5555 0002,aQX-7731-alphab\n"
    )
    served(settings, contracts, folder)

    def rows(text):
        plan = erasure.of_person(settings, contracts, erasure.Person(text))
        return [gone.rows for gone in plan.gone]

    assert rows("47281193") == rows("4728-1193") == [(2,)]
    assert rows(HER) == [(3,)]
    with pytest.raises(TooShort):
        rows("a-b")


def test_what_is_kept_of_an_encrypted_delivery_is_encrypted(tmp_path, contracts, source):
    keys = tmp_path / "vault.txt"
    keys.write_text(f"v1 {'0123456789abcdef' * 4}\n")
    keys.chmod(0o600)
    settings = keyed(settings_at(tmp_path / "home"), tmp_path, OLD)
    settings = replace(settings, vault_key_file=keys)
    served(settings, contracts, source)
    plan = erasure.of_person(settings, contracts, erasure.Person(HER))
    erasure.carry_out(settings, contracts, plan, **BY)
    (kept,) = of(settings, "2026-07")
    assert kept.bytes_path(settings).read_bytes().startswith(vault.MARK)
    night.gate_one(settings, contracts, print)
    assert states(settings, contracts) == {"2026-07": PASSED, "2026-08": PASSED}
    assert holding(settings.home, HER) == set()


@pytest.mark.parametrize(
    ("ground", "by"), [("because", "Data protection officer"), ("article_17", "admin")]
)
def test_nobody_erases_without_a_ground_and_a_name(place, contracts, ground, by):
    plan = erasure.of_person(place, contracts, erasure.Person(HER))
    before = everything(place.home)
    with pytest.raises(erasure.NotErased):
        erasure.carry_out(place, contracts, plan, ground, by)
    assert everything(place.home) == before


@pytest.mark.parametrize("name", ["2026-09/009-000000000000", "harbour", "0123456789abcdef", ""])
def test_what_is_not_there_is_not_erased(place, name):
    with pytest.raises(NothingToErase):
        erasure.of_delivery(place, name)


def test_a_name_that_means_two_is_refused(place, contracts, source):
    two = replace(
        receipts(place)[0], feed="harbour/ships", sha256=receipts(place)[0].sha256[:12] + "0" * 52
    )
    two.receipt_path(place).parent.mkdir(parents=True)
    two.receipt_path(place).write_text(json.dumps(vars(two)))
    with pytest.raises(NothingToErase, match="more than one"):
        erasure.of_delivery(place, two.delivery_id)


@pytest.mark.parametrize("after", [1, 2, 4, 6, 8, 10, 12])
def test_an_erasure_that_was_killed_is_finished_by_the_next_night(
    place, contracts, source, after, monkeypatch
):
    """Killed at its n-th change; then the same is asked again, or the next night does the rest."""

    class Killed(BaseException):
        pass

    plan = erasure.of_person(place, contracts, erasure.Person(HER))
    left = [after]
    real_unlink, real_replace = Path.unlink, os.replace

    def counted(real):
        def change(*args, **kwargs):
            if left[0] == 0:
                raise Killed
            left[0] -= 1
            return real(*args, **kwargs)

        return change

    monkeypatch.setattr(Path, "unlink", counted(real_unlink))
    monkeypatch.setattr(os, "replace", counted(real_replace))
    with contextlib.suppress(Killed):
        erasure.carry_out(place, contracts, plan, **BY)
    monkeypatch.undo()
    if not erased.ledger(place).entries():
        again = erasure.of_person(place, contracts, erasure.Person(HER))
        erasure.carry_out(place, contracts, again, **BY)
    night.purge(place, contracts, print)
    night.gate_one(place, contracts, print)
    assert holding(place.landing, HER) == holding(place.raw, HER) == set()
    assert not place.quarantine.exists() or holding(place.quarantine, HER) == set()
    assert states(place, contracts) == {"2026-07": PASSED, "2026-08": PASSED}


def test_what_an_older_backup_brings_back_goes_again(place, contracts, tmp_path):
    shutil.copytree(place.landing, tmp_path / "backup")
    plan = erasure.of_person(place, contracts, erasure.Person(HER))
    erasure.carry_out(place, contracts, plan, **BY)
    shutil.rmtree(place.landing)
    shutil.copytree(tmp_path / "backup", place.landing)
    assert "there again" in " ".join(
        night.work(replace(place, source=str(tmp_path / "source")), contracts).reasons
    )
    said = []
    night.purge(place, contracts, said.append)
    assert "erased again" in said[0]
    night.gate_one(place, contracts, print)
    assert holding(place.home, HER) == set()
    assert states(place, contracts) == {"2026-07": PASSED, "2026-08": PASSED}


def test_with_a_damaged_ledger_nothing_is_landed_erased_or_lost(place, contracts, source):
    plan = erasure.of_person(place, contracts, erasure.Person(HER))
    erasure.carry_out(place, contracts, plan, **BY)
    path = erased.ledger(place).path
    path.write_text(path.read_text().replace("article_17", "article_16"))
    (source / "boats_2026-10.csv").write_text(f"Key,Notes\n{HIS},x\n")
    found = pull.pull(place, contracts, open_source(str(source)))
    assert found.landed == []
    assert "restore ledger/" in found.problems[0].sentence
    said = []
    night.purge(place, contracts, said.append)
    assert "damaged in line 1" in said[0]
    with pytest.raises(LedgerBroken):
        erasure.carry_out(place, contracts, plan, **BY)
    assert {one.period for one in receipts(place)} == {"2026-07", "2026-08"}


def test_an_edition_made_with_it_is_named_and_stays_verifiable(place, contracts, tmp_path):
    (one,) = of(place, "2026-07")
    folder = place.editions / "2025-26" / "v1"
    for variant, deliveries_ in (("official", 1), ("official-sensitive", [{"sha256": one.sha256}])):
        (folder / variant).mkdir(parents=True)
        manifest = {"files": {}, "deliveries": deliveries_}
        (folder / variant / "manifest.json").write_text(json.dumps(manifest))
        (folder / variant / "issue.json").write_text(json.dumps({"year": "2025-26", "version": 1}))
    before = everything(folder)
    plan = erasure.of_delivery(place, one.sha256)
    assert plan.editions == ("2025-26/v1",)
    assert erasure.inputs_erased(place, folder) == []
    erasure.carry_out(place, contracts, plan, **BY)
    line = [f"inputs erased on {place.today}"]
    assert everything(folder) == before
    for part in (folder, folder / "official", folder / "official-sensitive"):
        assert erasure.inputs_erased(place, part) == line
    assert erasure.inputs_erased(place, tmp_path / "source") == []


def test_refused_deliveries_are_purged_after_their_time_and_the_others_stay(place, contracts):
    kept = replace(place, now=place.now + timedelta(days=92))
    assert purge.due(kept, contracts) == []
    later = replace(place, now=place.now + timedelta(days=93))
    assert [(one.receipt.period, one.why) for one in purge.due(later, contracts)] == [
        ("2026-09", "it was refused, and refused deliveries are kept for 92 days")
    ]
    purge.purge(later, contracts, clock_is_right=True)
    assert holding(place.home, BAD) == set()
    assert states(later, contracts) == {"2026-07": PASSED, "2026-08": PASSED}
    assert [one["feed"] for one in purge.purged_since(later, place.now)] == [FEED]
    assert purge.purged_since(later, later.now) == []
    told = run_items(later, SimpleNamespace(silent_hours=30), place.now, ())
    assert f"1 delivery was purged at the end of its time: {FEED}." in [
        one.sentence for one in told
    ]
