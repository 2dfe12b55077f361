"""The copy for people who may not see small numbers: `published/official/`, part of the publication.

    official/<table>.parquet     the tables of the public edition of one strategy year

The same queries, disclosure control and attack as for a public edition, so that nobody is shown here what an
edition would withhold. A part of the publication's folder: it appears, and is verified, together with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchestration.core import marking, register
from orchestration.core.engine import connect
from orchestration.core.errors import WarehouseError
from orchestration.core.files import take_away
from orchestration.core.settings import Settings
from orchestration.core.sql import literal
from orchestration.figures import warehouse_tables
from orchestration.release import carried
from orchestration.release.carried import Before

if TYPE_CHECKING:  # slow to load, and a run with nothing new makes no table
    import pandas as pd

FOLDER = "official"
# What decides about the copy besides the tables: changing it makes the copy anew.
_CODE = ("disclosure", "figures", "release/controlled_copy.py")


def write(
    settings: Settings, draft: Path, before: Before | None, *, synthetic: bool
) -> dict[str, Any]:
    """Write the copy beside the database in `draft`; return what the manifest says of it.

    If the copy of the publication `before` was made from the same tables and rules, its files are taken
    over, since disclosure control takes seconds. A copy that disclosure control refuses is not written, and
    `refused_because` says why; the publication goes on.
    """
    # Imported here: the attack needs scipy, and most commands import this module without publishing.
    from orchestration.disclosure import cache, control

    year = _year(settings)
    rules = control.rules_in(register.assemble(settings))
    with connect(str(draft / "warehouse.duckdb"), read_only=True) as connection:
        true = control.unmarked(
            warehouse_tables.collect(connection, warehouse_tables.year_of(year))
        )
    content = hashlib.sha256(
        f"{cache.digest(true, rules)}{year}{synthetic}{carried.code_sha256(_CODE)}".encode()
    ).hexdigest()
    said = {"marking": marking.CONTROLLED, "strategy_year": year, "content": content}
    last = before.manifest.get("official", {}) if before is not None else {}
    target = draft / FOLDER
    target.mkdir()
    if before is not None and last.get("content") == content and _taken_over(before, draft):
        return {**said, **{key: last[key] for key in ("tables", "refused_because") if key in last}}
    try:
        tables = control.controlled(true, rules).tables
    except WarehouseError as problem:
        return {**said, "refused_because": str(problem)}
    for name, frame in sorted(tables.items()):
        _parquet(frame, target / f"{name}.parquet", synthetic=synthetic)
    return {**said, "tables": {name: len(frame) for name, frame in sorted(tables.items())}}


def _year(settings: Settings) -> str:
    """The newest strategy year that is over: the one that the next edition is about."""
    years = register.strategy_years(settings)
    over = [year.label for year in years if year.ends_on < settings.today]
    return over[-1] if over else years[0].label


def _taken_over(before: Before, draft: Path) -> bool:
    """Link the files of the copy before, if every one of them is still as its manifest says."""
    names = [name for name in before.manifest["files"] if name.startswith(f"{FOLDER}/")]
    if all(before.take(name, draft) for name in names):
        return True
    take_away((draft / FOLDER).iterdir())
    return False


def _parquet(frame: pd.DataFrame, path: Path, *, synthetic: bool) -> None:
    known = marking.metadata(marking.CONTROLLED, synthetic=synthetic)
    with connect() as connection:
        connection.execute("set preserve_insertion_order = true; set threads = 1")
        connection.register("controlled", frame)
        connection.execute(
            f"copy (from controlled) to {literal(path)} (format parquet, compression zstd,"
            f" kv_metadata {key_values(known)})"
        )


def key_values(known: Mapping[str, str]) -> str:
    """Metadata as DuckDB writes a struct."""
    return "{" + ", ".join(f"{key}: {literal(value)}" for key, value in known.items()) + "}"
