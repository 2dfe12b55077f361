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

    from orchestration.disclosure.control import Rules

FOLDER = "official"
# What decides about the copy besides the tables: changing it makes the copy anew.
_CODE = ("disclosure", "figures", "release/controlled_copy.py")


def write(
    settings: Settings, draft: Path, before: Before | None, *, synthetic: bool
) -> dict[str, Any]:
    """Write the copy beside the database in `draft`; return what the manifest says of it.

    What the publication `before` made of the same tables and rules is taken over from it: disclosure control
    takes most of a minute, and reads only some of the tables. A copy that it refuses is not written, and
    `refused_because` says why; the publication goes on.
    """
    # Imported here: the attack needs scipy, and most commands import this module without publishing.
    from orchestration.disclosure import control, publish

    year = _year(settings)
    rules = control.rules_in(register.assemble(settings))
    with connect(str(draft / "warehouse.duckdb"), read_only=True) as connection:
        true = control.unmarked(
            warehouse_tables.collect(connection, warehouse_tables.year_of(year))
        )
    judged, contents = _contents(true, rules, f"{year}{synthetic}{carried.code_sha256(_CODE)}")
    said = {"marking": marking.CONTROLLED, "strategy_year": year, "contents": contents}
    target = draft / FOLDER
    target.mkdir()
    last = before.manifest.get("official", {}) if before is not None else {}
    is_judged = all(last.get("contents", {}).get(name) == contents[name] for name in judged)
    if is_judged and "refused_because" in last:
        return {**said, "refused_because": last["refused_because"]}
    kept = {
        name: int(rows)
        for name, rows in last.get("tables", {}).items()
        if before is not None
        and last.get("contents", {}).get(name) == contents.get(name)
        and before.take(f"{FOLDER}/{name}.parquet", draft)
    }
    try:
        has_judged = kept.keys() >= judged
        tables = publish.uncounted(true) if has_judged else control.controlled(true, rules).tables
    except WarehouseError as problem:
        take_away(target.iterdir())
        return {**said, "refused_because": str(problem)}
    made = {name: frame for name, frame in tables.items() if name not in kept}
    for name, frame in made.items():
        _parquet(frame, target / f"{name}.parquet", synthetic=synthetic)
    return {**said, "tables": {**kept, **{name: len(frame) for name, frame in made.items()}}}


def _contents(
    true: Mapping[str, pd.DataFrame], rules: Rules, with_: str
) -> tuple[set[str], dict[str, str]]:
    """The public tables that are judged together, and a hash of what each public table is made from."""
    from orchestration.disclosure import allow_list, cache, publish

    def content(tables: Mapping[str, pd.DataFrame]) -> str:
        return hashlib.sha256(f"{cache.digest(tables, rules)}{with_}".encode()).hexdigest()

    counted = publish.queried(true)
    together = content(counted)
    names = allow_list.columns().keys()
    judged = names & counted.keys()
    alone = {name: content({name: true[name]}) for name in names - judged}
    return judged, {**dict.fromkeys(judged, together), **alone}


def _year(settings: Settings) -> str:
    """The newest strategy year that is over: the one that the next edition is about."""
    years = register.strategy_years(settings)
    over = [year.label for year in years if year.ends_on < settings.today]
    return over[-1] if over else years[0].label


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
