"""The register and the marts, held to each other both ways: no measure unshown, no figure undefined."""

import csv
import json
from collections import Counter

import duckdb
import pytest

from orchestration.core.settings import PROJECT
from orchestration.transform import dbt

REGISTER = PROJECT / "seeds" / "register"
SHIPPED = PROJECT / "seeds" / "partnerships" / "E06000021"
PRIORITIES = (
    "anti_social_behaviour",
    "serious_violence_vawg",
    "modern_slavery",
    "community_cohesion",
    "alcohol_related_harm",
    "contextual_safeguarding",
    "county_lines",
    "domestic_abuse",
    "drug_related_crime_harm",
    "safeguarding_mental_health",
)
PROMISED = [
    "measure_id",
    "area_type",
    "area_code",
    "area_name",
    "period_type",
    "period_start",
    "period_end",
    "strategy_year",
    "count",
    "denominator",
    "rate",
    "rate_lower",
    "rate_upper",
    "previous_count",
    "change",
    "change_is_significant",
    "rolling_12m",
    "missing_reason",
    "is_provisional",
    "data_as_at",
]
PERIOD_TYPE = {"financial_year": "strategy_year"}  # by periodicity, where the names differ
# A measure that is counted by a model of another feed would be one feed's number under another's name.
MEASURE_MODELS = sorted(
    path.stem for path in (PROJECT / "dbt_project/models/intermediate/measures").glob("msr_*.sql")
)


