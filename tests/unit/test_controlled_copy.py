"""The copy for people who may not see small numbers: controlled, marked, kept while nothing changes."""

import duckdb
import pytest

from orchestration.core.files import sha256_of, write_json
from orchestration.disclosure import control
from orchestration.disclosure.protect import Unprotectable
from orchestration.figures import warehouse_tables
from orchestration.release import controlled_copy
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
    monkeypatch.setattr(warehouse_tables, "collect", lambda connection, year: TABLES)

    def write(name, *, synthetic=True):
        draft = tmp_path / ".published" / name
        draft.mkdir(parents=True)
        duckdb.connect(str(draft / "warehouse.duckdb")).close()
        before = read_manifest(settings.published) if settings.published.exists() else None
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
    third, _ = publication("three")
    assert sha256_of(third / "official" / "wards.parquet") == sha256_of(
        first / "official" / "wards.parquet"
    )
    _, real = publication("four", synthetic=False)
    assert real["content"] != said["content"]


def test_a_copy_that_cannot_be_protected_is_not_there_and_says_why(publication, monkeypatch):
    def refuse(*given, **more):
        raise Unprotectable("nothing is left to hide")

    monkeypatch.setattr(control, "controlled", refuse)
    draft, said = publication("one")
    assert said["refused_because"] == "nothing is left to hide"
    assert not list((draft / "official").iterdir())
