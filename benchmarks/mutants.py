"""Do the tests find an error that is put into the rules? `make mutants` puts in many, one at a time.

Mutants of the pure Python core come from mutmut, those of SQL from `mutated_sql`. A sample of each
(by a seed) is judged by the tests that belong to it: a mutant that makes no test fail has survived.
Those of dbt models need a candidate built by dbt, so `make refresh` must have run once.

The tables below list only what can be judged in seconds: an error in disclosure control or in a model
without unit tests is a matter for the whole suite (the attack, the re-derivation).
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import mutated_sql
from benchmarks.mutant_judges import (
    BROKEN,
    KILLED,
    SURVIVED,
    CannotJudge,
    Judged,
    TestFiles,
    UnitTests,
    copied,
    python,
)
from orchestration.core.settings import PROJECT, from_environment

# The pure modules that hold decisions, by import name, with the test files (anywhere in `tests/`)
# that judge them. A module that is moved must be renamed here.
MODULES = {
    "orchestration.core.periods": ["test_periods", "test_period_kinds"],
    "orchestration.cli.status_grid": ["test_grid"],
    "orchestration.quality.outcomes": ["test_outcomes"],
    "orchestration.ingest.landing.retention": ["test_retention"],
    "orchestration.disclosure.register": ["test_disclosure_rules"],
    "orchestration.alerts.thresholds": ["test_alerts_deployment"],
    "orchestration.alerts.digest": ["test_alerts"],
    "orchestration.edition.figures.changes": ["test_edition_changes"],
    "orchestration.edition.workspace.ranking": ["test_edition_ranking"],
    "orchestration.edition.gate.verdict": ["test_gate_three_verdict"],
    "orchestration.quality.waivers": ["test_gate_three_waivers"],
    "orchestration.edition.report.sections.revisions": ["test_report_findings"],
    "orchestration.edition.report.sections.standing_out": ["test_report_findings"],
}
# Packages with their own queries: the files concerned, and the test files that judge them.
QUERIES = {
    "orchestration.figures": (
        "tables/*.sql",
        [
            "test_edition_tables",
            "test_edition_months",
            "test_edition_queries",
            "test_edition_queries_people",
            "test_edition_queries_sources",
        ],
    ),
}


def found(module: str) -> Path:
    """The file of a module, or the folder of a package.

    Raises:
        CannotJudge: there is no such module.
    """
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        raise CannotJudge(
            f"{module} is not there any more; say in benchmarks/mutants.py where it is"
        )
    path = Path(spec.origin)
    return path.parent if path.name == "__init__.py" else path


def test_files(names: Sequence[str]) -> list[Path]:
    """The test files of these names.

    Raises:
        CannotJudge: there is no such file.
    """
    files = {path.stem: path for path in sorted((PROJECT / "tests").rglob("test_*.py"))}
    for name in names:
        if name not in files:
            raise CannotJudge(
                f"{name} is not in tests/; say in benchmarks/mutants.py what it became"
            )
    return [files[name] for name in names]


def of_python(most: int, seed: int) -> tuple[list[Judged], int]:
    """A judged sample of the mutants of the modules, and the total number of mutants."""
    modules = [found(module) for module in MODULES]
    tests = sorted({path for names in MODULES.values() for path in test_files(names)})
    return python(PROJECT, modules, tests, most, seed)


def of_sql(most: int, seed: int) -> tuple[list[Judged], int]:
    """A judged sample of the mutants of dbt models and of the queries above, and their total number."""
    models = UnitTests(from_environment(os.environ).home)
    every: list[tuple[str, Path, mutated_sql.Change]] = [
        (model, path, change)
        for model, path in sorted(models.models().items())
        for change in mutated_sql.changes(path.read_text(encoding="utf-8"))
    ]
    for package, (pattern, _) in QUERIES.items():
        every += [
            (package, path, change)
            for path in sorted(found(package).glob(pattern))
            for change in mutated_sql.changes(path.read_text(encoding="utf-8"))
        ]
    places = random.Random(seed).sample(range(len(every)), min(most, len(every)))  # noqa: S311
    sample = [every[place] for place in sorted(places)]
    judged = [*_of_models(models, sample), *_of_queries(sample)]
    return judged, len(every)


def _of_models(
    models: UnitTests, sample: Sequence[tuple[str, Path, mutated_sql.Change]]
) -> Iterator[Judged]:
    held: set[str] = set()
    for model, path, change in sample:
        if model in QUERIES:
            continue
        text = path.read_text(encoding="utf-8")
        if model not in held and models.judge(model, text) != SURVIVED:
            raise CannotJudge(f"without a mutant the unit tests of {model} fail")
        held.add(model)
        verdict = models.judge(model, change.applied(text))
        yield _reported(Judged(_relative(path), change.line, change.told, verdict))


def _of_queries(sample: Sequence[tuple[str, Path, mutated_sql.Change]]) -> Iterator[Judged]:
    for package, (_, tests) in QUERIES.items():
        mine = [(path, change) for owner, path, change in sample if owner == package]
        if not mine:
            continue
        with TemporaryDirectory(prefix="mutants-") as place:
            folder = copied(PROJECT, Path(place) / "checkout")
            judge = TestFiles(
                folder, [folder / path.relative_to(PROJECT) for path in test_files(tests)]
            )
            judge.hold()
            for path, change in mine:
                verdict = judge.judge(folder / path.relative_to(PROJECT), change)
                yield _reported(Judged(_relative(path), change.line, change.told, verdict))


def _relative(path: Path) -> str:
    return path.resolve().relative_to(PROJECT).as_posix()


def _reported(judged: Judged) -> Judged:
    if judged.verdict != KILLED:
        print(f"  {judged.verdict}: {judged.path}:{judged.line}: {judged.told}", flush=True)
    return judged


def score(judged: Sequence[Judged]) -> float:
    """The share of mutants that made a test fail, among those that can run; 1 if there are none."""
    able = [one for one in judged if one.verdict != BROKEN]
    return sum(one.verdict == KILLED for one in able) / len(able) if able else 1.0


def report(kind: str, judged: Sequence[Judged], every: int, seed: int) -> str:
    """The score for one kind of mutant, and every survivor by file and line."""
    number = {verdict: sum(j.verdict == verdict for j in judged) for verdict in (KILLED, SURVIVED)}
    broken = len(judged) - sum(number.values())
    lines = [
        f"{kind}: {score(judged):.0%} killed ({number[KILLED]} killed, {number[SURVIVED]} survived, "
        f"{len(judged)} in all, {broken} of them cannot run; a sample of {every:,} by seed {seed})"
    ]
    survivors = sorted(
        (j for j in judged if j.verdict == SURVIVED), key=lambda j: (j.path, j.line, j.told)
    )
    return "\n".join([*lines, *(f"  {j.path}:{j.line}: {j.told}" for j in survivors)])


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge a sample and print the scores; return 0 if it ran, 2 if nothing could be judged."""
    parser = argparse.ArgumentParser(prog="mutants", description=(__doc__ or "").splitlines()[0])
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--python", action="store_true", help="only mutants of Python")
    kinds.add_argument("--sql", action="store_true", help="only mutants of SQL")
    parser.add_argument("--most", type=int, default=60, help="how many of each kind (60)")
    parser.add_argument("--seed", type=int, default=1, help="which ones (1)")
    given = parser.parse_args(arguments)
    wanted = [
        *([] if given.sql else [("Python", of_python)]),
        *([] if given.python else [("SQL", of_sql)]),
    ]
    try:
        for kind, judge in wanted:
            begun = time.monotonic()
            judged, every = judge(given.most, given.seed)
            print(report(kind, judged, every, given.seed))
            print(f"  in {time.monotonic() - begun:.0f} s", flush=True)
    except CannotJudge as problem:
        print(f"mutants: {problem}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
