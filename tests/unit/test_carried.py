"""A publication costs what has changed, and nothing is carried on that is not provably the same."""

from dataclasses import replace

import duckdb
import pytest

from orchestration.core import ledger, marking
from orchestration.core.files import sha256_of, write_json
from orchestration.ingest.landing import erased
from orchestration.ingest.landing.receipts import Receipt, write_receipt
from orchestration.release import carried, database
from orchestration.release.verify import differences
from tests.conftest import settings_at

MADE = """
create schema marts; create schema governance;
create table governance.held_measures as
    select 'm' as measure_id, '' as state, '' as waiver_scope, '' as feed, '' as sentence where false;
create table marts.dim_area as
    select range as area_code, 'secret ' || hash(range) as area_name from range(30000);
create table marts.fct_measure as
    select range as area_code, range / 3 as rate, [range, 0]::double[] as listed from range(5000);
comment on table marts.dim_area is 'Places.';
comment on column marts.dim_area.area_name is 'What it is called.';
"""
ONE, TWO, THREE = ("1" * 64, "2" * 64, "3" * 64)
AREA, FACT = "parquet/marts/dim_area.parquet", "parquet/marts/fct_measure.parquet"
FACTS = {
    "contracts": {"fire/incidents": {"version": "1", "sha256": "a"}},
    "partnership": {"sha256": "p"},
    "synthetic": True,
    "published_at": "2026-11-30T02:00:00+00:00",
    "deliveries": [{"sha256": ONE}, {"sha256": TWO}],
}


class Home:
    """A home with a candidate that can be changed, and written to a publication."""

    def __init__(self, folder):
        self.settings, self.candidate, self.told = settings_at(folder), folder / "c.duckdb", []
        for sha256 in (ONE, TWO, THREE):
            write_receipt(self.settings, self._receipt(sha256))
        self.change(MADE)

    def _receipt(self, sha256):
        at = "2026-11-01T00:00:00+00:00"
        return Receipt(
            "fire/incidents", f"2026-0{sha256[0]}", "", 1, sha256, 1, "x.csv", 0.0, at, True, ".csv"
        )

    def purge(self, sha256):
        self._receipt(sha256).receipt_path(self.settings).unlink()

    def change(self, statement):
        with duckdb.connect(str(self.candidate)) as connection:
            connection.execute(statement)

    def publish(self, name, **facts):
        known = {**FACTS, **facts}
        draft = self.settings.publications / name
        draft.mkdir(parents=True)
        self.told.clear()
        before = carried.before(
            self.settings, known, carried.written_under(self.settings, known), self.told.append
        )
        tables, _ = database.write(
            self.settings, self.candidate, draft, before, synthetic=known["synthetic"]
        )
        files = {
            path.relative_to(draft).as_posix(): {"sha256": sha256_of(path)}
            for path in draft.rglob("*")
            if path.is_file()
        }
        said = {
            "written_under": carried.written_under(self.settings, known),
            "tables": tables,
            "files": files,
        }
        write_json(draft / "manifest.json", {**known, **said})
        line = {"manifest_sha256": sha256_of(draft / "manifest.json")}
        ledger.add(self.settings.home, (ledger.PUBLISHED, name, line))
        self.settings.published.unlink(missing_ok=True)
        self.settings.published.symlink_to(draft)
        assert differences(draft) == []
        assert self.holds(draft)
        return draft

    def holds(self, draft):
        """Whether the database and every file hold exactly what the candidate does."""
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.candidate}' as c (read_only)")
            connection.execute(f"attach '{draft / 'warehouse.duckdb'}' as p (read_only)")
            listed = (
                "select schema_name, table_name from duckdb_tables() "
                "where database_name = $name order by all"
            )
            lists = [connection.execute(listed, {"name": name}).fetchall() for name in ("c", "p")]
            return lists[0] == lists[1] and all(
                connection.execute(f"from c.{schema}.{table}").fetchall()
                == connection.execute(f"from p.{schema}.{table}").fetchall()
                == connection.execute(f"from '{draft}/parquet/{schema}/{table}.parquet'").fetchall()
                for schema, table in lists[0]
            )


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


def shared(first, second):
    """The files that two publications have in common."""
    inodes = {path.stat().st_ino for path in first.rglob("*.parquet")}
    return {
        path.relative_to(second).as_posix()
        for path in second.rglob("*.parquet")
        if path.stat().st_ino in inodes
    }


EVERY = {AREA, FACT, "parquet/governance/held_measures.parquet"}


def test_only_what_has_changed_is_written(home):
    first = home.publish("1")
    second = home.publish("2")
    assert shared(first, second) == EVERY
    home.change("update marts.fct_measure set rate = 7 where area_code = 4000")
    third = home.publish("3")
    assert shared(second, third) == EVERY - {FACT}
    home.change("create table marts.extra as select 1 as x; drop table marts.fct_measure")
    assert shared(third, home.publish("4")) == EVERY - {FACT}
    assert home.told == []
    # What is left of a table that is as it was is what was written first, with its description.
    with duckdb.connect(str(home.settings.published / "warehouse.duckdb"), read_only=True) as c:
        said = c.execute("select comment from duckdb_tables() where table_name = 'dim_area'")
        label = marking.label(marking.SENSITIVE, synthetic=True)
        assert said.fetchall() == [(f"{label}. Places.",)]


