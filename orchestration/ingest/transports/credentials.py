"""Secrets by reference: the configuration names a variable or a file, never the secret itself."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from orchestration.ingest.transports.failures import PermanentFailure

_MOST_BYTES = 1 << 16


@dataclass(frozen=True)
class Secret:
    """Where a secret is found: `variable` of the environment, or `file` that only its owner reads."""

    variable: str = ""
    file: Path | None = None

    def read(self) -> str:
        """The secret, without white space around it.

        Raises:
            PermanentFailure: there is none, or others can read its file.
        """
        if self.file is None:
            value = os.environ.get(self.variable, "").strip()
            if not value:
                raise PermanentFailure(f"the variable {self.variable} holds no secret")
            return value
        value = guarded(self.file).read_text(encoding="utf-8").strip()
        if not value:
            raise PermanentFailure(f"the secret file {self.file.name} is empty")
        return value


def guarded(path: Path) -> Path:
    """`path`, if it is a plain file that its owner alone can read.

    Raises:
        PermanentFailure: it is not.
    """
    try:
        status = path.stat()
    except OSError as problem:
        reason = (problem.strerror or "cannot be read").lower()
        raise PermanentFailure(f"the secret file {path.name} cannot be read: {reason}") from None
    if not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
        raise PermanentFailure(f"the secret file {path.name} is not a small plain file")
    if status.st_mode & 0o077:
        raise PermanentFailure(
            f"the secret file {path.name} can be read by others than its owner; set its mode to 0600"
        )
    if not os.access(path, os.R_OK):
        raise PermanentFailure(f"the secret file {path.name} cannot be read by this user")
    return path
