"""Who may see what: a copy of the publication for each role, readable by that role's group alone.

    given -> .given/<id>/<role>/   warehouse.duckdb (or official/*.parquet), manifest.json
    ledger/given.jsonl             who was given what: role, group and its members, tables, hash; sealed

The roles stand in `publication_roles.csv` of the partnership's folder, one row a role and subject:

    full        everything; without a key it reads `published/` itself, with one its own encrypted database
    partner     the rows of the partners named
    area        the rows of the areas named
    controlled  the tables after disclosure control, and nothing else

Deny by default: a row that is not right in every part refuses the publication, and where roles are listed
nobody but a role of kind `full` reads `published/`.
"""

from __future__ import annotations

import csv
import grp
import os
import pwd
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from orchestration.core import marking, register
from orchestration.core.engine import connect
from orchestration.core.errors import GateRefusal
from orchestration.core.files import TEMPORARY_PREFIX, sha256_of, share, write_json
from orchestration.core.sealed import LedgerBroken, SealedLedger
from orchestration.core.settings import Settings
from orchestration.core.sql import literal
from orchestration.core.verified import Verified
from orchestration.protection import encryption
from orchestration.protection.key_file import Key, read_keys
from orchestration.release import comments, controlled_copy
from orchestration.release.role_tables import AREA, PARTNER, prepare, selection
from orchestration.release.verify import MANIFEST, is_intact

FULL, CONTROLLED = "full", "controlled"
KINDS = (FULL, PARTNER, AREA, CONTROLLED)
_TABLE = "publication_roles"
# Members of any group pass through to their own folder; nobody can list what else is there.
_PASSED_THROUGH = 0o711
_STORAGE = "v1.0.0"  # as in the publication itself; encryption needs a newer one


class RolesRefused(GateRefusal):
    """The list of roles is not right, so nothing is published. One sentence."""

    opening = "not published: "


@dataclass(frozen=True)
class Role:
    """A role: what it may see, and whose group reads it."""

    name: str
    kind: str
    subjects: tuple[str, ...]
    group: str
    key_name: str = ""


def ledger(settings: Settings) -> SealedLedger:
    """The record of who was given what."""
    return SealedLedger(settings.home, "given")


def listed(settings: Settings) -> tuple[Role, ...]:
    """The roles of the partnership, by name; none where no list was made.

    Raises:
        RolesRefused: a role has no name, kind, group or subject that can be used, or two share a group.
    """
    path = register.table(settings, _TABLE)
    if not path.exists():
        return ()
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found: dict[str, Role] = {}
    for row in rows:
        role = _role({key: (value or "").strip() for key, value in row.items()})
        known = found.get(role.name)
        if known is None:
            found[role.name] = role
            continue
        if (known.kind, known.group, known.key_name) != (role.kind, role.group, role.key_name):
            raise RolesRefused(f"the role {role.name} has two kinds, groups or keys")
        subjects = tuple(sorted({*known.subjects, *role.subjects}))
        found[role.name] = Role(known.name, known.kind, subjects, known.group, known.key_name)
    groups = [role.group for role in found.values()]
    if twice := [role.name for role in found.values() if groups.count(role.group) > 1]:
        raise RolesRefused(f"the roles {' and '.join(twice)} have one group; give each its own")
    return tuple(found[name] for name in sorted(found))


def _role(row: Mapping[str, str]) -> Role:
    name, kind, subject = row.get("role", ""), row.get("kind", ""), row.get("subject", "")
    group, key_name = row.get("unix_group", ""), row.get("key_name", "")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise RolesRefused(f"{name!a} is no name of a role; use lower-case letters, digits and _")
    if kind not in KINDS:
        raise RolesRefused(f"the role {name} has no kind; the kinds are {', '.join(KINDS)}")
    if not group:
        raise RolesRefused(f"the role {name} has no group, so nobody could be kept from reading it")
    if (kind in (PARTNER, AREA)) != bool(subject):
        wanted = f"names no {kind}" if kind in (PARTNER, AREA) else "names a subject and has none"
        raise RolesRefused(f"the role {name} {wanted}")
    if key_name and kind != FULL:
        raise RolesRefused(f"the role {name} names a key; only the full copy is encrypted")
    return Role(name, kind, (subject,) if subject else (), group, key_name)


def partners_of(facts: Mapping[str, Any]) -> set[str]:
    """The partners with a contract, by what a publication's manifest says."""
    return {feed.split("/")[0] for feed in facts.get("contracts", ())}


