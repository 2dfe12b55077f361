"""The fault campaign: the night and the assessment, disturbed at every step, then run again to the end.

    python -m benchmarks.faults [--seed N] [--only WORD ...] [--inside N] [--no-assessment] [--rot N]

Every attempt begins with a copy of a home in which one month is published, and a source with another
month. A fault is injected; what a reader sees is checked; the run is repeated; the result is compared
with a home that was never disturbed. Prints one line per fault, and fails if any line is wrong.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import at_once, rot, stage
from benchmarks.trial import (
    NOW,
    Bench,
    compared,
    copy_of,
    inputs_of,
    left_behind,
    with_csp_on_path,
    wrong_with_what_is_visible,
)
from orchestration.core.errors import USAGE
from orchestration.core.files import size_of

KILLED = -9
NIGHT = ("purge", "pull", "gate 1", "manifest", "build", "gate 2", "publish")
YEARLY = ("candidate", "judge", "render", "freeze")
# Steps that write enough for the disk to fill up, or memory to run out, during them.
_HEAVY = ("pull", "gate 1", "build", "publish")
_LATER, _EARLIER = "2027-01-04T02:00:00+00:00", "2026-10-05T02:00:00+00:00"
_FAR = "2036-11-23T02:00:00+00:00"
_ROOM = 32 << 20
_LINE = "{:38} {:>5}  {:42} {:>5} {:>7}  {}"


@dataclass
class Result:
    """The result of one fault: how often it was tried, what went wrong, what was lost or duplicated."""

    tries: int = 0
    outcome: str = ""
    lost: int = 0
    doubled: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass
class Trial:
    """A separate home, disturbed and then run to completion."""

    scene: stage.Scene
    home: Path
    result: Result

    @property
    def bench(self) -> Bench:
        return self.scene.bench

    def struck(self, plan: dict[str, Any]) -> int:
        """Run with a fault, check that what is visible afterwards is complete, and return the exit code."""
        ran = self.bench.run(self.home, self.scene.source, *self.scene.command, plan=plan)
        self.result.tries += 1
        if plan["action"] == "kill" and ran.code != KILLED:
            self.result.wrong.append(f"the moment {plan} never came: {ran.said[-200:]}")
        self.look()
        return ran.code

    def look(self, *more: str) -> None:
        """Check that a reader sees a complete publication, either the old one or the new one."""
        self.result.wrong += wrong_with_what_is_visible(self.home, [*self.scene.allowed, *more])

    def finish(self, clock: str = "") -> None:
        """Run to completion and compare with the home that was never disturbed.

        With a clock, the run is not a replay, and recorded times differ from the undisturbed home's.
        """
        plan = {"clock": clock} if clock else None
        ran = self.bench.run(self.home, self.scene.source, *self.scene.command, plan=plan)
        if ran.code != 0:
            self.result.wrong.append(f"the next run ended with {ran.code}: {ran.said[-300:]}")
        found = compared(self.home, self.scene.expected, same_clock=not clock)
        self.result.lost += found.lost
        self.result.doubled += found.doubled
        is_same = inputs_of(self.home) == inputs_of(self.scene.expected)
        if not is_same and not clock:
            self.result.wrong.append("another publication than the undisturbed one")
        self.result.wrong += [f"{name} differs" for name in found.differing[:3]]
        self.result.wrong += [f"{name} was left behind" for name in left_behind(self.home)]
        self.look(*([inputs_of(self.home)] if clock else []))


def killed(trial: Trial, step: str, nths: list[int]) -> None:
    """`kill -9` just before a step and inside it, repeatedly; then run to completion."""
    trial.struck({"step": step, "at": "before", "action": "kill"})
    for nth in nths:
        trial.struck({"step": step, "at": "inside", "nth": nth, "action": "kill"})
    trial.finish()
    trial.result.outcome = "as undisturbed after the next run"


def killed_after(trial: Trial, step: str) -> None:
    """`kill -9` after the last step has finished and before the run has."""
    trial.struck({"step": step, "at": "after", "action": "kill"})
    trial.finish()
    trial.result.outcome = "nothing was left to do"


def full_disk(trial: Trial, step: str, nth: int) -> None:
    """The disk is full from some point on; then space is available again."""
    ballast = trial.home.parent / "ballast"
    plan = {"step": step, "at": "inside", "nth": nth, "action": "disk", "ballast": str(ballast)}
    code = trial.struck(plan)
    if code == 0 or not ballast.exists():
        trial.result.wrong.append("the run did not notice")
    ballast.unlink(missing_ok=True)
    trial.finish()
    trial.result.outcome = f"ended with {code}, then as undisturbed"


def out_of_memory(trial: Trial, step: str) -> None:
    """From some step on hardly any memory is available; then it is again."""
    code = trial.struck({"step": step, "at": "before", "action": "memory"})
    trial.finish()
    # The memory already allocated may be enough: then no fault occurred, and the table says so.
    bit = f"ended with {code}" if code else "the memory was enough"
    trial.result.outcome = f"{bit}, then as undisturbed"


def lost_lock(trial: Trial, step: str) -> None:
    """Another process holds the candidate when a step needs it."""
    candidate = trial.home / "warehouse" / "candidate.duckdb"
    plan = {"step": step, "at": "before", "action": "lock", "candidate": str(candidate)}
    code = trial.struck(plan)
    if code == 0:
        trial.result.wrong.append("the run did not notice")
    trial.finish()
    trial.result.outcome = f"ended with {code}, then as undisturbed"


def clock_jumps(trial: Trial) -> None:
    """The clock jumps ahead, then back to before its starting point, then is right; each run is killed."""
    for clock, step in ((_LATER, "gate 1"), (_EARLIER, "manifest"), (_FAR, "build")):
        trial.struck({"clock": clock, "step": step, "at": "before", "action": "kill"})
    trial.finish(clock=NOW)
    trial.result.outcome = "as undisturbed, less moments"


def two_at_once(trial: Trial) -> None:
    """Two runs start at the same moment."""
    runs = [
        trial.bench.start(trial.home, trial.scene.source, *trial.scene.command) for _ in range(2)
    ]
    output = [run.communicate()[0] for run in runs]
    trial.result.tries += 1
    codes = sorted(run.returncode for run in runs)
    if codes != [0, 0] or "another run is on" not in "".join(output):
        trial.result.wrong.append(f"the two ended with {codes}")
    trial.finish()
    trial.result.outcome = "one ran, the other waited"


def reader_holds(trial: Trial) -> None:
    """An analyst has the published file open while a night publishes another."""
    query = "select count(*), sum(hash(columns_of)) from marts.fct_measure as columns_of"
    path = (trial.home / "published" / "warehouse.duckdb").resolve()
    with duckdb.connect(str(path), read_only=True) as reader:
        before = reader.execute(query).fetchone()
        trial.finish()
        trial.result.tries += 1
        if reader.execute(query).fetchone() != before:
            trial.result.wrong.append("the reader's answer changed while it had the file open")
    trial.result.outcome = "the reader kept its snapshot"


def read_only(trial: Trial) -> None:
    """The home's file system is read-only when a night begins; then it is writable again."""
    place = trial.home.parent
    subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)  # noqa: S603, S607
    ran = trial.bench.run(trial.home, trial.scene.source, *trial.scene.command)
    trial.result.tries += 1
    trial.look()
    subprocess.run(["mount", "-o", "remount,rw", str(place)], check=True)  # noqa: S603, S607
    if ran.code != USAGE or "cannot be written" not in ran.said or "Traceback" in ran.said:
        trial.result.wrong.append(f"it ended with {ran.code}: {ran.said[-200:]}")
    trial.finish()
    trial.result.outcome = "one sentence, then as undisturbed"


