"""Writing files so that nobody ever sees half of one: write beside, flush, rename."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import uuid
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

_CHUNK = 1 << 20
TEMPORARY_PREFIX = ".part-"

# Modes are set, never left to the umask of whoever starts a run.
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
SHARED_FILE, SHARED_FOLDER = 0o640, 0o750
# The group may pass through `CSP_HOME` to what is shared with it, and see nothing on the way.
PASSAGE = 0o710


@contextmanager
def scratch(folder: Path, suffix: str = "") -> Iterator[Path]:
    """Give a temporary path in `folder` that is gone when the block ends, unless it was moved.

    A process that is killed leaves at most a file whose name begins with `.part-`, which no reader
    of this project looks at and which the next run sweeps away.
    """
    private_folder(folder)
    temporary = folder / f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}{suffix}"
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def move_into_place(temporary: Path, target: Path) -> None:
    """Flush `temporary` to disk and let it take the place of `target` in one step, for its owner only."""
    with temporary.open("rb") as written:
        os.fchmod(written.fileno(), PRIVATE_FILE)
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


def size_of(folder: Path) -> int:
    """Bytes of all files under a folder, none where it is not there; of a link, its own."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def take_away(paths: Iterable[Path]) -> None:
    """Remove files, and folders with all that is in them."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def sweep_temporaries(root: Path) -> int:
    """Remove what killed processes left under `root`; return how many files went."""
    leftovers = [path for path in root.rglob(f"{TEMPORARY_PREFIX}*") if path.is_file()]
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)


def private_folder(folder: Path) -> None:
    """Have a folder, and make what is missing above it; new ones are for their owner only."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        path.chmod(PRIVATE_FOLDER)


def tighten(home: Path, shared: Collection[Path], frozen: Collection[Path] = ()) -> None:
    """Set the modes of everything under `home`: of the `shared` folders for the group, else private.

    For what others than this module write there: databases, locks, logs, and homes of older days.
    What lies in the `frozen` folders keeps the modes that it was frozen with.
    """
    private_folder(home)
    _set_mode(home, PASSAGE)
    for folder, folders, files in os.walk(home):
        here = Path(folder)
        folders[:] = [name for name in folders if here / name not in {*shared, *frozen}]
        for name in folders:
            _set_mode(here / name, PRIVATE_FOLDER)
        for name in files:
            _set_mode(here / name, PRIVATE_FILE)
    for path in shared:
        share(path)


def share(folder: Path) -> None:
    """Let the group read a folder and all in it. Nobody else reads, and nobody but the owner writes."""
    _set_mode(folder, SHARED_FOLDER)
    for path in folder.rglob("*"):
        _set_mode(path, SHARED_FOLDER if path.is_dir() else SHARED_FILE)


def _set_mode(path: Path, mode: int) -> None:
    """Set the mode of a file or folder. A link is left alone, and so is what has just gone.

    A folder that hands its group on to what is made in it goes on doing so.
    """
    try:
        found = path.lstat().st_mode
    except FileNotFoundError:
        return
    if stat.S_ISLNK(found):
        return
    wanted = mode | (found & stat.S_ISGID if stat.S_ISDIR(found) else 0)
    if stat.S_IMODE(found) != wanted:
        path.chmod(wanted)
