"""Another strategy and other priorities, from a folder alone: nothing of the shipped strategy is left."""

import csv
import json
import shutil

import duckdb
import pytest

from orchestration.core.settings import PROJECT, from_environment
from orchestration.synthetic import sample
from tests.conftest import NOW
from tests.support.commands import DONE, REFUSED, USAGE, csp

SHIPPED = PROJECT / "seeds" / "partnerships" / "E06000021"
FEEDS = ("police/street_crime", "fire/incidents")
YEARS = ("2025-26", "2026-27", "2027-28")
BASELINE = "2024-25"
PRIORITIES = {
    "violence_in_public": "Violence in public",
    "homes_and_fires": "Homes and fires",
    "anti_social_behaviour": "Nuisance",
}
MEASURES = {
    "violence_in_public": ("police_violence_and_sexual_offences", "police_robbery"),
    "homes_and_fires": ("fire_deliberate_secondary",),
    "anti_social_behaviour": ("police_asb_incidents",),
}


def written(path, *lines):
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows(lines)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """What another partnership of the same area would decide."""
    path = tmp_path_factory.mktemp("decided") / "partnership"
    path.mkdir()
    for name in ("partnership.yaml", "postcode_districts.csv"):
        shutil.copy(SHIPPED / name, path)
    years = (BASELINE, *YEARS)
    written(
        path / "strategy_years.csv",
        ("strategy_year", "starts_on", "ends_on", "role"),
        *(
            (
                year, f"{year[:4]}-04-01", f"{int(year[:4]) + 1}-03-31",
                "baseline" if year == BASELINE else "strategy",
            )
            for year in years
        ),
    )  # fmt: skip
    written(
        path / "priorities.csv",
        ("priority_id", "priority_name", "led_by", "sort_order"),
        *((key, name, "The partnership", n) for n, (key, name) in enumerate(PRIORITIES.items(), 1)),
    )
    written(
        path / "measure_priorities.csv",
        ("measure_id", "priority_id", "sort_order"),
        *(
            (measure, key, number)
            for key, chosen in MEASURES.items()
            for number, measure in enumerate(chosen, 1)
        ),
    )
    return path


@pytest.fixture(scope="module")
def settings(folder, tmp_path_factory):
    """A home after a small night of that partnership."""
    home = tmp_path_factory.mktemp("other") / "home"
    source = home.parent / "source"
    environment = {"CSP_HOME": str(home), "CSP_NOW": NOW, "CSP_PARTNERSHIP": str(folder)}
    found = from_environment(environment)
    sample.write(found, source, months=3, only=FEEDS)
    answer = csp("refresh", home=home, source=source, CSP_PARTNERSHIP=str(folder))
    assert answer.code == DONE, answer.error
    return found


@pytest.fixture(scope="module")
def published(settings):
    database = (settings.published / "warehouse.duckdb").resolve()
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


def test_the_sample_begins_with_the_baseline_year_of_the_folder(settings):
    contracts = sample.load_contracts(settings.contracts)
    assert sample.periods_of(settings, contracts["fire/incidents"])[0] == "2024-04"


def test_without_deliveries_of_reference_data_the_shipped_areas_serve(published):
    assert published.sql(
        "select area_type, count(*) from marts.dim_area group by all order by all"
    ).fetchall() == [
        ("city", 1), ("lsoa", 163), ("postcode_district", 11), ("unplaced", 6), ("ward", 34),
    ]  # fmt: skip
    assert published.sql(
        "select distinct state from governance.completeness where feed like 'reference/%'"
    ).fetchall() == [("missing",)]


def test_the_priorities_and_their_measures_are_those_of_the_folder(published):
    named = published.sql("select priority_id, priority_name from marts.dim_priority").fetchall()
    assert dict(named) == PRIORITIES
    chosen = published.sql("select priority_id, measure_id from marts.priority_measure").fetchall()
    assert set(chosen) == {(key, one) for key, chosen in MEASURES.items() for one in chosen}
    headlines = published.sql(
        "select distinct priority_id, measure_id from marts.priority_change where is_headline"
    ).fetchall()
    assert set(headlines) == {(key, chosen[0]) for key, chosen in MEASURES.items()}


