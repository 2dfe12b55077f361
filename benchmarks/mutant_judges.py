"""How a mutant is judged: by dbt's unit tests of its model, or by test files run in a copy of the checkout.

Python mutants are made and judged by mutmut; their names and verdicts are read from its output.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.mutated_sql import Change
from orchestration.core.settings import from_environment
from orchestration.transform import dbt

KILLED, SURVIVED, BROKEN = "killed", "survived", "cannot run"
_LEFT_OUT = (".*", "*.egg-info", "__pycache__", "target", "logs", "mutants")
_PRELOADED = [
    "duckdb",
    "pandas",
    "pytest",
    "yaml",
]  # nothing from this project: it is what is being mutated
_LONGEST = 300  # seconds for the tests of one mutant; longer means an endless loop
_FOUND = {
    "killed",
    "timeout",
    "suspicious",
    "segfault",
}  # mutmut's status for a mutant that makes a test fail
_OF_A_WHOLE_RUN = 6 * 60 * 60


class CannotJudge(RuntimeError):
    """The tests are inconclusive: they fail without a mutant, or something they need is missing."""


@dataclass(frozen=True)
class Judged:
    """One mutant: the file (relative to the project) and line of its change, and the verdict on it."""

    path: str
    line: int
    told: str
    verdict: str


def copied(project: Path, folder: Path) -> Path:
    """A copy of the checkout to mutate, without build products."""
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    return folder


class TestFiles:
    """Judges changes to a file in a copy of the checkout by running that copy's test files."""

    def __init__(self, project: Path, tests: Sequence[Path]) -> None:
        self._project, self._tests = project, [str(path) for path in tests]

    def hold(self) -> None:
        """Check that the tests pass while nothing is changed.

        Raises:
            CannotJudge: they fail.
        """
        if not self._passes():
            raise CannotJudge(f"without a mutant these tests fail: {', '.join(self._tests)}")

    def judge(self, path: Path, change: Change) -> str:
        """Whether this change to the file makes a test fail; the file is restored afterwards."""
        before = path.read_text(encoding="utf-8")
        path.write_text(change.applied(before), encoding="utf-8")
        try:
            return SURVIVED if self._passes() else KILLED
        finally:
            path.write_text(before, encoding="utf-8")

    def _passes(self) -> bool:
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        try:
            ended = subprocess.run(  # noqa: S603 - our own command
                [*command, *self._tests],
                cwd=self._project,
                # Ahead of the installed checkout on the path, and never from compiled bytecode.
                env={
                    **_environment(),
                    "PYTHONPATH": str(self._project),
                    "PYTHONDONTWRITEBYTECODE": "1",
                },
                capture_output=True,
                timeout=_LONGEST,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False
        return ended.returncode == 0


def _environment() -> dict[str, str]:
    """The environment of this process, without the variables that point to this machine's own home."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("CSP_", "DAGSTER_"))}


class UnitTests:
    """Judges changes to dbt models by the models' unit tests, in this process."""

    def __init__(self, home: Path) -> None:
        candidate = dbt.candidate_path(from_environment({**_clock(), "CSP_HOME": str(home)}))
        if not candidate.exists():
            raise CannotJudge(f"{home} holds no candidate that dbt built; run make refresh first")
        self._own = TemporaryDirectory(prefix="mutants-")
        self._settings = from_environment({**_clock(), "CSP_HOME": self._own.name})
        self._settings.warehouse.mkdir(parents=True)
        shutil.copyfile(candidate, dbt.candidate_path(self._settings))
        dbt.prepare(self._settings)
        self._manifest: Any = json.loads(
            dbt.manifest_path(self._settings).read_text(encoding="utf-8")
        )

    def models(self) -> dict[str, Path]:
        """The models that have unit tests, with the files that define them."""
        tested = {entry["model"] for entry in self._manifest["unit_tests"].values()}
        nodes = [n for n in self._manifest["nodes"].values() if n["resource_type"] == "model"]
        root = self._settings.dbt_project
        return {n["name"]: root / n["original_file_path"] for n in nodes if n["name"] in tested}

    def judge(self, model: str, text: str) -> str:
        """Whether a unit test of the model fails with this text; a text that dbt cannot run is not judged."""
        states = {result.status for result in dbt.unit_tests(self._settings, {model: text})}
        if "fail" in states:
            return KILLED
        return SURVIVED if states == {"pass"} else BROKEN


def _clock() -> dict[str, str]:
    return {"CSP_NOW": os.environ["CSP_NOW"]} if "CSP_NOW" in os.environ else {}


def python(
    project: Path, modules: Sequence[Path], tests: Sequence[Path], most: int, seed: int
) -> tuple[list[Judged], int]:
    """A judged sample of the mutants that mutmut makes of the modules, and the total number of mutants.

    Raises:
        CannotJudge: mutmut cannot run the tests.
    """
    with TemporaryDirectory(prefix="mutants-") as place:
        folder = copied(project, Path(place) / "checkout")
        source = modules[0].relative_to(project).parts[0]
        others = sorted(
            path.name for path in folder.iterdir() if path.name not in (source, "tests")
        )
        _write(folder / "setup.cfg", {
            "source_paths": [source],
            "only_mutate": [path.relative_to(project).as_posix() for path in modules],
            "pytest_add_cli_args_test_selection": [
                path.relative_to(project).as_posix() for path in tests
            ],
            "also_copy": others,
        })  # fmt: skip
        # A name that no mutant has: all are made, and the tests run once to find out which test covers which.
        output = _mutmut(folder, "run", "none")
        everyone = _verdicts(folder)
        stats = folder / "mutants/mutmut-stats.json"
        if not everyone or not stats.exists():
            raise CannotJudge(f"mutmut cannot run the tests: {output[-2000:]}")
        names = sorted(everyone)
        sample = sorted(random.Random(seed).sample(names, min(most, len(names))))  # noqa: S311
        met = json.loads(stats.read_text(encoding="utf-8"))
        known = met["tests_by_mangled_function_name"]
        reached = [name for name in sample if known.get(name.rpartition("__mutmut_")[0])]
        output = _mutmut(folder, "run", *reached)
        verdicts = _verdicts(folder)
        if any(verdicts[name] == "not checked" for name in reached):
            raise CannotJudge(f"mutmut did not end: {output[-2000:]}")
        judged = [_judged(folder, name, verdicts[name]) for name in sample]
        return judged, len(names)


def _write(path: Path, options: dict[str, list[str]]) -> None:
    lines = ["[mutmut]"]
    for key, values in options.items():
        lines += [f"{key} = {values[0]}"] if len(values) == 1 else [
            f"{key} =", *(f"    {value}" for value in values)
        ]  # fmt: skip
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _mutmut(folder: Path, *command: str) -> str:
    """Run mutmut in the copy and return its output."""
    ended = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "mutmut", *command],
        cwd=folder,
        env=_environment(),  # mutmut itself puts its mutants first on the path
        capture_output=True,
        text=True,
        timeout=_OF_A_WHOLE_RUN,
        check=False,
    )
    return ended.stdout + ended.stderr


