"""Runs one command and writes what it cost, as JSON: the wall clock, processor time and memory of its tree.

    python -I -S benchmarks/metered.py OUT COMMAND...

It is a process of its own, and imports next to nothing: Linux begins the peak memory of a new program
with that of the process that starts it, so a large parent would be measured along with a small child.
Processor time is that of all descendants that have ended. Those that lost their parent are adopted
(on Linux), so they are counted too; one that is still running at the end is named as left.
"""

import ctypes
import json
import os
import sys
import time

_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER of <linux/prctl.h>
_PATIENCE = 5.0  # seconds for descendants to end after the command has


def busy_seconds() -> float | None:
    """Processor seconds that the whole machine has worked since it was started; None where unknown."""
    try:
        with open("/proc/stat", encoding="ascii") as lines:  # noqa: PTH123 - pathlib is not imported here
            fields = lines.readline().split()[1:9]
    except OSError:
        return None
    user, nice, system, _idle, _waiting, hard, soft, stolen = map(int, fields)
    ticks = user + nice + system + hard + soft + stolen
    return float(ticks / os.sysconf("SC_CLK_TCK"))


def metered(command: list[str]) -> dict[str, object]:
    """Run a command to its end. Seconds; `peak_mb` (MiB) is that of the largest process, not their sum."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    busy, begun = busy_seconds(), time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - begun
    cpu, peak, left = usage.ru_utime + usage.ru_stime, usage.ru_maxrss, False
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            adopted, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if adopted:
            cpu += usage.ru_utime + usage.ru_stime
            peak = max(peak, usage.ru_maxrss)
        elif time.monotonic() > until:
            left = True
            break
        else:
            time.sleep(0.05)
    now = busy_seconds()
    return {
        "code": os.waitstatus_to_exitcode(status),
        "wall": wall,
        "cpu": cpu,
        "peak_mb": peak / (1 << 20 if sys.platform == "darwin" else 1 << 10),
        "others": None if busy is None or now is None else max(now - busy - cpu, 0.0),
        "is_left": left,
    }


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as out:  # noqa: PTH123
        json.dump(metered(sys.argv[2:]), out)