def held_to(settings: Settings, partners: Collection[str]) -> dict[str, int]:
    """Check every role before anything is written; return the number of each role's group.

    Raises:
        RolesRefused: a group does not exist, a partner is unknown, or a key is not in the key file.
        LedgerBroken: nobody could record what is given.
    """
    ledger(settings).entries()
    numbers = {}
    for role in listed(settings):
        numbers[role.name] = _group_number(role)
        for subject in role.subjects if role.kind == PARTNER else ():
            if subject not in partners:
                raise RolesRefused(
                    f"the role {role.name} names the partner {subject!a}, unknown here"
                )
        if role.key_name:
            _key(settings, role)
    return numbers


def _group_number(role: Role) -> int:
    try:
        return grp.getgrnam(role.group).gr_gid
    except KeyError:
        raise RolesRefused(
            f"the role {role.name} has the group {role.group!a}, which this machine does not know"
        ) from None


def _key(settings: Settings, role: Role) -> Key:
    if settings.role_key_file is None:
        raise RolesRefused(f"the role {role.name} names a key and CSP_ROLE_KEY_FILE is not set")
    keys = read_keys(settings.role_key_file, "the key file of roles", settings.home)
    found = next((key for key in keys if key.name == role.key_name), None)
    if found is None:
        raise RolesRefused(f"the role {role.name} names a key that the key file of roles has not")
    return found


