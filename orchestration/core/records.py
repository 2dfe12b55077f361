"""The small records that a night works from: receipts, results, caches, verdicts, ledgers.

One door for all of them: a record is there and sound, absent (`None`), or damaged (`DamagedRecord`).
A bit that rots, a file cut off or an entry of another form is damage, told in a sentence; it is never a
traceback, and never the same as absence, which would make what was delivered look as if it never came.

They vouch for themselves: a record is JSON whose `seal` is the sha256 of all the rest of the file. It is
taken over the file's own bytes, with zeros in its place, so that checking one costs a hash and no second
look at its layout. A record of an older release has no seal and is taken as it is.
"""

from __future__ import annotations

import hashlib
import json
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from orchestration.core.errors import WarehouseError
from orchestration.core.files import write_text

T = TypeVar("T")
Parse = Callable[[Any], T]
Check = Callable[[Any], bool]
SEAL = "seal"
_BLANK = "0" * 64
# At the first level of the file only: two spaces, as `json.dumps` indents it.
_LINE = re.compile(rb'^  "seal": "([0-9a-f]{64})",?$', re.MULTILINE)
# What was read and is shared, with the version of its file.
_parsed: dict[str, tuple[tuple[int, int, int, int], Any]] = {}


class DamagedRecord(WarehouseError):
    """A record is there and cannot be used. One sentence, without anything that stands in it."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path.parent.name}/{path.name} is damaged: {why}")
        self.path = path
        self.why = why


def an_object(document: Any) -> dict[str, Any]:
    """A JSON object, of whatever fields."""
    if not isinstance(document, dict):
        raise TypeError("not an object")
    return document


def canonical(value: Any) -> str:
    """A value as JSON on one line: the same text for the same value, as a hash needs it."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sha256_of_value(value: Any) -> str:
    """The sha256 of a value, which is that of its canonical JSON."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def text(value: Mapping[str, Any]) -> str:
    """A record as it is written: sorted JSON with its seal."""
    blank = json.dumps({**value, SEAL: _BLANK}, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    (place,) = _LINE.finditer(blank.encode())
    digest = hashlib.sha256(blank.encode()).hexdigest()
    before, after = blank.encode()[: place.start(1)], blank.encode()[place.end(1) :]
    return (before + digest.encode() + after).decode()


def write(path: Path, value: Mapping[str, Any]) -> None:
    """Write a record with its seal, atomically."""
    write_text(path, text(value))


def read(path: Path) -> dict[str, Any] | None:
    """A record of whatever fields, without its seal; raises as `read_record` does."""
    return read_record(path, an_object)


def read_record(path: Path, parse: Parse[T], *, shared: bool = False) -> T | None:
    """The record at `path`, as `parse` makes it of the JSON there without its seal; `None` if there is no
    such file.

    `parse` refuses what is not a record by ValueError, TypeError, KeyError or AttributeError. `shared`: it
    is parsed once a process and version of the file (inode, size and times), and must not be changed.

    Raises:
        DamagedRecord: the file cannot be read, is not JSON, is not as it was written, or is not such a
            record.
    """
    try:
        found = path.stat()
        version = found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
        known = _parsed.get(str(path))
        if shared and known is not None and known[0] == version:
            return known[1]  # type: ignore[no-any-return]
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as problem:
        raise DamagedRecord(path, "the disk does not give it back") from problem
    try:
        document = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as problem:
        raise DamagedRecord(path, "it is not JSON") from problem
    if not _is_as_written(content, document):
        raise DamagedRecord(path, "it has changed since it was written")
    if isinstance(document, dict):
        document.pop(SEAL, None)
    try:
        made = parse(document)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as problem:
        raise DamagedRecord(path, "it is not what such a record holds") from problem
    if shared:
        _parsed[str(path)] = version, made
    return made


def sound(path: Path, parse: Parse[T], *, shared: bool = False) -> T | None:
    """The same for a record that can be done without: `None` also if it is damaged."""
    try:
        return read_record(path, parse, shared=shared)
    except DamagedRecord:
        return None


def damage_of(path: Path, parse: Parse[Any] = an_object) -> DamagedRecord | None:
    """What is wrong with a record; `None` where nothing is, or there is no such record."""
    try:
        read_record(path, parse)
    except DamagedRecord as problem:
        return problem
    return None


def is_damaged(path: Path, parse: Parse[Any] = an_object) -> bool:
    """Whether there is a record that is not as it was written. The file is read."""
    return damage_of(path, parse) is not None


def _is_as_written(content: bytes, document: Any) -> bool:
    """Whether the seal in a file is that of its bytes; so too where there is none, and none was lost."""
    places = list(_LINE.finditer(content))
    if not places:
        return not isinstance(document, dict) or not any(map(_looks_sealed, document))
    place = places[0]
    blank = content[: place.start(1)] + _BLANK.encode() + content[place.end(1) :]
    return len(places) == 1 and hashlib.sha256(blank).hexdigest().encode() == place[1]


def _looks_sealed(key: str) -> bool:
    """Whether a key is `seal`, but for a letter: a seal that lost its name is not one never there."""
    return len(key) == len(SEAL) and sum(a != b for a, b in zip(key, SEAL, strict=True)) <= 1


def as_a(kind: type[T]) -> Parse[T]:
    """A parser of JSON objects with exactly the fields of a dataclass, each of its type."""

    def parse(document: Any) -> T:
        if not isinstance(document, dict):
            raise TypeError("not an object")
        form = _form_of(kind)  # type: ignore[arg-type]
        if not form.owed <= document.keys() <= form.checks.keys():
            raise ValueError("other fields")
        if not all(form.checks[name](value) for name, value in document.items()):
            raise TypeError("a field of another type")
        lists = {name: tuple(document[name]) for name in form.tuples & document.keys()}
        return kind(**document | lists)

    return parse


@dataclass(frozen=True)
class _Form:
    """The fields of a dataclass: what each must be, which have no default, and which are tuples."""

    checks: Mapping[str, Check]
    owed: frozenset[str]
    tuples: frozenset[str]


@cache
def _form_of(kind: type) -> _Form:
    hints, known = get_type_hints(kind), fields(kind)
    return _Form(
        {field.name: _check_of(hints[field.name]) for field in known},
        frozenset(
            field.name
            for field in known
            if field.default is MISSING and field.default_factory is MISSING
        ),
        frozenset(field.name for field in known if get_origin(hints[field.name]) is tuple),
    )


def _check_of(hint: Any) -> Check:
    """Whether a value of JSON is of a type; what a list or an object holds is looked at one level down.

    Made once a type: a long history has tens of thousands of records.
    """
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        some = [_check_of(one) for one in inner]
        return lambda value: any(check(value) for check in some)
    if origin is tuple:
        each = _check_of(inner[0])
        return lambda value: isinstance(value, list) and all(map(each, value))
    if origin is not None:
        # Only mappings are left: nothing else is in a record.
        content = None if inner[1] is Any else _check_of(inner[1])
        return lambda value: (
            isinstance(value, dict) and (content is None or all(map(content, value.values())))
        )
    if hint in (int, float):
        return lambda value: isinstance(value, hint | int) and not isinstance(value, bool)
    return lambda value: hint is Any or isinstance(value, hint)
