"""The copy for people who may not see small numbers: controlled, marked, kept while nothing changes."""

import duckdb
import pandas as pd
import pytest

from orchestration.core.files import sha256_of, write_json
from orchestration.disclosure import allow_list, control, publish
from orchestration.disclosure.protect import Unprotectable
from orchestration.figures import warehouse_tables
from orchestration.release import controlled_copy
from orchestration.release.carried import Before
from orchestration.release.verify import read_manifest
from tests.conftest import settings_at
from tests.support.disclosure_frames import Measure, edition

TABLES = edition(
    Measure(
        "x", [20, 3, 25, 19, 28, 22, 31, 27, 24, 20, 23, 26] * 2, {"W1": 150, "W2": 3, "W3": 115}
    ),
    Measure("hidden", wards={"W1": 9, "W2": 90}, finest="city"),
)


@pytest.fixture
def publication(tmp_path, monkeypatch):
    """Writes a publication of these tables; gives its folder and what its manifest says of the copy."""
    settings = settings_at(tmp_path)

    def write(name, *, synthetic=True, tables=TABLES, told=None):
        monkeypatch.setattr(warehouse_tables, "collect", lambda connection, year: tables)
        draft = tmp_path / ".published" / name
        draft.mkdir(parents=True)
        duckdb.connect(str(draft / "warehouse.duckdb")).close()
        before = None
        if settings.published.exists():
            folder, say = settings.published.resolve(), (told if told is not None else []).append
            before = Before(folder, read_manifest(folder), is_base=True, say=say)
        said = controlled_copy.write(settings, draft, before, synthetic=synthetic)
        files = {
            path.relative_to(draft).as_posix(): {"sha256": sha256_of(path)}
            for path in sorted(draft.rglob("*.parquet"))
        }
        write_json(draft / "manifest.json", {"official": said, "files": files})
        settings.published.unlink(missing_ok=True)
        settings.published.symlink_to(draft)
        return draft, said

    return write


def read(draft, table):
    return duckdb.read_parquet(str(draft / "official" / f"{table}.parquet")).df()


def test_no_small_count_and_no_place_below_the_publishable_one(publication):
    draft, said = publication("one")
    wards = read(draft, "wards")
    assert set(wards["measure_id"]) == {"x"}
    assert wards.set_index("ward_code")["suppressed"].to_dict()["W2"] == "small"
    assert not wards["count"].between(1, 4).any()
    assert said["tables"]["wards"] == 3
    keys = duckdb.execute(
        "select decode(key), decode(value) from parquet_kv_metadata(?)",
        [str(draft / "official" / "wards.parquet")],
    ).fetchall()
    assert {("marking", "OFFICIAL"), ("synthetic", "true")} <= set(keys)


def test_nothing_is_worked_out_again_while_nothing_changed(publication, monkeypatch):
    first, said = publication("one")

    def never(*given, **more):
        raise AssertionError("disclosure control ran although nothing changed")

    with monkeypatch.context() as watched:
        watched.setattr(control, "controlled", never)
        second, again = publication("two")
    assert again == said
    for path in (first / "official").iterdir():
        assert sha256_of(path) == sha256_of(second / "official" / path.name)
    # A file that is no longer what the manifest says is made anew, and so is a copy of other data.
    (second / "official" / "wards.parquet").unlink()
    told = []
    third, _ = publication("three", told=told)
    assert told == [
        "official/wards.parquet of the publication before is gone, so nothing is taken over from it"
    ]
    assert sha256_of(third / "official" / "wards.parquet") == sha256_of(
        first / "official" / "wards.parquet"
    )
    _, real = publication("four", synthetic=False)
    assert not set(real["contents"].values()) & set(said["contents"].values())


def test_a_table_without_counts_is_written_anew_alone(publication, monkeypatch):
    first, said = publication("one")
    sources = pd.DataFrame({name: ["x"] for name in allow_list.columns()["sources"]})
    other = {**TABLES, "sources": sources}

    def never(*given, **more):
        raise AssertionError("disclosure control ran although no count changed")

    with monkeypatch.context() as watched:
        watched.setattr(control, "controlled", never)
        second, again = publication("two", tables=other)
    changed = {name for name, one in said["contents"].items() if again["contents"][name] != one}
    assert changed == {"sources"}
    assert again["tables"] == {**said["tables"], "sources": 1}
    whole, alone = (second / "official").iterdir(), {}
    for path in whole:
        alone[path.name] = sha256_of(path)
        is_same = path.stat().st_ino == (first / "official" / path.name).stat().st_ino
        assert is_same == (path.name != "sources.parquet")
    # As control itself writes them.
    (second.parent.parent / "published").unlink()
    third, everything = publication("three", tables=other)
    assert everything == again
    assert {path.name: sha256_of(path) for path in (third / "official").iterdir()} == alone


def test_any_count_has_everything_judged_again(publication):
    _, said = publication("one")
    wards = TABLES["wards"].assign(count=TABLES["wards"]["count"] + 1)
    lost = {**TABLES, "breaks": TABLES["breaks"].head(0), "wards": wards}
    _, again = publication("two", tables=lost)
    judged = {name for name, one in said["contents"].items() if again["contents"][name] != one}
    assert judged == publish.queried(TABLES).keys() & said["contents"].keys()


def test_a_copy_that_cannot_be_protected_is_not_there_and_says_why(publication, monkeypatch):
    def refuse(*given, **more):
        raise Unprotectable("nothing is left to hide")

    monkeypatch.setattr(control, "controlled", refuse)
    draft, said = publication("one")
    assert said["refused_because"] == "nothing is left to hide"
    assert not list((draft / "official").iterdir())
