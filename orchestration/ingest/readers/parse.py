"""Parsing: a delivery becomes all-text Parquet as its contract says, or is refused whole.

    raw/<partner>/<feed>/<slot>/<seq>-<sha12>.parquet

Every value stays as the partner wrote it, but for identifiers: where the contract says so, they are
replaced by pseudonyms. Four columns are added: `_delivery`, `_period`, `_part` and `_row` (the line
or feature number a partner would count to). Nothing is put into raw before the scanner has checked it
for personal data. If a key is set for it, raw is encrypted (`encryption`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.contracts.odcs import Column, Contract
from orchestration.core.engine import connect, cursor
from orchestration.core.files import move_into_place, replacing, scratch, sha256_of
from orchestration.core.refusal import Refusal, Remark, Tell, unheard
from orchestration.core.settings import Settings
from orchestration.core.sql import as_pattern, literal
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.readers import (
    content,
    csv_reader,
    geojson_reader,
    json_reader,
    rewritten,
)
from orchestration.protection import encryption, pseudonyms, scanner, vault
from orchestration.protection.key_file import Key

Reader = Callable[[duckdb.DuckDBPyConnection, Contract, Path, Tell], str]
_READERS: dict[str, Reader] = {
    "csv": csv_reader.read,
    "geojson": geojson_reader.read,
    "json": json_reader.read,
}
# The largest file that is read, in bytes. CSV is streamed; the other formats are parsed in memory,
# at up to twenty times their size.
_MOST_BYTES = {"csv": 1 << 30}
_MOST_BYTES_TAKEN_APART = 1 << 28
ADDED_COLUMNS = {"_delivery": "varchar", "_period": "varchar", "_part": "varchar", "_row": "bigint"}


@dataclass(frozen=True)
class Parsed:
    """What parsing gave: the number of rows, what there is to say about them, and the file's sha256."""

    rows: int
    remarks: tuple[Remark, ...] = ()
    sha256: str = ""


def parquet_path(settings: Settings, receipt: Receipt) -> Path:
    """The path of the parsed delivery."""
    return settings.raw / receipt.feed / f"{receipt.delivery_id}.parquet"


def parse(
    settings: Settings,
    contract: Contract,
    receipt: Receipt,
    engine: duckdb.DuckDBPyConnection | None = None,
) -> Parsed:
    """Parse one delivery; return its number of rows and the remarks on it.

    `engine` avoids starting a database per delivery: each is parsed in its own connection to it,
    whose temporary tables go with the connection.

    Raises:
        Refusal: the bytes are not what the contract describes.
        KeyFileError: a key that is set cannot be used.
    """
    path = parquet_path(settings, receipt)
    with (
        _opened(settings, contract, receipt, engine) as (connection, source, key),
        replacing(path) as target,
    ):
        parsed, looked_at = _write(settings, contract, receipt, key, connection, source, target)
        scanner.scan(connection, looked_at, settings.today)
        return parsed


@dataclass(frozen=True)
class Draft:
    """A parsed delivery that has not been looked at for personal data. It is no file of raw yet."""

    parsed: Parsed
    _temporary: Path
    _path: Path
    _undo: ExitStack

    def keep(self) -> Parsed:
        """Put it into raw. It must have been looked at."""
        move_into_place(self._temporary, self._path)
        return self.parsed

    def drop(self) -> None:
        """Remove what was written, unless it was kept."""
        self._undo.close()


def draft(
    settings: Settings,
    contract: Contract,
    receipt: Receipt,
    engine: duckdb.DuckDBPyConnection,
    room: str,
) -> Draft:
    """Parse one delivery of several, which are looked at together: its values are put into `room`.

    Whoever asks for it keeps or drops it, by what `scanner.holding` says of it.

    Raises:
        Refusal: the bytes are not what the contract describes.
        KeyFileError: a key that is set cannot be used.
    """
    path = parquet_path(settings, receipt)
    with (
        _opened(settings, contract, receipt, engine) as (connection, source, key),
        ExitStack() as undo,
    ):
        target = undo.enter_context(scratch(path.parent, path.suffix))
        parsed, looked_at = _write(settings, contract, receipt, key, connection, source, target)
        scanner.put(connection, looked_at, receipt.delivery_id, room)
        return Draft(parsed, target, path, undo.pop_all())


def looked_at_of(contract: Contract) -> list[Column]:
    """The columns that are looked at for personal data, in their order."""
    others = [column for column in contract.columns if not column.pseudonym]
    return [*pseudonyms.columns_of(contract), *others]


