"""Encryption of raw and the candidate at rest, where a key for them is set (`CSP_WAREHOUSE_KEY_FILE`).

DuckDB does it, with AES-256-GCM and the first key of the file; what older keys wrote is still read.
To write it needs the random numbers of OpenSSL, which come with its extension httpfs: those of its own
library are not good enough for keys and nonces (DuckDB pull request #20148). The extension is loaded
from the installed package, and its ways to the network are shut.

DuckDB takes a key as text of a statement, not as a parameter. Such statements are run here only: a
key is in no profile, no environment of dbt, no query that anybody logs, and no sentence.
"""

from __future__ import annotations

import base64
from pathlib import Path

import duckdb

from orchestration.core.settings import Settings
from orchestration.core.sql import literal
from orchestration.protection.key_file import Key, KeyFileError, read_keys

# What httpfs brings besides cannot be used, nor anything else be fetched. A database does not take the
# last one again once it has spilt something, so it also tells one that was prepared.
_SET = """
set disabled_filesystems = 'HTTPFileSystem,S3FileSystem,HuggingFaceFileSystem';
set autoinstall_known_extensions = false;
set autoload_known_extensions = false;
set temp_file_encryption = true;
"""
_IS_SET = "select current_setting('temp_file_encryption')"


def keys_of(settings: Settings) -> tuple[Key, ...]:
    """The keys of the warehouse, the one in use first; none where nothing is encrypted.

    Raises:
        KeyFileError: the key file that is set cannot be used.
    """
    if settings.warehouse_key_file is None:
        return ()
    return read_keys(settings.warehouse_key_file, "the key file of the warehouse", settings.home)


def key_of(settings: Settings) -> Key | None:
    """The key that files are written with, if one is set.

    Raises:
        KeyFileError: the key file that is set cannot be used.
    """
    return next(iter(keys_of(settings)), None)


def prepare(settings: Settings, connection: duckdb.DuckDBPyConnection) -> None:
    """Let a connection read and write Parquet under the keys; nothing where there are none.

    What it spills to disk is encrypted as well, with a key of DuckDB's own. Cursors of a connection
    that was prepared are, too, and may be prepared again.

    Raises:
        KeyFileError: the key file cannot be used, or the extension is not installed.
    """
    keys = keys_of(settings)
    if not keys or connection.execute(_IS_SET).fetchone() == (True,):
        return
    connection.load_extension(str(_extension()))
    for key in keys:
        connection.execute(f"pragma add_parquet_key('{key.name}', '{_text(key)}')")
    connection.execute(_SET)


def writing(key: Key | None) -> str:
    """The option of `copy ... (format parquet` that has the file written under a key."""
    return f", encryption_config {{footer_key: '{key.name}'}}" if key else ""


def reading(key: Key | None) -> str:
    """The argument of `read_parquet(...` by which files under a key are read, all of one key."""
    return f", encryption_config = {{footer_key: '{key.name}'}}" if key else ""


def attach(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    database: Path,
    name: str,
    *,
    read_only: bool = True,
) -> None:
    """Attach a database that was, or is now, written under the keys; one that is new, with the first.

    Raises:
        KeyFileError: the database was not written under any of the keys that are set.
        duckdb.Error: it cannot be opened for another reason.
    """
    keys = keys_of(settings)
    prepare(settings, connection)
    place = literal(database)
    mode = ["read_only"] if read_only else []
    for key in keys or (None,):
        options = ", ".join([*mode, *([f"encryption_key '{_text(key)}'"] if key else [])])
        try:
            connection.execute(f"attach {place} as {name}" + (f" ({options})" if options else ""))
        except (duckdb.CatalogException, duckdb.InvalidInputException):
            continue  # under another key, or under none
        return
    lack = (
        "was not written with any key that the key file of the warehouse has"
        if keys
        else "is encrypted and CSP_WAREHOUSE_KEY_FILE is not set"
    )
    raise KeyFileError(f"{database.name} {lack}; csp refresh makes what it held anew")


def _extension() -> Path:
    try:
        import duckdb_extension_httpfs
    except ImportError:
        path = None
    else:
        package = Path(duckdb_extension_httpfs.__file__).parent
        path = package / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
    if path is None or not path.exists():
        raise KeyFileError(
            "the key of the warehouse cannot be used: the httpfs extension for DuckDB "
            f"{duckdb.__version__} is not installed"
        )
    return path


def _text(key: Key) -> str:
    return base64.b64encode(key.secret).decode("ascii")
