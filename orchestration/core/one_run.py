"""One run at a time in a home: an operating system lock, held from a run's first step to its last.

The lock is that of `run.lock` (`flock`), so it goes with its process, however that ends. A run that
gives its steps to other processes passes it on: they join by the holder's token, and each holds a
share of a second lock while it works. Whoever comes next takes that one too before it begins, so
a step that outlives its run is never written over.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import re
import signal
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from orchestration.core.errors import WarehouseError
from orchestration.core.settings import RUN_LOCK

_STEPS_LOCK = "run.steps.lock"
# Not a setting: a run tells it to its own steps' processes.
_PASSED_ON = "COMMUNITY_SAFETY_RUN"
_LOOK_SECONDS = 0.2
# A look (`is_held`) takes the lock for an instant; and orphans of a killed run need one to die.
_INSTANT_SECONDS = 1.0
_PR_SET_PDEATHSIG = 1  # from linux/prctl.h
_LONDON = ZoneInfo("Europe/London")

Say = Callable[[str], None]


class AnotherRunIsOn(WarehouseError):
    """Two runs never share one `CSP_HOME`."""


@dataclass
class _Held:
    """What this process holds: how many blocks deep, since it may take the lock again; its token."""

    depth: int
    token: str


_held: dict[Path, _Held] = {}
_guard = threading.RLock()


def say_on_stderr(sentence: str) -> None:
    """Tell whoever started the command; its answer goes elsewhere."""
    print(sentence, file=sys.stderr, flush=True)


@contextmanager
def alone(
    home: Path,
    who: str,
    wait_seconds: float,
    say: Say = say_on_stderr,
    is_given_up: Callable[[], bool] = lambda: False,
) -> Iterator[bool]:
    """Hold the home's lock; yield whether this is where the run begins, and not a block within it.

    `who` is what others are told is on; by default, the command. If another process holds the lock,
    `say` is told once, and it is waited for, unless `is_given_up` says that nobody wants the run now.

    Raises:
        AnotherRunIsOn: it was still held after `wait_seconds`, or the wait was given up.
    """
    path = home.resolve() / RUN_LOCK
    with _guard:
        mine = _held.get(path)
        if mine is not None:
            mine.depth += 1
    if mine is not None:
        try:
            yield False
        finally:
            with _guard:
                mine.depth -= 1
        return
    if (token := os.environ.get(_PASSED_ON)) is not None:
        with _joined(path, token):
            yield False
        return
    with _taken(path, who or _command(), wait_seconds, say, is_given_up):
        yield True


@contextmanager
def passed_on(home: Path) -> Iterator[None]:
    """Let the processes started in the block join the run that this process holds the lock for."""
    os.environ[_PASSED_ON] = _held[home.resolve() / RUN_LOCK].token
    try:
        yield
    finally:
        os.environ.pop(_PASSED_ON, None)


def is_held(home: Path) -> bool:
    """Whether a process holds the home's lock, this one included. Takes it from nobody."""
    path = home.resolve() / RUN_LOCK
    if path in _held:
        return True
    if not path.exists():
        return False
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        return not _locked(handle, fcntl.LOCK_SH)
    finally:
        os.close(handle)


@contextmanager
def _taken(
    path: Path, who: str, wait_seconds: float, say: Say, is_given_up: Callable[[], bool]
) -> Iterator[None]:
    """Take both locks, say in the first who has them, and let go of the second again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    is_told = False
    while (handle := _try(path, fcntl.LOCK_EX)) is None:
        waited = time.monotonic() - began
        if waited >= max(wait_seconds, _INSTANT_SECONDS):
            raise AnotherRunIsOn(_on(path, wait_seconds))
        if is_given_up():
            raise AnotherRunIsOn("the wait for another run was given up")
        if not is_told and waited > _INSTANT_SECONDS:
            say(f"another run is on ({_who(path)}); waiting for it, up to {wait_seconds:.0f} s")
            is_told = True
        time.sleep(_LOOK_SECONDS)
    try:
        token = uuid.uuid4().hex
        now = datetime.now(_LONDON).strftime("%H:%M")
        _write(handle, json.dumps({"token": token, "who": who, "since": now, "pid": os.getpid()}))
        _wait_for_orphans(path, max(began + wait_seconds, time.monotonic() + _INSTANT_SECONDS))
        with _guard:
            _held[path] = _Held(1, token)
        try:
            yield
        finally:
            with _guard:
                del _held[path]
            with suppress(
                OSError
            ):  # a full disk: the words are for people, the lock is not in them
                _write(handle, "")
    finally:
        os.close(handle)


def _wait_for_orphans(path: Path, deadline: float) -> None:
    """Wait until no step of a run that was killed is still at work.

    Steps make the file when they join, before they look whose run is on: without it there is none.
    """
    if not path.with_name(_STEPS_LOCK).exists():
        return
    while (steps := _try(path.with_name(_STEPS_LOCK), fcntl.LOCK_EX)) is None:
        if time.monotonic() > deadline:
            raise AnotherRunIsOn(
                f"a step of a run that was killed is still on in {path.parent.name}; wait for it to end"
            )
        time.sleep(_LOOK_SECONDS)
    os.close(steps)


@contextmanager
def _joined(path: Path, token: str) -> Iterator[None]:
    """Work as a step of the run that holds the lock; die with it."""
    _die_with_parent()
    steps = _try(path.with_name(_STEPS_LOCK), fcntl.LOCK_SH)
    try:
        # Looked at again with the share in hand: from here on nobody else can begin.
        if steps is None or not _is_of(path, token):
            raise AnotherRunIsOn("the run that this step belongs to is no longer on")
        yield
    finally:
        if steps is not None:
            os.close(steps)


def _is_of(path: Path, token: str) -> bool:
    """Whether the run of a token holds the lock now."""
    return _said(path).get("token") == token and is_held(path.parent)


def _die_with_parent() -> None:
    """Have this process killed when the one that started it ends (Linux; elsewhere it ends its step)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _try(path: Path, kind: int) -> int | None:
    """A handle that holds the lock of a file, or `None` if others hold it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    # A file that was removed and made again has another lock.
    if _locked(handle, kind) and _is_still(handle, path):
        return handle
    os.close(handle)
    return None


def _locked(handle: int, kind: int) -> bool:
    try:
        fcntl.flock(handle, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


def _command() -> str:
    """The command that this process is, without its arguments, which may name a person."""
    words = [Path(sys.argv[0]).stem.replace("__main__", "csp"), *sys.argv[1:2]]
    return " ".join(word for word in words if re.fullmatch(r"[a-z-]{1,20}", word)) or "a program"


def _write(handle: int, text: str) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, text.encode(), 0)


def _said(path: Path) -> dict[str, str]:
    """What the holder wrote about itself; nothing if it has not (yet), as a backup's script has not."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _who(path: Path) -> str:
    said = _said(path)
    return f"{said['who']}, since {said['since']}" if {"who", "since"} <= set(said) else "unnamed"


def _on(path: Path, wait_seconds: float) -> str:
    return (
        f"another run is on in {path.parent.name} ({_who(path)}); start this again when it has ended, "
        f"or set CSP_WAIT_SECONDS (now {wait_seconds:.0f}) to wait longer"
    )
