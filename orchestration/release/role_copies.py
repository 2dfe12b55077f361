"""The roles' copies: what each may see of a publication, readable by that role's group alone.

given -> .given/<id>/<role>/   warehouse.duckdb (or official/*.parquet), manifest.json
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.core import marking
from orchestration.core.engine import STORAGE, connect
from orchestration.core.files import TEMPORARY_PREFIX, sha256_of, share, write_json
from orchestration.core.sealed import LedgerBroken
from orchestration.core.settings import Settings
from orchestration.core.sql import literal
from orchestration.core.verified import Verified
from orchestration.protection import encryption
from orchestration.release import comments, controlled_copy, roles
from orchestration.release.earlier_names import by_todays_names
from orchestration.release.role_tables import AREA, prepare, selection
from orchestration.release.roles import Role, RolesRefused
from orchestration.release.verify import MANIFEST, is_intact


@dataclass(frozen=True)
class _Made:
    """What the copies are made from: a publication with its facts, and its candidate while that is there."""

    settings: Settings
    candidate: Path | None
    publication: Path
    facts: Mapping[str, Any]


def write(
    settings: Settings, candidate: Path | None, publication: Path, facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Write every role's copy of a finished publication and put them in place by one rename; return what was
    given, an entry for each role. Without its candidate, from what the publication itself holds.

    Raises:
        RolesRefused: a role is not right, an area is unknown, or a group cannot be given its folder.
    """
    made = _Made(settings, candidate, publication, facts)
    numbers = roles.held_to(settings, roles.partners_of(facts))
    store = settings.home / ".given"
    draft = store / f"{TEMPORARY_PREFIX}{publication.name}"
    shutil.rmtree(draft, ignore_errors=True)
    given = []
    for role in roles.listed(settings):
        folder = draft / role.name
        folder.mkdir(parents=True)
        tables = _write_role(made, role, folder)
        said = _manifest(made, role, folder, tables)
        share(folder)
        _hand_over(role, folder, numbers[role.name])
        given.append(said)
    _put_in_place(settings, store, draft)
    return given


def _write_role(made: _Made, role: Role, folder: Path) -> dict[str, int]:
    """Write what the role may see; return the rows of each table. A full role without a key has no copy."""
    if role.kind == roles.CONTROLLED:
        source = made.publication / controlled_copy.FOLDER
        (folder / controlled_copy.FOLDER).mkdir()
        for path in sorted(source.glob("*.parquet")):
            shutil.copyfile(path, folder / controlled_copy.FOLDER / path.name)
        return dict(made.facts["official"].get("tables", {}))
    if role.kind == roles.FULL and not role.key_name:
        return dict(made.facts["tables"])
    return _write_database(made, role, folder)


def _write_database(made: _Made, role: Role, folder: Path) -> dict[str, int]:
    tables: dict[str, int] = {}
    option = f"storage_version '{STORAGE}'"  # encryption needs a newer one
    with connect() as connection:
        if made.candidate is None:
            database = literal(made.publication / "warehouse.duckdb")
            connection.execute(f"attach {database} as candidate (read_only)")
        else:
            encryption.attach(made.settings, connection, made.candidate, "candidate")
        if role.key_name:
            option = encryption.database_option(roles.key(made.settings, role), connection)
        connection.execute(f"attach {literal(folder / 'warehouse.duckdb')} as target ({option})")
        if role.kind != roles.FULL:
            measures = by_todays_names(connection, "marts.dim_measure", "candidate")
            for statement in prepare(role.kind, role.subjects, "candidate", measures):
                connection.execute(statement)
        if role.kind == AREA:
            _hold_areas(connection, role)
        for (schema, table), said in comments.described(connection, "candidate").items():
            name = f"{schema}.{table}"
            if name not in made.facts["tables"]:
                continue
            columns = [column for column, _, _ in said.columns]
            where = "true" if role.kind == roles.FULL else selection(role.kind, name, columns)
            if where is None:
                continue
            connection.execute(f'create schema if not exists target."{schema}"')
            connection.execute(
                f'create table target."{schema}"."{table}" as '
                f'from candidate."{schema}"."{table}" where {where}'
            )
            about = comments.marked(said, synthetic=bool(made.facts["synthetic"]))
            comments.write(connection, schema, table, about)
            rows = connection.execute(
                f'select count(*) from target."{schema}"."{table}"'
            ).fetchone()
            tables[name] = int(rows[0]) if rows else 0
        connection.execute("checkpoint target")
        connection.execute("detach target")
    return tables


