"""What has been reported to each recipient, so that nothing is repeated and nothing is lost.

    alerts/<recipient>.json    time and publication of the last digest, items by day, last failure

It is written after a digest has been handed over. A failed digest leaves the rest unchanged, so the
next night reports the same items again, with those that have arrived in the meantime.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.alerts.items import Item, Rules
from orchestration.core import records
from orchestration.core.records import as_a, damage_of, sound
from orchestration.core.settings import Settings

_FIRST = timedelta(hours=36)  # how far back the first digest looks
_FURTHEST = timedelta(days=30)
# Records written while the last digest was being made are found by looking a little further back;
# items already reported are recognised by their key.
_OVERLAP = timedelta(days=1)
_KEPT = timedelta(days=400)
_MOST_FAILURES = 30


@dataclass(frozen=True)
class Ledger:
    """What was reported to one recipient. `told`: day by key; `up_to`: time of the last digest."""

    recipient: str
    up_to: str = ""
    publication: str = ""
    told: dict[str, str] = field(default_factory=dict)
    failures: tuple[dict[str, str], ...] = ()

    def since(self, now: datetime) -> datetime:
        """The time from which events are new to the recipient."""
        if not self.up_to:
            return now - _FIRST
        return max(datetime.fromisoformat(self.up_to) - _OVERLAP, now - _FURTHEST)

    @property
    def is_failing(self) -> bool:
        """Whether the last attempt failed to reach the recipient."""
        return bool(self.failures) and self.failures[-1]["at"] > self.up_to

    def due(self, items: list[Item], rules: Rules, now: datetime) -> list[Item]:
        """The items to report now: new ones, and standing ones that are due again."""
        return [item for item in items if self._is_due(item, rules, now)]

    def _is_due(self, item: Item, rules: Rules, now: datetime) -> bool:
        last = self.told.get(item.key)
        if last is None:
            return True
        days = rules.repeat_days.get(item.section) if item.is_standing else None
        return days is not None and (now.date() - datetime.fromisoformat(last).date()).days >= days

    def sent(self, items: list[Item], publication: str, now: datetime) -> Ledger:
        """The ledger after the items were reported."""
        oldest = (now - _KEPT).date().isoformat()
        told = {key: day for key, day in self.told.items() if day >= oldest}
        told |= {item.key: now.date().isoformat() for item in items}
        return replace(self, up_to=now.isoformat(), publication=publication, told=told)

    def failed(self, sentence: str, now: datetime) -> Ledger:
        """The ledger after a digest that was not delivered."""
        failure = {"at": now.isoformat(), "sentence": sentence}
        return replace(self, failures=(*self.failures, failure)[-_MOST_FAILURES:])


def read(settings: Settings, recipient: str) -> Ledger:
    """The ledger of a recipient, empty before the first digest.

    One that is damaged is begun again: everything that stands is told once more, which is better than
    that nothing is.
    """
    return sound(_path(settings, recipient), _ledger_of) or Ledger(recipient)


def recipients(settings: Settings) -> list[str]:
    """Everybody who was sent a digest, or was to be."""
    return [path.stem for path in _paths(settings)]


def damaged(settings: Settings) -> list[str]:
    """Sentences on the ledgers that cannot be read."""
    found = (damage_of(path, _ledger_of) for path in _paths(settings))
    return [
        f"{damage}; what stands is told to this recipient once more" for damage in found if damage
    ]


def _ledger_of(document: Any) -> Ledger:
    ledger = as_a(Ledger)(document)
    if ledger.up_to and datetime.fromisoformat(ledger.up_to).tzinfo is None:
        raise ValueError("no time")
    for day in ledger.told.values():
        datetime.fromisoformat(day)
    if not all(isinstance(failure["at"], str) for failure in ledger.failures):
        raise TypeError("no failure")
    return ledger


def write(settings: Settings, ledger: Ledger) -> None:
    """Write a ledger atomically."""
    records.write(_path(settings, ledger.recipient), asdict(ledger))


def _paths(settings: Settings) -> list[Path]:
    return sorted((settings.home / "alerts").glob("*.json"))


def _path(settings: Settings, recipient: str) -> Path:
    return settings.home / "alerts" / f"{recipient}.json"
