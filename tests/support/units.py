"""The unit files of the service, read as they are shipped, and their commands for this checkout."""

from __future__ import annotations

import configparser
import os
import shlex
import sys
from pathlib import Path

from orchestration.core.settings import PROJECT

DEPLOY = PROJECT / "deploy"
INSTALLED = "/srv/csp"  # where the units say that the checkout is


class Unit(configparser.RawConfigParser):
    """One unit file: `unit["Service"]["ExecStart"]`."""

    def __init__(self, name: str) -> None:
        super().__init__(interpolation=None, comment_prefixes=("#",), strict=True)
        self.optionxform = str  # type: ignore[assignment]  # names keep their case
        self.read_string((DEPLOY / name).read_text(encoding="utf-8"))

    def command(self, key: str, **instead: str) -> list[str]:
        """The words of a command, with this checkout's programs, and other words for some."""
        words = shlex.split(self["Service"][key])
        programs = Path(sys.executable).parent
        return [instead.get(word, _here(word, programs)) for word in words]


def _here(word: str, programs: Path) -> str:
    installed = f"{INSTALLED}/.venv/bin/"
    if word.startswith(installed):
        return str(programs / word.removeprefix(installed))
    return word.replace(INSTALLED, str(PROJECT))


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment file of the service for another home, and what else there is to set."""
    ours = ("CSP_", "DAGSTER_", "DBT_")
    found = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    lines = (DEPLOY / "csp.env.example").read_text(encoding="utf-8").splitlines()
    named = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    del named["CSP_SOURCES"]  # extracts come from one folder here
    shipped = {name: value.replace("/var/lib/csp", str(home)) for name, value in named.items()}
    return {**found, **shipped, "PYTHONPATH": str(PROJECT), **more}
