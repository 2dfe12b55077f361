"""Erasure from Dagster: the runs whose events name an erased delivery go, whole.

Events hold no value of a file, but names that its sender chose: of the file, of its period's part, of a
header in the reason for a refusal. The manifests and the ledger are the record of what was made, not Dagster.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass

from dagster import DagsterInstance, serialize_value

from orchestration.core.settings import Settings
from orchestration.defs.dagster_internals import remove_run
from orchestration.defs.instance import open_instance
from orchestration.defs.prune_runs import run_ids
from orchestration.erasure import Gone

_SECONDS = 10.0  # that a database may be in use


@dataclass(frozen=True)
class Forgotten:
    """How many runs went, and whether their traces did as well: a database that the service had open keeps
    what was deleted in its free pages until the next attempt."""

    runs: int
    is_clean: bool


def forget(settings: Settings, gone: Sequence[Gone]) -> Forgotten:
    """Remove every run whose events name one of the deliveries."""
    if not (settings.home / "dagster").exists():
        return Forgotten(0, is_clean=True)
    names = {text for one in gone for text in _names(one)}
    with open_instance(settings) as instance:
        named = [run for run in run_ids(instance) if _is_named(instance, run, names)]
        for run_id in named:
            remove_run(instance, run_id)
    return Forgotten(len(named), is_clean=_rewritten(settings))


def _rewritten(settings: Settings) -> bool:
    """Write Dagster's SQLite files anew: SQLite leaves deleted rows where they were until then.

    PostgreSQL does so by itself, by its autovacuum.
    """
    try:
        for path in sorted((settings.home / "dagster").rglob("*.db")):
            with closing(sqlite3.connect(path, timeout=_SECONDS)) as connection:
                connection.execute("pragma wal_checkpoint(truncate)")
                connection.execute("vacuum")
    except sqlite3.OperationalError:
        return False
    return True


def _names(gone: Gone) -> Iterable[str]:
    """What an event may say of a delivery, as it is written in JSON."""
    receipt = gone.receipt
    for text in (
        receipt.sha256[:12],
        receipt.file_name,
        f"{receipt.feed} {receipt.slot}:",
        gone.reason,
    ):
        yield from (text, json.dumps(text)[1:-1]) if text else ()


def _is_named(instance: DagsterInstance, run_id: str, names: Iterable[str]) -> bool:
    for entry in instance.all_logs(run_id):
        text = serialize_value(entry)
        if any(name in text for name in names):
            return True
    return False
