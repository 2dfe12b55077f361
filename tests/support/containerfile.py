"""The Containerfile as instructions, and the folder that its build stage sees."""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from orchestration.core.settings import PROJECT


@dataclass(frozen=True)
class Instruction:
    """One instruction: its name, and all that follows it on one line."""

    name: str
    rest: str

    @property
    def words(self) -> list[str]:
        """What follows, without options."""
        return [word for word in shlex.split(self.rest) if not word.startswith("--")]


def instructions() -> list[Instruction]:
    """Every instruction of the Containerfile, in order."""
    text = (PROJECT / "Containerfile").read_text(encoding="utf-8")
    text = re.sub(r"^\s*#.*\n", "", text, flags=re.M)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [Instruction(*line.split(" ", 1)) for line in lines if line]


def copied() -> list[tuple[str, str]]:
    """What is copied from the project into the image, and where to."""
    own = [i for i in instructions() if i.name == "COPY" and "--from=" not in i.rest]
    return [(source, i.words[-1]) for i in own for source in i.words[:-1]]


def build_folder(target: Path) -> Path:
    """Copy to `target` what the first stage copies: the folder that the wheel is built in."""
    left_out = shutil.ignore_patterns("target", "logs", "__pycache__")
    for source, place in copied():
        if (PROJECT / source).is_dir():
            shutil.copytree(PROJECT / source, target / place, ignore=left_out)
        elif place == "./":
            target.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / source, target)
    return target
