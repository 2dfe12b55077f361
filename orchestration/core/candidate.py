"""The candidate: the database that a build makes and the gates judge, with the record of that build."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.core.files import private_folder, take_away
from orchestration.core.settings import Settings


def path_of(settings: Settings) -> Path:
    """The DuckDB file that dbt builds and only the gates read."""
    return settings.warehouse / "candidate.duckdb"


def build_record_of(settings: Settings) -> Path:
    """The record of the finished build, by which the candidate is known to be what dbt left."""
    return settings.warehouse / "build.json"


@contextmanager
def copy(settings: Settings) -> Iterator[Path | None]:
    """A copy of the candidate, to be worked on in the block; `None` where there is no candidate.

    It is in a folder of its own and has the same name, which is that of the database in dbt's queries.
    """
    path = _worked_on(settings) / path_of(settings).name
    sweep(settings)
    if not path_of(settings).exists():
        yield None
        return
    private_folder(path.parent)
    try:
        shutil.copyfile(path_of(settings), path)
        yield path
    finally:
        take_away([path.parent])


def sweep(settings: Settings) -> None:
    """Take away a copy that a killed run worked on."""
    take_away([_worked_on(settings)])


def _worked_on(settings: Settings) -> Path:
    return settings.warehouse / "part"


def replace(settings: Settings, made: Path) -> None:
    """Put a database in the candidate's place, at once."""
    os.replace(made, path_of(settings))


def drop(settings: Settings) -> None:
    """Take the candidate away with its log and what was spilt beside it; the next build makes it again."""
    path = path_of(settings)
    take_away(path.parent.glob(f"{path.name}*"))


def forget(settings: Settings) -> None:
    """Take it away with the record of its build, which would say that a candidate is missing."""
    build_record_of(settings).unlink(missing_ok=True)
    drop(settings)
