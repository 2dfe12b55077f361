"""What goes wrong with a delivery, in one sentence that a partner can act on."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from orchestration.core.errors import WarehouseError


class SourceError(WarehouseError):
    """The source that extracts are pulled from cannot be read."""


class Refusal(WarehouseError):
    """A delivery cannot be read according to its contract.

    `rule` is the short name used in reports and tests; the message is the sentence for the partner.
    Neither ever holds a value from the file. `rows` are line numbers in the file as received.
    """

    def __init__(self, rule: str, sentence: str, rows: tuple[int, ...] = ()) -> None:
        super().__init__(sentence)
        self.rule = rule
        self.sentence = sentence
        self.rows = rows


# Begins the rule of a remark, so that it is never taken for a rule of a contract.
TOLD = "told:"


@dataclass(frozen=True)
class Remark:
    """What a partner is told about a delivery that was read all the same.

    `sentence` holds no value; `rows` are at most twenty line numbers, `count` is how many rows there are.
    """

    rule: str
    sentence: str
    rows: tuple[int, ...] = ()
    count: int | None = None
    severity: str = "warning"


Tell = Callable[[Remark], None]


def unheard(_remark: Remark) -> None:
    """Tell nobody."""


def unforeseen(problem: Exception) -> str:
    """An unexpected error described by its place in the code, never by its own message, which may
    quote what was read."""
    place = traceback.extract_tb(problem.__traceback__)[-1]
    return (
        f"an error that was not foreseen ({type(problem).__name__} in "
        f"{PurePath(place.filename).name}, line {place.lineno})"
    )
