"""Whether Dagster's daemon is alive, by the heartbeats that it leaves in the instance."""

from __future__ import annotations

import time

from orchestration.core.settings import Settings
from orchestration.defs import instance


def seconds_since(settings: Settings) -> float | None:
    """How long ago the scheduler's daemon gave its last heartbeat; `None` if it never did."""
    with instance.connected(settings) as dagster:
        beats = dagster.get_daemon_heartbeats().values()
    return min((time.time() - beat.timestamp for beat in beats), default=None)
