"""Reference data that is not what it says it is: coordinates swapped or in metres, areas left out."""

import json
from functools import partial

import duckdb
import pytest

from orchestration.contracts.odcs import load_contract
from orchestration.core.settings import PROJECT
from orchestration.quality import known_areas
from orchestration.quality.outcomes import PASSED
from orchestration.quality.runner import run_suite
from orchestration.synthetic import sample
from tests.conftest import settings_at

FEED = "expectations/feeds/reference/lsoa_boundaries.odcs.yaml"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return settings_at(tmp_path_factory.mktemp("content") / "home")


@pytest.fixture(scope="module")
def features(settings, tmp_path_factory):
    """The boundaries of the synthetic city, by LSOA."""
    folder = tmp_path_factory.mktemp("extracts")
    sample.write(settings, folder, months=1)
    (path,) = (folder / "reference").glob("lsoa_*.geojson")
    return json.loads(path.read_text(encoding="utf-8"))["features"]


def refusing(settings, features, folder, change=lambda x, y: (x, y)):
    """The rules that refuse these boundaries, their points changed."""
    contract = load_contract(PROJECT / FEED)

    def moved(part):
        if isinstance(part[0], list):
            return [moved(one) for one in part]
        return list(change(*part))

    rows = [
        {
            "lsoa_2021_code": feature["properties"]["LSOA21CD"],
            "geometry": json.dumps(
                {
                    **feature["geometry"],
                    "coordinates": moved(feature["geometry"]["coordinates"]),
                }
            ),
        }
        for feature in features
    ]
    source = folder / "rows.json"
    source.write_text(json.dumps(rows), encoding="utf-8")
    columns = ", ".join(
        column.name
        if column.name in ("lsoa_2021_code", "geometry")
        else f"null::varchar as {column.name}"
        for column in contract.columns
    )
    path = folder / "rows.parquet"
    duckdb.sql(
        f"copy (select 'd' as _delivery, '{settings.partnership.area_code}' as _part, "
        f"row_number() over () as _row, 1e-6 as _chance_refused, {columns} "
        f"from read_json('{source}', columns = {{'lsoa_2021_code': 'varchar', 'geometry': 'varchar'}})) "
        f"to '{path}' (format parquet)"
    )
    outcomes = run_suite(
        "boundaries",
        f"select * from read_parquet('{path}')",
        contract.rules,
        row_column="_row",
        prepare=partial(known_areas.prepare, settings, contract.rules),
    )
    assert {outcome.outcome for outcome in outcomes} <= {"passed", "failed"}
    return {outcome.rule for outcome in outcomes if outcome.outcome != PASSED}


def test_sound_boundaries_pass(settings, features, tmp_path):
    assert refusing(settings, features, tmp_path) == set()


def test_latitude_first_is_refused(settings, features, tmp_path):
    assert "in_great_britain" in refusing(settings, features, tmp_path, lambda x, y: (y, x))


def test_metres_are_refused(settings, features, tmp_path):
    grid = refusing(
        settings, features, tmp_path, lambda x, y: (390000 + x * 67000, y * 111000 - 5500000)
    )
    assert "in_great_britain" in grid


def test_boundaries_of_a_few_of_the_areas_are_refused(settings, features, tmp_path):
    assert "every_area_is_there" in refusing(settings, features[:40], tmp_path)


def test_boundaries_given_to_the_wrong_areas_are_refused(settings, features, tmp_path):
    shapes = [feature["geometry"] for feature in features]
    shuffled = [
        {**feature, "geometry": shape}
        for feature, shape in zip(features, shapes[7:] + shapes[:7], strict=True)
    ]
    assert "areas_lie_where_they_are" in refusing(settings, shuffled, tmp_path)


def test_a_ring_that_is_not_closed_is_refused(settings, features, tmp_path):
    (outer, *holes) = features[0]["geometry"]["coordinates"]
    opened = {**features[0]["geometry"], "coordinates": [outer[:-1], *holes]}
    found = refusing(settings, [{**features[0], "geometry": opened}, *features[1:]], tmp_path)
    assert "geometry_is_polygon" in found
