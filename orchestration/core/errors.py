"""The root of all errors that are foreseen: each has one sentence for people, and an exit code.

Whoever raises one says what is wrong and what to do next. The command line, Dagster's steps and the
digest know only this root; anything else that is raised is a fault of our own and keeps its traceback.
"""

from __future__ import annotations

DONE, REFUSED, USAGE = 0, 1, 2  # the exit codes of `csp`


class WarehouseError(Exception):
    """Something that people can put right. Its text is one sentence without personal data."""

    exit_code = USAGE
    opening = ""  # what was not done, where the sentence itself only says why

    def report(self) -> str:
        """The error as people read it: one sentence."""
        return f"{self.opening}{self}"


class GateRefusal(WarehouseError):
    """A gate refused. Nothing was changed by it."""

    exit_code = REFUSED
