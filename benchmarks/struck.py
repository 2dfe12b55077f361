"""The real `csp`, in a process that injects a fault into itself at an exact moment.

    python struck.py '{"step": "publish", "at": "inside", "nth": 12, "action": "kill"}' refresh

A moment is just before a step, just after it, or inside it before its nth change to the disk (a file
opened for writing, a rename, a removal, a new folder), as reported by Python's audit events. With
`counts`, no fault is injected, and the number of changes made by each step is written to that file.
With `clock`, the run takes that for the present time.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import importlib
import json
import os
import resource
import signal
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

# Each step begins and ends with the function that Dagster calls.
STEPS = {
    "purge": ("orchestration.night", "purge"),
    "pull": ("orchestration.night", "pull"),
    "gate 1": ("orchestration.night", "gate_one"),
    "manifest": ("orchestration.night", "write_manifest"),
    "build": ("orchestration.night", "build"),
    "gate 2": ("orchestration.night", "gate_two"),
    "publish": ("orchestration.night", "publish"),
    "candidate": ("orchestration.edition.issue", "candidate"),
    "judge": ("orchestration.edition.issue", "judge"),
    "render": ("orchestration.edition.issue", "_render"),
    "freeze": ("orchestration.edition.freeze", "freeze"),
}
_CHANGES = {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink"}
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_MORE_MEMORY = 8 << 20
_HOLD = (
    "import os, sys, time, duckdb; c = duckdb.connect(sys.argv[1]); print('held', flush=True);"
    "parent = os.getppid()\nwhile os.getppid() == parent: time.sleep(0.1)"
)


class Striker:
    """Watches the steps of this process and injects one fault."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._step = ""
        self._seen = 0
        self._is_done = "action" not in plan
        self._counts: dict[str, int] = {}

    def watch(self) -> None:
        """Wrap the steps and listen for changes to the disk."""
        for step, (module, name) in STEPS.items():
            place = importlib.import_module(module)
            setattr(place, name, self._wrapped(step, getattr(place, name)))
        sys.addaudithook(self._heard)

    def _wrapped(self, step: str, work: Any) -> Any:
        @functools.wraps(work)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if kwargs.get("dry"):
                return work(*args, **kwargs)
            self._moment(step, "before")
            outer, self._step, self._seen = self._step, step, 0
            try:
                return work(*args, **kwargs)
            finally:
                self._counts[step] = self._seen
                self._step = outer
                if "counts" in self._plan:
                    Path(self._plan["counts"]).write_text(json.dumps(self._counts))
                self._moment(step, "after")

        return wrapped

    def _heard(self, event: str, args: tuple[Any, ...]) -> None:
        if not self._step:
            return
        if event in _CHANGES or (event == "open" and self._is_writing(args)):
            self._seen += 1
            if self._seen == self._plan.get("nth"):
                self._moment(self._step, "inside")

    @staticmethod
    def _is_writing(args: tuple[Any, ...]) -> bool:
        return isinstance(args[2], int) and bool(args[2] & _WRITES)

    def _moment(self, step: str, at: str) -> None:
        if self._is_done or (self._plan["step"], self._plan["at"]) != (step, at):
            return
        self._is_done = True
        getattr(self, f"_{self._plan['action']}")()

    def _kill(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def _disk(self) -> None:
        """Fill the file system that holds `ballast` to the last byte."""
        with Path(self._plan["ballast"]).open("wb", buffering=0) as ballast:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        ballast.write(b"\0" * size)
                except OSError as full:
                    if full.errno != errno.ENOSPC:
                        raise

    def _memory(self) -> None:
        """Limit this process to hardly more memory than it uses now."""
        ctypes.CDLL(None).malloc_trim(0)
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + _MORE_MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    def _lock(self) -> None:
        """Have another process hold the candidate for as long as this one lives."""
        command = [sys.executable, "-c", _HOLD, self._plan["candidate"]]
        holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"


def _set_clock(moment: str) -> None:
    """Set the process's clock to this moment; `CSP_NOW` would make the run a replay, which it is not."""
    settings = importlib.import_module("orchestration.core.settings")

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.fromisoformat(moment).astimezone(tz)

    settings.datetime = Clock  # type: ignore[attr-defined]


def main() -> None:
    """Arm the fault given as the first argument, then run `csp`."""
    plan = json.loads(sys.argv[1])
    sys.argv = ["csp", *sys.argv[2:]]
    from orchestration.cli import csp  # noqa: PLC0415 - after the path was set by the caller

    if "clock" in plan:
        _set_clock(plan["clock"])
    Striker(plan).watch()
    csp()


if __name__ == "__main__":
    main()
