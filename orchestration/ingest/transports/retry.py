"""Trying again, a bounded number of times, and not faster than was agreed.

Our own loop, not tenacity: how long to wait, and when not to, is ours to say either way, and written
for tenacity it takes twice the lines (DECISIONLOG, "Where we keep our own code").
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from orchestration.ingest.transports.failures import TransientFailure
from orchestration.ingest.transports.terms import Terms

_LONGEST_WAIT = 60.0
Result = TypeVar("Result")


def persistently(work: Callable[[], Result], terms: Terms) -> Result:
    """Do `work`; after a transient failure start it again, at most `retries` times.

    The wait doubles each time, or is as long as the source asked for, but never more than a minute:
    a source that asks for more is left until the next pull.

    Raises:
        SourceError: any other failure at once, or the last transient one.
    """
    for attempt in range(terms.retries):
        try:
            return work()
        except TransientFailure as problem:
            if problem.after is not None and problem.after > _LONGEST_WAIT:
                raise  # an earlier retry would ignore its request, and waiting would delay the other sources
            wait = terms.backoff_seconds * 2**attempt if problem.after is None else problem.after
            time.sleep(min(wait, _LONGEST_WAIT))
    return work()


class Pace:
    """Keeps requests apart: at most so many a second, without bursts."""

    def __init__(self, a_second: float) -> None:
        self._apart = 1 / a_second
        self._next = 0.0

    def wait(self) -> None:
        """Wait until the next request may be made."""
        now = time.monotonic()
        if now < self._next:
            time.sleep(self._next - now)
        self._next = max(now, self._next) + self._apart
