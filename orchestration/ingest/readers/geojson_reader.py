"""Reading one GeoJSON delivery: a row per feature, properties as text, the geometry as GeoJSON text."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.contracts.model import Contract
from orchestration.core.refusal import Refusal, Tell, unheard
from orchestration.ingest.readers.json_reader import (
    has_key_twice,
    load,
    pointer,
    refuse_inexact,
    refuse_nested,
    refuse_rows,
    text_at,
)
from orchestration.ingest.readers.table import check_header, decode

_GEOMETRY = "geometry"
_OTHER = "is not a feature with properties and a geometry"


def read(
    connection: duckdb.DuckDBPyConnection, contract: Contract, source: Path, _tell: Tell = unheard
) -> str:
    """Read `source`; return SQL that gives `_row` (feature number) and the contract's columns.

    Raises:
        Refusal: the file is not a FeatureCollection with the agreed properties.
    """
    text = decode(source.read_bytes(), contract, "GeoJSON text", "not_geojson")
    try:
        load(connection, text, "features", "not_geojson")
    except Refusal as refusal:
        if refusal.rule != "not_records":
            raise
        raise Refusal("not_geojson", "the file is not a GeoJSON FeatureCollection") from None
    kind = connection.sql("select json_extract_string(document, '/type') from document").fetchone()
    if kind != ("FeatureCollection",):
        raise Refusal("not_geojson", "the file is not a GeoJSON FeatureCollection")
    refuse_rows(
        connection,
        "not_records",
        "json_type(record, '/properties') is distinct from 'OBJECT' "
        "or coalesce(json_type(record, '/geometry'), '') not in ('OBJECT', 'NULL')",
        _OTHER,
        "feature",
    )
    twice = f"{has_key_twice('$')} or {has_key_twice('/properties')}"
    refuse_rows(connection, "duplicate_column", twice, "has a key twice", "feature")
    keys = connection.sql(
        "select distinct unnest(json_keys(record, '/properties')) as key from record order by key"
    ).fetchall()
    if not keys:
        raise Refusal("not_geojson", "the file is a GeoJSON FeatureCollection without features")
    check_header([*(row[0] for row in keys), _GEOMETRY], contract, line=None)
    paths = {
        column.name: pointer("properties", column.header)
        for column in contract.columns
        if column.header != _GEOMETRY
    }
    if paths:
        refuse_nested(connection, list(paths.values()), "feature")
        named = [
            (column, paths[column.name]) for column in contract.columns if column.name in paths
        ]
        refuse_inexact(connection, named, "feature")
    wanted = ", ".join(
        f"{text_at(paths[column.name])} as {column.name}"
        if column.name in paths
        else f"nullif(json_extract(record, '/geometry')::varchar, 'null') as {column.name}"
        for column in contract.columns
    )
    return f"select _row, {wanted} from record order by _row"
