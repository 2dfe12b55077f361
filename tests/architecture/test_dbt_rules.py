"""Proves that the dbt project keeps the rules of dbt-project-evaluator, read from dbt's own manifest.

The package itself is not used: it would build its tables into every candidate. Which layer may read which,
that all is described, and what exposures name, is held by `test_dbt_project.py`. A model that a rule
excuses stands in `EXCUSED` with the reason, and only as long as it needs to.
"""

import json
from collections import defaultdict

import pytest
from sqlglot import exp, parse_one

from orchestration.transform import dbt

JOINS = 7  # nodes that a model may read before it is named, as in the package
CHILDREN = 3  # marts that nothing reads which may read one model

# Rule -> the models that it excuses, with the reason (DECISIONLOG.md, "The rules of dbt-project-evaluator").
EXCUSED = {
    "reads a feed outside staging": {
        "reconciliation": "counts rows as they were received, beside those that staging read",
        "int_prescribed_blank": "counts blank fields of a delivery before staging reads them",
    },
    "is read by no model": {
        "agreements": "read by gate 3: a table of the register, whose properties dbt describes and tests",
        "delivery_parts": "read by contracts, for the same reason",
        "measure_relations": "read by disclosure control, for the same reason",
        "publication_roles": "read by the release, for the same reason",
        "ranking_criteria": "read by the analyst's workspace, for the same reason",
    },
    "joins too much": {
        "int_measure_count": "the counts of all msr_ models, one below the other",
        "int_profile_count": "the same, by profile",
        "int_staged_row": "the rows of all feeds, one below the other",
        "reconciliation": "the raw rows of all feeds, one below the other",
        "int_prescribed_blank": "the raw fields of all prescribed feeds, one below the other",
        "fct_measure": "the one fact: figures, test of change, what is held and warned",
        "int_measure_figure": "a figure with its denominator, period, area and missing reason",
        "int_watched_figure": "a figure beside its history, rows and last publication",
        "dim_area": "every kind of area in one dimension",
        "scan": "one line a subject, with what seven other marts say of it",
        "peer_comparison": "districts of other forces are placed as this one's are",
        "harm": "offences by area and window, with weights",
        "hot_spot": "streets and LSOAs in one mart",
        "outcome_rate": "outcomes are matched to offences and areas",
        "external_reconciliation": "our counts beside those that others publish",
        "prescribed_information": "what is owed, what came, and what was blank in it",
    },
    "is read by many marts": {
        "fct_measure": "the one long fact that marts are cut from",
        "int_lsoa": "the LSOAs of the district, which every mart of places lists",
    },
}


@pytest.fixture(scope="module")
def manifest(built):
    return json.loads(dbt.manifest_path(built.settings).read_text(encoding="utf-8"))


def models_of(manifest):
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def folder_of(model):
    return model["original_file_path"].split("/")[1]


def feeds_read(model):
    """The sources that a model reads, but for those that the run itself writes."""
    return [
        unique_id
        for unique_id in model["depends_on"]["nodes"]
        if unique_id.startswith("source.") and unique_id.split(".")[2] != "manifest"
    ]


def reading_feeds(manifest):
    return {m["name"] for m in models_of(manifest) if feeds_read(m) and folder_of(m) != "staging"}


def without_a_key(manifest):
    """Models that no test holds to one row per key: unique_together, or unique and never empty."""
    keyed = set()
    unique, filled = defaultdict(set), defaultdict(set)
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("test_metadata"):
            kind, on = node["test_metadata"]["name"], node["attached_node"]
            if kind == "unique_together":
                keyed.add(on)
            if kind in ("unique", "not_null"):
                (unique if kind == "unique" else filled)[on].add(node["column_name"])
    for model in models_of(manifest):
        columns = model["columns"].values() if model["config"]["contract"]["enforced"] else ()
        filled[model["unique_id"]] |= {
            column["name"]
            for column in columns
            if any(one["type"] == "not_null" for one in column["constraints"])
        }
    keyed |= {on for on in unique if unique[on] & filled[on]}
    return {model["name"] for model in models_of(manifest) if model["unique_id"] not in keyed}


def misnamed(manifest):
    """Models whose name is not that of their folder."""
    found = set()
    for model in models_of(manifest):
        folder, *within = model["original_file_path"].split("/")[1:-1]
        name, partner = model["name"], model["name"].split("_", 1)[-1].split("__")[0]
        is_right = {
            "staging": name.startswith("stg_") and within == [partner],
            "intermediate": name.startswith("msr_" if within == ["measures"] else "int_"),
            "marts": not name.startswith(("stg_", "int_", "msr_")),
        }[folder]
        if not is_right or model["original_file_path"].split("/")[-1] != f"{name}.sql":
            found.add(name)
    return found


