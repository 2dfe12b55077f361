"""The edition as data: every table as Parquet and CSV, and the data package that describes them.

    csv/<table>.csv  parquet/<table>.parquet  datapackage.json      (Frictionless Data Package v1)

Parquet holds text unchanged. In CSV, text beginning with a character that spreadsheets take for a
formula is prefixed with an apostrophe (OWASP, CSV injection); `datapackage.json` says so. Both files of
a table have the same rows, columns and types. Same edition, same bytes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from orchestration.core.engine import connect
from orchestration.core.files import replacing, sha256_of, write_json
from orchestration.core.sql import literal
from orchestration.edition.figures.contents import Edition
from orchestration.edition.package import typed_tables
from orchestration.edition.package.marking import data_title, label

_SQL = {
    "string": "varchar",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "datetime": "timestamp",
}
# The characters that OWASP lists, with the full-width ones that Excel treats alike.
_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
_CSV_OPTIONS = "format csv, header, delimiter ',', quote '\"', escape '\"', nullstr ''"
_TEXT_PROTECTION = (
    "In the CSV files a text that begins with =, +, -, @, a tab or a line break has an apostrophe "
    "before it, so that no spreadsheet runs it as a formula. The Parquet files hold it as it is."
)
_OPEN_LICENCE = {
    "name": "OGL-UK-3.0",
    "title": "Open Government Licence v3.0",
    "path": "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
}


def write(edition: Edition, folder: Path) -> list[Path]:
    """Write every table of the edition under `folder`; return the files, the data package last.

    Raises:
        Undeclared: a table or a column is not declared in `descriptions.yaml`.
    """
    tables = typed_tables.of(edition)
    resources: list[dict[str, Any]] = []
    files: list[Path] = []
    with connect(threads=1) as connection:  # one thread: one order of bytes
        for name, frame in tables.items():
            columns = [c for c in typed_tables.columns_of(name) if c.name in frame.columns]
            csv, parquet = folder / "csv" / f"{name}.csv", folder / "parquet" / f"{name}.parquet"
            _write(connection, frame, columns, csv, parquet)
            resources += [_csv_resource(name, columns, csv), _parquet_resource(name, parquet)]
            files += [csv, parquet]
    described = folder / "datapackage.json"
    write_json(described, _package(edition, tables, resources))
    return [*files, described]


def _write(
    connection: duckdb.DuckDBPyConnection,
    frame: pd.DataFrame,
    columns: list[typed_tables.Column],
    csv: Path,
    parquet: Path,
) -> None:
    connection.register("given", frame)
    typed = ", ".join(f'cast("{c.name}" as {_SQL[c.type]}) as "{c.name}"' for c in columns)
    for path, query, options in (
        (parquet, f"select {typed} from given", "format parquet, compression zstd"),
        (csv, f"select {_as_csv(columns)} from (select {typed} from given)", _CSV_OPTIONS),
    ):
        with replacing(path) as temporary:
            connection.execute(f"copy ({query}) to {literal(temporary)} ({options})")
    connection.unregister("given")


def _as_csv(columns: list[typed_tables.Column]) -> str:
    """The select list of the CSV file: text escaped, times in ISO 8601."""
    forms = {
        "string": f'case when regexp_matches("{{0}}", \'{_FORMULA}\') then chr(39) || "{{0}}" '
        'else "{0}" end as "{0}"',
        "datetime": 'strftime("{0}", \'%Y-%m-%dT%H:%M:%SZ\') as "{0}"',
    }
    return ", ".join(forms.get(c.type, '"{0}"').format(c.name) for c in columns)


def _csv_resource(name: str, columns: list[typed_tables.Column], path: Path) -> dict[str, Any]:
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": f"csv/{path.name}",
        "title": name.replace("_", " ").capitalize(),
        "description": typed_tables.grain_of(name),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "dialect": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "header": True},
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
        "schema": {
            "fields": [
                {"name": c.name, "type": c.type, "description": c.description} for c in columns
            ],
            "missingValues": [""],
        },
    }


def _parquet_resource(name: str, path: Path) -> dict[str, Any]:
    # No "tabular" profile: version 1 of the standard knows CSV and JSON as tables only.
    return {
        "profile": "data-resource",
        "name": f"{name}-parquet",
        "path": f"parquet/{path.name}",
        "title": f"{name.replace('_', ' ').capitalize()} (Parquet)",
        "description": typed_tables.grain_of(name),
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
    }


def _package(
    edition: Edition, tables: dict[str, pd.DataFrame], resources: list[dict[str, Any]]
) -> dict[str, Any]:
    """The descriptor. Only an issued public edition carries a licence: under the standard, data
    without one must not be assumed to be open."""
    is_open = edition.variant == "official" and not edition.is_draft
    package: dict[str, Any] = {
        "profile": "data-package",
        "name": f"strategic-assessment-{edition.year.label}-{edition.variant}",
        "title": data_title(edition),
        "description": f"{label(edition)}. {_TEXT_PROTECTION}",
        "version": f"{edition.version}.0.0",
        "keywords": ["community safety", "strategic assessment", edition.area_name],
        "sources": [{"title": feed} for feed in sorted(set(tables["sources"]["feed"]))],
        "marking": edition.variant.upper(),
        "synthetic": edition.is_synthetic,
        "draft": edition.is_draft,
        "dataAsAt": edition.data_as_at,
        "areaCode": edition.area_code,
        "textProtection": _TEXT_PROTECTION,
        "resources": resources,
    }
    return {**package, "licenses": [_OPEN_LICENCE]} if is_open else package
