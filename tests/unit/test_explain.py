"""Proves that the explanation of a figure names what stands behind it, and only that."""

import duckdb
import pytest

from orchestration import explain as explaining
from orchestration.explain import ExplainError, lineage

INPUTS = "ab" * 32

WAREHOUSE = """
create schema marts;
create schema governance;
create table marts.dim_measure as select * from (values
    ('fires', 'Deliberate fires', 'Fires set on purpose.', 'Rows with motive deliberate', 'residents',
     'fires', 1000, 'fire/incidents', 2, null, 'Fire analyst', 'verified'),
    ('reoffending', 'Reoffending', 'Share who reoffend.', 'Rows reoffended', 'own',
     'people', 100, 'harbour/boats', 1, 'A break in 2024', 'Harbour', 'unverified')
) as t (measure_id, measure_name, definition, numerator, denominator, unit, rate_per, feed,
    definition_version, known_breaks, owner, verified);
create table marts.dim_period as select * from (values
    ('month', date '2026-03-01', date '2026-03-31', 'March 2026'),
    ('quarter', date '2026-01-01', date '2026-03-31', 'Q4 2025-26'),
    ('strategy_year', date '2025-04-01', date '2026-03-31', '2025-26'),
    ('strategy_year', date '2026-04-01', date '2027-03-31', '2026-27'),
    ('academic_year', date '2025-09-01', date '2026-08-31', 'School year 2025/26'),
    ('calendar_year', date '2025-01-01', date '2025-12-31', '2025'),
    ('rolling_12m', date '2025-04-01', date '2026-03-31', 'Year to March 2026'),
    ('pooled_3_years', date '2023-04-01', date '2026-03-31', '2023–26 pooled')
) as t (period_type, period_start, period_end, period_name);
create table marts.fct_measure as
select 'fires' as measure_id, place.*, period_type, period_start, period_end,
    cast(case when period_name = '2026-27' then null else 100 + rank() over (order by period_name) end
        as bigint) as "count",
    cast(null as double) as modelled_count, 260000 as denominator, 1.5 as rate, 1.0 as rate_lower,
    2.0 as rate_upper, case when period_name = '2026-27' then 'not_yet_due' end as missing_reason,
    period_name = 'March 2026' as is_provisional
from marts.dim_period, (values ('city', 'E1', 'Harbourton'), ('ward', 'W1', 'Old Quay'))
    as place (area_type, area_code, area_name);
create table marts.peer_comparison as select * from (values
    ('fires', 'neighbours', 'E2', 'Millford', false, 'strategy_year', date '2025-04-01',
     date '2026-03-31', 55, 100000, 0.5, 0.4, 0.6)
) as t (measure_id, peer_group, area_code, area_name, is_own_area, period_type, period_start,
    period_end, "count", denominator, rate, rate_lower, rate_upper);
create table marts.priority_change as select 'calm' as priority_id, 'fires' as measure_id;
create table governance.deliveries as
select feed, period, part, feed || '-' || period as delivery_id, md5(feed || period) as sha256,
    timestamp '2026-04-02 03:04:05' as received_at, '1.0.0' as contract_version, 10 as row_count,
    is_current
from (values ('fire/incidents', '2026-02', '', true), ('fire/incidents', '2026-03', '', true),
    ('fire/incidents', '2026-04', '', true), ('fire/incidents', '2025-12', '', false),
    ('harbour/boats', '2026-03', '', true), ('reference/population', '2024', '', true),
    ('reference/tides', '2024', '', true)) as t (feed, period, part, is_current);
create table governance.completeness as
select 'fire/incidents' as feed, '' as part, strftime(day, '%Y-%m') as period,
    cast(day as date) as period_start, last_day(cast(day as date)) as period_end,
    case when day < '2026-01-01' then 'refused' when day = '2026-01-01' then 'missing'
        else 'delivered' end as state,
    true as is_expected_part
from generate_series(date '2025-12-01', date '2026-04-01', interval 1 month) as t (day);
create table governance.gate_results as
select feed, delivery_id, 'rule' as rule, 'critical' as severity,
    case when period = '2026-04' then 'failed' else 'passed' end as outcome,
    'fewer rows than usual' as sentence
from governance.deliveries;
"""


def model(name, *parents):
    node = {
        "name": name,
        "original_file_path": f"models/{name}.sql",
        "description": "A model. More.",
    }
    return f"model.{name}", node, list(parents)


