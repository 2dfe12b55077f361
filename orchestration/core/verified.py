"""What was last found sound, and as what size and time: so that a run with nothing new reads no content.

    scrub/verified.json    by path within the home: size, time of change (ns), and the day it was hashed

Only a memory: without it, or where a file is another size or time, the file is hashed again. What is found
damaged is taken out, so that every later look finds it again until it has been made good.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

from orchestration.core import records

_NEVER = ""


class Verified:
    """The memory of one home. Nothing is written before `save`."""

    def __init__(self, home: Path) -> None:
        self._home, self._path = home, home / "scrub" / "verified.json"
        try:
            found = records.read(self._path) or {}
        except records.DamagedRecord:
            found = {}  # then everything is hashed again
        self._known: dict[str, str] = {key: str(value) for key, value in found.items()}
        self._has_changed = False

    def is_same(self, path: Path) -> bool:
        """Whether the file has the size and time with which it was found sound; false if it has gone."""
        known = self._known.get(self._name(path))
        return known is not None and known.rpartition(" ")[0] == _look_of(path)

    def day(self, path: Path) -> str:
        """The day on which the file was last hashed, sorting before any day if it never was."""
        known = self._known.get(self._name(path))
        return known.rpartition(" ")[2] if known is not None else _NEVER

    def gone(self, folder: Path) -> list[Path]:
        """The files below a folder that were once found sound and are not there any more."""
        start = f"{self._name(folder)}/"
        known = (self._home / name for name in sorted(self._known) if name.startswith(start))
        return [path for path in known if not path.exists()]

    def note(self, path: Path, today: date) -> None:
        """Remember that the file as it is now was hashed today and found sound."""
        if look := _look_of(path):
            self._set(self._name(path), f"{look} {today.isoformat()}")

    def drop(self, path: Path) -> None:
        """Forget a file: it is damaged, or gone."""
        if self._known.pop(self._name(path), None) is not None:
            self._has_changed = True

    def drop_gone(self) -> None:
        """Forget the files that are not there any more."""
        for name in list(self._known):
            if not (self._home / name).exists():
                del self._known[name]
                self._has_changed = True

    def save(self) -> None:
        """Write the memory, if it has changed."""
        if self._has_changed:
            records.write(self._path, self._known)
            self._has_changed = False

    def _set(self, name: str, value: str) -> None:
        if self._known.get(name) != value:
            self._known[name] = value
            self._has_changed = True

    def _name(self, path: Path) -> str:
        return path.relative_to(self._home).as_posix()


def _look_of(path: Path) -> str:
    """The size and the time of change of a file; empty if there is none."""
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_size} {found.st_mtime_ns}"
