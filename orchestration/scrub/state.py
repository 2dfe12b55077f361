"""What the last scrub found, for `csp status` and the digest.

scrub/state.json    when, how much was read, the faults that stand, and the ledger's head
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from orchestration.core import records
from orchestration.core.settings import Settings


@dataclass(frozen=True)
class Fault:
    """One thing that is not as it was kept. `sentence` names it and says what to do; it holds no value and
    no name that a partner chose. `stands` is false once it was made good."""

    kind: str
    sentence: str
    stands: bool = True


@dataclass(frozen=True)
class State:
    """The last scrub: when it was (ISO, UTC), how many files were read of how many, what was found."""

    at: str
    read: int
    of: int
    head: str
    faults: tuple[Fault, ...] = ()

    @property
    def standing(self) -> list[Fault]:
        return [fault for fault in self.faults if fault.stands]


def load(settings: Settings) -> State | None:
    """What the last scrub found; `None` where none was made, or its record is damaged."""
    try:
        found = records.read(_path(settings))
        if found is None:
            return None
        return State(**{**found, "faults": tuple(Fault(**one) for one in found["faults"])})
    except (records.DamagedRecord, KeyError, TypeError):
        return None


def is_damaged(settings: Settings) -> bool:
    """Whether there is a record of the last scrub that cannot be read."""
    return _path(settings).exists() and load(settings) is None


def save(settings: Settings, state: State) -> None:
    """Write what a scrub found. Needs the run's lock."""
    records.write(_path(settings), asdict(state))


def _path(settings: Settings) -> Path:
    return settings.home / "scrub" / "state.json"
