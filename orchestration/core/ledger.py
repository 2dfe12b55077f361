"""The ledger: one line for everything kept that cannot be made again, each chained to the line before.

    ledger/kept.jsonl     what landed, what was purged, what was published, put back or issued

A line's `seal` is the sha256 of its other fields, of which `prev` is the seal of the line before and
`body_sha256` the hash of its body with a salt. So a changed, removed or moved line is found, and a body can
be taken out with its salt (what a purge leaves must hold no file name) without breaking the chain. Lines are
only ever added, but for `forget` and `mend`, which write the whole file anew.

It holds what receipts hold, so that either of the two makes the other again. It is no protection against
somebody who may write in the home: what such a person cannot change is a head that was noted elsewhere, as
every backup does.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from orchestration.core.files import PRIVATE_FILE, private_folder, replacing, take_away, write_text
from orchestration.core.records import canonical

FILE = "ledger/kept.jsonl"
# The kinds of lines.
LANDED, GONE, ISSUED, PUBLISHED, PUT_BACK, MENDED = (
    "landed", "gone", "issued", "published", "put_back", "mended",
)  # fmt: skip
_FIRST = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One line. `name` is what it is about, unique within its kind; `body` is `None` once forgotten."""

    kind: str
    name: str
    body: Mapping[str, Any] | None
    salt: str
    body_sha256: str
    prev: str
    seal: str


@dataclass(frozen=True)
class Ledger:
    """The lines that are sound, in order, and the numbers of those that are not (from 1)."""

    entries: tuple[Entry, ...]
    damaged: tuple[int, ...]

    @property
    def head(self) -> str:
        """The seal of the last line, by which a later reader knows that nothing before it has changed."""
        return self.entries[-1].seal if self.entries else ""

    def standing(self, kind: str) -> dict[str, Entry]:
        """The newest line of each name of this kind that has not gone."""
        found: dict[str, Entry] = {}
        for entry in self.entries:
            if entry.kind == kind:
                found[entry.name] = entry
            elif entry.kind == GONE:
                found.pop(entry.name, None)
        return found

    def last(self, *kinds: str) -> Entry | None:
        """The last line of any of these kinds."""
        return next((entry for entry in reversed(self.entries) if entry.kind in kinds), None)


def path_of(home: Path) -> Path:
    """The path of a home's ledger."""
    return home / FILE


def read(home: Path, *, fresh: bool = False) -> Ledger:
    """The ledger, empty where there is none; unless `fresh`, read again only when its file has changed."""
    path = path_of(home)
    if fresh:
        _read.cache_clear()
    try:
        found = path.stat()
    except FileNotFoundError:
        return Ledger((), ())
    return _read(path, found.st_mtime_ns, found.st_size)


def add(home: Path, *bodies: tuple[str, str, Mapping[str, Any]]) -> None:
    """Add lines (kind, name, body), all of them or none. Needs the run's lock.

    The file is written anew, since a copy of a home may share its files, and nothing that is shared may be
    written into; so who has many lines to add adds them at once.
    """
    if not bodies:
        return
    path = path_of(home)
    known = path.read_text(encoding="utf-8", errors="surrogateescape") if path.exists() else ""
    before, lines = read(home).head or _FIRST, []
    for kind, name, body in bodies:
        entry = _entry(kind, name, dict(body), before)
        lines.append(_line(entry))
        before = entry.seal
    known = known[: known.rfind("\n") + 1]  # a line that was cut off vouches for nothing
    private_folder(path.parent)
    with replacing(path) as target:
        target.write_bytes((known + "".join(lines)).encode("utf-8", "surrogateescape"))