def write(
    settings: Settings, candidate: Path | None, publication: Path, facts: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Write every role's copy of a finished publication and put them in place by one rename; return what was
    given, an entry for each role. Without its candidate, from what the publication itself holds.

    Raises:
        RolesRefused: a role is not right, an area is unknown, or a group cannot be given its folder.
    """
    numbers = held_to(settings, partners_of(facts))
    store = settings.home / ".given"
    draft = store / f"{TEMPORARY_PREFIX}{publication.name}"
    shutil.rmtree(draft, ignore_errors=True)
    given = []
    for role in listed(settings):
        folder = draft / role.name
        folder.mkdir(parents=True)
        tables = _write_role(settings, role, candidate, publication, folder, facts)
        said = _manifest(role, publication, folder, tables, facts)
        share(folder)
        _hand_over(role, folder, numbers[role.name])
        given.append(said)
    _put_in_place(settings, store, draft)
    return given


def _write_role(
    settings: Settings,
    role: Role,
    candidate: Path | None,
    publication: Path,
    folder: Path,
    facts: Mapping[str, Any],
) -> dict[str, int]:
    """Write what the role may see; return the rows of each table. A full role without a key has no copy."""
    if role.kind == CONTROLLED:
        source = publication / controlled_copy.FOLDER
        (folder / controlled_copy.FOLDER).mkdir()
        for path in sorted(source.glob("*.parquet")):
            shutil.copyfile(path, folder / controlled_copy.FOLDER / path.name)
        return dict(facts["official"].get("tables", {}))
    if role.kind == FULL and not role.key_name:
        return dict(facts["tables"])
    return _write_database(settings, role, candidate, publication, folder, facts)


def _write_database(
    settings: Settings,
    role: Role,
    candidate: Path | None,
    publication: Path,
    folder: Path,
    facts: Mapping[str, Any],
) -> dict[str, int]:
    tables: dict[str, int] = {}
    option = f"storage_version '{_STORAGE}'"
    with connect() as connection:
        if candidate is None:
            database = literal(publication / "warehouse.duckdb")
            connection.execute(f"attach {database} as candidate (read_only)")
        else:
            encryption.attach(settings, connection, candidate, "candidate")
        if role.key_name:
            option = encryption.database_option(_key(settings, role), connection)
        connection.execute(f"attach {literal(folder / 'warehouse.duckdb')} as target ({option})")
        if role.kind != FULL:
            for statement in prepare(role.kind, role.subjects, "candidate"):
                connection.execute(statement)
        if role.kind == AREA:
            _hold_areas(connection, role)
        for schema, table, comment, columns in connection.execute(_TABLES).fetchall():
            name = f"{schema}.{table}"
            if name not in facts["tables"]:
                continue
            where = "true" if role.kind == FULL else selection(role.kind, name, columns)
            if where is None:
                continue
            connection.execute(f'create schema if not exists target."{schema}"')
            connection.execute(
                f'create table target."{schema}"."{table}" as '
                f'from candidate."{schema}"."{table}" where {where}'
            )
            comments.carry(connection, schema, table, comment, synthetic=bool(facts["synthetic"]))
            rows = connection.execute(
                f'select count(*) from target."{schema}"."{table}"'
            ).fetchone()
            tables[name] = int(rows[0]) if rows else 0
        connection.execute("checkpoint target")
        connection.execute("detach target")
    return tables


_TABLES = """
select t.schema_name, t.table_name, t.comment,
    (
        select list(c.column_name) from duckdb_columns() as c
        where c.database_name = 'candidate' and c.schema_name = t.schema_name
            and c.table_name = t.table_name
    )
from duckdb_tables() as t
where t.database_name = 'candidate'
order by all
"""


def _hold_areas(connection: duckdb.DuckDBPyConnection, role: Role) -> None:
    known = {
        row[0]
        for row in connection.execute(
            "select area_code from candidate.marts.dim_area where area_type <> 'unplaced'"
        ).fetchall()
    }
    if strange := [subject for subject in role.subjects if subject not in known]:
        raise RolesRefused(f"the role {role.name} names the area {strange[0]!a}, unknown here")


def _manifest(
    role: Role,
    publication: Path,
    folder: Path,
    tables: Mapping[str, int],
    facts: Mapping[str, Any],
) -> dict[str, Any]:
    """Write the manifest of a role's folder; return the entry for the record of what was given."""
    level = marking.CONTROLLED if role.kind == CONTROLLED else marking.SENSITIVE
    about = {
        "role": role.name,
        "kind": role.kind,
        "subjects": list(role.subjects),
        "inputs": facts["inputs"],
        "published_at": facts["published_at"],
        **marking.metadata(level, synthetic=bool(facts["synthetic"])),
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
    write_json(folder / "manifest.json", {**about, "files": files})
    is_whole = role.kind == FULL and not role.key_name
    what = publication if is_whole else folder
    entry = {key: about[key] for key in ("role", "kind", "subjects", "marking", "encrypted_with")}
    return {
        **entry,
        "group": role.group,
        "members": members(role.group),
        "tables": dict(tables),
        "manifest_sha256": sha256_of(what / "manifest.json"),
    }


def members(group: str) -> list[str]:
    """The accounts in a group, those included whose own group it is."""
    found = grp.getgrnam(group)
    own = {one.pw_name for one in pwd.getpwall() if one.pw_gid == found.gr_gid}
    return sorted(own | set(found.gr_mem))


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
        path.chmod(_PASSED_THROUGH)
    temporary = settings.home / f"{TEMPORARY_PREFIX}given"
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(final.relative_to(settings.home), target_is_directory=True)
    os.replace(temporary, link)
    for other in store.iterdir():
        if other != final:
            shutil.rmtree(other)


def record(settings: Settings, given: Sequence[Mapping[str, Any]]) -> None:
    """Record what was given, where it differs from what the role had. Needs the run's lock."""
    last = {entry["role"]: entry for entry in ledger(settings).entries()}
    for entry in given:
        before = {key: value for key, value in last.get(entry["role"], {}).items() if key != "at"}
        if before != entry:
            ledger(settings).append({**entry, "at": settings.now.isoformat()})


def damaged(settings: Settings, verified: Verified, today: date) -> list[str]:
    """The roles whose copy is gone or is not what was given; none where nobody can say what was given.

    What was read is noted in `verified`, and what looks as it did then is believed.
    """
    try:
        roles = listed(settings)
        last = {entry["role"]: entry for entry in ledger(settings).entries()}
    except (RolesRefused, LedgerBroken):
        return []
    found = []
    for role in roles:
        folder, entry = copies(settings) / role.name, last.get(role.name)
        if entry is None:
            continue
        is_sound = folder.is_dir() and is_intact(folder, verified, today)
        if is_sound and (role.kind != FULL or role.key_name):
            is_sound = sha256_of(folder / MANIFEST) == entry["manifest_sha256"]
        if not is_sound:
            found.append(role.name)
    return found


def copies(settings: Settings) -> Path:
    """Where the roles' copies of what is published are."""
    return settings.home / "given"


def passage(settings: Settings) -> int | None:
    """The mode of the home where roles are listed; None where there are none."""
    return _PASSED_THROUGH if (settings.home / ".given").exists() else None


def protect(settings: Settings, publications: Path) -> bool:
    """Give publications to the group of the full role; return whether a group may read them at all.

    Without a list it is the home's group, as before there were roles; with one that is not right, nobody.
    """
    try:
        roles = listed(settings)
        whole = [role for role in roles if role.kind == FULL and not role.key_name]
        if roles and not whole:
            return False
        for role in whole:
            number = _group_number(role)
            there = [publications, *publications.rglob("*")] if publications.exists() else []
            for path in there:
                os.chown(path, -1, number, follow_symlinks=False)
    except (RolesRefused, PermissionError):
        return False
    return True