def rows_of(name):
    folder = REGISTER if name == "measure_register.csv" else SHIPPED
    with (folder / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def register():
    return {row["measure_id"]: row for row in rows_of("measure_register.csv")}


@pytest.fixture(scope="module")
def shown():
    """The priorities of each measure, as the register gives them."""
    return [(row["priority_id"], row["measure_id"]) for row in rows_of("measure_priorities.csv")]


@pytest.fixture(scope="module")
def marts(built):
    with built.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def candidate(built):
    """What dbt built, with the models that are not published."""
    path = dbt.candidate_path(built.settings)
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def measures_of(connection, table):
    return {row[0] for row in connection.sql(f"select distinct measure_id from {table}").fetchall()}


def test_the_register_is_wide_enough_for_ten_priorities(register, shown):
    assert len(register) >= 70
    per_priority = Counter(priority for priority, _ in shown)
    assert set(per_priority) == set(PRIORITIES)
    assert min(per_priority.values()) >= 6
    assert len(set(shown)) == len(shown)


def test_every_measure_has_figures_and_every_figure_a_measure(register, marts):
    assert measures_of(marts, "marts.fct_measure") == set(register)
    assert measures_of(marts, "marts.dim_measure") == set(register)


def test_every_measure_has_a_known_number_for_the_city(register, marts):
    known = {
        row[0]
        for row in marts.sql(
            "select distinct measure_id from marts.fct_measure "
            "where area_type = 'city' and coalesce(rate, \"count\") is not null"
        ).fetchall()
    }
    assert known == set(register)


def test_every_measure_has_its_own_period_and_its_own_geography(register, marts):
    found = marts.sql("select distinct measure_id, period_type, area_type from marts.fct_measure")
    kinds = set(found.fetchall())
    for measure, row in register.items():
        assert (measure, "city") in {(name, area) for name, _, area in kinds}
        if row["periodicity"] != "published":
            period_type = PERIOD_TYPE.get(row["periodicity"], row["periodicity"])
            assert (measure, period_type, row["lowest_geography"]) in kinds


def test_every_measure_is_in_the_marts_of_its_priorities_and_in_no_other(register, shown, marts):
    found = {
        (mart, measure) for mart in PRIORITIES for measure in measures_of(marts, f"marts.{mart}")
    }
    assert found == set(shown)
    # What no priority shows is there to be scanned, so that it is not overlooked.
    with (REGISTER / "scan_measures.csv").open(encoding="utf-8", newline="") as lines:
        scanned = {row["measure_id"] for row in csv.DictReader(lines)}
    assert {measure for _, measure in found} | scanned == set(register)
    assert measures_of(marts, "marts.scan") == scanned
    named = marts.sql("select priority_id from marts.dim_priority").fetchall()
    assert {row[0] for row in named} == set(PRIORITIES)


@pytest.mark.parametrize("mart", PRIORITIES)
def test_a_mart_is_a_cut_of_the_one_fact(mart, shown, marts):
    own = [measure for priority, measure in shown if priority == mart]
    marts.execute(
        "create or replace temp table own as select unnest(?::varchar[]) as measure_id", [own]
    )
    whole = "select * from marts.fct_measure semi join own using (measure_id)"
    for left, right in ((f"from marts.{mart}", whole), (whole, f"from marts.{mart}")):
        assert marts.sql(f"select count(*) from ({left} except all {right})").fetchone() == (0,)


def test_ten_marts_have_identical_columns_and_those_that_are_promised(marts):
    tables = ("fct_measure", *PRIORITIES)
    columns = {table: marts.sql(f"describe marts.{table}").fetchall() for table in tables}
    assert {tuple(found) for found in columns.values()} == {tuple(columns["fct_measure"])}
    names = [row[0] for row in columns["fct_measure"]]
    assert [name for name in names if name in PROMISED] == PROMISED


def test_a_number_is_known_or_says_why_it_is_not(marts):
    wrong = marts.sql(
        "select count(*) from marts.fct_measure "
        'where ("count" is null and rate is null) <> (missing_reason is not null)'
    ).fetchone()
    assert wrong == (0,)


@pytest.mark.parametrize("model", MEASURE_MODELS)
def test_a_model_counts_measures_of_its_own_feed_and_all_of_them(model, register, candidate):
    feed = model.removeprefix("msr_").replace("__", "/")
    own = {measure for measure, row in register.items() if row["source_feed"] == feed}
    assert measures_of(candidate, f"intermediate.{model}") == own != set()


def test_every_counted_row_comes_of_a_model_that_is_held_above(built, register, candidate):
    manifest = json.loads(dbt.manifest_path(built.settings).read_text(encoding="utf-8"))
    node = manifest["nodes"]["model.community_safety.int_measure_count"]
    read = {name.split(".")[-1] for name in node["depends_on"]["nodes"]}
    assert read == set(MEASURE_MODELS)
    published = {name for name, row in register.items() if row["method"] == "published"}
    assert measures_of(candidate, "intermediate.int_measure_value") == published
    assert measures_of(candidate, "intermediate.int_measure_count") == set(register) - published


def test_every_dimension_of_a_profile_is_in_the_register(candidate):
    """One that is not would be dropped silently; one that no feed answers would promise too much."""
    said = " union ".join(
        f"select unnest(json_keys(counted.said)) from "
        f"(select unnest(counted_rows) as counted from intermediate.{model})"
        for model in MEASURE_MODELS
    )
    named = {row[0] for row in candidate.sql(said).fetchall()}
    with (REGISTER / "profile_dimensions.csv").open(encoding="utf-8", newline="") as lines:
        assert named == {row["dimension"] for row in csv.DictReader(lines)}


def test_every_source_feed_has_a_contract_and_latency(built, register):
    feeds = {row["source_feed"] for row in register.values()}
    assert feeds <= set(built.contracts)
    kinds = {name: built.contracts[name].period_kind for name in feeds}
    wrong = {
        measure
        for measure, row in register.items()
        if row["periodicity"] not in (kinds[row["source_feed"]], "published")
    }
    assert wrong == set()


def test_what_is_not_verified_says_so(register, marts):
    assert {row["verified"] for row in register.values()} == {"verified", "unverified"}
    silent = [
        measure
        for measure, row in register.items()
        if row["verified"] == "unverified" and not row["verification_note"].strip()
    ]
    assert silent == []
    told = marts.sql(
        "select count(*) from marts.dim_measure "
        "where verified = 'unverified' and coalesce(trim(verification_note), '') = ''"
    ).fetchone()
    assert told == (0,)


def test_every_row_of_the_register_is_filled_in(register):
    may_be_blank = {"known_breaks", "verification_note", "definition_as_at"}
    blank = [
        (measure, column)
        for measure, row in register.items()
        for column, value in row.items()
        if not value.strip() and column not in may_be_blank
    ]
    assert blank == []
    with (REGISTER / "denominator_groups.csv").open(encoding="utf-8", newline="") as lines:
        groups = {row["group_id"] for row in csv.DictReader(lines)}
    assert {row["denominator"] for row in register.values()} <= groups | {
        "own",
        "none",
        "published",
    }
    over_own = {m for m, row in register.items() if row["denominator"] == "own"}
    shares = {m for m, row in register.items() if row["method"] == "proportion"}
    assert over_own == shares
