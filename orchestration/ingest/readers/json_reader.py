"""Reading one JSON delivery: a row per object of an array, its values as text.

Anything beside the agreed array (a date of export, a version) is ignored, as a title row is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb

from orchestration.contracts.model import Column, Contract
from orchestration.core.refusal import Refusal, Tell, unheard
from orchestration.core.sql import literal
from orchestration.ingest.readers.table import check_header, decode

_EXACT = 1e15


def read(
    connection: duckdb.DuckDBPyConnection, contract: Contract, source: Path, _tell: Tell = unheard
) -> str:
    """Read `source`; return SQL that gives `_row` (number of the record) and the contract's columns.

    Raises:
        Refusal: the file is not an array of flat objects with the agreed keys.
    """
    text = decode(source.read_bytes(), contract, "JSON text", "not_json")
    load(connection, text, contract.layout.records, "not_json")
    refuse_rows(
        connection, "not_records", "json_type(record) <> 'OBJECT'", "is not an object with keys"
    )
    refuse_rows(connection, "duplicate_column", has_key_twice("$"), "has a key twice")
    keys = connection.sql(
        "select distinct unnest(json_keys(record)) as key from record order by key"
    ).fetchall()
    if keys:
        check_header([row[0] for row in keys], contract, line=None)
    paths = {column.name: pointer(column.header) for column in contract.columns}
    refuse_nested(connection, list(paths.values()))
    refuse_inexact(connection, [(column, paths[column.name]) for column in contract.columns])
    wanted = ", ".join(f"{text_at(path)} as {name}" for name, path in paths.items())
    return f"select _row, {wanted} from record order by _row"


def load(connection: duckdb.DuckDBPyConnection, text: str, records: str, rule: str) -> None:
    """Make the tables `document`, and `record` of one row per element of the array under `records`.

    Raises:
        Refusal: the text is not JSON (by the name `rule`), or holds no such array, or two.
    """
    path = "/" + _step(records) if records else "$"
    try:
        kinds = connection.execute(
            "create temp table document as select $text::json as document", {"text": text}
        ).execute(
            "select json_type(document), json_type(document, $path) from document",
            {"path": path},
        ).fetchone()  # fmt: skip
    except duckdb.OperationalError:
        raise  # no memory, or no room on the disk: no fault of the file
    except duckdb.Error:
        # DuckDB's message quotes the text, which may hold personal values: it is not passed on.
        raise Refusal(rule, "the file is not JSON text that can be read") from None
    assert kinds is not None
    if records and kinds[0] != "OBJECT":
        raise Refusal("not_records", f"the file is not an object with the key “{records}”")
    if kinds[1] != "ARRAY":
        where = f"the key “{records}” does not hold" if records else "the file is not"
        raise Refusal("not_records", f"{where} an array of records")
    twice = connection.execute(
        "select count(*) > 1 from (select unnest(json_keys(document)) as key from document) "
        "where key = $key",
        {"key": records},
    ).fetchone()
    if records and twice == (True,):
        raise Refusal("duplicate_column", f"the key “{records}” stands twice in the file")
    connection.execute(
        """
        create temp table record as
        select unnest(found) as record, unnest(range(1, len(found) + 1)) as _row
        from (
            select json_extract(json_extract(document, $path), '$[*]') as found from document
        )
        """,
        {"path": path},
    )


def refuse_rows(
    connection: duckdb.DuckDBPyConnection,
    rule: str,
    condition: str,
    what: str,
    thing: str = "record",
) -> None:
    """Refuse the delivery if any record meets `condition`; the first thousand are named."""
    found = connection.sql(
        f"select _row, count(*) over () from record where {condition} order by _row limit 1000"
    ).fetchall()
    if found:
        rows, count = tuple(int(row[0]) for row in found), int(found[0][1])
        many = f" ({count} such {thing}s)" if count > 1 else ""
        raise Refusal(rule, f"{thing} {rows[0]} {what}{many}", rows)


def refuse_nested(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str], thing: str = "record"
) -> None:
    """Refuse the delivery if a value that a column is read from is itself a list or an object."""
    nested = " or ".join(f"json_type(record, {path}) in ('OBJECT', 'ARRAY')" for path in paths)
    refuse_rows(
        connection, "nested_value", nested, "holds a list or an object within a value", thing
    )


def refuse_inexact(
    connection: duckdb.DuckDBPyConnection,
    columns: Sequence[tuple[Column, str]],
    thing: str = "record",
) -> None:
    """Refuse whole numbers that are too long to be kept exactly: an identifier would be another one.

    Those of up to 64 bits are kept as they are written; others become numbers of 15 digits.
    """
    for column, path in columns:
        if column.logical_type in ("string", "integer"):
            refuse_rows(
                connection,
                "inexact_number",
                f"json_type(record, {path}) = 'DOUBLE' "
                f"and abs(json_extract_string(record, {path})::double) >= {_EXACT}",
                f"holds a number of more than 15 digits in “{column.header}”, which is not kept "
                "exactly; send it as text in quotes",
                thing,
            )


def has_key_twice(path: str) -> str:
    """SQL that is true for a record with a duplicate key at `path`, which is ambiguous."""
    keys = f"json_keys(record, '{path}')"
    return f"len({keys}) <> len(list_distinct({keys}))"


def text_at(path: str) -> str:
    """SQL for the value at `path` as text; blank text is null."""
    return f"nullif(json_extract_string(record, {path}), '')"


def pointer(*keys: str) -> str:
    """The path of a key as an SQL literal, in the style of RFC 6901, which takes any key."""
    path = "".join("/" + _step(key) for key in keys)
    return literal(path)


def _step(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
