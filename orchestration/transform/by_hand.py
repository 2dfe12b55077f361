"""dbt by hand: any dbt command on a copy of the candidate, apart from everything that a night uses.

CSP_HOME/by_hand/candidate.duckdb    the copy, with what was built into it since
CSP_HOME/by_hand/target/             what dbt writes: parsed project, compiled queries, docs
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from orchestration.core import candidate
from orchestration.core.errors import WarehouseError
from orchestration.core.files import private_folder, sha256_of, take_away, write_text
from orchestration.core.settings import Settings
from orchestration.transform import dbt

# Set for every command: without them a hand-run dbt could write what a night reads.
_OURS = ("--project-dir", "--profiles-dir", "--target-path", "--log-path", "--target", "-t")


class NotByHand(WarehouseError):
    """The dbt command cannot be run by hand as it was given. One sentence."""


def folder_of(settings: Settings) -> Path:
    """The folder that holds the copy and what dbt writes."""
    return settings.home / "by_hand"


def refresh_copy(settings: Settings, *, is_fresh: bool) -> bool:
    """Copy the candidate unless the copy is of this very candidate, or always if `is_fresh`; say whether.

    Needs the run's lock.

    Raises:
        NotByHand: there is no candidate.
    """
    source, copy = (
        candidate.path_of(settings),
        folder_of(settings) / candidate.path_of(settings).name,
    )
    if not source.exists():
        raise NotByHand("there is no candidate to copy; run the night first (csp refresh)")
    private_folder(copy.parent)
    stamp, sha256 = copy.with_suffix(".copied"), sha256_of(source)
    if not is_fresh and copy.exists() and stamp.exists() and stamp.read_text("utf-8") == sha256:
        return False
    take_away(copy.parent.glob(f"{copy.name}*"))
    shutil.copyfile(source, copy)
    write_text(stamp, sha256)
    return True


def run(settings: Settings, command: Sequence[str]) -> bool:
    """Run a dbt command on the copy; dbt prints what it does. Returns whether it succeeded.

    `state:` is the project as the candidate was built from it, unless the command names another.

    Raises:
        NotByHand: the command sets what is set for it.
        BuildError: dbt could not run it.
    """
    taken = [word for word in command if word.split("=")[0] in _OURS]
    if taken:
        raise NotByHand(f"{taken[0]} is set by csp dbt; leave it out")
    folder = folder_of(settings)
    words = list(command)
    if any("state:" in word for word in words) and "--state" not in words:
        words += ["--state", str(settings.warehouse / "dbt")]
    database = folder / candidate.path_of(settings).name
    return dbt.by_hand(settings, words, database, folder / "target")
