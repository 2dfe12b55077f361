"""Run a command with only the system calls that the units allow: sandbox.py GROUP COMMAND...

systemd is not the first process where tests run, so its filter is made here from its own lists. Any
other call ends the process at once, which is stricter than the units: they answer with an error.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

_KILL, _ALLOW = 0x80000000, 0x7FFF0000
_NO_NEW_PRIVILEGES = 38


@cache
def is_there() -> bool:
    """Whether this machine has what the filter is made with."""
    return bool(shutil.which("systemd-analyze") and ctypes.util.find_library("seccomp"))


def under(group: str, command: list[str]) -> list[str]:
    """The command, held to the calls of a group; as it is where that cannot be done."""
    return [sys.executable, str(Path(__file__)), group, *command] if is_there() else command


def calls_of(group: str) -> set[str]:
    """The names of a group's calls, through the groups that it is made of."""
    listed = subprocess.run(
        ["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True
    )
    words = [line.strip() for line in listed.stdout.splitlines()[1:]]
    names = {word for word in words if word and not word.startswith(("#", "@"))}
    return names.union(*(calls_of(word) for word in words if word.startswith("@")))


def shut(group: str) -> None:
    """Hold this process and all it starts to the calls of a group."""
    library = ctypes.CDLL(ctypes.util.find_library("seccomp"))
    library.seccomp_init.restype = ctypes.c_void_p
    library.seccomp_rule_add.argtypes = [
        ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint,
    ]  # fmt: skip
    library.seccomp_load.argtypes = [ctypes.c_void_p]
    rules = library.seccomp_init(_KILL)
    for name in calls_of(group):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            assert library.seccomp_rule_add(rules, _ALLOW, number, 0) == 0
    ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    assert library.seccomp_load(rules) == 0


if __name__ == "__main__":
    shut(sys.argv[1])
    os.execv(sys.argv[2], sys.argv[2:])
