"""The root of all expected errors: each has one sentence for people, and an exit code.

The message says what is wrong and what to do next. The command line, Dagster's steps and the digest
know only this root; any other exception is a bug of ours and keeps its traceback.
"""

from __future__ import annotations

DONE, REFUSED, USAGE = 0, 1, 2  # the exit codes of `csp`


class WarehouseError(Exception):
    """An error that people can correct. Its text is one sentence without personal data."""

    exit_code = USAGE
    opening = ""  # what was not done, if the sentence itself only gives the reason

    def report(self) -> str:
        """The error as people read it: one sentence."""
        return f"{self.opening}{self}"


class GateRefusal(WarehouseError):
    """A gate refused. Nothing was changed."""

    exit_code = REFUSED
