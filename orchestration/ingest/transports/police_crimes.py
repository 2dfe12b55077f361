"""Answers of the API of data.police.uk, as the columns of the bulk file. One query, no loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

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
    with crime as (
        select distinct on (id) *, st_point(location.longitude::double, location.latitude::double) as point
        from crimes
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
    left join area on st_intersects(area.shape, crime.point)
    qualify row_number() over (partition by crime.id order by area.code) = 1
    order by all
) to $target (format csv, header, delimiter ',')
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
        _load_spatial(connection)
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
        try:
            connection.execute(
                'create table area as select "code" as code, "name" as name, geom as shape from ('
                f"select {_quoted(code)} as code, {_quoted(code_name)} as name, geom "
                "from st_read($file))",
                {"file": str(boundaries)},
            )
        except duckdb.Error:
            raise PermanentFailure(
                f"{label}: the boundaries {boundaries.name} are not a GeoJSON file with the "
                f"properties {code} and {code_name}"
            ) from None
        connection.execute(_FILE, {"force": force, "target": str(target)})
        return placed


def _load(connection: duckdb.DuckDBPyConnection, files: list[str]) -> int:
    columns = ", ".join(f"{name}: '{kind}'" for name, kind in _CRIME.items())
    connection.execute(
        f"create or replace table crimes as select * from read_json($files, format = 'array', "
        f"columns = {{{columns}}}, maximum_object_size = 1048576)",
        {"files": files},
    )
    found = connection.sql("select count(*) from crimes").fetchone()
    assert found is not None
    return int(found[0])


def _load_spatial(connection: duckdb.DuckDBPyConnection) -> None:
    import duckdb_extension_spatial

    package = Path(duckdb_extension_spatial.__file__).parent
    extension = package / "extensions" / f"v{duckdb.__version__}" / "spatial.duckdb_extension"
    connection.load_extension(str(extension))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
