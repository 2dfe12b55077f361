"""What every step of a run is given. Steps share no state: each reads what it needs from disk."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.contracts.odcs import Contract
from orchestration.core.settings import Settings
from orchestration.ingest.landing.pull_record import Pull


@dataclass(frozen=True)
class Tonight:
    """The settings and contracts of a run; `only` limits the pull to some feeds.

    `pulled` is what the command that starts the run has found at the sources just now: they are not asked
    twice for one run. `is_full`: every table is built again, whether anything of it has changed or not.
    """

    settings: Settings
    contracts: dict[str, Contract]
    only: tuple[str, ...] = ()
    pulled: Pull | None = None
    is_full: bool = False
