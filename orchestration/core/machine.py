"""What this process may use of the machine: memory, cores and disk, less where cgroups say so.

A container or a systemd unit may be allowed far less than the machine has, and Linux tells a process so
nowhere else: one that takes more is killed.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path("/")
_GROUPS = Path("sys/fs/cgroup")
_UNLIMITED = 1 << 60  # what version 1 says for no limit is larger


def memory(root: Path = _ROOT) -> int:
    """Bytes of memory that this process may use: the machine's, or less where its groups say so."""
    found = [_physical(root)]
    found += [value for folder in _groups(root) if (value := _number(folder / "memory.max"))]
    if limit := _number(root / _GROUPS / "memory" / "memory.limit_in_bytes"):
        found.append(limit)
    return min(value for value in found if value < _UNLIMITED)


def cores(root: Path = _ROOT) -> int:
    """How many cores this process may keep busy, at least one."""
    found = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    for folder in _groups(root):
        words = _words(folder / "cpu.max")
        if len(words) == 2 and words[0] != "max":
            found = min(found, int(words[0]) / int(words[1]))
    return max(int(found), 1)


def free_space(folder: Path) -> int:
    """Bytes that are free on the disk of a folder, or of the nearest parent that is there."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(there).free


def _physical(root: Path) -> int:
    for line in _lines(root / "proc" / "meminfo"):
        name, _, rest = line.partition(":")
        if name == "MemTotal":
            return int(rest.split()[0]) * 1024
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _groups(root: Path) -> Iterator[Path]:
    """The folder of this process's group (version 2), and those of the groups around it."""
    for line in _lines(root / "proc" / "self" / "cgroup"):
        if line.startswith("0::"):
            own = root / _GROUPS / line.removeprefix("0::").strip().lstrip("/")
            top = root / _GROUPS
            yield from (path for path in (own, *own.parents) if path == top or top in path.parents)


def _number(path: Path) -> int | None:
    words = _words(path)
    return int(words[0]) if words and words[0].isdigit() else None


def _words(path: Path) -> list[str]:
    return " ".join(_lines(path)).split()


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
