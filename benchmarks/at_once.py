"""Everything started at once, at random, again and again: one run at a time, and nothing lost.

    python -m benchmarks.at_once [--seed N] [--rounds N]

In each round two to five of these start within seconds of each other over one small home: the
night from the command line and from Dagster, one feed and one table alone, an assessment, a purge, an
upgrade, a backup. Some wait for the others and some do not; now and then a process is killed. Every
process notes each change that it makes to the home in one journal, in which a run that was followed by
another must not appear again.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import stage
from benchmarks.trial import (
    Bench,
    checkout,
    compared,
    left_behind,
    with_csp_on_path,
    wrong_with_what_is_visible,
)
from benchmarks.trial import inputs_of as published_inputs
from orchestration.core import one_run
from orchestration.core.settings import Settings
from orchestration.synthetic import sample

FEEDS = ("police/street_crime", "fire/incidents")
_CSP = (sys.executable, "-m", "orchestration.cli")
_DAGSTER = (sys.executable, "-m", "dagster")
_WHERE = ("-m", "orchestration.definitions")
_ALONE = (*_DAGSTER, "asset", "materialize", *_WHERE, "--select")
# What is started, and the exit codes other than 0 that are right: an assessment of few feeds is held.
_ACTORS: dict[str, tuple[tuple[str, ...], int]] = {
    "refresh": ((*_CSP, "refresh"), 0),
    "purge": ((*_CSP, "purge"), 0),
    "upgrade": ((*_CSP, "upgrade"), 0),
    "assess": ((*_CSP, "assess", "2025-26"), 1),
    "nightly": ((*_DAGSTER, "job", "execute", *_WHERE, "-j", "nightly"), 0),
    "one feed": ((*_ALONE, 'key:"police/street_crime"', "--partition", "2026-08"), 0),
    "one table": ((*_ALONE, 'key:"marts/harm"'), 0),
    "backup": (("sh", "deploy/backup.sh"), 0),
}
_WAITS = ("0", "5", "600")
_LONGEST = 1800
_SAYS_SO = ("another run is on", "is still on in", "held its lock")
# What a table alone is refused for when the run before it was killed while it built.
_NOTHING_TO_TAKE_FROM = "there is no finished build to take a part from"

# Loaded by every Python process that is started, those that Dagster starts included.
_NOTING = """
import os, sys
_home, _log, _name = (os.environ[name] for name in ("NOTED_HOME", "NOTED_LOG", "NOTED_NAME"))
_data = tuple(f"{_home}/{part}" for part in (
    "landing", "raw", "quarantine", "warehouse", "published", ".published", "assessments"))
_out = os.open(_log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

def _heard(event, args):
    if event in ("os.rename", "os.remove", "os.mkdir", "os.symlink"):
        paths = args[:2]
    elif event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR):
        paths = args[:1]
    else:
        return
    if any(isinstance(p, (str, os.PathLike)) and os.fspath(p).startswith(_data) for p in paths):
        os.write(_out, (_name + "\\n").encode())

sys.addaudithook(_heard)
"""
_TAR = """#!/bin/sh
echo "$NOTED_NAME" >>"$NOTED_LOG"
PATH=/usr/bin:/bin tar "$@"
code=$?
echo "$NOTED_NAME" >>"$NOTED_LOG"
exit $code
"""


@dataclass
class Tally:
    """What happened in all rounds."""

    started: int = 0
    ended: int = 0
    refused: int = 0
    killed: int = 0
    wrong: list[str] = field(default_factory=list)


def interleaved(journal: Sequence[str]) -> list[str]:
    """The runs that appear again in a journal after another run followed them."""
    blocks = [name for name, _ in itertools.groupby(journal)]
    return sorted({name for name in blocks if blocks.count(name) > 1})


def _start(bench: Bench, home: Path, name: str, actor: str, wait: str) -> subprocess.Popen[str]:
    """Start an actor in a process group of its own, noting what it does under `name`."""
    scratch = home.parent
    ours = ("CSP_", "DAGSTER_", "DBT_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)} | {
        "CSP_HOME": str(home),
        "CSP_SOURCE": str(scratch / "source"),
        "CSP_NOW": bench.now,
        "CSP_WAIT_SECONDS": wait,
        "DAGSTER_HOME": str(home / "dagster"),
        "PYTHONPATH": f"{scratch / 'noting'}:{bench.project}",
        "PATH": f"{scratch / 'noting'}:{with_csp_on_path()}",
        "NOTED_HOME": str(home),
        "NOTED_LOG": str(scratch / "journal"),
        "NOTED_NAME": name,
    }
    command = list(_ACTORS[actor][0])
    if actor == "backup":
        command += [str(home), str(scratch / "backups")]
    return subprocess.Popen(  # noqa: S603 - our own commands
        command,
        cwd=bench.project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _refusals(actor: str) -> tuple[str, ...]:
    """The words by which an actor is known to have been refused, not to have failed."""
    return (*_SAYS_SO, _NOTHING_TO_TAKE_FROM) if actor == "one table" else _SAYS_SO


def _kill_one_of(group: int, dice: random.Random) -> None:
    """`kill -9` one process of a group, the first or any that it has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[2]) == group:
            found.append(int(stat.parent.name))
    if found:
        os.kill(dice.choice(sorted(found)), signal.SIGKILL)


