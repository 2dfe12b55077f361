"""What has run out (disk, memory, time), told in one sentence, wherever it was noticed.

DuckDB, Dagster's SQLite or PostgreSQL and plain writes each report it in their own way, often wrapped by
others; people need to know what ran out, and what to do.
"""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from orchestration.core.errors import WarehouseError

_DISK = (
    "the disk is full; make room on it and start this again: what was not finished is done again, and "
    "nothing is lost"
)
_DATABASE = (
    "the database of runs could not be written: its disk is full or failing, or a limit was reached; put "
    "that right and start this again"
)
_FILE_LIMIT = (
    "a file may not grow further, by a limit or quota of this account; raise it and try again"
)
_TEMPORARY = (
    "a query needed more temporary space than it may take; make room on the disk, or raise "
    "CSP_TEMPORARY_MB, and start this again"
)
_MEMORY = (
    "there was not enough memory; end other programs, or raise CSP_MEMORY_MB (or the limit of the "
    "service) if the machine has more, and start this again"
)
_TIME = (
    "a query took longer than CSP_ENGINE_SECONDS allows; start this again when the machine is idle, or "
    "raise it"
)
# In this order: DuckDB reports a full temporary folder as lack of memory.
_WORDS = (
    ("max_temp_directory_size", _TEMPORARY),
    ("out of memory error", _MEMORY),
    ("no space left on device", _DISK),
    ("database or disk is full", _DISK),
    ("disk i/o error", _DATABASE),
    ("disk quota exceeded", _DISK),
    ("file too large", _FILE_LIMIT),
    ("interrupt error", _TIME),
)
_NUMBERS = {
    errno.ENOSPC: _DISK,
    errno.EDQUOT: _DISK,
    errno.EFBIG: _FILE_LIMIT,
    errno.ENOMEM: _MEMORY,
}
_POSTGRESQL = {"53100": _DISK, "53200": _MEMORY}  # disk_full, out_of_memory


class Exhausted(WarehouseError):
    """The disk, the memory or the time was not enough. Nothing is lost; what to do is in the sentence."""


@contextmanager
def told() -> Iterator[None]:
    """Turn whatever reports that something ran out into that one sentence.

    Raises:
        Exhausted: something ran out in the block.
    """
    try:
        yield
    except Exhausted:
        raise
    except Exception as problem:
        if (found := sentence(problem)) is None:
            raise
        raise Exhausted(found) from problem


def sentence(problem: BaseException) -> str | None:
    """What ran out, in one sentence without a path; `None` if the problem is another."""
    return next((found for error in _chain(problem) if (found := _of(error)) is not None), None)


def in_text(text: str) -> str | None:
    """The same for a database's message, where the error itself is not at hand."""
    low = text.lower()
    return next((found for words, found in _WORDS if words in low), None)


def _chain(problem: BaseException) -> Iterator[BaseException]:
    """A problem and those behind it, outermost first."""
    seen: set[int] = set()
    waiting: list[object] = [problem]
    while waiting:
        error = waiting.pop(0)
        if not isinstance(error, BaseException) or id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        waiting += [getattr(error, "orig", None), error.__cause__, error.__context__]


def _of(error: BaseException) -> str | None:
    if isinstance(error, WarehouseError):
        return None  # a sentence already; what is behind it may be the same thing
    if isinstance(error, MemoryError):
        return _MEMORY
    if isinstance(error, OSError):
        return _NUMBERS.get(error.errno or 0)
    if (code := getattr(error, "pgcode", None)) is not None:
        return _POSTGRESQL.get(code)
    return in_text(str(error)) if isinstance(error, (duckdb.Error, sqlite3.Error)) else None
