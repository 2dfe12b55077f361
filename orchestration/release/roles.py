"""Who may see what: the roles, what holds them to the list, and the record of what each was given.

    ledger/given.jsonl   who was given what: role, group and its members, tables, hash; sealed

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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.core import register
from orchestration.core.errors import GateRefusal
from orchestration.core.sealed import SealedLedger
from orchestration.core.settings import Settings
from orchestration.protection.key_file import Key, read_keys
from orchestration.release.role_tables import AREA, PARTNER

FULL, CONTROLLED = "full", "controlled"
KINDS = (FULL, PARTNER, AREA, CONTROLLED)
_TABLE = "publication_roles"
# Members of any group pass through to their own folder; nobody can list what else is there.
PASSED_THROUGH = 0o711


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
            key(settings, role)
    return numbers


def _group_number(role: Role) -> int:
    try:
        return grp.getgrnam(role.group).gr_gid
    except KeyError:
        raise RolesRefused(
            f"the role {role.name} has the group {role.group!a}, which this machine does not know"
        ) from None


def key(settings: Settings, role: Role) -> Key:
    """The key that a role's copy is encrypted with.

    Raises:
        RolesRefused: no key file is set, or it does not have the key.
    """
    if settings.role_key_file is None:
        raise RolesRefused(f"the role {role.name} names a key and CSP_ROLE_KEY_FILE is not set")
    keys = read_keys(settings.role_key_file, "the key file of roles", settings.home)
    found = next((key for key in keys if key.name == role.key_name), None)
    if found is None:
        raise RolesRefused(f"the role {role.name} names a key that the key file of roles has not")
    return found


def members(group: str) -> list[str]:
    """The accounts in a group, those included whose own group it is."""
    found = grp.getgrnam(group)
    own = {one.pw_name for one in pwd.getpwall() if one.pw_gid == found.gr_gid}
    return sorted(own | set(found.gr_mem))


def last_given(settings: Settings) -> dict[str, dict[str, Any]]:
    """What each role was given last, by the record.

    Raises:
        LedgerBroken: the record is not as it was written.
    """
    return {entry["role"]: entry for entry in ledger(settings).entries()}


def record(settings: Settings, given: Sequence[Mapping[str, Any]]) -> None:
    """Record what was given, where it differs from what the role had. Needs the run's lock."""
    last = last_given(settings)
    for entry in given:
        before = {key: value for key, value in last.get(entry["role"], {}).items() if key != "at"}
        if before != entry:
            ledger(settings).append({**entry, "at": settings.now.isoformat()})


def passage(settings: Settings) -> int | None:
    """The mode of the home where roles are listed; None where there are none."""
    return PASSED_THROUGH if (settings.home / ".given").exists() else None


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
