"""Proves that the columns of compiled queries are followed to where they come from, and kept."""

import dagster as dg
import pytest

from orchestration.core import records
from orchestration.defs.column_lineage import ColumnLineage
from orchestration.transform import column_lineage
from orchestration.transform.column_lineage import Origin, Reader, Relations, Unreadable
from tests.conftest import settings_at


def model(name, *columns, schema="intermediate", reads=()):
    return {
        "resource_type": "model",
        "name": name,
        "alias": name,
        "schema": schema,
        "columns": dict.fromkeys(columns),
        "package_name": "community_safety",
        "original_file_path": f"models/{name}.sql",
        "depends_on": {"nodes": list(reads)},
    }


def source(partner, name, location, *columns):
    return {
        "resource_type": "source",
        "source_name": partner,
        "name": name,
        "relation_name": location,
        "columns": dict.fromkeys(columns),
    }


BOATS = "read_parquet('harbour/boats/*/*.parquet', hive_partitioning = false)"
NODES = {
    "model.p.berth": model("berth", "boat", "place", "weight", "month"),
    "model.p.tide": model("tide", "boat", "height", schema="marts"),
    "source.p.harbour.boats": source("harbour", "boats", BOATS, "name", "_row"),
    "source.p.manifest.run": source("manifest", "run", "'_manifest/run.parquet'"),
}
RELATIONS = Relations(
    NODES,
    {unique_id: list(node["columns"]) for unique_id, node in NODES.items()}
    | {"source.p.manifest.run": ["area_code"]},
)
BERTH, TIDE = '"candidate"."intermediate"."berth"', '"candidate"."marts"."tide"'


def origins(sql):
    """Where the columns of a query come from, shortly: `berth.boat`."""
    return {
        column: [f"{origin.unique_id.split('.', 2)[2]}.{origin.column}" for origin in found]
        for column, found in column_lineage.lineage_of(sql, RELATIONS).items()
    }


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        # What it is made of, not what it is joined or filtered by.
        (
            f"select b.place, t.height + b.weight as load, 1 as one from {BERTH} as b "
            f"inner join {TIDE} as t on t.boat = b.boat where b.month > 1",
            {"place": ["berth.place"], "load": ["berth.weight", "tide.height"], "one": []},
        ),
        (f"select *, weight * 2 as twice from {TIDE} join {BERTH} using (boat)", None),
        (
            f"with kept as (select * exclude (month) from {BERTH}) select * from kept",
            {"boat": ["berth.boat"], "place": ["berth.place"], "weight": ["berth.weight"]},
        ),
        (
            f"select boat, count(*) as n, sum(weight) filter (where month = 1) as w from {BERTH} "
            "group by all",
            {"boat": ["berth.boat"], "n": [], "w": ["berth.month", "berth.weight"]},
        ),
        (
            f"select boat from {BERTH} union all by name select boat from {TIDE}",
            {"boat": ["berth.boat", "tide.boat"]},
        ),
        (
            f"select raw.name, run.area_code from {BOATS} as raw cross join "
            "'_manifest/run.parquet' as run",
            {"name": ["harbour.boats.name"], "area_code": ["manifest.run.area_code"]},
        ),
        # A formula, called over a table that has the name of one of its own: `ordered`.
        (
            f"with ordered as (select place as family, boat as test, weight as p_value from {BERTH}) "
            "select test, adjusted from adjusted_for_many('ordered')",
            {"test": ["berth.boat"], "adjusted": ["berth.place", "berth.weight"]},
        ),
        # A formula that calls another.
        (
            "with points as (select month as family, place, weight as n, height as expected "
            f"from {BERTH} join {TIDE} using (boat)) select place, places from funnel('points')",
            {"place": ["berth.place"], "places": []},
        ),
    ],
)
def test_a_column_is_followed_to_what_it_is_made_of(sql, expected):
    expected = expected or {
        "boat": ["berth.boat", "tide.boat"],
        "height": ["tide.height"],
        "place": ["berth.place"],
        "weight": ["berth.weight"],
        "month": ["berth.month"],
        "twice": ["berth.weight"],
    }
    assert origins(sql) == expected


@pytest.mark.parametrize(
    ("sql", "why"),
    [
        ("select * from nobody_knows('x')", "NOBODY_KNOWS"),
        ("select * from 'elsewhere.parquet'", "elsewhere.parquet"),
        ('select * from "candidate"."marts"."gone"', "dbt knows no marts.gone"),
        ("select from where", "cannot be followed"),
    ],
)
def test_what_cannot_be_followed_is_said(sql, why):
    with pytest.raises(Unreadable, match=why):
        column_lineage.lineage_of(sql, RELATIONS)


