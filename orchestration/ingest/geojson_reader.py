"""Reading one GeoJSON delivery: a row per feature, properties as text, the geometry as GeoJSON text."""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.ingest.contract_model import Contract
from orchestration.ingest.refusal import Refusal
from orchestration.ingest.table import check_header


def read(connection: duckdb.DuckDBPyConnection, contract: Contract, source: Path) -> str:
    """Read `source`; return SQL that gives `_row` (feature number) and the contract's columns.

    Raises:
        Refusal: the file is not a FeatureCollection with the agreed properties.
    """
    try:
        connection.execute(
            "create temp table feature as select unnest(json_extract(content, '$.features[*]')) "
            "as feature from read_text($path) "
            "where json_extract_string(content, '$.type') = 'FeatureCollection'",
            {"path": str(source)},
        )
        keys = connection.sql(
            "select distinct unnest(json_keys(feature, '$.properties')) as key from feature order by 1"
        ).fetchall()
    except duckdb.Error:
        raise Refusal("not_geojson", "the file is not GeoJSON text") from None
    if not keys:
        raise Refusal("not_geojson", "the file is not a GeoJSON FeatureCollection with features")
    check_header([*(row[0] for row in keys), "geometry"], contract, line=None)
    wanted = ", ".join(
        "json_extract(feature, '$.geometry')::varchar as geometry"
        if column.header == "geometry"
        else f"json_extract_string(feature, '$.properties.{column.header}') as {column.name}"
        for column in contract.columns
    )
    return f"select row_number() over () as _row, {wanted} from feature"