SOURCES = {
    f"source.{partner}.{name}": {"source_name": partner, "name": name}
    for partner, name in (
        ("fire", "incidents"), ("harbour", "boats"), ("reference", "population"),
        ("reference", "tides"), ("manifest", "deliveries"),
    )
}  # fmt: skip
MODELS = [
    model("stg_fire__incidents", "source.fire.incidents", "source.manifest.deliveries"),
    model("stg_harbour__boats", "source.harbour.boats", "source.reference.tides"),
    model("msr_fire__incidents", "model.stg_fire__incidents"),
    model("msr_harbour__boats", "model.stg_harbour__boats"),
    model("int_denominator", "source.reference.population"),
    model("fct_measure", "model.msr_fire__incidents", "model.msr_harbour__boats",
          "model.int_denominator"),
    model("peer_comparison", "model.stg_fire__incidents"),
    model("calm", "model.fct_measure"),
    model("concentration", "model.fct_measure"),
]  # fmt: skip
PROJECT = {
    "sources": SOURCES,
    "nodes": {key: node for key, node, _ in MODELS},
    "parent_map": {**{key: [] for key in SOURCES}, **{key: parents for key, _, parents in MODELS}},
    "child_map": {
        key: [child for child, _, parents in MODELS if key in parents]
        for key in [*SOURCES, *(key for key, _, _ in MODELS)]
    },
}
PUBLISHED = {
    "inputs": INPUTS,
    "published_at": "2026-04-02T03:04:05+00:00",
    "synthetic": True,
    "gate_2": {
        "marts_fct_measure": {"has_rows": "passed"},
        "marts_calm": {"has_rows": "passed"},
        "marts_other": {"has_rows": "failed"},
        "governance_reconciliation": {"nothing_unexplained": "passed"},
    },
}


@pytest.fixture(scope="module")
def warehouse():
    with duckdb.connect() as connection:
        connection.execute(WAREHOUSE)
        yield connection


@pytest.fixture
def explain(warehouse):
    def asked(*names, **more):
        given = {"project": PROJECT, "published": PUBLISHED, **more}
        return explaining.explain(warehouse, *names, **given)

    return asked


def periods(explanation):
    return [row["period"] for row in explanation.deliveries]


@pytest.mark.parametrize(
    ("given", "kind", "first"),
    [
        ("2026-03", "month", "2026-03-01"),
        ("2026-Q1", "quarter", "2026-01-01"),
        ("Q4 2025-26", "quarter", "2026-01-01"),
        ("2025-26", "strategy_year", "2025-04-01"),
        ("school year 2025/26", "academic_year", "2025-09-01"),
        ("2025", "calendar_year", "2025-01-01"),
        ("12m to 2026-03", "rolling_12m", "2025-04-01"),
        ("3y to 2026-03", "pooled_3_years", "2023-04-01"),
        ("2025-09-01..2026-08-31", "academic_year", "2025-09-01"),
        (" March 2026 ", "month", "2026-03-01"),
    ],
)
def test_a_period_is_known_by_the_names_that_people_give_it(explain, given, kind, first):
    figure = explain("fires", None, given).figure
    assert (figure["period_type"], str(figure["period_start"])) == (kind, first)


def test_without_area_and_period_it_is_the_whole_area_and_the_newest_year_that_is_known(explain):
    figure = explain("fires").figure
    assert (figure["area_code"], figure["period"]) == ("E1", "2025-26")


@pytest.mark.parametrize("given", ["W1", "w1", "Old Quay", " old quay "])
def test_an_area_is_known_by_code_or_name(explain, given):
    assert explain("fires", given, "2025-26").figure["area_code"] == "W1"


def test_a_district_of_the_peer_group_has_its_own_figure_and_mart(explain):
    found = explain("fires", "Millford")
    assert (found.figure["count"], found.figure["area_type"]) == (55, "district")
    assert [m.name for m in found.models] == ["stg_fire__incidents", "peer_comparison"]


def test_only_deliveries_that_count_and_touch_the_period_stand_behind_it(explain):
    assert periods(explain("fires", None, "2026-03")) == ["2026-03"]
    assert periods(explain("fires", None, "2026-Q1")) == ["2026-02", "2026-03"]
    assert periods(explain("fires", None, "2025-26")) == ["2026-02", "2026-03"]


def test_what_was_not_delivered_within_the_period_is_named(explain):
    found = explain("fires", None, "2026-Q1")
    assert found.not_delivered == [{"period": "2026-01", "state": "missing"}]
    assert "2026-01 is missing" in explaining.text(found)
    assert not explain("fires", None, "2026-03").not_delivered


def test_gate_1_counts_the_rules_of_these_deliveries_only(explain):
    assert explain("fires", None, "2026-Q1").gate_1 == [
        {"outcome": "passed", "severity": "critical", "rules": 2, "said": []}
    ]


def test_what_gate_1_said_against_a_delivery_stands_beside_the_figure(explain):
    found = explain("fires", None, "2026-27")
    assert "    fewer rows than usual" in explaining.text(found).splitlines()


def test_gate_2_is_that_of_the_marts_that_the_figure_stands_in(explain):
    assert set(explain("fires").gate_2) == {
        "marts_fct_measure", "marts_calm", "governance_reconciliation",
    }  # fmt: skip


def test_the_models_are_those_between_the_feed_and_the_mart_in_order(explain):
    assert [m.name for m in explain("fires").models] == [
        "stg_fire__incidents", "msr_fire__incidents", "fct_measure", "calm",
    ]  # fmt: skip


