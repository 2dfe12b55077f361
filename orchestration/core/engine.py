"""The only place that opens DuckDB: every connection is limited in memory, threads, disk and time.

The limits come from the settings, or from what the machine allows (`machine`). Left to itself, DuckDB takes
80% of the machine's memory and most of its disk for every connection, and has no limit of time.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
import uuid
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import duckdb

from orchestration.core.settings import Limits, limits_from

Config = dict[str, str | bool | int | float | list[str]]
# The storage version that DuckDB 1.0 and every later version opens.
STORAGE = "v1.0.0"
SPILT = ".spilt-"  # begins the name of a folder that a query too large for memory writes to
_LOOK_SECONDS = 1.0
_watched: list[tuple[float, weakref.ReferenceType[duckdb.DuckDBPyConnection]]] = []
_guard = threading.Lock()
_watchman: list[threading.Thread] = []


def limits() -> Limits:
    """The limits of this process, from its environment.

    Raises:
        SettingsError: one of them is set to what is no limit.
    """
    return _limits(tuple(sorted((k, v) for k, v in os.environ.items() if k in Limits.VARIABLES)))


@cache
def _limits(environment: tuple[tuple[str, str], ...]) -> Limits:
    return limits_from(dict(environment))


def connect(
    database: str | Path = ":memory:",
    *,
    read_only: bool = False,
    threads: int | None = None,
    share: float = 1.0,
    config: Mapping[str, str | bool | int | float | list[str]] | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open a database under the limits. `threads` may ask for fewer than there are, not for more,
    and `share` for a part of the memory.

    A connection that is open longer than the limit of time has its queries interrupted.

    Raises:
        duckdb.Error: it cannot be opened.
    """
    allowed = limits()
    settled: Config = {
        "temp_directory": str(_place(allowed.home) / f"{SPILT}{uuid.uuid4().hex}"),
        "memory_limit": f"{int(allowed.memory_mb * share)}MiB",
        "threads": min(threads or allowed.threads, allowed.threads),
        **(config or {}),
    }
    connection = duckdb.connect(str(database), read_only=read_only, config=settled)
    # Given when the engine starts, this one has no effect (seen with DuckDB 1.5.4).
    connection.execute(f"set max_temp_directory_size = '{allowed.temporary_mb}MiB'")
    watch(connection, allowed.seconds)
    return connection


def cursor(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Another cursor of a connection, with a limit of time of its own."""
    made = connection.cursor()
    watch(made, limits().seconds)
    return made


@contextmanager
def within(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt what a connection does in the block once `seconds` have passed.

    Raises:
        duckdb.InterruptException: they had passed.
    """
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _place(home: Path) -> Path:
    """Where large queries may spill. DuckDB's own place is the working directory, which a service may
    not write to, or beside the database."""
    warehouse = home / "warehouse"
    return warehouse if warehouse.is_dir() else Path(tempfile.gettempdir())


def watch(connection: duckdb.DuckDBPyConnection, seconds: float) -> None:
    """Have a connection interrupted after its time, for as long as it is open."""
    with _guard:
        _watched.append((time.monotonic() + seconds, weakref.ref(connection)))
        # After a fork the thread is the parent's, and is not alive here.
        if not (_watchman and _watchman[0].is_alive()):
            _watchman[:] = [threading.Thread(target=_keep_watch, daemon=True, name="engine-limits")]
            _watchman[0].start()


def _keep_watch() -> None:
    while True:
        time.sleep(_LOOK_SECONDS)
        now = time.monotonic()
        with _guard:
            _watched[:] = [entry for entry in _watched if entry[1]() is not None]
            late = [entry[1]() for entry in _watched if entry[0] < now]
        for connection in late:
            if connection is not None:
                with suppress(duckdb.Error):  # closed meanwhile
                    connection.interrupt()
        del late
