"""Homes to disturb, runs of the real `csp` in them, and how the result differs from the expected one."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from orchestration.core.files import TEMPORARY_PREFIX, sha256_of
from orchestration.core.settings import PROJECT
from orchestration.release.verify import differences, read_manifest

NOW = "2026-11-23T02:00:00+00:00"
_CHECKOUT = ("orchestration", "dbt_project", "seeds", "expectations", "deploy")
_MOMENTS = ("received_at", "data_as_at")  # tables that show the effect of a clock that jumped
_LONGEST = 1200


def checkout(folder: Path) -> Path:
    """A copy of the code, so that edits made meanwhile do not change what is compared."""
    left_out = shutil.ignore_patterns("target", "logs", "__pycache__")
    for name in _CHECKOUT:
        shutil.copytree(PROJECT / name, folder / name, ignore=left_out)
    shutil.copy(PROJECT / "requirements.lock", folder)
    shutil.copy(Path(__file__).with_name("struck.py"), folder)
    return folder


@dataclass(frozen=True)
class Ran:
    """How a run ended: its exit code (negative: the signal), its output, and how long it took."""

    code: int
    said: str
    seconds: float


@dataclass(frozen=True)
class Bench:
    """A checkout to run and the clock to run it with."""

    project: Path
    now: str = NOW

    def start(
        self,
        home: Path,
        source: Path,
        *command: str,
        plan: Mapping[str, Any] | None = None,
    ) -> subprocess.Popen[str]:
        """Start a run; with a plan, one that injects that fault."""
        ours = ("CSP_", "DAGSTER_", "DBT_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        environment |= {
            "CSP_HOME": str(home),
            "CSP_SOURCE": str(source),
            "PYTHONPATH": str(self.project),
        }
        if plan is None or "clock" not in plan:
            environment["CSP_NOW"] = self.now
        first = ["-m", "orchestration.cli"] if plan is None else ["struck.py", json.dumps(plan)]
        return subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, *first, *command],
            cwd=self.project,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, home: Path, source: Path, *command: str, **more: Any) -> Ran:
        """Run to the end, whatever the outcome."""
        begun = time.monotonic()
        process = self.start(home, source, *command, **more)
        said, _ = process.communicate(timeout=_LONGEST)
        return Ran(process.returncode, said, time.monotonic() - begun)


def with_csp_on_path() -> str:
    """The search path with this environment's commands: a backup asks `csp fsck` what is sound."""
    return f"{Path(sys.executable).parent}:{os.environ['PATH']}"


def copy_of(home: Path, target: Path) -> Path:
    """A separate home with the same content."""
    shutil.copytree(home, target, symlinks=True)
    return target


def inputs_of(home: Path) -> str:
    """The fingerprint of the inputs that a home's publication was built from."""
    manifest = read_manifest(home / "published")
    return "" if manifest is None else str(manifest["inputs"])


def wrong_with_what_is_visible(home: Path, allowed: Sequence[str]) -> list[str]:
    """Why a reader would not, at this moment, see one complete and allowed publication."""
    if inputs_of(home) not in allowed:
        return ["what is published is neither the old nor the new"]
    return [*differences(home / "published"), *_broken_editions(home)]


def _broken_editions(home: Path) -> Iterator[str]:
    for folder in sorted((home / "editions").glob("*/v*")):
        yield from differences(folder)


def left_behind(home: Path) -> list[str]:
    """Half-written files that were not swept away, other than Dagster's own."""
    found = list(home.rglob(f"{TEMPORARY_PREFIX}*"))
    found += home.rglob("*.wal")
    return [
        path.relative_to(home).as_posix()
        for path in found
        if "dagster" not in path.relative_to(home).parts
    ]


@dataclass(frozen=True)
class Compared:
    """Numbers of missing and of duplicated rows and deliveries, and files whose bytes differ."""

    lost: int
    doubled: int
    differing: tuple[str, ...]


def compared(home: Path, expected: Path, *, same_clock: bool = True) -> Compared:
    """Compare a home with an undisturbed one: deliveries, raw files, every published table and file."""
    here, there = _deliveries(home), _deliveries(expected)
    left_out = () if same_clock else _MOMENTS
    lost, doubled = (there - here).total(), (here - there).total()
    with duckdb.connect() as connection:
        for name, place in (("here", home), ("there", expected)):
            database = (place / "published" / "warehouse.duckdb").resolve()
            connection.execute(f"attach '{database}' as {name} (read_only)")
        tables = connection.execute(
            "select distinct schema_name, table_name from duckdb_tables() "
            "where database_name in ('here', 'there') order by all"
        ).fetchall()
        for schema, table in tables:
            rows = [_rows(connection, name, schema, table, left_out) for name in ("there", "here")]
            lost += _count(connection, f"{rows[0]} except all {rows[1]}")
            doubled += _count(connection, f"{rows[1]} except all {rows[0]}")
    changed: tuple[str, ...] = ()
    if same_clock:
        mine, theirs = _parquet(home), _parquet(expected)
        changed = tuple(sorted(n for n in mine | theirs if mine.get(n) != theirs.get(n)))
    editions = _editions(home), _editions(expected)
    changed += tuple(sorted(n for n in editions[0] | editions[1] if not _same(n, *editions)))
    return Compared(lost, doubled, changed)


def _same(name: str, mine: Mapping[str, str], theirs: Mapping[str, str]) -> bool:
    return mine.get(name) == theirs.get(name)


def _deliveries(home: Path) -> Counter[str]:
    """Every receipt, and every raw file by its content."""
    landed = (path for path in (home / "landing").glob("*/*/*/*-*.json"))
    found = Counter(path.relative_to(home).as_posix() for path in landed)
    raw = (path for path in (home / "raw").glob("*/*/*/*.parquet"))
    found.update(f"{path.relative_to(home).as_posix()} {sha256_of(path)}" for path in raw)
    return found


def _rows(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    schema: str,
    table: str,
    left_out: Sequence[str],
) -> str:
    columns = connection.execute(
        "select column_name from duckdb_columns() where database_name = $name "
        "and schema_name = $schema and table_name = $table order by column_index",
        {"name": name, "schema": schema, "table": table},
    ).fetchall()
    kept = ", ".join(f'"{column}"' for (column,) in columns if column not in left_out)
    return f'select row({kept})::varchar from {name}."{schema}"."{table}"'


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(f"select count(*) from ({query})").fetchone()
    assert row is not None
    return int(row[0])


def _parquet(home: Path) -> dict[str, str]:
    root = (home / "published").resolve()
    return {p.relative_to(root).as_posix(): sha256_of(p) for p in root.rglob("*.parquet")}


def _editions(home: Path) -> dict[str, str]:
    root = home / "editions"
    found = [*root.glob("*/v*/**/*"), root / "index.json"]
    return {p.relative_to(root).as_posix(): sha256_of(p) for p in found if p.is_file()}
