"""What a campaign starts from and must return to: homes that were never disturbed."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.trial import NOW, Bench, checkout, copy_of, inputs_of
from orchestration.core.files import size_of
from orchestration.core.settings import Settings, from_environment
from orchestration.synthetic import reference, sample

# A delivery for each non-trivial reader, and where they are placed.
FEEDS = ("police/street_crime", "police/missing_episodes", "fire/incidents", *reference.FEEDS)
ENDED = "police/missing_episodes"
_ENDS_ON = "2026-11-01"
FIRST = "2024-25"


class NotStaged(RuntimeError):
    """An undisturbed run failed, so there is nothing to compare with."""


@dataclass(frozen=True)
class Scene:
    """A home before the run, the command to disturb, and the home after an undisturbed run.

    `counts` are the changes to the disk made by each step of the undisturbed run, `room` how much
    the home may grow before its disk is full, `allowed` the publications that may be visible.
    """

    bench: Bench
    home: Path
    expected: Path
    source: Path
    command: Sequence[str]
    counts: Mapping[str, int]
    room: int
    allowed: Sequence[str]


def night(scratch: Path, feeds: Sequence[str] = FEEDS) -> Scene:
    """Two months are published; the third has arrived, and an agreement has ended, so a purge is due."""
    bench = Bench(checkout(scratch / "code"))
    before, after = scratch / "before", scratch / "after"
    for folder, months in ((before, 2), (after, 3)):
        sample.write(settings_at(scratch / "unused"), folder, months=months, only=feeds)
    home = _ran(bench, scratch / "home", before, "refresh")
    _end_agreement(bench.project / "seeds" / "register" / "agreements.csv", ENDED)
    max((after / "police").glob("missing_episodes_*")).unlink()
    return _scene(bench, home, scratch, after, ("refresh",))


def _end_agreement(register: Path, feed: str) -> None:
    """Make every agreement on a feed end before the campaign's clock."""
    with register.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    kept = [row for row in rows if row["feed"] != feed]
    ended = {**dict.fromkeys(rows[0], ""), "feed": feed, "agreement": "ended", "ends_on": _ENDS_ON}
    with register.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows([*kept, ended])


def assessment(scratch: Path) -> Scene:
    """The whole city is published and one year has been issued; the next one is due."""
    bench = Bench(checkout(scratch / "code-of-editions"))
    source = scratch / "city"
    sample.write(settings_at(scratch / "unused"), source)
    home = _ran(bench, scratch / "city-home", source, "refresh")
    _ran(bench, home, source, *_assess(FIRST))
    return _scene(bench, home, scratch, source, _assess("2025-26"))


def settings_at(home: Path) -> Settings:
    """Settings with the campaign's clock."""
    return from_environment({"CSP_HOME": str(home), "CSP_NOW": NOW})


def _assess(year: str) -> tuple[str, ...]:
    return ("assess", year, "--sign-off", "Chair of the Partnership")


def _ran(bench: Bench, home: Path, source: Path, *command: str) -> Path:
    ran = bench.run(home, source, *command)
    if ran.code != 0:
        raise NotStaged(f"csp {' '.join(command)} ended with {ran.code}: {ran.said[-2000:]}")
    return home


def _scene(
    bench: Bench, home: Path, scratch: Path, source: Path, command: tuple[str, ...]
) -> Scene:
    expected = copy_of(home, scratch / f"expected-{command[0]}")
    counts = scratch / f"counts-{command[0]}.json"
    ran = bench.run(expected, source, *command, plan={"counts": str(counts)})
    if ran.code != 0:
        raise NotStaged(f"the undisturbed run ended with {ran.code}: {ran.said[-2000:]}")
    grown = size_of(expected) - size_of(home)
    return Scene(
        bench,
        home,
        expected,
        source,
        command,
        json.loads(counts.read_text(encoding="utf-8")),
        max(grown, 0) + _largest(expected),
        tuple(dict.fromkeys([inputs_of(home), inputs_of(expected)])),
    )


def _largest(home: Path) -> int:
    """Space for the candidate while it grows, which is more than its final size."""
    return 4 * max(path.lstat().st_size for path in home.rglob("*.duckdb"))
