"""Whether Dagster's daemon is alive, by the heartbeats that it leaves in the instance."""

from __future__ import annotations

import time

from orchestration.core.settings import Settings
from orchestration.defs import instance

_SCHEDULER = "SCHEDULER"  # Dagster's name for the daemon that begins the nights


def seconds_since(settings: Settings) -> float | None:
    """How long ago the scheduler's daemon gave its last heartbeat; `None` if it never did."""
    with instance.connected(settings) as dagster:
        beat = dagster.get_daemon_heartbeats().get(_SCHEDULER)
    return None if beat is None else time.time() - beat.timestamp
