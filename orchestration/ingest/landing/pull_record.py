"""What a pull found: landed, known, left alone, and what stood in its way, by source and kind."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.core.files import write_json
from orchestration.core.settings import Settings
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.transports.failures import TRANSIENT

_NAME = "%Y%m%dT%H%M%S.%f"  # of a record: its moment, so that names sort as moments do
_KEPT = timedelta(days=35)


@dataclass(frozen=True)
class Problem:
    """Why a source, or a file of it, was not read. `kind` is `permanent` or `transient`.

    `feeds` are those that may be missing because of it; the sentence holds no value from a file.
    `file` is the name of the file as it stands in the sentence: digests leave it out.
    """

    source: str
    kind: str
    sentence: str
    feeds: tuple[str, ...]
    file: str = ""


@dataclass
class Pull:
    """What one pull found. None of the lists stops a run; all but `landed` hold sentences or names.

    `undeclared` files match no contract and are left where they are, as are `misdated` ones.
    `unsettled` files are still being uploaded; the next pull takes them. `withdrawn` files are gone
    from their source since the last pull; their deliveries stay. `no_data`: a source said that it
    has nothing for a period, which is not a zero.
    """

    landed: list[Receipt] = field(default_factory=list)
    known: int = 0
    undeclared: list[str] = field(default_factory=list)
    misdated: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    no_data: list[str] = field(default_factory=list)

    @property
    def may_be_tried_again(self) -> bool:
        """Whether a source or a file could not be read for a reason that may pass by itself."""
        return any(problem.kind == TRANSIENT for problem in self.problems)

    def add(self, other: Pull) -> None:
        """Take in what another source gave."""
        self.known += other.known
        for name, found in vars(other).items():
            if isinstance(found, list):
                getattr(self, name).extend(found)


def remember(settings: Settings, pull: Pull) -> None:
    """Write down what the pull found, for those who tell people of it later; forget old pulls."""
    moment = settings.now.astimezone(UTC)
    record = {"at": moment.isoformat(), **asdict(pull)}
    write_json(_folder(settings) / f"{moment:{_NAME}}.json", record)
    oldest = f"{moment - _KEPT:{_NAME}}"
    for path in _records(settings):
        if path.stem < oldest:
            path.unlink()


def pulls_since(settings: Settings, moment: datetime) -> list[dict[str, Any]]:
    """The records of the pulls after a moment, oldest first: the fields of `Pull`, and `at`.

    What is said once (a file that was withdrawn) stands in one of them only, so whoever tells
    people of a night reads all the pulls of the day before it.
    """
    after = f"{moment.astimezone(UTC):{_NAME}}"
    return [_read(path) for path in _records(settings) if path.stem > after]


def last_pull(settings: Settings) -> dict[str, Any] | None:
    """The record of the last pull; `None` before the first."""
    found = _records(settings)
    return _read(found[-1]) if found else None


def _folder(settings: Settings) -> Path:
    return settings.landing / "pulls"


def _records(settings: Settings) -> list[Path]:
    return sorted(_folder(settings).glob("*.json"))


def _read(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text(encoding="utf-8")))
