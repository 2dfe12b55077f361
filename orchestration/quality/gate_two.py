"""Gate 2: Great Expectations on the marts of the candidate, and the verdict on this very candidate.

The verdict is required for publication. It names the candidate by its hash, so a verdict on another
build has no effect; without one, nothing is published (deny by default).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import duckdb

from orchestration.core import progress, records
from orchestration.core.engine import connect
from orchestration.core.files import sha256_of
from orchestration.core.records import an_object, as_a, sound
from orchestration.core.settings import Settings
from orchestration.protection import encryption
from orchestration.quality.outcomes import RuleOutcome, overall
from orchestration.quality.runner import IN_MEMORY, run_suite
from orchestration.quality.suites import Suite, load_suites


@dataclass(frozen=True)
class Verdict:
    """Whether one candidate may be published, and why not.

    `candidate_sha256` is the hash of the DuckDB file that was judged; `inputs` the fingerprint of
    what it was built from; `outcomes` the rules by suite.
    """

    allow: bool
    reasons: tuple[str, ...]
    candidate_sha256: str
    inputs: str
    outcomes: Mapping[str, tuple[RuleOutcome, ...]]


def decide(
    candidate_sha256: str,
    inputs: str,
    failed_nodes: Sequence[str],
    outcomes: Mapping[str, Sequence[RuleOutcome]],
) -> Verdict:
    """The verdict on dbt's failures and the suites' outcomes. Pure; refused if there is no suite at all."""
    reasons = [f"dbt: {name} did not pass" for name in failed_nodes]
    if not outcomes:
        reasons.append("gate 2: no suite was run")
    for suite, results in outcomes.items():
        blocking = [result for result in results if result.blocks]
        reasons += [
            f"{suite}: {result.rule} {result.outcome}, {result.sentence}" for result in blocking
        ]
        if not blocking and overall(results) != "passed":
            reasons.append(f"{suite}: nothing was checked")
    return Verdict(
        allow=not reasons,
        reasons=tuple(reasons),
        candidate_sha256=candidate_sha256,
        inputs=inputs,
        outcomes={suite: tuple(results) for suite, results in outcomes.items()},
    )


def run_gate_two(
    settings: Settings, candidate: Path, inputs: str, failed_nodes: Sequence[str]
) -> Verdict:
    """Judge the candidate and record the verdict.

    Raises:
        KeyFileError: the candidate is not under a key that is set.
    """
    outcomes = {} if failed_nodes else judge_candidate(settings, candidate)
    verdict = decide(sha256_of(candidate), inputs, failed_nodes, outcomes)
    records.write(verdict_path(settings), asdict(verdict))
    return verdict


def judge_suites(
    settings: Settings, database: Path, chosen: Collection[str] | None = None
) -> dict[str, list[RuleOutcome]]:
    """Run the suites (all, or the chosen ones) on a database, read-only; outcomes by the suite's name."""
    address = f"duckdb+readonly:///{database}?access_mode=read_only"
    return _run_all(settings, chosen, address)


def judge_candidate(
    settings: Settings, candidate: Path, chosen: Collection[str] | None = None
) -> dict[str, list[RuleOutcome]]:
    """The same on the candidate, which may be under a key. It is no verdict.

    Raises:
        KeyFileError: the candidate is not under a key that is set.
    """

    def attach(connection: duckdb.DuckDBPyConnection) -> None:
        encryption.attach(settings, connection, candidate, "candidate")
        connection.execute("use candidate")

    with connect() as connection:
        attach(connection)  # a wrong key is reported here; GX would give no clear message
    if encryption.key_of(settings) is None:
        return judge_suites(settings, candidate, chosen)
    return _run_all(settings, chosen, IN_MEMORY, attach)


def _run_all(
    settings: Settings,
    chosen: Collection[str] | None,
    database: str,
    prepare: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
) -> dict[str, list[RuleOutcome]]:
    suites = load_suites(settings.mart_suites)
    wanted = [suite for suite in suites if chosen is None or suite.name in chosen]
    outcomes = {}
    for number, suite in enumerate(wanted, start=1):
        outcomes[suite.name] = _run(suite, database, prepare)
        progress.tell("suites of gate 2", number, len(wanted))
    return outcomes


def verdict_path(settings: Settings) -> Path:
    """The path of the verdict on the newest candidate."""
    return settings.warehouse / "verdict.json"


def judged_at(settings: Settings) -> int | None:
    """When the last verdict was written (nanoseconds, by the file's time); `None` where there is none."""
    path = verdict_path(settings)
    return path.stat().st_mtime_ns if path.exists() else None


def read_verdict(settings: Settings) -> Verdict | None:
    """The verdict on the newest candidate, if there is one."""
    return sound(verdict_path(settings), _verdict_of)  # one that cannot be read allows nothing


def _verdict_of(document: Any) -> Verdict:
    outcome = as_a(RuleOutcome)
    outcomes = {
        suite: tuple(outcome(entry) for entry in entries)
        for suite, entries in an_object(document)["outcomes"].items()
    }
    return replace(as_a(Verdict)({**document, "outcomes": {}}), outcomes=outcomes)


def _run(
    suite: Suite,
    database: str,
    prepare: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
) -> list[RuleOutcome]:
    return run_suite(
        suite.name,
        f'select * from "{suite.schema}"."{suite.table}"',
        suite.rules,
        database=database,
        prepare=prepare,
    )