def forget(home: Path, name: str, body: Mapping[str, Any]) -> None:
    """Add a line that something has gone, and take the bodies of all earlier lines about it out.

    The copies of damaged ledgers that `mend` kept go too: they may hold the same. `body` says when and why,
    and must hold nothing that has to be forgotten. Needs the run's lock.
    """
    known = read(home).entries
    gone = _entry(GONE, name, dict(body), known[-1].seal if known else _FIRST)
    kept = [replace(entry, body=None, salt="") if entry.name == name else entry for entry in known]
    write_text(path_of(home), "".join(_line(entry) for entry in (*kept, gone)))
    take_away(path_of(home).parent.glob("damaged-*.jsonl"))


def faults(found: Ledger, head: str = "") -> list[str]:
    """What is wrong with the ledger, one sentence each. `head` is one that was noted earlier."""
    said = [f"line {number} of the ledger has changed" for number in found.damaged]
    before = _FIRST
    for entry in found.entries:
        if entry.prev != before and not found.damaged:
            said.append(f"lines before the ledger's {entry.kind} of {entry.name} are missing")
        before = entry.seal
    if head and head not in {entry.seal for entry in found.entries} and not found.damaged:
        said.append("the end of the ledger is missing: it does not hold the line noted last")
    return said


def mend(home: Path, kept_as: Path, bodies: Iterable[tuple[str, str, Mapping[str, Any]]]) -> None:
    """Write a damaged ledger anew: its sound lines, and what they lack of `bodies` (kind, name, body).

    The file as it was found is kept. The first line names its head, since every line is sealed anew.
    """
    path, found = path_of(home), read(home, fresh=True)
    known = [(entry.kind, entry.name, entry.body) for entry in found.entries]
    lacking = [body for body in bodies if body not in known]
    entries: list[Entry] = []
    if path.exists():
        private_folder(kept_as.parent)
        kept_as.write_bytes(path.read_bytes())
        kept_as.chmod(PRIVATE_FILE)
        note = {"head_before": found.head, "lines_damaged": list(found.damaged)}
        entries.append(_entry(MENDED, "ledger", note, _FIRST))
    for old in found.entries:
        before = entries[-1].seal if entries else _FIRST
        entries.append(_chained(replace(old, prev=before)))
    for kind, name, body in lacking:
        entries.append(_entry(kind, name, body, entries[-1].seal if entries else _FIRST))
    write_text(path, "".join(_line(entry) for entry in entries))


def _entry(kind: str, name: str, body: Mapping[str, Any], prev: str) -> Entry:
    salt = os.urandom(16).hex()
    return _chained(Entry(kind, name, body, salt, _sha256(salt, body), prev, ""))


def _chained(entry: Entry) -> Entry:
    """The entry with the seal that its other fields give."""
    sealed = "\n".join((entry.kind, entry.name, entry.body_sha256, entry.prev))
    return replace(entry, seal=hashlib.sha256(sealed.encode()).hexdigest())


def _sha256(salt: str, body: Mapping[str, Any]) -> str:
    return hashlib.sha256(f"{salt}{canonical(body)}".encode()).hexdigest()


def _line(entry: Entry) -> str:
    return f"{canonical(vars(entry))}\n"


@lru_cache(maxsize=2)
def _read(path: Path, _modified: int, _size: int) -> Ledger:
    entries, damaged = [], []
    lines = path.read_bytes().split(b"\n")
    unfinished = lines.pop()
    for number, line in enumerate(lines, start=1):
        entry = _sound(line)
        if entry is None:
            damaged.append(number)
        else:
            entries.append(entry)
    if unfinished:
        damaged.append(len(lines) + 1)
    return Ledger(tuple(entries), tuple(damaged))


def _sound(line: bytes) -> Entry | None:
    """A line as an entry, if every byte of it is as it was written."""
    try:
        entry = Entry(**json.loads(line))
        is_sound = _chained(entry) == entry and _line(entry).encode() == line + b"\n"
        if entry.body is not None:
            is_sound = is_sound and _sha256(entry.salt, entry.body) == entry.body_sha256
    except (ValueError, TypeError, AttributeError):
        return None
    return entry if is_sound else None
