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
    """Do `work`; after a transient failure do it again, from its start, at most `retries` times.

    Waits twice as long each time, or as long as the source asked for; never more than a minute:
    a source that asks for more is left until the next pull.

    Raises:
        SourceError: any other failure at once, or the last transient one.
    """
    for attempt in range(terms.retries):
        try:
            return work()
        except TransientFailure as problem:
            if problem.after is not None and problem.after > _LONGEST_WAIT:
                raise  # to come back earlier than it asks would be rude, to wait would hold all up
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
