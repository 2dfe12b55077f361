"""What a publication takes over from the one before it, so that it costs what has changed.

    tables    left in a copy of the database, if every row, column, type and description is the same
    files     linked, if they were made of such a table and have the hash that their manifest says

Deny by default: the manifest of the publication before must be the one that the ledger names, both must have
been written by the same code and engine under the same contracts, decisions and marking, and every delivery
that counted in it must still be kept. Nothing is taken over from before an erasure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from orchestration.core import ledger, marking
from orchestration.core.files import sha256_of
from orchestration.core.records import sha256_of_value
from orchestration.core.sealed import LedgerBroken
from orchestration.core.settings import Settings
from orchestration.ingest.landing import erased
from orchestration.ingest.landing.receipts import receipts
from orchestration.release import comments
from orchestration.release.comments import Described
from orchestration.release.verify import MANIFEST, BrokenManifest, read_manifest
from orchestration.transform import dbt

Table = tuple[str, str]  # schema and name
DATABASE = "warehouse.duckdb"
# What decides about the bytes of a publication besides its tables.
_CODE = ("release", "core/engine.py", "core/marking.py", "core/sql.py")
# The share of a copied database that may be free: what was dropped from it lies there until it is reused.
_MOST_FREE = 0.2


@dataclass(frozen=True)
class Before:
    """A publication from which may be taken. `files` are its hashes by name.

    `is_base`: a copy of its database may be written into. What was dropped from a database stays in its free
    blocks, so that is so only while all that ever counted in it still counts.
    """

    folder: Path
    manifest: Mapping[str, Any]
    is_base: bool
    say: Callable[[str], None]

    def take(self, name: str, draft: Path) -> bool:
        """Link a file into `draft`; false, with a sentence, if it is not as it was published."""
        return self._is_sound(name) and self._put(name, draft / name, os.link)

    def copy(self, name: str, target: Path) -> bool:
        """Copy a file; false, with a sentence, if it is not as it was published."""
        return self._is_sound(name) and self._put(name, target, shutil.copyfile)

    def _is_sound(self, name: str) -> bool:
        if name not in self.manifest["files"]:
            return False
        if (self.folder / name).is_file():
            return True
        return self._refuse(name, "is gone")

    def _put(self, name: str, target: Path, by: Callable[[Path, Path], object]) -> bool:
        by(self.folder / name, target)
        # Of what was put there, not of what was read: nothing can come in between.
        if sha256_of(target) == self.manifest["files"][name]["sha256"]:
            return True
        target.unlink()
        return self._refuse(name, "has changed")

    def _refuse(self, name: str, how: str) -> bool:
        self.say(f"{name} of the publication before {how}, so nothing is taken over from it")
        return False


def written_under(settings: Settings, facts: Mapping[str, Any]) -> str:
    """One hash over what decides, besides the rows of its tables, how a publication is written.

    And over the dbt project: what a mended model no longer says must not lie in a database's free blocks.
    """
    synthetic = bool(facts["synthetic"])
    return sha256_of_value(
        [
            code_sha256(_CODE),
            dbt.project_fingerprint(settings),
            version("duckdb"),
            marking.metadata(marking.SENSITIVE, synthetic=synthetic),
            marking.label(marking.SENSITIVE, synthetic=synthetic),
            *(facts.get(name) for name in ("contracts", "partnership", "area_code", "area_name")),
        ]
    )


def before(
    settings: Settings, facts: Mapping[str, Any], under: str, say: Callable[[str], None]
) -> Before | None:
    """The present publication, if something may be taken over from it into one of these facts, which is
    `written_under` the same."""
    if not settings.published.exists():
        return None
    folder = settings.published.resolve()
    try:
        manifest = read_manifest(folder)
    except BrokenManifest:
        manifest = None
    entry = ledger.read(settings.home).standing(ledger.PUBLISHED).get(folder.name)
    known = (entry.body or {}).get("manifest_sha256") if entry is not None else None
    if manifest is None or known is None or sha256_of(folder / MANIFEST) != known:
        say(
            "the manifest of the publication before is not the one in the ledger, so all is written anew"
        )
        return None
    if manifest.get("written_under") != under:
        return None
    counted = {str(one["sha256"]) for one in manifest["deliveries"]}
    if _is_older_than_an_erasure(settings, manifest) or counted - {
        receipt.sha256 for receipt in receipts(settings)
    }:
        return None
    still = {str(one["sha256"]) for one in facts["deliveries"]}
    return Before(folder, manifest, counted <= still, say)


def published_at(manifest: Mapping[str, Any] | None) -> datetime:
    """When a publication was made; long ago, if its manifest does not say."""
    try:
        return datetime.fromisoformat((manifest or {})["published_at"])
    except (KeyError, ValueError, TypeError):
        return datetime.min.replace(tzinfo=UTC)


def _is_older_than_an_erasure(settings: Settings, manifest: Mapping[str, Any]) -> bool:
    try:
        last = erased.last_moment(settings)
    except LedgerBroken:
        return True
    return last is not None and published_at(manifest) <= last


def is_crowded(connection: duckdb.DuckDBPyConnection, database: str) -> bool:
    """Whether too much of an attached database is free for more to be written into it."""
    found = connection.execute(
        "select free_blocks > $most * total_blocks from pragma_database_size() "
        "where database_name = $database",
        {"most": _MOST_FREE, "database": database},
    ).fetchone()
    return found is None or bool(found[0])


def same_tables(
    connection: duckdb.DuckDBPyConnection, database: str, wanted: Mapping[Table, Described]
) -> set[Table]:
    """The tables of the candidate that an attached database has just so: each row, in the same place, and
    described as is `wanted`."""
    there = comments.described(connection, database)
    return {
        table
        for table, said in wanted.items()
        if there.get(table) == said and _has_same_rows(connection, database, table, said)
    }


def _has_same_rows(
    connection: duckdb.DuckDBPyConnection, database: str, table: Table, said: Described
) -> bool:
    name = ".".join(f'"{part}"' for part in table)
    differs = " or ".join(_differs(column, kind) for column, kind, _ in said.columns)
    found = connection.execute(
        f"select (select count(*) from candidate.{name}) = (select count(*) from {database}.{name})"
    ).fetchone()
    if found != (True,):
        return False
    found = connection.execute(
        f"select exists (from candidate.{name} as new positional join {database}.{name} as old "
        f"where {differs})"
    ).fetchone()
    return found == (False,)


def _differs(column: str, kind: str) -> str:
    new, old = f'new."{column}"', f'old."{column}"'
    plain = f"{new} is distinct from {old}"
    if kind in ("DOUBLE", "FLOAT"):  # 0 and -0 are equal, and are printed differently
        return f"{plain} or signbit({new}) is distinct from signbit({old})"
    if "[" in kind or ("(" in kind and not kind.startswith("DECIMAL")):  # the same within a list
        return f"{plain} or {new}::varchar is distinct from {old}::varchar"
    return plain


def code_sha256(names: Collection[str]) -> str:
    """A hash of the code in these files and folders of the package, but for what is compiled."""
    package = Path(__file__).parents[1]
    paths = {path for name in names for path in [package / name, *(package / name).rglob("*")]}
    return sha256_of_value(
        sorted(
            (path.relative_to(package).as_posix(), sha256_of(path))
            for path in paths
            if path.suffix in (".py", ".sql", ".yaml")
        )
    )
