"""The result of a pull: files landed, known and left alone, and problems by source and kind."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orchestration.core import records
from orchestration.core.records import an_object, as_a, damage_of, sound
from orchestration.core.settings import Settings
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.transports.failures import TRANSIENT

_NAME = "%Y%m%dT%H%M%S.%f"  # a record's name is its time, so that names sort chronologically
_KEPT = timedelta(days=35)


@dataclass(frozen=True)
class Problem:
    """Why a source, or a file in it, was not read. `kind` is `permanent` or `transient`.

    `feeds` are those that may be missing as a result; the sentence holds no value from a file.
    `file` is the file's name as written in the sentence: digests leave it out.
    """

    source: str
    kind: str
    sentence: str
    feeds: tuple[str, ...]
    file: str = ""


@dataclass
class Pull:
    """The result of one pull. None of the lists stops a run; all but `landed` hold sentences or names.

    `undeclared` files match no contract and are left where they are, as are `misdated` ones.
    `unsettled` files are still being uploaded; the next pull takes them. `withdrawn` files have gone
    from their source since the last pull; their deliveries are kept. `no_data`: a source reported that
    it has nothing for a period, which is not a zero. `erased`: the source still has what was erased here.
    `masked`: files whose own names hold personal data,
    which are landed all the same and shown by a mask. `damaged`: records that had to be made again.
    """

    landed: list[Receipt] = field(default_factory=list)
    known: int = 0
    undeclared: list[str] = field(default_factory=list)
    misdated: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    no_data: list[str] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    masked: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    @property
    def may_be_tried_again(self) -> bool:
        """Whether a source or file could not be read for a reason that may be temporary."""
        return any(problem.kind == TRANSIENT for problem in self.problems)

    def add(self, other: Pull) -> None:
        """Add the result of another source."""
        self.known += other.known
        for name, found in vars(other).items():
            if isinstance(found, list):
                getattr(self, name).extend(found)


def remember(settings: Settings, pull: Pull) -> None:
    """Record the result of the pull for later reports; delete records of old pulls."""
    moment = settings.now.astimezone(UTC)
    record = {"at": moment.isoformat(), **asdict(pull)}
    records.write(_folder(settings) / f"{moment:{_NAME}}.json", record)
    for path in _records(settings):
        if is_past(settings, path):
            path.unlink()


def is_past(settings: Settings, path: Path) -> bool:
    """Whether a record of a pull is older than they are kept, by its name."""
    return path.stem < f"{settings.now.astimezone(UTC) - _KEPT:{_NAME}}"


def forget(settings: Settings, sha256s: Collection[str]) -> None:
    """Take deliveries that were erased out of the records of pulls, with their file names."""
    for path in _records(settings):
        record = sound(path, _pull_of)
        if record is None:
            path.unlink()  # what it named cannot be known, and may be what has to go
            continue
        kept = [landed for landed in record["landed"] if landed["sha256"] not in sha256s]
        if len(kept) < len(record["landed"]):
            records.write(path, {**record, "landed": kept})


def pulls_since(settings: Settings, moment: datetime) -> list[dict[str, Any]]:
    """The records of the pulls after a given time, oldest first: the fields of `Pull`, and `at`.

    An event (a file that was withdrawn) is in one record only, so a report on a night has to read all
    the pulls of the day before it.
    """
    after = f"{moment.astimezone(UTC):{_NAME}}"
    return [
        found
        for path in _records(settings)
        if path.stem > after
        if (found := sound(path, _pull_of)) is not None
    ]


def last_pull(settings: Settings) -> dict[str, Any] | None:
    """The record of the last pull that can be read; `None` before the first."""
    found = (sound(path, _pull_of) for path in reversed(_records(settings)))
    return next((record for record in found if record is not None), None)


def damaged_pulls(settings: Settings) -> list[str]:
    """Sentences on the records of pulls that cannot be read; they are deleted with their age."""
    found = (damage_of(path, _pull_of) for path in _records(settings))
    return [f"{damage}; what that pull found is not told" for damage in found if damage]


def _folder(settings: Settings) -> Path:
    return settings.landing / "pulls"


def _records(settings: Settings) -> list[Path]:
    return sorted(_folder(settings).glob("*.json"))


def _pull_of(document: Any) -> dict[str, Any]:
    record = an_object(document)
    if datetime.fromisoformat(record["at"]).tzinfo is None:
        raise ValueError("no time")
    lists = ("landed", "undeclared", "misdated", "problems", "unsettled", "withdrawn", "no_data")
    if not all(isinstance(record[name], list) for name in lists):
        raise TypeError("not lists")
    as_problem = as_a(Problem)
    for problem in record["problems"]:
        as_problem(problem)
    if not all(isinstance(receipt["feed"], str) for receipt in record["landed"]):
        raise TypeError("not receipts")
    names = (*lists[1:3], *lists[4:], "masked", "damaged")
    if not all(isinstance(one, str) for name in names for one in record.get(name, ())):
        raise TypeError("not sentences")
    return record