@contextmanager
def _opened(
    settings: Settings,
    contract: Contract,
    receipt: Receipt,
    engine: duckdb.DuckDBPyConnection | None,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path, Key | None]]:
    """Yield a connection to read a delivery with, the file as it was sent, and the key for its pseudonyms."""
    if receipt.size == 0:
        raise Refusal("empty_file", "the file is empty; expected a header and rows")
    most = _MOST_BYTES.get(contract.format, _MOST_BYTES_TAKEN_APART)
    if receipt.size > most:
        raise Refusal(
            "too_large", f"the file has {receipt.size:,} bytes; at most {most:,} are read"
        )
    key = pseudonyms.key_for(settings, contract, synthetic=receipt.synthetic)
    with (
        vault.opened(settings, receipt.bytes_path(settings), receipt.sha256) as source,
        cursor(engine) if engine else connect() as connection,
    ):
        encryption.prepare(settings, connection)
        # Nothing is spilt to disk: it would be unencrypted, as sent, in the run's working directory.
        connection.execute("set temp_directory = ''")
        yield connection, source, key


def _write(
    settings: Settings,
    contract: Contract,
    receipt: Receipt,
    key: Key | None,
    connection: duckdb.DuckDBPyConnection,
    source: Path,
    target: Path,
) -> tuple[Parsed, list[tuple[Column, str]]]:
    """Write a delivery's rows; return what there is to say, and columns to be looked at, each in its rows."""
    under = encryption.key_of(settings)
    remarks: list[Remark] = []
    relation = _rows(connection, contract, receipt, source, remarks.append)
    content.check(connection, relation, contract, remarks.append)
    pseudonyms.check_as_sent(connection, relation, contract)
    changes, parameters = pseudonyms.replaced(contract, key)
    connection.execute(
        f"copy (select $delivery as _delivery, $period as _period, $part as _part, * {changes} "
        f"from ({relation})) to {literal(target)} "
        f"(format parquet, compression zstd{encryption.writing(under)})",
        {
            "delivery": receipt.delivery_id,
            "period": receipt.period,
            "part": receipt.part,
            **parameters,
        },
    )
    place = literal(as_pattern(target))
    stored = f"select * from read_parquet({place}{encryption.reading(under)})"
    rows = connection.sql(f"select count(*) from ({stored})").fetchone()
    assert rows is not None
    if rows[0] == 0 and not contract.nil_return:
        raise Refusal(
            "no_rows",
            "the file has a header but no rows; for this feed no nil return was agreed",
        )
    # Identifiers are looked at as they were sent, all else as it is stored, which is read faster.
    looked_at = [
        (column, relation if column.pseudonym else stored) for column in looked_at_of(contract)
    ]
    return Parsed(int(rows[0]), tuple(remarks), sha256_of(target)), looked_at


@contextmanager
def as_sent(
    settings: Settings, contract: Contract, receipt: Receipt
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """Yield a connection and a relation of a delivery's rows as they were sent, identifiers included.

    They are in memory only: nothing is spilt to disk.

    Raises:
        Refusal: the bytes are not what the contract describes.
    """
    with (
        vault.opened(settings, receipt.bytes_path(settings), receipt.sha256) as source,
        connect() as connection,
    ):
        connection.execute("set temp_directory = ''")
        yield connection, _rows(connection, contract, receipt, source, unheard)


def _rows(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    receipt: Receipt,
    source: Path,
    tell: Tell,
) -> str:
    """The relation of a delivery's rows. One that was rewritten is rows already, in no feed's format."""
    if receipt.replaces:
        return rewritten.read(connection, contract, source)
    return reader_of(contract.format)(connection, contract, source, tell)


def reader_of(form: str) -> Reader:
    """The reader of a format. Those that need pandas, slow to load, are loaded when a file is read."""
    if form in ("xlsx", "ods"):
        from orchestration.ingest.readers import spreadsheet_reader

        return spreadsheet_reader.read
    if form == "xml":
        from orchestration.ingest.readers import xml_reader

        return xml_reader.read
    return _READERS[form]


def write_placeholder(settings: Settings, contract: Contract) -> None:
    """Write an empty Parquet file for the feed, so that dbt can read a feed without deliveries."""
    path = settings.raw / contract.feed / "_none" / "_none.parquet"
    columns = ", ".join(
        [f"null::{kind} as {name}" for name, kind in ADDED_COLUMNS.items()]
        + [f"null::varchar as {column.name}" for column in contract.columns]
    )
    option = encryption.writing(encryption.key_of(settings))
    with connect() as connection, replacing(path) as target:
        encryption.prepare(settings, connection)
        connection.execute(
            f"copy (select {columns} limit 0) to {literal(target)} (format parquet{option})"
        )
