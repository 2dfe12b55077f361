"""Reading one JSON delivery: a row per object of an array, its values as text.

What stands beside the agreed array (a date of export, a version) is left alone, as a title row is.
"""

from __future__ import annotations

from pathlib import Path

import duckdb

from orchestration.ingest.contract_model import Contract
from orchestration.ingest.refusal import Refusal
from orchestration.ingest.table import check_header, decode


def read(connection: duckdb.DuckDBPyConnection, contract: Contract, source: Path) -> str:
    """Read `source`; return SQL that gives `_row` (number of the record) and the contract's columns.

    Raises:
        Refusal: the file is not an array of flat objects with the agreed keys.
    """
    text = decode(source.read_bytes(), contract, "JSON text", "not_json")
    _load(connection, text, contract.layout.records)
    _refuse_rows(
        connection, "not_records", "json_type(record) <> 'OBJECT'", "is not an object with keys"
    )
    _refuse_rows(
        connection,
        "duplicate_column",
        "len(json_keys(record)) <> len(list_distinct(json_keys(record)))",
        "has a key twice",
    )
    keys = connection.sql(
        "select distinct unnest(json_keys(record)) as key from record order by key"
    ).fetchall()
    if keys:
        check_header([row[0] for row in keys], contract, line=None)
    paths = {column.name: _quoted(_pointer(column.header)) for column in contract.columns}
    nested = " or ".join(
        f"json_type(record, {path}) in ('OBJECT', 'ARRAY')" for path in paths.values()
    )
    _refuse_rows(connection, "nested_value", nested, "holds a list or an object within a value")
    wanted = ", ".join(
        f"nullif(json_extract_string(record, {path}), '') as {name}" for name, path in paths.items()
    )
    return f"select _row, {wanted} from record order by _row"


def _load(connection: duckdb.DuckDBPyConnection, text: str, records: str) -> None:
    """Make the table `record`: one row per element of the array."""
    try:
        kinds = connection.execute(
            "create temp table document as select $text::json as document", {"text": text}
        ).execute(
            "select json_type(document), json_type(document, $path) from document",
            {"path": _pointer(records) if records else "$"},
        ).fetchone()  # fmt: skip
    except duckdb.Error:
        # DuckDB's message quotes the text, which may hold personal values: it is not passed on.
        raise Refusal("not_json", "the file is not JSON text that can be read") from None
    assert kinds is not None
    if records and kinds[0] != "OBJECT":
        raise Refusal("not_records", f"the file is not an object with the key “{records}”")
    if kinds[1] != "ARRAY":
        where = f"the key “{records}” does not hold" if records else "the file is not"
        raise Refusal("not_records", f"{where} an array of records")
    connection.execute(
        """
        create temp table record as
        select unnest(found) as record, unnest(range(1, len(found) + 1)) as _row
        from (
            select json_extract(json_extract(document, $path), '$[*]') as found from document
        )
        """,
        {"path": _pointer(records) if records else "$"},
    )


def _refuse_rows(
    connection: duckdb.DuckDBPyConnection, rule: str, condition: str, what: str
) -> None:
    """Refuse the delivery if any record meets `condition`."""
    found = connection.sql(f"select _row from record where {condition} order by _row").fetchall()
    if found:
        rows = tuple(int(row[0]) for row in found)
        many = f" ({len(rows)} such records)" if len(rows) > 1 else ""
        raise Refusal(rule, f"record {rows[0]} {what}{many}", rows)


def _pointer(key: str) -> str:
    """The path of a key in the style of RFC 6901, which takes any key."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
