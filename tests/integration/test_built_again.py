"""A night that builds only what has changed leaves what a build of everything would, cell by cell."""

import shutil

import duckdb
import pytest

from orchestration import extracts, night
from orchestration.core import candidate
from orchestration.synthetic import sample
from orchestration.transform.results import Watch
from tests.conftest import MONTHS, settings_at

LATER = "2026-12-20T02:00:00+00:00"  # in the quarter of the first night
NEW = ("police/street_crime", "fire/incidents")


@pytest.fixture(scope="module")
def grown(built, tmp_path_factory):
    """A home to which months came, a correction, a file that is refused and a withdrawal; not yet built."""
    folder = tmp_path_factory.mktemp("grown")
    shutil.copytree(built.settings.home, folder / "home", symlinks=True)
    source = folder / "source"
    shutil.copytree(built.source, source)
    settings = settings_at(folder / "home", source, now=LATER)
    sample.write(settings, source, months=MONTHS, only=NEW)
    crimes = sorted((source / "police").glob("recorded_crime_*.csv"))
    corrected, refused, withdrawn = crimes[-1], crimes[-2], crimes[-3]
    lines = corrected.read_text(encoding="utf-8").splitlines(keepends=True)
    corrected.write_text("".join(lines[:-1]), encoding="utf-8")
    refused.write_text("not,what,was,agreed\n1,2,3,4\n", encoding="utf-8")
    withdrawn.unlink()
    contracts = night.contracts_of(settings)
    with night.alone(settings):
        extracts.pull(settings, contracts)
        gate = night.gate_one(settings, contracts, lambda line: None)
        night.write_manifest(settings, contracts)
    states = {receipt.feed: record.state for receipt, record in gate.decided.items()}
    assert set(states) == {*NEW, "police/recorded_crime"}
    assert "refused" in {record.state for record in gate.decided.values()}
    return settings, contracts


def built_by(settings, contracts, path, **options):
    """The results of a build but for dbt's hooks, all of them told; its candidate is kept at `path`."""
    told = []
    with night.alone(settings):
        found = night.build(settings, contracts, Watch(told.append), **options)
    shutil.copy(candidate.path_of(settings), path)
    results = [one for one in found if not one.unique_id.startswith("operation.")]
    assert {one.unique_id for one in told} == {one.unique_id for one in results}
    return results


@pytest.fixture(scope="module")
def twice(grown, tmp_path_factory):
    """The results of a build of what has changed, and of everything; the candidates of both, and the query
    of street crime in the first."""
    folder = tmp_path_factory.mktemp("twice")
    changed = built_by(*grown, folder / "changed.duckdb")
    compiled = grown[0].warehouse / "dbt" / "compiled" / "community_safety" / "models"
    query = (compiled / "staging" / "police" / "stg_police__street_crime.sql").read_text("utf-8")
    whole = built_by(*grown, folder / "whole.duckdb", is_full=True)
    with duckdb.connect() as connection:
        for name in ("changed", "whole"):
            connection.execute(f"attach '{folder / name}.duckdb' as {name} (read_only)")
        yield changed, whole, connection, query


def names(results, *, unchanged):
    return {one.name for one in results if one.is_unchanged is unchanged}


def test_only_what_has_changed_is_built(twice):
    changed, whole = twice[:2]
    again, kept = names(changed, unchanged=False), names(changed, unchanged=True)
    assert {
        "stg_police__street_crime",
        "stg_fire__incidents",
        "stg_police__recorded_crime",
    } <= again
    assert {"fct_measure", "deliveries", "anti_social_behaviour"} <= again
    assert {
        "stg_police__incidents",
        "msr_police__incidents",
        "dim_area",
        "offence_taxonomy",
    } <= kept
    assert len(kept) > 150
    assert names(whole, unchanged=True) == set()
    assert {one.unique_id for one in whole} == {one.unique_id for one in changed}


def test_of_a_new_month_only_its_own_rows_are_made(twice):
    """The others are read from the table as it was. They are all there: the next test looks at them."""
    connection, query = twice[2:]
    deliveries = connection.execute(
        "select distinct delivery_id from changed.staging.stg_police__street_crime"
    ).fetchall()
    kept = [delivery for (delivery,) in deliveries if f"'{delivery}'" in query]
    assert '"staging"."stg_police__street_crime"' in query
    assert len(deliveries) - len(kept) == 1


def test_every_cell_is_as_a_build_of_everything_makes_it(twice):
    connection = twice[2]
    listed = (
        "select schema_name, table_name from duckdb_tables() where database_name = ? order by all"
    )
    tables = connection.execute(listed, ["whole"]).fetchall()
    assert len(tables) > 150
    assert connection.execute(listed, ["changed"]).fetchall() == tables
    assert [
        table for schema, table in tables
        if bag(connection, "changed", schema, table) != bag(connection, "whole", schema, table)
    ] == []  # fmt: skip


def bag(connection, name, schema, table):
    """How many rows a table has, and the sums of their hashes: the same in whatever order they lie."""
    listed = "counted_rows"  # a list, in no order of its own
    described = connection.execute(f"describe {name}.{schema}.{table}").fetchall()
    relation, kept = f"{name}.{schema}.{table}", "*"
    found = []
    if listed in {row[0] for row in described}:
        kept = f"* exclude ({listed})"
        found.append(f"select unnest({listed}) as one from {relation}")
    found.append(f"select {kept} from {relation}")
    return [
        connection.execute(
            f"select count(*), sum(hash(rows)::hugeint) from ({query}) as rows"
        ).fetchone()
        for query in found
    ]


def test_so_are_types_and_what_is_said_of_columns(twice):
    said = [
        twice[2]
        .execute(
            "select schema_name, table_name, column_name, data_type, is_nullable, comment "
            "from duckdb_columns() where database_name = ? order by all",
            [name],
        )
        .fetchall()
        for name in ("changed", "whole")
    ]
    assert said[0] == said[1]


def test_a_build_of_the_same_builds_nothing_and_may_be_judged(grown, twice):
    settings, contracts = grown
    before = night.read_build(settings)
    with night.alone(settings):
        results = night.build(settings, contracts)
    assert {one.is_unchanged for one in results} == {True}
    assert night.read_build(settings) == before


def test_a_candidate_that_is_not_what_was_recorded_is_built_whole(grown, twice):
    settings, contracts = grown
    with duckdb.connect(str(candidate.path_of(settings))) as connection:
        connection.execute("delete from seeds.offence_taxonomy")
    with night.alone(settings):
        results = night.build(settings, contracts)
    assert names(results, unchanged=True) == set()
    with duckdb.connect(str(candidate.path_of(settings)), read_only=True) as connection:
        assert connection.execute("select count(*) from seeds.offence_taxonomy").fetchone() > (0,)
