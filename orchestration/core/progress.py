"""How far a run has come: told by the steps where the work is, shown by whoever started the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

# What is worked on, how many of them are done, and how many there are.
Show = Callable[[str, int, int], None]


def nowhere(what: str, done: int, of: int) -> None:
    """Show nothing: nobody waits for it."""


# One run at a time in a process, and its steps work in several threads: neither an argument of every
# function on the way nor a variable of one thread would do.
_shows: list[Show] = [nowhere]


def tell(what: str, done: int, of: int) -> None:
    """Tell that `done` of `of` are done; `what` names them, the same each time."""
    _shows[-1](what, done, of)


@contextmanager
def shown_by(show: Show) -> Iterator[None]:
    """Show in the block what is told."""
    _shows.append(show)
    try:
        yield
    finally:
        _shows.remove(show)
