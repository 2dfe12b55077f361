"""The project as dbt parsed it, once for all homes of the tests: a parse costs more than most of them."""

import shutil
from dataclasses import replace

from filelock import FileLock

from orchestration.core.settings import PROJECT, Settings
from orchestration.transform import dbt

_HOME = PROJECT / ".pytest_cache" / "parsed"


def lend(settings: Settings) -> None:
    """Give a home that has no parsed project one that fits, unless its code is another checkout's."""
    target = settings.dbt_target
    if settings.project != PROJECT or target.exists() or settings.home == _HOME:
        return
    _HOME.mkdir(parents=True, exist_ok=True)
    with FileLock(_HOME / "lend.lock"):
        ours = replace(settings, home=_HOME)
        dbt.prepare(ours)
        target.mkdir(parents=True)
        for path in ours.dbt_target.iterdir():
            if path.suffix != ".lock":
                shutil.copy2(path, target)
