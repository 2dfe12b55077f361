"""The candidate: the database that a build makes and the gates judge, with the record of that build."""

from __future__ import annotations

from pathlib import Path

from orchestration.core.files import take_away
from orchestration.core.settings import Settings


def path_of(settings: Settings) -> Path:
    """The DuckDB file that dbt builds and only the gates read."""
    return settings.warehouse / "candidate.duckdb"


def build_record_of(settings: Settings) -> Path:
    """The record of the finished build, by which the candidate is known to be what dbt left."""
    return settings.warehouse / "build.json"


def drop(settings: Settings) -> None:
    """Take the candidate away with its log and what was spilt beside it; the next build makes it again."""
    path = path_of(settings)
    take_away(path.parent.glob(f"{path.name}*"))


def forget(settings: Settings) -> None:
    """Take it away with the record of its build, which would say that a candidate is missing."""
    build_record_of(settings).unlink(missing_ok=True)
    drop(settings)
