"""Answers of the API of data.police.uk, as the columns of the bulk file. One query, no loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.core import formulas
from orchestration.core.engine import connect
from orchestration.ingest.transports.failures import PermanentFailure, TransientFailure

_CRIME = {
    "category": "VARCHAR",
    "persistent_id": "VARCHAR",
    "id": "BIGINT",
    "month": "VARCHAR",
    "location_type": "VARCHAR",
    "location": "STRUCT(latitude VARCHAR, longitude VARCHAR, street STRUCT(name VARCHAR))",
    "outcome_status": "STRUCT(category VARCHAR)",
}

# A crime on the edge of two polygons is answered twice; its number within the API is one.
# Ordered by content: the numbers change with every update, but the bytes must not.
_FILE = """
copy (
    with
    crime as (
        select distinct on (id)
            *, location.longitude::double as longitude, location.latitude::double as latitude
        from crimes
    ),

    outline as (select number as area, geometry as geojson from area),

    point as (select longitude as x, latitude as y from crime),

    -- On the line between two areas: in one of them only.
    placed as (
        select point.x, point.y, min_by(area.number, area.code) as number
        from points_in_areas('point', 'outline') as point
        inner join area on area.number = point.area
        group by point.x, point.y
    )

    select
        nullif(persistent_id, '') as "Crime ID",
        month as "Month",
        case when location_type = 'BTP' then 'British Transport Police' else $force end
            as "Reported by",
        case when location_type = 'BTP' then 'British Transport Police' else $force end
            as "Falls within",
        location.longitude as "Longitude",
        location.latitude as "Latitude",
        location.street.name as "Location",
        area.code as "LSOA code",
        area.name as "LSOA name",
        coalesce(categories.name, crime.category) as "Crime type",
        outcome_status.category as "Last outcome category",
        null as "Context"
    from crime
    left join categories on categories.url = crime.category
    left join placed on placed.x = crime.longitude and placed.y = crime.latitude
    left join area on area.number = placed.number
    order by all
) to $target (format csv, header, delimiter ',')
"""

_AREAS = """
create table area as
with
    feature as (
        select unnest(features) as value, generate_subscripts(features, 1) as number
        from (select json_extract(content, '$.features[*]') as features from read_text($file))
    )
select
    number,
    json_extract_string(value, '/properties/' || $code) as code,
    json_extract_string(value, '/properties/' || $name) as name,
    json_extract(value, '/geometry') as geometry
from feature
"""


@dataclass(frozen=True)
class Answers:
    """What the API answered for one month: `located` (an answer a polygon) and two lists."""

    located: Sequence[Path]
    unlocated: Path
    categories: Path


def write(
    target: Path,
    answers: Answers,
    *,
    force: str,
    boundaries: Path,
    code: str,
    code_name: str,
    label: str,
) -> int:
    """Write the file of a month; return how many crimes have a place (with none, nothing is written).

    Raises:
        TransientFailure: an answer is not a list of crimes (an error page sent as a success).
        PermanentFailure: the boundaries cannot be used.
    """
    with connect() as connection:
        connection.execute("set threads = 1")
        formulas.define_polygons(connection)
        try:
            located = [str(path) for path in answers.located]
            placed = _load(connection, located)
            if placed == 0:
                return 0
            _load(connection, [*located, str(answers.unlocated)])
            connection.execute(
                "create table categories as select * from read_json($file, format = 'array', "
                "columns = {url: 'VARCHAR', name: 'VARCHAR'})",
                {"file": str(answers.categories)},
            )
        except duckdb.Error:
            raise TransientFailure(f"{label}: an answer is not a list of crimes") from None
        if not _load_areas(connection, boundaries, code, code_name):
            raise PermanentFailure(
                f"{label}: the boundaries {boundaries.name} are not a GeoJSON file of polygons with the "
                f"properties {code} and {code_name}"
            )
        connection.execute(_FILE, {"force": force, "target": str(target)})
        return placed


def _load(connection: duckdb.DuckDBPyConnection, files: list[str]) -> int:
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in _CRIME.items())
    connection.execute(
        f"create or replace table crimes as select * from read_json($files, format = 'array', "
        f"columns = {{{columns}}}, maximum_object_size = 1048576)",
        {"files": files},
    )
    found = connection.execute("select count(*) from crimes").fetchone()
    assert found is not None
    return int(found[0])


def _load_areas(
    connection: duckdb.DuckDBPyConnection, boundaries: Path, code: str, code_name: str
) -> bool:
    """Load the areas; whether each has its code, its name and its outline."""
    names = {
        name: key.replace("~", "~0").replace("/", "~1")  # as a JSON pointer has it
        for name, key in (("code", code), ("name", code_name))
    }
    try:
        connection.execute(_AREAS, {"file": str(boundaries), **names})
    except duckdb.Error:
        return False
    found = connection.execute(
        "select bool_and(code is not null and name is not null and polygon_rings(geometry) is not null) "
        "from area"
    ).fetchone()
    return found == (True,)
