"""Small records that vouch for themselves: JSON whose `seal` is the sha256 of all the rest of the file.

The seal is taken over the file's own bytes, with zeros in its place, so that checking one costs a hash and
no second look at its layout. A record of an older release has no seal and is taken as it is.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.core.errors import WarehouseError
from orchestration.core.files import write_text

SEAL = "seal"
_BLANK = "0" * 64
# At the first level of the file only: two spaces, as `json.dumps` indents it.
_LINE = re.compile(rb'^  "seal": "([0-9a-f]{64})",?$', re.MULTILINE)


class DamagedRecord(WarehouseError):
    """A record is there and is not as it was written. One sentence, without anything of its content."""


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
    """A record without its seal; `None` if there is no such file.

    Raises:
        DamagedRecord: there is one, and it is not as it was written.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    damaged = DamagedRecord(f"the record {path.name} has changed since it was written")
    try:
        found = json.loads(content)
    except ValueError:
        raise damaged from None
    if not isinstance(found, dict):
        raise damaged
    places = list(_LINE.finditer(content))
    if not places:
        if SEAL in found or any(_looks_sealed(key) for key in found):
            raise damaged
        return found
    place = places[0]
    blank = content[: place.start(1)] + _BLANK.encode() + content[place.end(1) :]
    if len(places) > 1 or hashlib.sha256(blank).hexdigest().encode() != place[1]:
        raise damaged
    del found[SEAL]
    return found


def _looks_sealed(key: str) -> bool:
    """Whether a key is `seal` but for a letter: a seal that lost its name is not one that was never there."""
    return len(key) == len(SEAL) and sum(a != b for a, b in zip(key, SEAL, strict=True)) == 1
