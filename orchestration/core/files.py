"""Writing files atomically: write a temporary file, flush, rename."""

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

from orchestration.core.errors import WarehouseError

_CHUNK = 1 << 20
TEMPORARY_PREFIX = ".part-"

# Modes are set explicitly, never left to the umask of the user who starts a run.
PRIVATE_FILE, PRIVATE_FOLDER = 0o600, 0o700
SHARED_FILE, SHARED_FOLDER = 0o640, 0o750
# The group may traverse `CSP_HOME` to reach what is shared with it, but not list it.
PASSAGE = 0o710


class NotWritable(WarehouseError):
    """A folder that has to be written cannot be."""


def require_writable(home: Path) -> None:
    """Refuse to begin where nothing can be recorded; a home that is not there yet is no obstacle.

    Asked at the beginning, because halfway SQLite, DuckDB and Dagster each fail in words of their own.

    Raises:
        NotWritable: the home is on a read-only file system, or belongs to another account.
    """
    if home.is_dir() and not os.access(home, os.W_OK | os.X_OK):
        raise NotWritable(
            f"{home.name} cannot be written: its file system is read-only, or it belongs to another "
            "account; make it writable, or set CSP_HOME to another folder"
        )


@contextmanager
def scratch(folder: Path, suffix: str = "") -> Iterator[Path]:
    """Yield a temporary path in `folder`, which is removed when the block ends unless it was moved.

    A killed process leaves at most a file whose name begins with `.part-`, which is ignored by every
    reader in this project and removed by the next run.
    """
    private_folder(folder)
    temporary = folder / f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}{suffix}"
    try:
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def move_into_place(temporary: Path, target: Path) -> None:
    """Flush `temporary` to disk and replace `target` with it atomically, readable by its owner only."""
    with temporary.open("rb") as written:
        os.fchmod(written.fileno(), PRIVATE_FILE)
        os.fsync(written.fileno())
    os.replace(temporary, target)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that replaces it when the block succeeds."""
    with scratch(path.parent, path.suffix) as temporary:
        yield temporary
        move_into_place(temporary, path)


def write_text(path: Path, text: str) -> None:
    """Write `text` as UTF-8, atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write `value` as JSON with sorted keys, atomically."""
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
    """Total bytes of all files under a folder, 0 if it does not exist; links count as themselves."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def take_away(paths: Iterable[Path]) -> None:
    """Remove files, and folders with all their contents."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def sweep_temporaries(root: Path) -> int:
    """Remove what killed processes left under `root`; return how many files were removed."""
    leftovers = [path for path in root.rglob(f"{TEMPORARY_PREFIX}*") if path.is_file()]
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)


def private_folder(folder: Path) -> None:
    """Create a folder and any missing parents, for their owner only."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(exist_ok=True)
        path.chmod(PRIVATE_FOLDER)


def tighten(
    home: Path,
    shared: Collection[Path],
    frozen: Collection[Path] = (),
    passage: int = PASSAGE,
) -> None:
    """Set the modes of everything under `home`: group-readable in `shared` folders, otherwise private.

    This covers files not written by this module (databases, locks, logs) and homes of older releases.
    Files in the `frozen` folders keep the modes that they were frozen with. `passage` is the mode of the
    home itself.
    """
    private_folder(home)
    _set_mode(home, passage)
    _tighten_below(str(home), {str(path) for path in (*shared, *frozen)})
    for path in shared:
        share(path)


def _tighten_below(folder: str, but: Collection[str]) -> None:
    """The same for everything in a folder. No `Path` for each: a long history has tens of thousands."""
    try:
        with os.scandir(folder) as found:
            entries = list(found)
    except OSError:  # it has just gone, or is another account's
        return
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            _set_mode(entry.path, PRIVATE_FILE)
        elif entry.path not in but:
            _set_mode(entry.path, PRIVATE_FOLDER)
            _tighten_below(entry.path, but)


def share(folder: Path) -> None:
    """Let the group read a folder and its contents. Only the owner may write, and others have no access."""
    _set_mode(folder, SHARED_FOLDER)
    for path in folder.rglob("*"):
        _set_mode(path, SHARED_FOLDER if path.is_dir() else SHARED_FILE)


def _set_mode(path: str | Path, mode: int) -> None:
    """Set the mode of a file or folder. Links are left alone, and so are files that have just gone.

    A folder's setgid bit is kept, so that new files in it inherit its group.
    """
    try:
        found = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISLNK(found):
        return
    wanted = mode | (found & stat.S_ISGID if stat.S_ISDIR(found) else 0)
    if stat.S_IMODE(found) != wanted:
        Path(path).chmod(wanted)
