"""Proves that every column of every model is followed to the columns that it comes from."""

import json

import duckdb
import pytest

from orchestration.transform import dbt, manifest
from orchestration.transform.column_lineage import Reader

# Columns of marts that come from no column: a constant, or a number of rows.
CONSTANT = {
    "about.marking", "area_boundary.area_type", "area_deprivation.area_type",
    "consultation_profile.dimension", "dim_area.area_type", "fct_measure.is_held",
    "held_figures.is_held", "held_figures.is_latest", "held_figures.warned_deliveries",
    "hot_spot.area_type", "hot_spot.place_type", "peer_comparison.area_type",
    "plan_progress.period_type",
}  # fmt: skip
ROWS_COUNTED = {
    "about.deliveries", "about.feeds", "about.measures", "disclosure_rule.measures",
    "external_reconciliation.our_count", "harm.count", "hot_spot.places",
    "reconciliation.rows_raw", "reconciliation.rows_staged", "rejections.rows_rejected",
    "scan.criteria_judged", "seasonality.years", "ward_funnel.tests_together",
}  # fmt: skip


@pytest.fixture(scope="module")
def project(built):
    return json.loads(dbt.manifest_path(built.settings).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def lineage(built, project):
    """Where the columns of every model come from, by model, shortly: `fct_measure.count`."""
    reader = Reader(built.settings, project, built.settings.warehouse / "dbt" / "compiled")
    return {
        node["name"]: {
            column: {f"{origin.unique_id.split('.', 2)[2]}.{origin.column}" for origin in found}
            for column, found in reader.of(unique_id).items()
        }
        for unique_id, node in project["nodes"].items()
        if node["resource_type"] == "model"
    }


def test_every_model_is_read_whole(lineage, project):
    models = [node for node in project["nodes"].values() if node["resource_type"] == "model"]
    assert {node["name"]: set(node["columns"]) for node in models} == {
        name: set(columns) for name, columns in lineage.items()
    }


def test_a_column_comes_from_what_its_model_reads(lineage, project):
    for node in project["nodes"].values():
        if node["resource_type"] == "model":
            read = {unique_id.split(".", 2)[2] for unique_id in node["depends_on"]["nodes"]}
            origins = set().union(*lineage[node["name"]].values())
            assert {origin.rpartition(".")[0] for origin in origins} <= read, node["name"]


def test_every_column_of_a_mart_comes_from_another_is_constant_or_counts_rows(lineage, project):
    marts = {
        node["name"]
        for node in project["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] in ("marts", "governance")
    }
    bare = {f"{name}.{column}" for name in marts for column, of in lineage[name].items() if not of}
    assert bare == CONSTANT | ROWS_COUNTED


@pytest.mark.parametrize(
    ("model", "column", "expected"),
    [  # from reading the queries
        ("dim_measure", "feed", {"measure_register.source_feed"}),
        ("dim_measure", "definition_page", {"measure_register.definition_page"}),
        (
            "stg_police__street_crime",
            "longitude",
            {"police.street_crime.longitude"},
        ),
        ("stg_police__street_crime", "received_at", {"manifest.deliveries.received_at"}),
        ("stg_police__street_crime", "period_month", {"manifest.deliveries.first_month"}),
        ("harm", "harm_scheme", {"stg_reference__harm_weights.scheme"}),
        ("harm", "area_code", {"int_area_member.area_code"}),
        ("harm", "area_name", {"dim_area.area_name"}),
        ("harm", "harm", {"stg_reference__harm_weights.weight"}),  # of rows, which are counted
        ("harm", "is_synthetic", {"manifest.run.is_synthetic"}),
        ("fct_measure", "count", {"int_figure_before.count", "int_measure_figure.event_count"}),
        (
            "fct_measure",
            "strategy_year",
            {"int_figure_before.strategy_year", "dim_period.strategy_year"},
        ),
        ("fct_measure", "warned_deliveries", {"int_warned_period.warned_deliveries"}),
        # Through the formula: the season that the chart takes out is that of the whole area.
        ("process_control", "judged_by", {"seasonality.seasonal_index"}),
    ],
)
def test_columns_come_from_where_their_queries_say(lineage, model, column, expected):
    assert lineage[model][column] == expected


def test_what_the_run_writes_for_dbt_has_the_columns_that_are_named(built):
    folder = built.settings.raw / manifest.FOLDER
    with duckdb.connect() as connection:
        written = {
            path.stem: connection.sql(f"select * from read_parquet('{path}') limit 0").columns
            for path in folder.glob("*.parquet")
        }
    assert written == manifest.columns()