def _verdicts(folder: Path) -> dict[str, str]:
    """mutmut's verdict on each of its mutants."""
    output = _mutmut(folder, "results", "--all", "true")
    return dict(re.findall(r"^\s+(\S+__mutmut_\d+): (.+)$", output, re.M))


def _judged(folder: Path, name: str, verdict: str) -> Judged:
    """One of mutmut's mutants, with its function's file; for a survivor, its line and change too."""
    module, _, function = name.rpartition("__mutmut_")[0].rpartition(".")
    path = f"{module.replace('.', '/')}.py"
    if verdict in _FOUND:
        return Judged(path, 0, name, KILLED)
    lines = _mutmut(folder, "show", name).splitlines()
    was = [line[1:].strip() for line in lines if re.match(r"-(?!--)", line)]
    becomes = [line[1:].strip() for line in lines if re.match(r"\+(?!\+\+)", line)]
    source = (folder / path).read_text(encoding="utf-8").splitlines()
    plain = re.sub(r"^.*ǁ|^x_", "", function)
    begin = next(n for n, line in enumerate(source) if re.search(rf"\bdef {plain}\b", line))
    # The first line in the function whose text is that of the changed line.
    at = next((n for n in range(begin, len(source)) if [source[n].strip()] == was[:1]), begin)
    return Judged(path, at + 1, f"{' '.join(was)} -> {' '.join(becomes)}", SURVIVED)