@pytest.fixture
def home(tmp_path):
    """A home in which one model is compiled, and dbt's manifest of it."""
    settings = settings_at(tmp_path / "home")
    nodes = {
        "model.p.berth": NODES["model.p.berth"],
        "model.p.load": model("load", "place", "pounds", reads=["model.p.berth"], schema="marts"),
        "seed.p.unit": {
            "resource_type": "seed", "name": "unit", "alias": "unit", "schema": "seeds", "columns": {},
        },
    }  # fmt: skip
    settings.assembled_seeds.mkdir(parents=True)
    (settings.assembled_seeds / "unit.csv").write_text("unit,pounds_per\n", encoding="utf-8")
    write_query(settings, "weight * pounds_per")
    return settings, {"nodes": nodes, "sources": {}}


def write_query(settings, pounds, target="dbt"):
    path = settings.warehouse / target / "compiled/community_safety/models/load.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'select place, {pounds} as pounds from {BERTH}, "candidate"."seeds"."unit"',
        encoding="utf-8",
    )


def reader(settings, manifest):
    return Reader(settings, manifest, settings.warehouse / "dbt" / "compiled")


def test_what_was_read_is_kept_until_its_query_changes(home):
    settings, manifest = home
    kept = settings.dbt_target / "column_lineage.json"
    expected = {
        "place": [Origin("model.p.berth", "place")],
        "pounds": [Origin("model.p.berth", "weight"), Origin("seed.p.unit", "pounds_per")],
    }
    first = reader(settings, manifest)
    assert first.of("model.p.load") == expected
    assert list(first.of("model.p.load")) == ["place", "pounds"]
    first.keep()
    known = records.read(kept)
    # Believed as it is kept, in another process ...
    known["model.p.load"]["columns"]["place"] = [["model.p.berth", "boat"]]
    records.write(kept, known)
    second = reader(settings, manifest)
    assert second.of("model.p.load")["place"] == [Origin("model.p.berth", "boat")]
    written = kept.stat().st_mtime_ns
    second.keep()
    assert kept.stat().st_mtime_ns == written
    # ... but not for another query, nor damaged, nor where what is read has other columns.
    write_query(settings, "weight")
    changed = reader(settings, manifest).of("model.p.load")
    assert changed == {"place": expected["place"], "pounds": [Origin("model.p.berth", "weight")]}
    write_query(settings, "weight * pounds_per")
    manifest["nodes"]["model.p.berth"]["columns"]["draught"] = None
    assert reader(settings, manifest).of("model.p.load") == expected
    del manifest["nodes"]["model.p.berth"]["columns"]["draught"]
    kept.write_text(kept.read_text(encoding="utf-8") + " ", encoding="utf-8")
    assert reader(settings, manifest).of("model.p.load") == expected


def test_a_model_that_was_not_compiled_has_none(home):
    settings, manifest = home
    with pytest.raises(Unreadable, match="dbt has compiled no query of berth; build it first"):
        reader(settings, manifest).of("model.p.berth")


def test_dagster_is_told_each_column_and_its_page_a_sentence(home):
    settings, manifest = home
    warned = []

    class Log:
        warning = warned.append

    write_query(settings, "weight", target="dbt/part")
    whole = ColumnLineage(settings, manifest, Log(), is_part=False)
    part = ColumnLineage(settings, manifest, Log(), is_part=True)
    found = whole.of("model.p.load")
    named = whole.metadata(found)["dagster/column_lineage"].deps_by_column
    assert named["pounds"] == [
        dg.TableColumnDep(dg.AssetKey(["intermediate", "berth"]), "weight"),
        dg.TableColumnDep(dg.AssetKey(["seeds", "unit"]), "pounds_per"),
    ]
    assert whole.described("How heavy.", found["pounds"]) == (
        "How heavy.\n\nFrom intermediate/berth.weight, seeds/unit.pounds_per."
    )
    many = [Origin("model.p.berth", f"c{number}") for number in range(8)]
    assert whole.described(None, many).endswith("intermediate/berth.c5 and 2 more.")
    assert whole.described("A constant.", []) == "A constant."
    assert [origin.column for origin in part.of("model.p.load")["pounds"]] == ["weight"]
    assert whole.of("seed.p.unit") == whole.metadata({}) == {} and warned == []
    assert whole.of("model.p.berth") == {}
    assert warned == [
        "berth has no column lineage: dbt has compiled no query of berth; build it first"
    ]