def unused(manifest):
    """Sources and seeds that no model reads, and models outside the marts that none does."""
    read = {parent for model in models_of(manifest) for parent in model["depends_on"]["nodes"]}
    wanted = [
        unique_id
        for unique_id, node in (*manifest["nodes"].items(), *manifest["sources"].items())
        if node["resource_type"] in ("source", "seed")
        or (node["resource_type"] == "model" and folder_of(node) != "marts")
    ]
    return {unique_id.split(".", 2)[2] for unique_id in wanted if unique_id not in read}


def reading_nothing(manifest):
    return {model["name"] for model in models_of(manifest) if not model["depends_on"]["nodes"]}


def wrongly_open(manifest):
    """Models whose access is not that of what they are: the marts are public, all else is not."""
    return {
        model["name"]
        for model in models_of(manifest)
        if (model["access"] == "public") != (folder_of(model) == "marts")
    }


def joining_much(manifest):
    return {m["name"] for m in models_of(manifest) if len(m["depends_on"]["nodes"]) >= JOINS}


def read_by_many(manifest):
    """Models that more than a few marts read which nothing is made from."""
    models = models_of(manifest)
    inner = {parent for model in models for parent in model["depends_on"]["nodes"]}
    leaves = [model for model in models if model["unique_id"] not in inner]
    return {
        model["name"]
        for model in models
        if sum(model["unique_id"] in leaf["depends_on"]["nodes"] for leaf in leaves) > CHILDREN
    }


def written(query):
    """The relations that a query reads, each as it is written there, without an alias."""
    found = []
    for table in query.find_all(exp.Table):
        bare = table.copy()
        for attached in ("alias", "pivots"):
            bare.set(attached, None)
        found.append(bare.sql("duckdb"))
    return found


def hard_coded(manifest, compiled):
    """What queries read that dbt was not told of, by model. `compiled` gives the query of a model."""
    nodes = {**manifest["nodes"], **manifest["sources"]}
    found = {}
    for model in models_of(manifest):
        told = {
            written(parse_one(f"from {nodes[unique_id]['relation_name']}", dialect="duckdb"))[0]
            for unique_id in model["depends_on"]["nodes"]
        }
        query = parse_one(compiled(model), dialect="duckdb")
        own = {cte.alias for cte in query.find_all(exp.CTE)}
        # A formula is called over the query's own tables, by their names.
        called = {f"'{name}'" for name in own}
        unknown = {
            name
            for name in written(query)
            if name not in told | own
            and not set(name.partition("(")[2].rstrip(")").split(", ")) <= called
        }
        if unknown:
            found[model["name"]] = unknown
    return found


def broken(rule, found):
    """What breaks a rule without an excuse, and the excuses that nothing needs."""
    excused = set(EXCUSED.get(rule, {}))
    return sorted(found - excused), sorted(excused - found)


NONE = ([], [])


def test_feeds_are_read_by_staging_only(manifest):
    assert broken("reads a feed outside staging", reading_feeds(manifest)) == NONE


def test_a_staging_model_joins_nothing_to_its_feed_but_what_the_run_writes(manifest):
    staging = [model for model in models_of(manifest) if folder_of(model) == "staging"]
    assert {len(feeds_read(model)) for model in staging} == {1}


def test_every_model_is_held_to_its_key(manifest):
    assert broken("has no key", without_a_key(manifest)) == NONE


def test_names_say_the_folder(manifest):
    assert broken("is misnamed", misnamed(manifest)) == NONE


def test_nothing_is_there_that_nobody_reads(manifest):
    assert broken("is read by no model", unused(manifest)) == NONE
    assert reading_nothing(manifest) == set()


def test_the_marts_are_public_and_nothing_else(manifest):
    assert broken("is wrongly open", wrongly_open(manifest)) == NONE


def test_models_that_join_much_are_named(manifest):
    assert broken("joins too much", joining_much(manifest)) == NONE


def test_models_that_many_marts_read_are_named(manifest):
    assert broken("is read by many marts", read_by_many(manifest)) == NONE


def test_no_relation_is_written_into_a_query(built, manifest):
    folder = built.settings.warehouse / "dbt" / "compiled" / "community_safety"

    def compiled(model):
        return (folder / model["original_file_path"]).read_text(encoding="utf-8")

    assert hard_coded(manifest, compiled) == {}


