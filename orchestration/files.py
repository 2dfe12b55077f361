"""Writing files so that nobody ever sees half of one: write beside, flush, rename."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

_CHUNK = 1 << 20
TEMPORARY_PREFIX = ".part-"


@contextmanager
def scratch(folder: Path, suffix: str = "") -> Iterator[Path]:
    """Give a temporary path in `folder` that is gone when the block ends, unless it was moved.

    A process that is killed leaves at most a file whose name begins with `.part-`, which no reader
    of this project looks at and which the next run sweeps away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}{suffix}"
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def move_into_place(temporary: Path, target: Path) -> None:
    """Flush `temporary` to disk and let it take the place of `target` in one step."""
    with temporary.open("rb") as written:
        os.fsync(written.fileno())
    os.replace(temporary, target)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path` that takes its place when the block ends well."""
    with scratch(path.parent, path.suffix) as temporary:
        yield temporary
        move_into_place(temporary, path)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write `value` as JSON with sorted keys, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def copy_hashed(stream: BinaryIO, target: Path) -> tuple[str, int]:
    """Copy `stream` to `target`; return the sha256 (hex) and the size in bytes."""
    digest, size = hashlib.sha256(), 0
    with target.open("wb") as out:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            out.write(chunk)
    return digest.hexdigest(), size


def sha256_of(path: Path) -> str:
    """The sha256 (hex) of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sweep_temporaries(root: Path) -> int:
    """Remove what killed processes left under `root`; return how many files went."""
    leftovers = [path for path in root.rglob(f"{TEMPORARY_PREFIX}*") if path.is_file()]
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)
