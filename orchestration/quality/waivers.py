"""Waivers: what gate 2 holds or gate 3 fails that a named person accepts, for one subject and until a day.

They are maintained by hand or with `csp waive` in `waivers.yaml` of the partnership's folder, or of
`CSP_HOME/partnership` if no folder is set. A file with any fault is refused as a whole: what is not
understood must not open a gate. A missing file waives nothing.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from orchestration.core.errors import WarehouseError
from orchestration.core.files import write_text
from orchestration.core.wording import day
from orchestration.quality.check_register import Check, scope_problem
from orchestration.quality.statements import is_reason, is_somebody

LONGEST_MONTHS = 6
_KEYS = ("check", "scope", "reason", "approver", "expires")
NONE_YET = """\
# Failures of gate 3 that a named person accepts, each for one thing and until a day. Written by hand or by
# `csp waive`; every waiver that is used is printed in the edition. A waiver names one check and one scope
# as the refusal names them, says why in 20 characters or more, names who approved it, and ends within six
# months. One that is too broad makes the whole file refused; one that has expired lifts nothing.
#
# waivers:
#   - check: completeness
#     scope: health/ambulance_calls
#     reason: The service changed its system in March; its figures follow in June.
#     approver: Chair of the Community Safety Partnership
#     expires: 2026-06-30
waivers: []
"""


@dataclass(frozen=True)
class Waiver:
    """A failed check that a named person accepts, for one scope and until a given day, with a reason.

    `check` is the name of one check of gate 3, `scope` the single subject of the failure (a feed, an
    element and priority as `3/county_lines`, a partner), `expires` the last day on which it is valid.
    """

    check: str
    scope: str
    reason: str
    approver: str
    expires: date


class WaiverError(WarehouseError):
    """A waiver is invalid. One sentence."""


def load(path: Path, today: date, checks: Mapping[str, Check]) -> tuple[Waiver, ...]:
    """The waivers of the file, in its order; those that have expired are among them.

    Raises:
        WaiverError: the file cannot be read; or a waiver is too broad, for an unknown check or one that
            cannot be waived, without reason, approver or end, for longer than six months, or
            duplicated.
    """
    return _parsed(_text_of(path), path.name, checks, today)


def load_all(paths: Sequence[Path], today: date, checks: Mapping[str, Check]) -> tuple[Waiver, ...]:
    """The waivers of several files, in their order.

    Raises:
        WaiverError: as `load`, for any of them; or two files waive the same.
    """
    found = [waiver for path in paths for waiver in load(path, today, checks)]
    _require_unique(found, "the files of waivers", today)
    return tuple(found)


def record(
    path: Path,
    waiver: Waiver,
    today: date,
    checks: Mapping[str, Check],
    beside: Sequence[Path] = (),
) -> None:
    """Append one waiver to the file, which is created if necessary; its comments and earlier waivers stay
    as they are. `beside` are the other files whose waivers are valid as well.

    Raises:
        WaiverError: as `load`; or the waiver has already expired, the layout of the file does not allow
            appending without rewriting it, or this account may not write to it.
    """
    text = _text_of(path) if path.exists() else NONE_YET
    own = _parsed(text, path.name, checks, today)
    before = (*load_all([one for one in beside if one != path], today, checks), *own)
    if waiver.expires < today:
        raise WaiverError(f"the waiver would end on {day(waiver.expires)}, which is past")
    _require_valid(waiver, f"the waiver of {waiver.check}", checks, today)
    standing = [(other.check, other.scope) for other in before if other.expires >= today]
    if (waiver.check, waiver.scope) in standing:
        raise WaiverError(f"the waiver of {waiver.check} for {waiver.scope} is there already")
    extended = _extended(text, waiver)
    try:
        is_sound = _parsed(extended, path.name, checks, today) == (*own, waiver)
    except WaiverError:
        is_sound = False
    if not is_sound:
        raise WaiverError(
            f"{path.name} cannot be added to as it is laid out; add the waiver by hand"
        )
    try:
        write_text(path, extended)
    except OSError as problem:
        reason = (problem.strerror or "cannot be written").lower()
        raise WaiverError(
            f"the waiver was not recorded: {path} cannot be written by this account ({reason})"
        ) from problem


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise WaiverError(f"{path.name} cannot be read") from problem


class _Loader(yaml.SafeLoader):
    """YAML in which a duplicate key is an error rather than overriding the first."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        if len(keys) != len({str(key) for key in keys}):
            raise yaml.constructor.ConstructorError(
                None, None, "a key is there twice", node.start_mark
            )
        return super().construct_mapping(node, deep=deep)


