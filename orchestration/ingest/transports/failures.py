"""What goes wrong at a source, by kind: whether to try again, and how much of it is concerned."""

from __future__ import annotations

from orchestration.core.refusal import SourceError

PERMANENT = "permanent"
TRANSIENT = "transient"


class PermanentFailure(SourceError):
    """The source cannot be read until something is repaired; a retry would not help."""


class TransientFailure(SourceError):
    """The source could not be read at present. `after` is the wait in seconds that it asked for, or
    that has already passed.
    """

    def __init__(self, sentence: str, after: float | None = None) -> None:
        super().__init__(sentence)
        self.after = after


class FileRefused(SourceError):
    """One file cannot be taken; the other files of its source can."""


class Unsettled(SourceError):
    """One file was changed while it was being looked at; the next pull takes it."""


class NoData(SourceError):
    """The source has nothing for a period. It is not a zero, and it is never landed."""


def kind_of(problem: SourceError) -> str:
    """`transient` where trying again may help, else `permanent`."""
    return TRANSIENT if isinstance(problem, TransientFailure) else PERMANENT