@pytest.mark.parametrize(
    "statement",
    [
        "comment on table marts.fct_measure is 'Other words.'",
        "comment on column marts.fct_measure.rate is 'Other words.'",
        "alter table marts.fct_measure alter rate type float",
        # An update to a value that is equal does nothing.
        "create or replace table marts.fct_measure as select * replace (case when area_code = 0 then "
        "'-0'::double else rate end as rate) from marts.fct_measure",
        "create or replace table marts.fct_measure as select * replace (case when area_code = 0 then "
        "['-0'::double, 0] else listed end as listed) from marts.fct_measure",
        "update marts.fct_measure set listed = [area_code, 1] where area_code = 4999",
        "create or replace table marts.fct_measure as from marts.fct_measure order by area_code desc",
        "insert into marts.fct_measure values (null, null, null)",
        "update marts.fct_measure set rate = null where area_code = 0",
    ],
)
def test_any_difference_has_a_table_written_again(home, statement):
    first = home.publish("1")
    home.change(statement)
    assert shared(first, home.publish("2")) == EVERY - {FACT}


def test_a_damaged_file_is_never_carried_on(home):
    first = home.publish("1")
    sound = (first / AREA).read_bytes()
    (first / AREA).write_bytes(sound[:-1] + b"x")
    (first / FACT).unlink()
    second = home.publish("2")
    assert shared(first, second) == EVERY - {AREA, FACT}
    assert sorted(home.told) == [
        f"{AREA} of the publication before has changed, so nothing is taken over from it",
        f"{FACT} of the publication before is gone, so nothing is taken over from it",
    ]
    with (second / "warehouse.duckdb").open("r+b") as file:
        file.seek(5000)
        file.write(b"damage")
    assert shared(second, home.publish("3")) == set()
    assert home.told == [
        "warehouse.duckdb of the publication before has changed, so nothing is taken over from it"
    ]


def test_a_manifest_that_is_not_the_ledgers_vouches_for_nothing(home):
    first = home.publish("1")
    path = first / "manifest.json"
    path.write_text(path.read_text().replace('"p"', '"p" '))
    assert shared(first, home.publish("2")) == set()
    assert "is not the one in the ledger" in home.told[0]


@pytest.mark.parametrize(
    "facts",
    [
        {"contracts": {"fire/incidents": {"version": "1", "sha256": "b"}}},
        {"partnership": {"sha256": "with another list of roles"}},
        {"synthetic": False},
        {"area_name": "Elsewhere"},
    ],
)
def test_other_contracts_decisions_or_marking_write_all_again(home, facts):
    first = home.publish("1")
    assert shared(first, home.publish("2", **facts)) == set()


def test_other_code_writes_all_again(home, monkeypatch):
    first = home.publish("1")
    monkeypatch.setattr(carried, "_CODE", ("release", "core/sql.py"))
    second = home.publish("2")
    assert shared(first, second) == set()
    project = home.settings.home / "project"
    (project / "dbt_project" / "models").mkdir(parents=True)
    (project / "dbt_project" / "models" / "harm.sql").write_text("select 1 as mended")
    home.settings = replace(home.settings, project=project)
    assert shared(second, home.publish("3")) == set()


def test_nothing_is_carried_over_an_erasure_or_a_purge(home):
    first = home.publish("1")
    home.purge(THREE)  # did not count
    second = home.publish("2")
    assert shared(first, second) == EVERY
    home.purge(TWO)
    third = home.publish("3", deliveries=[{"sha256": ONE}])
    assert shared(second, third) == set()
    erased.record(home.settings, {"at": "2026-11-30T03:00:00+00:00", "deliveries": []})
    fourth = home.publish(
        "4", deliveries=[{"sha256": ONE}], published_at="2026-11-30T04:00:00+00:00"
    )
    assert shared(third, fourth) == set()
    # What was written since may be taken over.
    assert shared(fourth, home.publish("5", deliveries=[{"sha256": ONE}])) == EVERY
    path = erased.ledger(home.settings).path
    path.write_text(path.read_text().replace("03:00", "01:00"))
    assert shared(fourth, home.publish("6", deliveries=[{"sha256": ONE}])) == set()


def test_nothing_of_a_delivery_that_no_longer_counts_is_left_in_a_database(home):
    """A table that was dropped lies in the file until its place is needed."""
    home.change("create table marts.gone as select 'of the withdrawn ' || range from range(9000)")
    first = home.publish("1")
    home.change("drop table marts.gone")
    left = b"of the withdrawn"
    assert left in (first / "warehouse.duckdb").read_bytes()
    second = home.publish("2", deliveries=[{"sha256": ONE}])
    assert left not in (second / "warehouse.duckdb").read_bytes()
    assert shared(first, second) == EVERY


def test_a_database_does_not_grow_with_every_publication(home):
    whole = (home.publish("0") / "warehouse.duckdb").stat().st_size
    for number in range(1, 8):
        home.change(
            "create or replace table marts.dim_area as select range as area_code, "
            f"'secret ' || hash(range + {number}) as area_name from range(30000)"
        )
        size = (home.publish(str(number)) / "warehouse.duckdb").stat().st_size
        assert size < 1.6 * whole
    # What has become mostly free is written whole.
    home.change("delete from marts.dim_area where area_code > 10")
    home.publish("8")
    assert (home.publish("9") / "warehouse.duckdb").stat().st_size < 0.7 * whole
