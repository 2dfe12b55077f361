"""Proves that the dbt project follows the contracts, describes all it builds and keeps its layers."""

import json
import re

import duckdb
import pytest

from orchestration.core.settings import PROJECT
from orchestration.transform import contract_sync, dbt

MODELS = PROJECT / "dbt_project" / "models"
STAGING = MODELS / "staging"
OWN_SOURCES = {"_manifest__sources.yml"}  # written by hand: it describes no partner
# Layer -> the layers it may read. `raw` is a partner's source; a staging model reads its own alone.
# Dimensions are a layer of their own: figures are made for the areas and periods that they list.
MADE = {"staging", "intermediate", "dimensions", "manifest", "seeds"}
LAYERS = {
    "staging": {"raw", "manifest", "seeds"},
    "intermediate": MADE,
    "dimensions": MADE,
    "core": MADE | {"core"},
    "priorities": {"core", "dimensions", "seeds"},
    "assessment": MADE | {"core", "assessment"},
    "governance": MADE | {"core", "governance"},
}
# What counts the fields of a delivery as it was sent, before staging reads them.
COUNTS_RAW_ROWS = "reconciliation"
READ_RAW = {COUNTS_RAW_ROWS, "int_prescribed_blank"}


@pytest.fixture(scope="module")
def manifest(built):
    return json.loads(dbt.manifest_path(built.settings).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def models(manifest):
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def layer_of(node):
    """The layer of a manifest node or source."""
    if node["resource_type"] == "source":
        return "manifest" if node["source_name"] == "manifest" else "raw"
    if node["resource_type"] == "seed":
        return "seeds"
    if node["name"].startswith("dim_"):
        return "dimensions"
    return node["original_file_path"].replace("models/marts/", "models/").split("/")[1]


def feed_of(model):
    return model["name"].removeprefix("stg_").replace("__", "/")


def wrong_reads(model, manifest):
    """The nodes that the model reads across its layer's border."""
    found = []
    for unique_id in model["depends_on"]["nodes"]:
        node = manifest["nodes"].get(unique_id) or manifest["sources"][unique_id]
        layer = layer_of(node)
        may = LAYERS[layer_of(model)] | ({"raw"} if model["name"] in READ_RAW else set())
        is_other_feed = (
            layer_of(model) == "staging"
            and layer == "raw"
            and f"{node['source_name']}/{node['name']}" != feed_of(model)
        )
        if layer not in may or is_other_feed:
            found.append(f"{model['name']} reads {unique_id}")
    return found


def has_an_order(sql):
    """Whether the model's last select says in which order its rows are kept."""
    return "{{ priority_mart(" in sql or bool(re.search(r"^order by ", sql, re.MULTILINE))


def undescribed(nodes):
    """The tables and columns that say nothing of themselves."""
    found = []
    for node in nodes:
        if not node["description"].strip():
            found.append(node["name"])
        for column in node["columns"].values():
            if not column["description"].strip():
                found.append(f"{node['name']}.{column['name']}")
    return found


def states_its_grain(sql):
    return sql.startswith("-- One row per ")


def uncommented(connection):
    """The tables and columns of a database without a comment."""
    return connection.sql(
        "select schema_name || '.' || table_name from duckdb_tables() where comment is null "
        "union all select schema_name || '.' || table_name || '.' || column_name "
        "from duckdb_columns() where not internal and comment is null order by all"
    ).fetchall()


def differences_to_disk(rendered, staging):
    """The derived files that are not as the contracts say, and those that no contract accounts for."""
    on_disk = {
        path.relative_to(staging).as_posix(): path.read_text(encoding="utf-8")
        for pattern in ("*__sources.yml", "*__models.yml")
        for path in staging.rglob(pattern)
        if path.relative_to(staging).as_posix() not in OWN_SOURCES
    }
    names = sorted(set(on_disk) | set(rendered))
    return [name for name in names if on_disk.get(name) != rendered.get(name)]


def columns_in(database):
    """The columns of every table, in their order, by schema and table."""
    found = {}
    with duckdb.connect(str(database), read_only=True) as connection:
        for schema, table, column in connection.sql(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where not internal order by schema_name, table_name, column_index"
        ).fetchall():
            found.setdefault((schema, table), []).append(column)
    return found


def test_derived_files_follow_the_contracts(built, tmp_path):
    assert contract_sync.differing(built.contracts, PROJECT / "dbt_project") == {}
    rendered = {
        name.removeprefix("models/staging/"): text
        for name, text in contract_sync.files(built.contracts, PROJECT / "dbt_project").items()
        if name.startswith("models/staging/")
    }
    partners = {contract.partner for contract in built.contracts.values()}
    assert set(rendered) == {
        f"{partner}/_{partner}__{what}.yml"
        for partner in partners
        for what in ("models", "sources")
    }
    assert differences_to_disk(rendered, STAGING) == []
    assert sorted(path.parent for path in MODELS.rglob("*__sources.yml")) == sorted(
        [STAGING, *(STAGING / partner for partner in partners)]
    )
    for name, text in [("police/_police__sources.yml", "x"), ("fire/_fire__models.yml", "y")]:
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    wanted = {"police/_police__sources.yml": "changed", "council/_council__sources.yml": "new"}
    assert differences_to_disk(wanted, tmp_path) == [
        "council/_council__sources.yml",
        "fire/_fire__models.yml",
        "police/_police__sources.yml",
    ]


def test_every_model_says_first_what_a_row_is():
    files = sorted(MODELS.rglob("*.sql"))
    assert files
    silent = [p.name for p in files if not states_its_grain(p.read_text(encoding="utf-8"))]
    assert silent == []
    assert not states_its_grain("select 1\n-- One row per month.")


def test_what_is_published_has_an_order():
    """So that the same inputs give the same bytes; one row needs none."""
    marts = sorted(path for path in (MODELS / "marts").rglob("*.sql") if path.stem != "about")
    assert [p.name for p in marts if not has_an_order(p.read_text(encoding="utf-8"))] == []
    assert not has_an_order("select row_number() over (order by x) from t")


def test_everything_is_described(manifest):
    kinds = ("model", "seed")
    nodes = [node for node in manifest["nodes"].values() if node["resource_type"] in kinds]
    assert undescribed([*nodes, *manifest["sources"].values()]) == []
    silent = {"name": "t", "description": " ", "columns": {"c": {"name": "c", "description": ""}}}
    assert undescribed([silent]) == ["t", "t.c"]


def test_models_have_exactly_the_columns_they_describe(built, models):
    described = {(model["schema"], model["alias"]): sorted(model["columns"]) for model in models}
    candidate = columns_in(dbt.candidate_path(built.settings))
    made = {key: sorted(columns) for key, columns in candidate.items() if key[0] != "seeds"}
    assert made == described
    published = columns_in(built.settings.published / "warehouse.duckdb")
    assert published == {key: candidate[key] for key in described if key in published}
    assert {key for key in described if key[0] in ("marts", "governance")} == set(published)


def test_every_published_table_and_column_has_a_comment(built):
    with built.connect() as connection:
        assert uncommented(connection) == []
    with duckdb.connect() as connection:
        connection.execute("create table bare (c int)")
        assert uncommented(connection) == [("main.bare",), ("main.bare.c",)]


def test_what_is_published_is_under_an_enforced_contract(models):
    published = [model for model in models if model["schema"] in ("marts", "governance")]
    assert published
    assert [m["name"] for m in published if not m["config"]["contract"]["enforced"]] == []
    untyped = [m["name"] for m in published for c in m["columns"].values() if not c["data_type"]]
    assert untyped == []
    assert [m["name"] for m in published if not m["config"]["meta"].get("grain")] == []


def test_every_feed_is_staged_counted_and_reconciled(built, models):
    staged = {feed_of(model): model for model in models if layer_of(model) == "staging"}
    assert set(staged) == set(built.contracts)
    by_name = {model["name"]: model for model in models}
    assert set(by_name["int_staged_row"]["depends_on"]["nodes"]) == {
        model["unique_id"] for model in staged.values()
    }
    prefix = "source.community_safety."
    raw = {n for n in by_name[COUNTS_RAW_ROWS]["depends_on"]["nodes"] if n.startswith(prefix)}
    raw -= {n for n in raw if n.startswith(prefix + "manifest.")}
    assert raw == {prefix + feed.replace("/", ".") for feed in built.contracts}


def test_models_read_only_the_layers_below(models, manifest):
    assert [wrong for model in models for wrong in wrong_reads(model, manifest)] == []


@pytest.mark.parametrize(
    ("path", "reads"),
    [
        ("models/staging/police/stg_police__street_crime.sql", "source.p.reference.population"),
        ("models/staging/police/stg_police__street_crime.sql", "model.p.int_month"),
        ("models/intermediate/int_x.sql", "source.p.reference.population"),
        ("models/intermediate/int_x.sql", "model.p.fct_measure"),
        ("models/marts/core/fct_x.sql", "source.p.reference.population"),
        ("models/marts/core/fct_x.sql", "model.p.asb"),
        ("models/marts/priorities/x.sql", "model.p.int_month"),
        ("models/marts/governance/x.sql", "source.p.reference.population"),
    ],
)
def test_a_read_across_the_border_is_found(path, reads):
    def model(where):
        name = where.split("/")[-1].removesuffix(".sql")
        return {"resource_type": "model", "original_file_path": where, "name": name}

    others = [
        "models/intermediate/int_month.sql",
        "models/marts/core/fct_measure.sql",
        "models/marts/priorities/asb.sql",
    ]
    source = {"resource_type": "source", "source_name": "reference", "name": "population"}
    made_up = {
        "nodes": {f"model.p.{model(other)['name']}": model(other) for other in others},
        "sources": {"source.p.reference.population": source},
    }
    assert wrong_reads({**model(path), "depends_on": {"nodes": [reads]}}, made_up)


def test_exposures_name_what_is_made_from_the_marts(manifest, models):
    exposures = {entry["name"]: entry for entry in manifest["exposures"].values()}
    assert set(exposures) == {
        "analysts_database", "strategic_assessment", "public_pages", "morning_digest",
    }  # fmt: skip
    published = {
        m["unique_id"]: m["name"] for m in models if m["schema"] in ("marts", "governance")
    }
    made_from = {
        name: {published[unique_id] for unique_id in entry["depends_on"]["nodes"]}
        for name, entry in exposures.items()
    }
    assert made_from["analysts_database"] == set(published.values())
    assert all(made_from.values())
    assert made_from["public_pages"] == made_from["strategic_assessment"]
    assert [name for name, entry in exposures.items() if not entry["description"].strip()] == []