def _parsed(text: str, name: str, checks: Mapping[str, Check], today: date) -> tuple[Waiver, ...]:
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, ValueError) as problem:
        raise WaiverError(f"{name} is no YAML: {' '.join(str(problem).split())}") from problem
    if not isinstance(document, dict) or set(document) != {"waivers"}:
        raise WaiverError(f"{name}: the file holds one key, waivers")
    if not isinstance(document["waivers"], list):
        raise WaiverError(f"{name}: waivers is a list; write [] when there is none")
    waivers = [
        _waiver(entry, f"{name}: waiver {number}", checks, today)
        for number, entry in enumerate(document["waivers"], start=1)
    ]
    _require_unique(waivers, name, today)
    return tuple(waivers)


def _require_unique(waivers: Sequence[Waiver], name: str, today: date) -> None:
    standing = [(w.check, w.scope) for w in waivers if w.expires >= today]
    twice = [
        f"{check} for {scope}" for check, scope in standing if standing.count((check, scope)) > 1
    ]
    if twice:
        raise WaiverError(f"{name}: the waiver of {twice[0]} is there twice")


def _waiver(entry: Any, where: str, checks: Mapping[str, Check], today: date) -> Waiver:
    if not isinstance(entry, dict):
        raise WaiverError(f"{where} is not written as key and value")
    if unknown := [str(key) for key in entry if key not in _KEYS]:
        raise WaiverError(f"{where} has the unknown key {unknown[0]}")
    if lacking := [key for key in _KEYS if entry.get(key) is None]:
        raise WaiverError(f"{where} has no {lacking[0]}")
    words = {key: entry[key] for key in _KEYS if key != "expires"}
    if wrong := [key for key, value in words.items() if not isinstance(value, str)]:
        raise WaiverError(f"{where}: {wrong[0]} is not text")
    waiver = Waiver(
        check=str(words["check"]),
        scope=str(words["scope"]),
        reason=str(words["reason"]).strip(),
        approver=str(words["approver"]).strip(),
        expires=_day(entry["expires"], where),
    )
    _require_valid(waiver, where, checks, today)
    return waiver


def _day(value: Any, where: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise WaiverError(f"{where}: expires is no day; write it as 2026-03-31") from None


def _require_valid(waiver: Waiver, where: str, checks: Mapping[str, Check], today: date) -> None:
    if waiver.check not in checks:
        raise WaiverError(f"{where} is for {waiver.check!r}, which is no check of gate 3")
    check = checks[waiver.check]
    if not check.may_be_waived:
        raise WaiverError(f"{where} is for {waiver.check}, which cannot be waived")
    if problem := scope_problem(check, waiver.scope):
        raise WaiverError(f"{where} {problem}")
    if not is_reason(waiver.reason):
        raise WaiverError(f"{where} gives no reason; say why in 20 characters or more")
    if not is_somebody(waiver.approver):
        raise WaiverError(f"{where} has no approver; name a person or a role")
    last = _months_later(today, LONGEST_MONTHS)
    if waiver.expires > last:
        raise WaiverError(
            f"{where} ends on {day(waiver.expires)}; the latest a waiver may end is {day(last)}"
        )


def _months_later(on: date, months: int) -> date:
    """The same day some months later, or the last of that month if it has no such day."""
    years, month = divmod(on.month - 1 + months, 12)
    year = on.year + years
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


def _extended(text: str, waiver: Waiver) -> str:
    """The text with one more waiver at its end, indented like the ones before it."""
    empty = re.search(r"^waivers:[ \t]*\[[ \t]*\]", text, re.MULTILINE)
    first = re.search(r"^([ ]*)- ", text[text.rfind("\nwaivers:") + 1 :], re.MULTILINE)
    indent = first.group(1) if first and not empty else "  "
    if empty:
        text = f"{text[: empty.start()]}waivers:{text[empty.end() :]}"
    lines = yaml.safe_dump(
        [{key: getattr(waiver, key) for key in _KEYS}],
        sort_keys=False,
        allow_unicode=True,
        width=1000,
    ).splitlines()
    return text.rstrip("\n") + "\n" + "".join(f"{indent}{line}\n" for line in lines)
