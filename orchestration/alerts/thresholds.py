"""The rules of alerts, read from `expectations/alerts.yaml`."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from orchestration.alerts.items import ROLES, SECTIONS, AlertsError, Rules
from orchestration.core import plain_yaml

_KEYS = tuple(field.name for field in fields(Rules))
_NUMBERS = (
    "most_items", "due_soon_days", "missing_for_days", "signal_months", "silent_hours",
    "least_free_nights",
)  # fmt: skip


def load_rules(path: Path) -> Rules:
    """What each role receives, and how often.

    Raises:
        AlertsError: a key, role or section is unknown or missing.
    """
    found: Any = plain_yaml.load(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict) or set(found) != set(_KEYS):
        raise AlertsError(f"{path.name}: expected the keys {', '.join(_KEYS)}")
    sections, repeats = found["sections"], found["repeat_days"]
    if not isinstance(sections, dict) or set(sections) != set(ROLES):
        raise AlertsError(f"{path.name}: sections must name the roles {', '.join(ROLES)}")
    if not isinstance(repeats, dict):
        raise AlertsError(f"{path.name}: repeat_days must be sections with numbers of days")
    for section in (*(name for listed in sections.values() for name in listed), *repeats):
        if section not in SECTIONS:
            raise AlertsError(
                f"{path.name}: there is no section {section}; there are {', '.join(SECTIONS)}"
            )
    numbers = {key: found[key] for key in _NUMBERS}
    for key, number in {**numbers, **repeats}.items():
        if not isinstance(number, int) or isinstance(number, bool) or number < 1:
            raise AlertsError(f"{path.name}: {key} must be a whole number from 1")
    return Rules(
        sections={role: tuple(listed) for role, listed in sections.items()},
        repeat_days=dict(repeats),
        **numbers,
    )