def test_a_shipped_mart_shows_what_the_folder_chose_and_is_empty_where_it_chose_nothing(published):
    own = "select distinct measure_id from marts.anti_social_behaviour"
    assert published.sql(own).fetchall() == [("police_asb_incidents",)]
    assert published.sql("select count(*) from marts.county_lines").fetchone() == (0,)
    joined = (
        "select count(*), count(distinct fact.measure_id) from marts.fct_measure as fact "
        "inner join marts.priority_measure using (measure_id) "
        "where priority_id = 'violence_in_public'"
    )
    rows, measures = published.sql(joined).fetchone()
    assert (rows > 0, measures) == (True, 2)


def test_the_years_are_those_of_the_folder(published):
    roles = published.sql(
        "select strategy_role, list(distinct strategy_year order by strategy_year) "
        "from marts.dim_period where period_type = 'strategy_year' group by 1"
    ).fetchall()
    assert dict(roles) == {"baseline": [BASELINE], "strategy": list(YEARS)}
    known = published.sql("select distinct strategy_year from marts.fct_measure").fetchall()
    assert {row[0] for row in known} == {BASELINE, *YEARS}


def test_the_edition_is_of_its_years_and_knows_no_other(settings, folder):
    def ask(year, *more):
        return csp("assess", year, *more, home=settings.home, CSP_PARTNERSHIP=str(folder))

    assert ask("2024-25").is_one_sentence("2024-25 is not a year of the strategy", "2027-28")
    answer = ask("2025-26", "--draft")
    assert answer.code == DONE, answer.error
    draft = settings.editions / "drafts" / "2025-26"
    tables = draft / "official-sensitive" / "parquet"
    headline = duckdb.read_parquet(str(tables / "headline.parquet"))
    assert {row[0] for row in headline.project("priority_name").fetchall()} == set(
        PRIORITIES.values()
    )
    years = duckdb.read_parquet(str(tables / "monthly.parquet")).project("strategy_year")
    assert {row[0] for row in years.fetchall()} <= {BASELINE, "2025-26"}
    page = (draft / "official-sensitive" / "strategic-assessment.html").read_text("utf-8")
    assert [
        word
        for word in (
            "2023-24",
            "2023–24",
            "2024–2027",
            "non-domestic violence against women",
            "Contextual safe",
        )
        if word in page
    ] == []


def test_a_waiver_goes_to_the_folder_and_no_manifest_says_that_the_code_changed(settings, folder):
    arguments = (
        "waive", "completeness", "--scope", "fire/incidents", "--until", "2026-12-31",
        "--by", "Chair of the Partnership", "--reason", "The service moved in May; figures follow.",
    )  # fmt: skip
    before = json.loads((settings.published.resolve() / "manifest.json").read_text("utf-8"))
    answer = csp(*arguments, home=settings.home, CSP_PARTNERSHIP=str(folder))
    assert answer.code == DONE, answer.error
    assert "fire/incidents" in (folder / "waivers.yaml").read_text(encoding="utf-8")
    assert not (settings.home / "partnership").exists()
    again = csp("refresh", home=settings.home, source=settings.home.parent / "source",
                CSP_PARTNERSHIP=str(folder))  # fmt: skip
    assert "Nothing is new" in again.text
    after = json.loads((settings.published.resolve() / "manifest.json").read_text("utf-8"))
    assert after["partnership"] == before["partnership"]


def test_an_area_that_is_not_the_folders_is_a_configuration_error(settings, folder):
    answer = csp("status", home=settings.home, CSP_PARTNERSHIP=str(folder), CSP_AREA="E06000014")
    assert answer.code == USAGE != REFUSED
    assert answer.is_one_sentence("CSP_AREA is E06000014", "E06000021")