def restored(trial: Trial) -> None:
    """The machine is lost: its backup is unpacked in another folder, and the night runs there."""
    backups, new = trial.home.parent / "backups", trial.home.parent / "new" / "home"
    for folder in (backups, new):
        folder.mkdir(parents=True)
    script = trial.bench.project / "deploy" / "backup.sh"
    environment = {**os.environ, "PATH": with_csp_on_path()}
    subprocess.run(["sh", str(script), str(trial.home), str(backups)], check=True, env=environment)  # noqa: S603, S607
    shutil.rmtree(trial.home)
    (archive,) = backups.glob("*.tar.gz")
    look = ["sha256sum", "--check", "--quiet", f"{archive}.sha256"]
    subprocess.run(look, check=True, cwd=backups)  # noqa: S603
    unpack = ["tar", "--extract", "--gzip", f"--file={archive}", f"--directory={new}"]
    subprocess.run(unpack, check=True)  # noqa: S603
    trial.result.tries += 1
    Trial(trial.scene, new, trial.result).finish()
    trial.result.outcome = "as undisturbed after the next run"


def records_damaged(trial: Trial) -> None:
    """Records that can be derived are cut off before the night: results of gate 1, what was seen."""
    damaged = [
        *sorted(trial.home.glob("raw/*/*/*/*.json"))[:3],
        trial.home / "landing/sightings.json",
    ]
    for path in damaged:
        path.write_bytes(path.read_bytes()[:-9])
    trial.result.tries += len(damaged)
    trial.look()
    trial.finish()
    trial.result.outcome = "made again by the next run"