def test_reference_data_is_what_the_measure_really_uses(explain):
    assert [row["feed"] for row in explain("fires").reference] == ["reference/population"]
    assert lineage.feeds_behind(PROJECT, ["msr_harbour__boats"], "reference") == ["reference/tides"]


def test_the_text_says_everything_and_nothing_empty(explain):
    told = explaining.text(explain("fires", None, "2026-03"))
    for words in (
        "OFFICIAL-SENSITIVE", "SYNTHETIC", "Deliberate fires (fires)", "March 2026", "provisional",
        "Definition (version 2, verified)", "Fires set on purpose.", "fire/incidents 2026-03: 10 rows",
        "received 2026-04-02 03:04 UTC, contract 1.0.0, sha256", "1 passed (critical)",
        "models/fct_measure.sql", INPUTS,
    ):  # fmt: skip
        assert words in told
    assert "None" not in told
    assert "nan" not in told.split()


def test_a_figure_that_is_not_known_says_why(explain):
    told = explaining.text(explain("fires", None, "2026-27"))
    assert "not known: not yet due" in told
    assert "  count" not in told


def test_a_measure_that_is_held_says_since_when_and_why(explain):
    held = [{"measure_id": "fires", "sentence": "Deliberate fires (fires) is held since yesterday"}]
    told = explaining.text(explain("fires", published=PUBLISHED | {"held": held}))
    assert "\n  Deliberate fires (fires) is held since yesterday\n" in told
    other = [held[0] | {"measure_id": "floods"}]
    assert "held" not in explaining.text(explain("fires", published=PUBLISHED | {"held": other}))


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (("fire",), r"there is no measure or table fire; did you mean fires, figures\?"),
        (("fires", "Old Key"), r"fires has no figures for Old Key; did you mean Old Quay\?"),
        (("fires", None, "2026-13"), r"fires has no period 2026-13 for Harbourton; did you mean "),
        (("fires", None, "soon"), "fires has no period soon for Harbourton; there are "),
        (("reoffending",), "reoffending has no figures for the whole area; there are none"),
    ],
)
def test_what_is_not_there_is_one_sentence_with_what_comes_near(explain, names, sentence):
    with pytest.raises(ExplainError, match=sentence) as problem:
        explain(*names)
    assert "\n" not in str(problem.value)


def frozen(connection, folder, is_rounded=False, **values):
    """An edition's folder whose figures are those of today, but for these."""
    folder.mkdir(parents=True)
    changed = ", ".join(f'{value} as "{name}"' for name, value in values.items())
    connection.execute(
        f"copy (select * {f'replace ({changed})' if changed else ''}, null as suppressed, "
        f"{is_rounded} as is_rounded from marts.fct_measure) to '{folder}/figures.parquet' (format parquet)"
    )


def test_the_frozen_figure_stands_beside_todays(explain, warehouse, tmp_path):
    frozen(warehouse, tmp_path / "same/official-sensitive")
    same = explain("fires", edition=tmp_path / "same")
    assert same.frozen["is_same"]
    assert "the same as today" in explaining.text(same)

    frozen(warehouse, tmp_path / "moved/official-sensitive", count="cast(7 as bigint)")
    frozen(warehouse, tmp_path / "moved/official", count="cast(10 as bigint)")
    moved = explain("fires", edition=tmp_path / "moved")
    assert (moved.frozen["count"], moved.frozen["is_same"]) == (7, False)
    assert "count 7; today's figure differs" in explaining.text(moved)
    frozen(warehouse, tmp_path / "round/official", is_rounded=True, count="10")
    told = explaining.text(explain("fires", edition=tmp_path / "round"))
    assert "count 10, rounded to protect people: not compared" in told and "differs" not in told


def test_a_figure_that_the_edition_does_not_print_says_so(explain, warehouse, tmp_path):
    frozen(warehouse, tmp_path / "e", measure_id="'other'")
    assert "not printed in it" in explaining.text(explain("fires", edition=tmp_path / "e"))


def test_a_folder_without_figures_is_refused(explain, tmp_path):
    with pytest.raises(ExplainError, match="holds no figures of an edition"):
        explain("fires", edition=tmp_path)


def test_a_table_of_the_edition_is_explained_by_its_marts_and_their_feeds(explain):
    found = explain("concentration")
    assert [m.name for m in found.models] == ["concentration"]
    assert {row["feed"] for row in found.deliveries} == {
        "fire/incidents", "harbour/boats", "reference/population", "reference/tides",
    }  # fmt: skip
    told = explaining.text(found)
    assert "Table concentration of the edition" in told
    assert "fire/incidents: 3" in told


def test_a_table_that_no_extract_goes_into_says_so(explain):
    project = {**PROJECT, "nodes": {**PROJECT["nodes"], "model.deliveries": MODELS[0][1] | {
        "name": "deliveries"}}}  # fmt: skip
    project["parent_map"] = {
        **PROJECT["parent_map"],
        "model.deliveries": ["source.manifest.deliveries"],
    }
    told = explaining.text(explain("sources", project=project))
    assert "none: it is made from the register and the record of deliveries" in told
