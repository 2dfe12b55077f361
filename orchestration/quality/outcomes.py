"""Outcomes of a gate: three outcomes, three severities, and how they combine. Pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

PASSED, FAILED, ERRORED = "passed", "failed", "errored"


@dataclass(frozen=True)
class RuleOutcome:
    """The outcome of one rule. Holds counts and line numbers, never a value from the data.

    `failing_rows` is `None` where the rule judges the delivery as a whole. `first_rows` are at most
    twenty line numbers of the file as received.
    """

    rule: str
    severity: str
    outcome: str
    sentence: str
    failing_rows: int | None = None
    first_rows: tuple[int, ...] = ()

    @property
    def blocks(self) -> bool:
        """A failed critical rule blocks; a rule that could not be run blocks at any severity."""
        return self.outcome == ERRORED or (self.outcome != PASSED and self.severity == "critical")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def in_words(rows: int) -> str:
    """A number of rows in words: `1 row`, `1,204 rows`."""
    return f"{rows:,} row" if rows == 1 else f"{rows:,} rows"


def rejected_in_words(rejected: Mapping[str, int]) -> str:
    """Rejected rows in words, most first: `4 rows rejected (month_blank 3, place_not_allowed 1)`."""
    most_first = sorted(rejected.items(), key=lambda entry: (-entry[1], entry[0]))
    reasons = ", ".join(f"{reason} {rows:,}" for reason, rows in most_first)
    return f"{in_words(sum(rejected.values()))} rejected ({reasons})"


def overall(outcomes: Iterable[RuleOutcome]) -> str:
    """The outcome of a whole suite: `passed`, `failed` or `errored`. No outcome at all is an error:
    a gate that checked nothing has not passed anything.
    """
    known = list(outcomes)
    if not known or any(outcome.outcome == ERRORED for outcome in known):
        return ERRORED
    return FAILED if any(outcome.blocks for outcome in known) else PASSED