def _hold_areas(connection: duckdb.DuckDBPyConnection, role: Role) -> None:
    known = {
        row[0]
        for row in connection.execute(
            "select area_code from candidate.marts.dim_area where area_type <> 'unplaced'"
        ).fetchall()
    }
    if strange := [subject for subject in role.subjects if subject not in known]:
        raise RolesRefused(f"the role {role.name} names the area {strange[0]!a}, unknown here")


def _manifest(made: _Made, role: Role, folder: Path, tables: Mapping[str, int]) -> dict[str, Any]:
    """Write the manifest of a role's folder; return the entry for the record of what was given."""
    level = marking.CONTROLLED if role.kind == roles.CONTROLLED else marking.SENSITIVE
    about = {
        "role": role.name,
        "kind": role.kind,
        "subjects": list(role.subjects),
        "inputs": made.facts["inputs"],
        "published_at": made.facts["published_at"],
        **marking.metadata(level, synthetic=bool(made.facts["synthetic"])),
        "tables": dict(tables),
        "encrypted_with": role.key_name or None,
    }
    files = {
        path.relative_to(folder).as_posix(): {
            "sha256": sha256_of(path),
            "size": path.stat().st_size,
        }
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    write_json(folder / MANIFEST, {**about, "files": files})
    is_whole = role.kind == roles.FULL and not role.key_name
    what = made.publication if is_whole else folder
    entry = {key: about[key] for key in ("role", "kind", "subjects", "marking", "encrypted_with")}
    return {
        **entry,
        "group": role.group,
        "members": roles.members(role.group),
        "tables": dict(tables),
        "manifest_sha256": sha256_of(what / MANIFEST),
    }


def _hand_over(role: Role, folder: Path, number: int) -> None:
    try:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, -1, number)
    except PermissionError:
        raise RolesRefused(
            f"the role {role.name}: the account that runs the warehouse is not in the group {role.group}"
        ) from None


def _put_in_place(settings: Settings, store: Path, draft: Path) -> None:
    link = settings.home / "given"
    if not draft.exists():  # no role is listed, or no longer
        link.unlink(missing_ok=True)
        shutil.rmtree(store, ignore_errors=True)
        return
    final = store / draft.name.removeprefix(TEMPORARY_PREFIX)
    shutil.rmtree(final, ignore_errors=True)
    os.replace(draft, final)
    for path in (store, final):
        path.chmod(roles.PASSED_THROUGH)
    temporary = settings.home / f"{TEMPORARY_PREFIX}given"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(final.relative_to(settings.home), target_is_directory=True)
    os.replace(temporary, link)
    for other in store.iterdir():
        if other != final:
            shutil.rmtree(other)


def damaged(settings: Settings, verified: Verified, today: date) -> list[str]:
    """The roles whose copy is gone or is not what was given; none where nobody can say what was given.

    What was read is noted in `verified`, and what looks as it did then is believed.
    """
    try:
        wanted, last = roles.listed(settings), roles.last_given(settings)
    except (RolesRefused, LedgerBroken):
        return []
    found = []
    for role in wanted:
        folder, entry = copies(settings) / role.name, last.get(role.name)
        if entry is None:
            continue
        is_sound = folder.is_dir() and is_intact(folder, verified, today)
        if is_sound and (role.kind != roles.FULL or role.key_name):
            is_sound = sha256_of(folder / MANIFEST) == entry["manifest_sha256"]
        if not is_sound:
            found.append(role.name)
    return found


def copies(settings: Settings) -> Path:
    """Where the roles' copies of what is published are."""
    return settings.home / "given"
