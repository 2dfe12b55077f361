"""A sealed ledger: entries that can be added and never changed, taken out or put in another order.

    ledger/<name>.jsonl   one entry a line, each with its number, the seal of the one before and its own
    ledger/<name>.head    how many entries there are, and the seal of the last: entries cut off are noticed

A seal is the sha256 of number, seal before and entry, so a change breaks the chain from there on. The
seal has no key: it shows damage and carelessness, not somebody who may write to the home and makes the whole
chain anew. Whoever must never act on a damaged record asks `entries`, which then raises.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.core.errors import WarehouseError
from orchestration.core.files import write_json, write_text
from orchestration.core.records import canonical

FOLDER = "ledger"  # in CSP_HOME
_FIRST = "0" * 64


class LedgerBroken(WarehouseError):
    """A ledger is not as it was written. One sentence: which, where, and what to restore."""


@dataclass(frozen=True)
class SealedLedger:
    """The ledger of one kind of entry in a home."""

    home: Path
    name: str

    @property
    def path(self) -> Path:
        return self.home / FOLDER / f"{self.name}.jsonl"

    @property
    def _head(self) -> Path:
        return self.home / FOLDER / f"{self.name}.head"

    def entries(self) -> list[dict[str, Any]]:
        """Every entry, oldest first; none before the first.

        Raises:
            LedgerBroken: an entry was changed, removed, added by hand or cannot be read.
        """
        return [line["entry"] for line in self._lines()]

    def append(self, entry: Mapping[str, Any]) -> None:
        """Add an entry. Needs the run's lock. If killed, it is there or it is not.

        Raises:
            LedgerBroken: what is there is not as it was written; nothing is added to it.
        """
        lines = self._lines()
        number, before = len(lines) + 1, lines[-1]["seal"] if lines else _FIRST
        line = {"number": number, "before": before, "entry": dict(entry)}
        line["seal"] = _seal(line)
        text = "".join(f"{canonical(one)}\n" for one in [*lines, line])
        # The head comes last: an entry more than it says is one whose writer was killed in between.
        write_text(self.path, text)
        write_json(self._head, {"entries": number, "seal": line["seal"]})

    def _lines(self) -> list[dict[str, Any]]:
        if not self.path.exists() and not self._head.exists():
            return []
        try:
            text = self.path.read_text(encoding="utf-8")
            head = json.loads(self._head.read_text(encoding="utf-8")) if self._head.exists() else {}
            count, seal = int(head.get("entries", 0)), str(head.get("seal", _FIRST))
        except (OSError, ValueError, TypeError, AttributeError):
            raise self._broken("cannot be read") from None
        found: list[dict[str, Any]] = []
        before = _FIRST
        *parts, rest = text.split("\n")
        for number, part in enumerate([*parts, *([rest] if rest else [])], start=1):
            line = _parsed(part)
            if line is None or line.get("number") != number or line.get("before") != before:
                raise self._broken(f"is damaged in line {number}")
            if line.get("seal") != _seal(line) or not isinstance(line.get("entry"), dict):
                raise self._broken(f"is damaged in line {number}")
            if part != canonical(line) or rest:
                raise self._broken(f"is damaged in line {number}")
            found.append(line)
            before = line["seal"]
        seals = [_FIRST, *(line["seal"] for line in found)]
        if not count <= len(found) <= count + 1 or seals[count] != seal:
            raise self._broken(f"has {len(found)} entries where {count} were written")
        return found

    def _broken(self, how: str) -> LedgerBroken:
        return LedgerBroken(
            f"{FOLDER}/{self.name}.jsonl {how}; restore {FOLDER}/ as a whole from the newest backup"
        )


def _seal(line: Mapping[str, Any]) -> str:
    sealed = {key: line.get(key) for key in ("number", "before", "entry")}
    return hashlib.sha256(canonical(sealed).encode("utf-8", "surrogatepass")).hexdigest()


def _parsed(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
