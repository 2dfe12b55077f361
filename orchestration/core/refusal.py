"""What goes wrong with a delivery, in one sentence that a partner can act on."""

from __future__ import annotations

import traceback
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


def unforeseen(problem: Exception) -> str:
    """An unexpected error described by its place in the code, never by its own message, which may
    quote what was read."""
    place = traceback.extract_tb(problem.__traceback__)[-1]
    return (
        f"an error that was not foreseen ({type(problem).__name__} in "
        f"{PurePath(place.filename).name}, line {place.lineno})"
    )