def test_every_excuse_has_a_reason():
    assert all(reason for models in EXCUSED.values() for reason in models.values())


def model(path, *reads, **more):
    name = path.split("/")[-1].removesuffix(".sql")
    return {
        "resource_type": "model",
        "unique_id": f"model.p.{name}",
        "name": name,
        "original_file_path": f"models/{path}",
        "depends_on": {"nodes": list(reads)},
        "access": "protected",
        "config": {"contract": {"enforced": False}},
        "columns": {},
        "relation_name": f'"candidate"."x"."{name}"',
        **more,
    }


def project(*nodes):
    sources = {
        key: {"resource_type": "source", "relation_name": "'a.parquet'"}
        for key in ("source.p.fire.incidents", "source.p.manifest.run")
    }
    return {"nodes": {node["unique_id"]: node for node in nodes}, "sources": sources}


def keyed(kind, on, column=None):
    name = f"test.p.{kind}.{on}.{column}"
    return {
        "resource_type": "test", "unique_id": name, "test_metadata": {"name": kind},
        "attached_node": f"model.p.{on}", "column_name": column, "depends_on": {"nodes": []},
    }  # fmt: skip


FIRE, RUN = "source.p.fire.incidents", "source.p.manifest.run"


@pytest.mark.parametrize(
    ("rule", "nodes", "named"),
    [
        (reading_feeds, [model("marts/core/fires.sql", FIRE, RUN)], {"fires"}),
        (reading_feeds, [model("marts/core/fires.sql", RUN)], set()),
        (reading_feeds, [model("staging/fire/stg_fire__incidents.sql", FIRE)], set()),
        (without_a_key, [model("marts/a.sql"), keyed("unique", "a", "x")], {"a"}),
        (
            without_a_key,
            [model("marts/a.sql"), keyed("unique", "a", "x"), keyed("not_null", "a", "y")],
            {"a"},
        ),
        (
            without_a_key,
            [model("marts/a.sql"), keyed("unique", "a", "x"), keyed("not_null", "a", "x")],
            set(),
        ),
        (without_a_key, [model("marts/a.sql"), keyed("unique_together", "a")], set()),
        (misnamed, [model("staging/fire/stg_police__x.sql")], {"stg_police__x"}),
        (misnamed, [model("staging/fire/fires.sql")], {"fires"}),
        (misnamed, [model("intermediate/measures/int_x.sql")], {"int_x"}),
        (misnamed, [model("intermediate/msr_fire__x.sql")], {"msr_fire__x"}),
        (misnamed, [model("marts/core/int_x.sql")], {"int_x"}),
        (misnamed, [model("staging/fire/stg_fire__x.sql"), model("marts/core/dim_x.sql")], set()),
        (unused, [model("marts/a.sql", FIRE)], {"manifest.run"}),
        (unused, [model("intermediate/int_a.sql", FIRE, RUN)], {"int_a"}),
        (reading_nothing, [model("marts/a.sql")], {"a"}),
        (wrongly_open, [model("intermediate/int_a.sql", access="public")], {"int_a"}),
        (wrongly_open, [model("marts/a.sql")], {"a"}),
        (joining_much, [model("marts/a.sql", *"1234567"), model("marts/b.sql", *"123456")], {"a"}),
        (
            read_by_many,
            [model("intermediate/int_a.sql"), *(model(f"marts/m{n}.sql", "model.p.int_a") for n in range(4))],
            {"int_a"},
        ),
        (
            read_by_many,
            [model("intermediate/int_a.sql"), *(model(f"marts/m{n}.sql", "model.p.int_a") for n in range(3))],
            set(),
        ),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_found(rule, nodes, named):
    assert rule(project(*nodes)) == named


@pytest.mark.parametrize(
    ("sql", "is_found"),
    [
        ('select * from "candidate"."x"."int_b" as b join \'a.parquet\' as a using (id)', False),
        ('with b as (select * from "candidate"."x"."int_b") select * from b', False),
        ('select * from "candidate"."x"."int_c"', True),
        ("select * from x.int_b", True),
        ("select * from 'other.parquet'", True),
        ("select * from read_csv('other.csv')", True),
    ],
)
def test_a_relation_that_is_written_into_a_query_is_found(sql, is_found):
    made_up = project(
        model("marts/a.sql", "model.p.int_b", FIRE), model("intermediate/int_b.sql", FIRE)
    )
    queries = {"a": sql, "int_b": "select * from 'a.parquet'"}
    found = hard_coded(made_up, lambda node: queries[node["name"]])
    assert set(found) == ({"a"} if is_found else set())