def plan_of(
    scene: stage.Scene, steps: tuple[str, ...], seed: int, inside: int
) -> Iterator[tuple[str, Callable[[Trial], None]]]:
    """Every fault by name, in the order of the steps; the seed chooses when each one strikes."""
    dice = random.Random(seed)  # noqa: S311 - chooses moments, guards nothing

    def moments(step: str, count: int) -> list[int]:
        most = scene.counts[step]
        return sorted(dice.sample(range(1, most + 1), min(count, most)))

    for step in steps:
        nths = moments(step, inside)
        yield f"kill -9: {step}", partial(killed, step=step, nths=nths)
    yield (
        f"kill -9: after {steps[-1]}",
        partial(killed_after, step=steps[-1]),
    )
    for step in steps:
        if step in (*_HEAVY, "render"):
            (nth,) = moments(step, 1)
            yield f"disk full: {step}", partial(full_disk, step=step, nth=nth)
    for step in steps:
        if step in (*_HEAVY, "render"):
            yield f"out of memory: {step}", partial(out_of_memory, step=step)
    if steps == NIGHT:
        for step in ("gate 2", "publish"):
            yield f"database lock lost: {step}", partial(lost_lock, step=step)
        yield "clock jumps ahead, back and ten years", clock_jumps
        yield "a reader holds the published file", reader_holds
        yield "read-only home", read_only
        yield "restored from the backup elsewhere", restored
        yield "small records damaged", records_damaged
    yield f"two at once: {' '.join(scene.command[:1])}", two_at_once


@contextmanager
def own_home(scene: stage.Scene, scratch: Path, *, small: bool) -> Iterator[Path]:
    """A copy of the scene's home; with `small`, on a file system with little free space."""
    place = scratch / "try"
    place.mkdir()
    if small:
        room = f"size={size_of(scene.home) + scene.room + _ROOM}"
        subprocess.run(["mount", "-t", "tmpfs", "-o", room, "csp", str(place)], check=True)  # noqa: S603, S607
    try:
        yield copy_of(scene.home, place / "home")
    finally:
        if small:
            subprocess.run(["umount", "--lazy", str(place)], check=True)  # noqa: S603, S607
        shutil.rmtree(place)


def campaign(
    scene: stage.Scene, steps: tuple[str, ...], scratch: Path, options: argparse.Namespace
) -> list[Result]:
    """Try every requested fault of a scene and print the result."""
    found = []
    for name, disturb in plan_of(scene, steps, options.seed, options.inside):
        if options.only and not any(word in name for word in options.only):
            continue
        is_small = name.startswith(("disk full", "read-only"))
        if is_small and os.geteuid() != 0:
            print(_LINE.format(name, 0, "not tried: a disk of its own needs root", "", "", ""))
            continue
        result = Result()
        with own_home(scene, scratch, small=is_small) as home:
            disturb(Trial(scene, home, result))
        if result.lost or result.doubled:
            result.wrong.append("rows were lost or doubled")
        verdict = "WRONG: " + "; ".join(result.wrong) if result.wrong else "ok"
        row = (name, result.tries, result.outcome, result.lost, result.doubled, verdict)
        print(_LINE.format(*row), flush=True)
        found.append(result)
    return found


def everything_at_once(scratch: Path, options: argparse.Namespace) -> Result:
    """Every command and every way of Dagster's, started at random moments over one small home."""
    place = scratch / "at-once"
    place.mkdir()
    tally = at_once.campaign(place, options.seed, options.rounds)
    outcome = f"{tally.refused} said so, {tally.killed} killed, {tally.ended} ended well"
    verdict = "WRONG: " + "; ".join(tally.wrong) if tally.wrong else "ok"
    print(_LINE.format("everything at once", tally.started, outcome, 0, 0, verdict), flush=True)
    return Result(tally.started, outcome, wrong=tally.wrong)


def main() -> int:
    """Run the campaign; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", default=[], metavar="WORD")
    parser.add_argument("--inside", type=int, default=1, help="moments inside each step")
    parser.add_argument("--no-night", action="store_true")
    parser.add_argument("--no-assessment", action="store_true")
    parser.add_argument("--rounds", type=int, default=100, help="of everything started at once")
    parser.add_argument("--rot", type=int, default=1000, help="files to damage; 0 for none")
    options = parser.parse_args()
    # When terminated from outside, it still removes its small disk and its homes.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    found: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="faults-") as scratch:
        print(f"Seed {options.seed}. Every fault is followed by a run to the end.\n")
        print(_LINE.format("fault", "tries", "outcome", "lost", "doubled", ""), flush=True)
        if not options.no_night:
            found += campaign(stage.night(Path(scratch)), NIGHT, Path(scratch), options)
        if not options.no_assessment:
            found += campaign(stage.assessment(Path(scratch)), YEARLY, Path(scratch), options)
        if options.rounds and not options.only:
            found.append(everything_at_once(Path(scratch), options))
    is_sound = True
    if options.rot and not options.only:
        is_sound = rot.concluded(rot.both(options.rot, options.seed))
    wrong = [result for result in found if result.wrong]
    tries = sum(result.tries for result in found)
    print(
        f"\n{len(found)} faults, {tries} tries, {len(wrong)} wrong, "
        f"{sum(result.lost for result in found)} lost, {sum(result.doubled for result in found)} doubled"
    )
    return 1 if wrong or not is_sound or not (found or options.rot) else 0


if __name__ == "__main__":
    sys.exit(main())
