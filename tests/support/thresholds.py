"""The thresholds of the register, for tests that make a published database or a workspace themselves."""

from __future__ import annotations

import duckdb
import pandas as pd

from orchestration.core import formulas
from orchestration.core.settings import PROJECT

_SEED = PROJECT / "seeds" / "register" / formulas.SEED
THRESHOLDS = formulas.read_thresholds(_SEED)


def frame() -> pd.DataFrame:
    """The thresholds as a table of an edition."""
    return pd.read_csv(_SEED).sort_values("threshold", ignore_index=True)


def publish(connection: duckdb.DuckDBPyConnection) -> None:
    """Make `governance.thresholds` as the published database has it."""
    connection.execute("create schema if not exists governance")
    connection.register("_given", frame())
    connection.execute("create table governance.thresholds as from _given")
    connection.unregister("_given")


def judging() -> duckdb.DuckDBPyConnection:
    """A database in memory with every formula."""
    connection = duckdb.connect()
    formulas.define(connection, THRESHOLDS)
    return connection