def one_round(bench: Bench, home: Path, number: int, dice: random.Random, tally: Tally) -> None:
    """Start some at once, kill one now and then, and judge what all of them left."""
    actors = dice.choices(sorted(_ACTORS), k=dice.randint(2, 5))
    runs = {}
    for place, actor in enumerate(actors):
        name = f"round {number} {place} {actor}"
        runs[name] = actor, _start(bench, home, name, actor, dice.choice(_WAITS))
        tally.started += 1
        time.sleep(dice.choice((0.0, 0.0, dice.uniform(0, 6))))
    struck = dice.choice(sorted(runs)) if dice.random() < 0.4 else ""
    if struck:
        time.sleep(dice.uniform(0, 8))
        _kill_one_of(runs[struck][1].pid, dice)
        tally.killed += 1
    for name, (actor, process) in runs.items():
        said, _ = process.communicate(timeout=_LONGEST)
        if process.returncode in (0, _ACTORS[actor][1]):
            tally.ended += 1
        elif any(words in said for words in _refusals(actor)):
            tally.refused += 1
        elif name != struck:
            tally.wrong.append(f"{name} ended with {process.returncode}: {said[-300:]}")
    journal = (home.parent / "journal").read_text(encoding="utf-8").splitlines()
    tally.wrong += [f"{name} worked within another run" for name in interleaved(journal)]
    (home.parent / "journal").write_text("", encoding="utf-8")
    if one_run.is_held(home):
        tally.wrong.append(f"round {number} left the lock held")
    seen = wrong_with_what_is_visible(home, [published_inputs(home)])
    tally.wrong += [f"round {number}: {what}" for what in seen]


def campaign(scratch: Path, seed: int, rounds: int) -> Tally:
    """All rounds over one home; half way a month arrives. Then compare with an undisturbed home."""
    dice = random.Random(seed)  # noqa: S311 - chooses moments, guards nothing
    bench = Bench(checkout(scratch / "code"))
    home, source = scratch / "home", scratch / "source"
    for folder in (scratch / "noting", scratch / "backups", scratch / "calm"):
        folder.mkdir()
    (scratch / "noting" / "sitecustomize.py").write_text(_NOTING, encoding="utf-8")
    (scratch / "noting" / "tar").write_text(_TAR, encoding="utf-8")
    (scratch / "noting" / "tar").chmod(0o755)
    (scratch / "journal").touch()
    settings = stage.settings_at(scratch / "unused")
    _deliver(settings, source, months=2)
    _undisturbed(bench, home, source)
    tally = Tally()
    for number in range(rounds):
        if number == rounds // 2:
            _deliver(settings, source, months=3)
        known = len(tally.wrong)
        one_round(bench, home, number, dice, tally)
        print("".join(f"WRONG: {what}\n" for what in tally.wrong[known:]), end="")
        print(f"{number + 1:4} of {rounds}: {tally.started} started, {tally.refused} refused, "
              f"{tally.killed} killed, {len(tally.wrong)} wrong", flush=True)  # fmt: skip
    _undisturbed(bench, home, source)
    calm = scratch / "calm" / "home"
    _undisturbed(bench, calm, source)
    found = compared(home, calm)
    at_the_end = [f"{name} was left behind" for name in left_behind(home)]
    if found.lost or found.doubled:
        at_the_end.append(f"{found.lost} rows were lost and {found.doubled} doubled")
    print("".join(f"WRONG: {what}\n" for what in at_the_end), end="")
    tally.wrong += at_the_end
    return tally


def _deliver(settings: Settings, source: Path, months: int) -> None:
    """Put what is not there yet into the source; what is there keeps its time, which receipts hold."""
    made = source.with_name(f"made-{months}")
    sample.write(settings, made, months=months, only=FEEDS)
    for path in made.rglob("*"):
        target = source / path.relative_to(made)
        if path.is_file() and (path.suffix == ".json" or not target.exists()):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


def _undisturbed(bench: Bench, home: Path, source: Path) -> None:
    ran = bench.run(home, source, "refresh")
    if ran.code != 0:
        raise stage.NotStaged(f"csp refresh ended with {ran.code}: {ran.said[-2000:]}")


def main() -> int:
    """Run the campaign; return 1 if anything is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=100)
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    scratch = Path(tempfile.mkdtemp(prefix="at-once-"))
    try:
        tally = campaign(scratch, options.seed, options.rounds)
    finally:
        shutil.rmtree(scratch)
    print(
        f"{options.rounds} rounds, {tally.started} started: {tally.ended} ended well, "
        f"{tally.refused} were refused in a sentence, {tally.killed} were killed, "
        f"{len(tally.wrong)} wrong"
    )
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
