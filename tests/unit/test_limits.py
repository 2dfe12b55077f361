"""Limits of DuckDB by machine and setting, and what runs out told in one sentence."""

import errno
import io
import os
import sqlite3
import subprocess
import sys
import time

import duckdb
import pytest
import sqlalchemy

from orchestration.cli import query
from orchestration.core import engine, exhausted, machine
from orchestration.core.settings import PROJECT, SettingsError, from_environment, limits_from

GIB = 1 << 30
ENDLESS = "select sum(a.range * b.range) from range(10000000) a, range(10000000) b"


def system(root, memory="", cores="", group="/a.slice/b.service"):
    """A root folder as a machine with 8 GiB has it, with limits of a process's group."""
    (root / "proc" / "self").mkdir(parents=True)
    (root / "proc" / "meminfo").write_text(f"MemTotal: {8 * GIB // 1024} kB\n")
    (root / "proc" / "self" / "cgroup").write_text(f"0::{group}\n")
    folder = root / "sys" / "fs" / "cgroup" / group.lstrip("/")
    folder.mkdir(parents=True)
    (folder.parent / "memory.max").write_text("max\n")
    if memory:
        (folder / "memory.max").write_text(f"{memory}\n")
    if cores:
        (folder.parent / "cpu.max").write_text(f"{cores} 100000\n")
    return root


@pytest.mark.parametrize(
    ("memory", "found"), [("", 8 * GIB), ("max", 8 * GIB), (2 * GIB, 2 * GIB), (16 * GIB, 8 * GIB)]
)
def test_memory_is_the_machines_or_what_its_group_may_have(tmp_path, memory, found):
    assert machine.memory(system(tmp_path, memory)) == found


def test_memory_under_the_first_version_of_groups(tmp_path):
    root = system(tmp_path)
    folder = root / "sys" / "fs" / "cgroup" / "memory"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text(str(GIB))
    assert machine.memory(root) == GIB


@pytest.mark.parametrize(("quota", "found"), [("50000", 1), ("100000", 1)])
def test_cores_are_those_of_the_group(tmp_path, quota, found):
    assert machine.cores(system(tmp_path, cores=quota)) == found


def test_what_is_set_goes_before_what_the_machine_has(tmp_path):
    home = {"CSP_HOME": str(tmp_path)}
    found = limits_from(
        {**home, "CSP_MEMORY_MB": "300", "CSP_THREADS": "1", "CSP_TEMPORARY_MB": "7"}
    )
    assert (found.memory_mb, found.threads, found.temporary_mb) == (300, 1, 7)
    usual = limits_from(home)
    assert 256 <= usual.memory_mb <= machine.memory() * 0.4 / (1 << 20) + 256
    for name, value in (("CSP_MEMORY_MB", "1"), ("CSP_THREADS", "0"), ("CSP_ENGINE_SECONDS", "1h")):
        with pytest.raises(SettingsError, match=f"{name} is '{value}'; expected a whole number"):
            from_environment({**home, name: value})


@pytest.fixture
def small(monkeypatch, tmp_path):
    for name, value in (
        ("HOME", str(tmp_path / "home")),
        ("MEMORY_MB", "256"),
        ("THREADS", "1"),
        ("TEMPORARY_MB", "1"),
    ):
        monkeypatch.setenv(f"CSP_{name}", value)


def test_a_connection_has_the_limits_and_asks_for_fewer_threads_only(small):
    with engine.connect(threads=4) as connection:
        found = connection.execute(
            "select current_setting('memory_limit'), current_setting('threads'), "
            "current_setting('max_temp_directory_size')"
        ).fetchone()
    assert found == ("256.0 MiB", 1, "1.0 MiB")


