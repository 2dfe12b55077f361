"""The agreed checks of gate 3: `expectations/assessment/gate_3.yaml`, read and validated.

What a check does is code; its severity, whether it may be waived, its purpose, its owner and what it
allows for are written in that file and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from orchestration.core import plain_yaml
from orchestration.core.errors import WarehouseError
from orchestration.quality.finding import SEVERITIES, Finding, Severity
from orchestration.quality.statements import is_reason, is_somebody

# The form of a scope, by the subject of the check. A waiver names one exactly.
SCOPES = {
    "feed": r"[a-z][a-z_]*/[a-z0-9_]+",
    "element": r"[1-6]",
    "element and priority": r"[1-6]/[a-z][a-z_]*",
    "priority": r"[a-z][a-z_]*",
    "measure": r"[a-z][a-z0-9_]*",
    "measure and delivery": r"[a-z][a-z0-9_]*/[A-Za-z0-9._-]+/[0-9]+-[0-9a-f]{12}",
    "limb": r"[a-z][a-z_]*",
    "section": r"[a-z][a-z_]*",
    "paragraph": r"[0-9]+(?:-[0-9]+)?(?: \([a-z ]+\))?",
    "offence group": r"[A-Z][A-Za-z ,–-]+",
    "earlier edition": r"(?:full|previous)/[0-9]{4}-[0-9]{2}",
    "suite": r"[a-z][a-z0-9_]*",
    "publication": r"published",
}
# The implemented checks and the settings that each of them accepts.
KNOWN: Mapping[str, frozenset[str]] = {
    "fresh": frozenset(),
    "gate_1": frozenset(),
    "gate_2": frozenset(),
    "held_measures": frozenset(),
    "reconciliation": frozenset(),
    "completeness": frozenset({"optional", "late_by_nature"}),
    "cycle": frozenset(),
    "checklist": frozenset(),
    "elements": frozenset(),
    "limbs": frozenset({"limbs"}),
    "needs_assessment": frozenset({"sections"}),
    "case_reviews": frozenset({"figures"}),
    "external": frozenset(),
    "agreements": frozenset({"open_licences"}),
    "disclosure": frozenset(),
    "commentary": frozenset(),
    "provisional": frozenset(),
    "prescribed": frozenset({"owed_and_not_there"}),
}
_KEYS = {"check", "about", "severity", "may_be_waived", "owner", "reason"}
_FURTHER_KEYS = {"may_say_nothing", "settings"}


class RuleError(WarehouseError):
    """The checks of gate 3 are not defined correctly. One sentence."""


@dataclass(frozen=True)
class Check:
    """One check of gate 3, as agreed.

    * `about` is the kind of its scopes, a key of `SCOPES`.
    * `may_say_nothing` is the reason why the check may have no finding at its own severity (where its
      input need not be supplied); if empty, it has to have one.
    * `settings` is what it allows for; each value maps a name to the reason or wording for it.
    """

    name: str
    about: str
    severity: Severity
    may_be_waived: bool
    owner: str
    reason: str
    may_say_nothing: str
    settings: Mapping[str, Mapping[str, str]]

    def passed(self, scope: str, detail: str) -> Finding:
        """The finding that `scope` is in order."""
        return Finding(self.name, scope, "passed", self.severity, detail)

    def failed(self, scope: str, detail: str) -> Finding:
        """The finding that `scope` does not meet the check."""
        return Finding(self.name, scope, "failed", self.severity, detail)

    def errored(self, scope: str, detail: str) -> Finding:
        """The finding that `scope` could not be checked."""
        return Finding(self.name, scope, "errored", self.severity, detail)

    def noted(self, scope: str, detail: str) -> Finding:
        """The finding that `scope` falls short for an agreed reason."""
        return Finding(self.name, scope, "failed", "info", detail)


def load_checks(path: Path) -> dict[str, Check]:
    """The checks of gate 3 by name, in the order of the file.

    Raises:
        RuleError: a check is incomplete, unknown, duplicated or missing.
    """
    try:
        document = plain_yaml.load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as problem:
        raise RuleError(
            f"{path.name} cannot be read: {' '.join(str(problem).split())}"
        ) from problem
    if not isinstance(document, dict) or set(document) != {"checks"}:
        raise RuleError(f"{path.name}: the file holds one key, checks")
    entries = document["checks"]
    if not isinstance(entries, list):
        raise RuleError(f"{path.name}: checks is a list")
    checks = [_check(path.name, entry) for entry in entries]
    names = [check.name for check in checks]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RuleError(f"{path.name}: {twice[0]} is there twice")
    lacking = sorted(set(KNOWN) - set(names))
    if lacking:
        raise RuleError(f"{path.name}: {lacking[0]} is not there, and would not be checked")
    return {check.name: check for check in checks}


def _check(file: str, entry: Any) -> Check:
    if not isinstance(entry, dict) or not isinstance(entry.get("check"), str):
        raise RuleError(f"{file}: every entry names its check")
    where = f"{file}: {entry['check']}"
    if entry["check"] not in KNOWN:
        raise RuleError(f"{where} is a check that no code is for")
    if wrong := sorted(_KEYS - set(entry)):
        raise RuleError(f"{where} has no {wrong[0]}")
    if unknown := sorted(str(key) for key in set(entry) - _KEYS - _FURTHER_KEYS):
        raise RuleError(f"{where} has the unknown key {unknown[0]}")
    if entry["about"] not in SCOPES:
        raise RuleError(f"{where} is about none of {', '.join(SCOPES)}")
    if entry["severity"] not in SEVERITIES:
        raise RuleError(f"{where} has a severity that is none of {', '.join(SEVERITIES)}")
    if not isinstance(entry["may_be_waived"], bool):
        raise RuleError(f"{where}: may_be_waived is true or false")
    if not is_somebody(str(entry["owner"])):
        raise RuleError(f"{where} has no owner")
    for key in ("reason", "may_say_nothing"):
        if key in entry and not is_reason(str(entry[key])):
            raise RuleError(f"{where}: {key} does not say why")
    return Check(
        name=entry["check"],
        about=entry["about"],
        severity=entry["severity"],
        may_be_waived=entry["may_be_waived"],
        owner=str(entry["owner"]),
        reason=str(entry["reason"]).strip(),
        may_say_nothing=str(entry.get("may_say_nothing", "")).strip(),
        settings=_settings(where, entry["check"], entry.get("settings") or {}),
    )


def _settings(where: str, name: str, given: Any) -> dict[str, dict[str, str]]:
    if not isinstance(given, dict) or set(given) != KNOWN[name]:
        wanted = ", ".join(sorted(KNOWN[name])) or "none"
        raise RuleError(f"{where}: its settings are {wanted}")
    for key, value in given.items():
        if not isinstance(value, dict) or not value:
            raise RuleError(f"{where}: {key} maps a name to why it is there")
        if wrong := [str(entry) for entry, why in value.items() if not is_reason(str(why))]:
            raise RuleError(f"{where}: {key} does not say why {wrong[0]} is there")
    return {key: {str(k): str(v) for k, v in value.items()} for key, value in given.items()}


def scope_problem(check: Check, scope: str) -> str:
    """Why a waiver of `check` may not have this scope, as the end of a sentence; empty when it may."""
    plain = scope.strip()
    if not plain:
        return "has no scope; a waiver is for one thing"
    broad = {"all", "any", "every", "everything", "none", "whole", check.name}
    if plain.lower() in broad or re.search(r"[*?%,;|\[\]]", plain):
        return f"has the scope {plain!r}, which is too broad; a waiver is for one {check.about}"
    if plain != scope or not re.fullmatch(SCOPES[check.about], plain):
        return f"has the scope {scope!r}, which is no {check.about}"
    return ""
