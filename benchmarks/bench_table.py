"""The result of `benchmarks.bench` as one Markdown page: the machine, a table, a chart in text."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from statistics import median

from orchestration.core import machine

OURS, DBT, DUCKDB, OTHER = "warehouse", "dbt", "duckdb", "other"
_PACKAGES = (
    "duckdb",
    "dbt-core",
    "dbt-duckdb",
    "dagster",
    "great-expectations",
    "polars",
    "pandas",
)
_BUSY = 0.05  # the share of all cores that others may use before a figure is doubted
_BAR = 40


@dataclass(frozen=True)
class Measured:
    """One run of one command.

    `group` is what it ran on, `state` which state of the data, `kind` whether it is the warehouse or
    what that is compared with. Seconds; MiB; `others` are processor seconds that everything else on the
    machine took meanwhile, None where that cannot be known.
    """

    group: str
    state: str
    kind: str
    what: str
    cpu: float
    wall: float
    peak_mb: float
    others: float | None = None
    is_left: bool = False


@dataclass
class Report:
    """Everything that was found: measurements, sentences on what was equal, and what went wrong."""

    load_before: tuple[float, ...]
    command: str
    measured: list[Measured] = field(default_factory=list)
    equal: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def page(report: Report, load_after: Sequence[float], cores: int | None = None) -> str:
    """The whole page, in Markdown."""
    count = cores or machine.cores()
    lines = ["# Benchmark", "", f"`{report.command}`", "", *_machine(report, load_after, count), ""]
    lines += list(_warnings(report, count))
    for group in dict.fromkeys(one.group for one in report.measured):
        own = [one for one in report.measured if one.group == group]
        lines += [
            f"## {group[:1].upper()}{group[1:]}",
            "",
            *_table(own, count),
            "",
            *_chart(own),
            "",
        ]
    if report.equal:
        lines += ["## Equal", "", *(f"* {sentence}" for sentence in report.equal), ""]
    if report.problems:
        lines += ["## Went wrong", "", *(f"* {sentence}" for sentence in report.problems), ""]
    return "\n".join(lines)


def is_busy(one: Measured, cores: int) -> bool:
    """Whether others took so much of the machine meanwhile that the figure is to be doubted."""
    return one.others is not None and one.others > _BUSY * one.wall * cores


def ratio(one: Measured, among: Sequence[Measured], kind: str) -> float | None:
    """The processor time of one by that of a `kind` on the same state, if that was measured."""
    base = [
        other.cpu for other in among if (other.state, other.kind) == (one.state, kind) and other.cpu
    ]
    return one.cpu / median(base) if base else None


def versions() -> dict[str, str]:
    """The versions of all that takes part."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _machine(report: Report, load_after: Sequence[float], cores: int) -> Iterator[str]:
    yield "| | |"
    yield "|---|---|"
    memory = machine.memory() >> 30
    yield f"| machine | {platform.system()} {platform.machine()}, {cores} cores, {memory} GiB |"
    for name, number in versions().items():
        yield f"| {name} | {number} |"
    for when, load in (("before", report.load_before), ("after", load_after)):
        said = ", ".join(f"{one:.2f}" for one in load) or "not known"
        yield f"| load average {when} (1, 5, 15 minutes) | {said} |"


def _warnings(report: Report, cores: int) -> Iterator[str]:
    busy = [one for one in report.measured if is_busy(one, cores)]
    was_busy = bool(report.load_before) and report.load_before[0] > cores * _BUSY * 4
    if busy or was_busy:
        yield (
            f"**The machine was busy: others took more than {_BUSY:.0%} of it during "
            f"{len(busy)} of {len(report.measured)} measurements (marked †). Run this again on a quiet one.**"
        )
        yield ""
    if any(one.is_left for one in report.measured):
        yield "**‡: a process was still running at the end, and its processor time is not in the figure.**"
        yield ""


def _table(own: Sequence[Measured], cores: int) -> Iterator[str]:
    yield "| What | CPU s | wall s | peak MiB | × bare dbt build | × bare DuckDB |"
    yield "|---|--:|--:|--:|--:|--:|"
    for what in dict.fromkeys((one.what, one.state) for one in own):
        same = [one for one in own if (one.what, one.state) == what]
        middle = sorted(same, key=lambda one: one.cpu)[len(same) // 2]
        marks = ("†" if any(is_busy(one, cores) for one in same) else "") + (
            "‡" if any(one.is_left for one in same) else ""
        )
        ratios = [ratio(middle, own, kind) for kind in (DBT, DUCKDB)]
        cells = [
            f"{middle.what}{marks}",
            _seconds([one.cpu for one in same]),
            _seconds([one.wall for one in same]),
            f"{max(one.peak_mb for one in same):.0f}",
            *("–" if one is None else f"{one:.2f}" for one in ratios),
        ]
        yield f"| {' | '.join(cells)} |"


def _seconds(values: Sequence[float]) -> str:
    """The median; with repeats, also the least and the most."""
    spread = f" ({min(values):.2f}–{max(values):.2f})" if len(values) > 1 else ""
    return f"{median(values):.2f}{spread}"


def _chart(own: Sequence[Measured]) -> Iterator[str]:
    """Processor seconds as bars, all of a group to one scale."""
    cpu = {
        what: median(one.cpu for one in own if one.what == what)
        for what in dict.fromkeys(one.what for one in own)
    }
    wide, most = max(map(len, cpu)), max(cpu.values()) or 1.0
    yield "```text"
    for what, seconds in cpu.items():
        bar = "█" * round(_BAR * seconds / most) or "▏"
        yield f"{what:<{wide}}  {bar} {seconds:.2f} s"
    yield "```"


def load() -> tuple[float, ...]:
    """The load average; empty where the system has none."""
    return os.getloadavg() if hasattr(os, "getloadavg") else ()