def test_a_connection_that_is_open_too_long_is_interrupted(monkeypatch):
    monkeypatch.setenv("CSP_ENGINE_SECONDS", "1")
    begun = time.monotonic()
    with (
        pytest.raises(exhausted.Exhausted, match="CSP_ENGINE_SECONDS"),
        exhausted.told(),
        engine.connect(threads=1) as connection,
    ):
        engine.cursor(connection).execute(ENDLESS)
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("select list(range) from range(60_000_000)", "CSP_MEMORY_MB"),
        ("create table t as select uuid() from range(60_000_000)", "CSP_TEMPORARY_MB"),
    ],
)
def test_lack_of_memory_and_of_temporary_space_are_told(small, sql, words):
    with (
        pytest.raises(exhausted.Exhausted, match=words) as caught,
        exhausted.told(),
        engine.connect() as connection,
    ):
        connection.execute(sql)
    assert "\n" not in str(caught.value)


@pytest.fixture
def published(tmp_path):
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as made:
        made.execute("create table t as select 1 as n")
    return tmp_path / "warehouse.duckdb"


def test_a_query_of_an_analyst_has_a_limit_of_time_and_memory(published, monkeypatch):
    monkeypatch.setenv("CSP_MEMORY_MB", "256")
    connection = query.confined(published)
    out = io.BytesIO()
    with pytest.raises(query.QueryError, match=r"stopped after 1 seconds.*CSP_QUERY_SECONDS"):
        query.run(connection, ENDLESS, "csv", out, 1)
    with pytest.raises(query.QueryError, match="CSP_MEMORY_MB"):
        query.run(connection, "select list(range) from range(60_000_000)", "csv", out, 60)
    query.run(connection, "select n from t", "csv", out, 60)  # the connection is still good
    assert out.getvalue() == b"n\n1\n"


def full_sqlite(folder):
    """SQLAlchemy's error over SQLite's, of a database that may not grow."""
    database = sqlalchemy.create_engine(f"sqlite:///{folder / 'runs.db'}")
    with database.begin() as connection:
        connection.execute(sqlalchemy.text("create table t (x text)"))
        connection.execute(sqlalchemy.text("pragma max_page_count = 3"))
        connection.execute(sqlalchemy.text("insert into t values (zeroblob(100000))"))


class PostgresqlFull(Exception):
    pgcode = "53100"


def raised(problem):
    raise problem


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (full_sqlite, "the disk is full"),
        (lambda _: raised(OSError(errno.ENOSPC, "No space left on device")), "the disk is full"),
        (lambda _: raised(OSError(errno.EDQUOT, "Disk quota exceeded")), "the disk is full"),
        (lambda _: raised(OSError(errno.EFBIG, "File too large")), "may not grow further"),
        (lambda _: raised(PostgresqlFull("could not extend file")), "the disk is full"),
        (lambda _: raised(MemoryError()), "not enough memory"),
        (lambda _: raised(duckdb.IOException("IO Error: No space left on device")), "is full"),
    ],
)  # fmt: skip
def test_what_ran_out_is_told_wherever_it_arose(tmp_path, cause, words):
    with pytest.raises(exhausted.Exhausted, match=words), exhausted.told():
        try:
            cause(tmp_path)
        except Exception as problem:
            raise RuntimeError("wrapped by somebody") from problem


def test_other_problems_stay_what_they_are():
    others = OSError(errno.EACCES, "denied"), sqlite3.OperationalError("no table"), KeyError("a")
    for problem in others:
        with pytest.raises(type(problem)), exhausted.told():
            raise problem


def test_dagsters_database_that_cannot_grow_is_one_sentence(tmp_path):
    """A real command, whose files may not grow past a size: in SQLite, that is a disk that is full."""
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))\n"
        "sys.argv = ['csp', 'prepare']\n"
        "from orchestration.cli.main import csp\n"
        "from orchestration.defs import instance\n"
        "from orchestration.cli.errors import settings_of_today\n"
        "import click\n"
        "@csp.command()\n"
        "def opened():\n"
        "    with instance.open_instance(settings_of_today()): pass\n"
        "csp(['opened'])\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=False,
        env={**os.environ, "CSP_HOME": str(tmp_path)},
    )  # fmt: skip
    assert finished.returncode == 2
    (line,) = finished.stderr.strip().splitlines()[-1:]
    assert line.startswith("Error: ")
    assert "its disk is full or failing, or a limit was reached" in line
    assert "Traceback" not in finished.stderr
