"""How hard the fuzz tests try: a short round by default, `FUZZ=long` for a night's worth."""

import os
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, settings

from orchestration.contracts.odcs import Contract
from orchestration.core.refusal import Refusal
from orchestration.ingest.readers import parse
from tests.support.made_up import column, load

NAMES = ["One", "Two", "Three", "Four"]

LONG = os.environ.get("FUZZ") == "long"
_TIMES = 50 if LONG else 1


def rounds(examples: int):
    """Settings of a property: `examples` of it, or fifty times as many in a long round."""
    return settings(
        max_examples=examples * _TIMES,
        deadline=None,
        derandomize=not LONG,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@cache
def agreed(form: str, columns: int, delimiter: str = ",", encoding: str = "utf-8") -> Contract:
    """A contract of so many columns, read once."""
    dialect = {"encoding": encoding, "delimiter": delimiter} if form in ("csv", "geojson") else None
    names = [*NAMES[: columns - 1], "geometry"] if form == "geojson" else NAMES[:columns]
    more = {"layout": {"row": "Row"}} if form == "xml" else {}
    made = [column(name.lower(), name) for name in names]
    with tempfile.TemporaryDirectory() as folder:
        return load(Path(folder), made, format=form, dialect=dialect, **more)


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def rows_of(folder: Path, content: bytes, contract: Contract) -> list[tuple[object, ...]]:
    """Rows as (_row, values…) through the reader of the contract's format."""
    source = folder / "delivered"
    source.write_bytes(content)
    with _engine().cursor() as connection:
        relation = connection.sql(parse.reader_of(contract.format)(connection, contract, source))
        return relation.fetchall()


def is_one_sentence(refused: Refusal) -> None:
    """What a partner, a log and a terminal can be shown: one line that prints, of bounded length."""
    sentence = refused.sentence
    assert sentence
    assert sentence.isprintable()
    assert len(sentence) < 600
    assert len(refused.rows) <= 2000


_BOUNDED = """
import resource, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.support.made_up_files import read
from orchestration.core.refusal import Refusal
import tests.unit.{module} as module
most = {megabytes} << 20
resource.setrlimit(resource.RLIMIT_AS, (most, most))
try:
    rows = read(Path({folder!r}), module.{maker}(), {form!r}, **{more!r})
except Refusal as refused:
    print("REFUSED", refused.rule, refused.sentence)
else:
    print("ROWS", len(rows))
"""


def bounded(
    module: str, maker: str, form: str, folder: Path, seconds: float, megabytes: int, **more
) -> str:
    """Read a hostile file in a process of its own that may take so much time and memory, no more.

    Gives `REFUSED rule sentence` or `ROWS n`. Memory is address space, of which DuckDB reserves
    more than it uses.
    """
    root = str(Path(__file__).parents[2])
    code = _BOUNDED.format(
        root=root, module=module, maker=maker, form=form, folder=str(folder),
        megabytes=megabytes, more=more,
    )  # fmt: skip
    began = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=seconds,
        cwd=root,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert time.monotonic() - began < seconds
    return run.stdout.strip()
