"""The progress of a run as people see it: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from orchestration.core.progress import Show, shown_by

_LINE_SECONDS = 15.0  # between two plain lines of one kind of work


@contextmanager
def shown() -> Iterator[None]:
    """Show on standard error how far the work in the block has come; answers go elsewhere."""
    if not sys.stderr.isatty():
        with shown_by(plain_lines()):
            yield
        return
    with live_lines() as show, shown_by(show):
        yield


def plain_lines() -> Show:
    """A line whenever work of a kind begins to take time, and one when it ends."""
    began: dict[str, float] = {}
    told: dict[str, float] = {}

    def show(what: str, done: int, of: int) -> None:
        now = time.monotonic()
        first = began.setdefault(what, now)
        is_due = now - told.get(what, first) >= _LINE_SECONDS
        if is_due or (done == of and what in told):
            told[what] = now
            click.echo(f"{what}: {done} of {of} after {now - first:.0f} s", err=True)

    return show


@contextmanager
def live_lines() -> Iterator[Show]:
    """A line for each kind of work that is on, with the time that is left; gone when it ends."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    tasks: dict[str, int] = {}
    with Progress(*columns, console=Console(stderr=True)) as lines:

        def show(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = lines.add_task(what, total=of)
            lines.update(tasks[what], completed=done, total=of)  # type: ignore[arg-type]

        yield show
