"""Changing or removing the key of raw: its files are rewritten, one by one, before they are read.

    raw/under_key      name and mark of the key that all Parquet in raw is under; absent if it is plain

A query reads many files at once under a single key, so raw is under one key except while it is being
rewritten. Rows are copied unchanged and nothing is judged again: publications stay the same. A file
that no key opens is dropped with its record, so that the delivery is read again from landing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.core import candidate
from orchestration.core.engine import connect
from orchestration.core.files import replacing, write_text
from orchestration.core.settings import Settings
from orchestration.core.sql import as_pattern, literal
from orchestration.protection import encryption
from orchestration.protection.key_file import Key

_UNDER_WAY = "being rewritten"


@dataclass(frozen=True)
class Rewritten:
    """The result: the number of files rewritten, and of those that no key opened."""

    files: int
    dropped: int


def is_settled(settings: Settings) -> bool:
    """Whether all of raw is under the key in use, or plain if there is none.

    Raises:
        KeyFileError: the key file that is set cannot be used.
    """
    return _found(settings) == _wanted(settings)


def settle(settings: Settings) -> Rewritten:
    """Put all of raw under the key in use. Needs the run's lock; may be killed and run again.

    The candidate is removed: the next build makes it again, also under the key.

    Raises:
        KeyFileError: a key cannot be used.
    """
    if is_settled(settings):
        return Rewritten(0, 0)
    write_text(_mark_path(settings), _UNDER_WAY)
    candidate.drop(settings)
    known, wanted = encryption.keys_of(settings), encryption.key_of(settings)
    files = dropped = 0
    with connect(threads=1) as connection:
        encryption.prepare(settings, connection)
        for path in sorted(settings.raw.rglob("*.parquet")):
            for key in (None, *known):
                if _opens(connection, path, key):
                    if key != wanted:
                        _rewrite(connection, path, key, wanted)
                        files += 1
                    break
            else:
                # The record first: without one, the delivery is read from landing.
                path.with_suffix(".json").unlink(missing_ok=True)
                path.unlink()
                dropped += 1
    if mark := _wanted(settings):
        write_text(_mark_path(settings), mark)
    else:
        _mark_path(settings).unlink()
    return Rewritten(files, dropped)


def _opens(connection: duckdb.DuckDBPyConnection, path: Path, key: Key | None) -> bool:
    """Whether a file is under this key (plain if there is none) and intact enough to be read."""
    try:
        connection.execute(f"select count(*) from {_read(path, key)}")
    except duckdb.InvalidInputException:
        return False
    return True


def _rewrite(
    connection: duckdb.DuckDBPyConnection, path: Path, before: Key | None, key: Key | None
) -> None:
    with replacing(path) as target:
        connection.execute(
            f"copy (from {_read(path, before)}) to {literal(target)} "
            f"(format parquet, compression zstd{encryption.writing(key)})"
        )


def _read(path: Path, key: Key | None) -> str:
    place = literal(as_pattern(path))
    return f"read_parquet({place}, hive_partitioning = false{encryption.reading(key)})"


def _found(settings: Settings) -> str:
    path = _mark_path(settings)
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _wanted(settings: Settings) -> str:
    key = encryption.key_of(settings)
    return f"{key.name} {key.mark}" if key else ""


def _mark_path(settings: Settings) -> Path:
    return settings.raw / "under_key"
