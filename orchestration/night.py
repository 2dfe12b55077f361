"""The night, step by step, as plain functions, wired by Dagster and called by tests.

    pull -> gate 1 -> manifest -> build -> gate 2 -> publish

Every step may be killed and run again: each writes its result atomically, and determines for itself
what remains to be done.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, dataclass, field
from importlib.metadata import version
from typing import Any

from orchestration import erasure, extracts
from orchestration.contracts.odcs import Contract, load_contracts
from orchestration.core import candidate, engine, exhausted, one_run, records, register
from orchestration.core.files import (
    PASSAGE,
    require_writable,
    sha256_of,
    sweep_temporaries,
    take_away,
    tighten,
)
from orchestration.core.records import as_a, sound
from orchestration.core.sealed import LedgerBroken
from orchestration.core.settings import Settings
from orchestration.core.verified import Verified
from orchestration.core.wording import counted
from orchestration.ingest.landing import purge as purging
from orchestration.ingest.landing.deliveries import awaiting, deliveries
from orchestration.ingest.landing.receipts import receipts
from orchestration.ingest.readers import raw_files
from orchestration.protection import pseudonyms, rekey, vault
from orchestration.quality import held
from orchestration.quality.gate_one import EVERYTHING, Asked, GateOne, run_gate_one
from orchestration.quality.gate_two import Verdict, judge_candidate, run_gate_two
from orchestration.quality.outcomes import RuleOutcome
from orchestration.quality.suites import load_suites
from orchestration.release import publish as release
from orchestration.release import roles
from orchestration.release.provenance import publication_facts
from orchestration.release.verify import is_intact, read_manifest
from orchestration.transform import dbt, manifest, unchanged
from orchestration.transform.results import NodeResult, Watch, blocking

Say = Callable[[str], None]
AnotherRunIsOn = one_run.AnotherRunIsOn
_TO_ASK = "the configured sources have to be asked"


@dataclass(frozen=True)
class Work:
    """Whether a run would change anything, and why. Determined without opening any extract."""

    reasons: tuple[str, ...]

    @property
    def is_needed(self) -> bool:
        return bool(self.reasons)

    @property
    def is_to_ask(self) -> bool:
        """Whether nothing is known to be new, and sources that nobody has asked yet may have something."""
        return self.reasons == (_TO_ASK,)


@contextmanager
def alone(
    settings: Settings,
    who: str = "",
    say: Say = one_run.say_on_stderr,
    is_given_up: Callable[[], bool] = lambda: False,
) -> Iterator[None]:
    """Hold the lock that allows one run at a time in `CSP_HOME`; sweep what killed runs left behind.

    It is an operating system lock, released with its process, however that ends. Within a process it
    may be taken again, so a run holds it around steps that take it themselves; a step in a process of
    its own joins its run. `who` is what others are told is on (by default the command). Another run is
    waited for, as long as `CSP_WAIT_SECONDS` says.

    Raises:
        AnotherRunIsOn: another process still holds it then.
        NotWritable: nothing can be recorded in the home.
        Exhausted: the disk, memory or time that the block may use was not enough.
    """
    require_writable(settings.home)
    with (
        exhausted.told(),
        one_run.alone(settings.home, who, settings.wait_seconds, say, is_given_up) as is_outermost,
    ):
        if not is_outermost:
            yield
            return
        for folder in (settings.landing, settings.raw, settings.quarantine):
            sweep_temporaries(folder)
        take_away(settings.warehouse.glob(f"{engine.SPILT}*"))
        candidate.sweep(settings)
        vault.sweep(settings)
        _tighten(settings)
        try:
            yield
        finally:
            _tighten(settings)


def _tighten(settings: Settings) -> None:
    """Set the proper modes on everything in the home, including files written by libraries."""
    shared = [settings.publications] if roles.protect(settings, settings.publications) else []
    tighten(
        settings.home,
        shared,
        [settings.editions, settings.home / ".given"],
        roles.passage(settings) or PASSAGE,
    )


def contracts_of(settings: Settings) -> dict[str, Contract]:
    """The current contracts, bound to the pseudonym key in use: with another key, the deliveries of
    feeds that hold identifiers are read again."""
    return pseudonyms.bound(settings, load_contracts(settings.contracts))


def purge(settings: Settings, contracts: Mapping[str, Contract], say: Say) -> int:
    """Delete deliveries past their retention date; return how many were deleted.

    If the clock is far from the newest delivery, nothing is purged and a warning is given; the night
    goes on.
    """
    try:
        if again := erasure.settle(settings, contracts):
            say(
                f"{again} deliveries were erased again: a backup brought them back, or a run was killed"
            )
    except LedgerBroken as problem:
        say(str(problem))
    try:
        return len(purging.purge(settings, contracts))
    except purging.ClockDoubted as doubt:
        say(str(doubt))
        return 0


def gate_one(
    settings: Settings,
    contracts: Mapping[str, Contract],
    say: Say,
    asked: Asked = EVERYTHING,
) -> GateOne:
    """Parse and judge every delivery awaiting it, with raw made whole and under the key in use.

    Only those that are asked for, and again those that were judged, if that is asked.
    """
    raw_files.mend(settings, contracts, say)
    moved = rekey.settle(settings)
    if moved.files or moved.dropped:
        say(
            f"the key of raw has changed: {moved.files} files were rewritten, and {moved.dropped} "
            "that no key opens are made anew"
        )
        for receipt in receipts(settings):
            raw_files.vouch(settings, receipt)
    return run_gate_one(settings, contracts, say, asked)


def write_manifest(settings: Settings, contracts: Mapping[str, Contract]) -> str:
    """Write dbt's manifest; return the fingerprint of everything the warehouse is built from."""
    rows = _manifest_rows(settings, contracts)
    # Figures that are held are taken from what was published last, so not from what has changed since.
    manifest.write(settings, contracts, rows, release.sound_publication(settings))
    return fingerprint(settings, rows)


def inputs_of(settings: Settings, contracts: Mapping[str, Contract]) -> str:
    """The fingerprint of the inputs that a build would now be made from."""
    return fingerprint(settings, _manifest_rows(settings, contracts))


def _manifest_rows(
    settings: Settings, contracts: Mapping[str, Contract]
) -> dict[str, list[dict[str, Any]]]:
    found = deliveries(settings, contracts)
    return manifest.tables(settings, contracts, found, held.releases(settings))


def fingerprint(settings: Settings, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """One hash over deliveries, contracts, the dbt project, the seeds, the partnership's decisions, the
    suites and the engine."""
    digest = hashlib.sha256(json.dumps(rows, sort_keys=True).encode())
    digest.update(dbt.project_fingerprint(settings).encode())
    digest.update(register.decisions_sha256(settings).encode())
    for path in (
        *sorted(settings.contracts.rglob("*.yaml")),
        *sorted(settings.mart_suites.glob("*.yaml")),
    ):
        digest.update(sha256_of(path).encode())
    for package in ("duckdb", "dbt-core", "dbt-duckdb"):
        digest.update(f"{package}=={version(package)}".encode())
    return digest.hexdigest()


def is_published(settings: Settings, contracts: Mapping[str, Contract]) -> bool:
    """Whether the current publication is whole and was built from exactly the inputs of now.

    Looks at sizes and times, and hashes only what has changed in them. One that a person put back stays
    until something but the day has changed.
    """
    if not settings.published.exists():
        return False
    if not is_intact(settings.published, Verified(settings.home)):
        return False
    put_back = release.standing_put_back(settings)
    if put_back is not None and put_back["waits_for"]:
        return bool(put_back["waits_for"] == _but_the_day(settings, contracts))
    published = read_manifest(settings.published)
    return published is not None and published.get("inputs") == inputs_of(settings, contracts)


def put_back(settings: Settings, contracts: Mapping[str, Contract], by: str, why: str) -> str:
    """Put the previous publication back; return its name. Needs the run's lock.

    The next night leaves it, unless something new has come that was not published either.

    Raises:
        PublicationRefused: it is not signed for, or there is none.
    """
    has_news = not settings.published.exists() or not is_published(settings, contracts)
    is_back = release.standing_put_back(settings) is not None
    waits_for = "" if has_news and not is_back else _but_the_day(settings, contracts)
    return release.put_back(settings, by, why, waits_for).name


def _but_the_day(settings: Settings, contracts: Mapping[str, Contract]) -> str:
    """The fingerprint of the inputs without what follows from the date alone."""
    rows = _manifest_rows(settings, contracts)
    dated = {"due_through", "due_first_month", "owed_through"}
    return fingerprint(
        settings,
        {
            name: [{key: row[key] for key in row if key not in dated} for row in entries]
            for name, entries in rows.items()
        },
    )


def work(
    settings: Settings,
    contracts: Mapping[str, Contract],
    only: Sequence[str] = (),
    *,
    is_pulled: bool = False,
) -> Work:
    """What a run would have to do. Reads receipts and a folder's listing, and contacts no server.

    With `is_pulled`, the sources have just been asked, and only what has come of it counts.
    """
    reasons = []
    found = deliveries(settings, contracts)
    try:
        if again := erasure.unsettled(settings):
            reasons.append(f"{len(again)} deliveries that were erased are there again")
    except LedgerBroken as problem:
        reasons.append(str(problem))
    if past := purging.due(settings, contracts):
        reasons.append(f"{len(past)} deliveries past their retention date")
    if not is_pulled:
        reasons += _at_the_sources(settings, contracts, only)
    if waiting := awaiting(found):
        reasons.append(f"{len(waiting)} deliveries not judged under the contracts of today")
    if not rekey.is_settled(settings):
        reasons.append("raw and the candidate are not under the key in use")
    if damaged := _raw_to_mend(settings):
        reasons.append(f"{counted(damaged, 'file')} of raw gone or changed")
    if not reasons and not is_published(settings, contracts):
        is_whole = settings.published.exists() and is_intact(
            settings.published, Verified(settings.home)
        )
        reasons.append(
            "what is published was built from other inputs"
            if is_whole or not settings.published.exists()
            else "what is published is not whole"
        )
    return Work(tuple(reasons))


def _at_the_sources(
    settings: Settings, contracts: Mapping[str, Contract], only: Sequence[str]
) -> list[str]:
    """The reason for a run that lies at the sources, if any."""
    if extracts.is_configured(settings):
        # Servers that are down would delay the caller; a run contacts them, and goes on without them.
        return [_TO_ASK]
    new = extracts.pull(settings, contracts, only, dry=True).landed
    return [f"{len(new)} new or changed {'file' if len(new) == 1 else 'files'}"] if new else []


def _raw_to_mend(settings: Settings) -> int:
    """How many raw files are gone or damaged, of those whose size or time has changed."""
    return raw_files.changed(settings, Verified(settings.home))


@dataclass(frozen=True)
class Build:
    """The result of a dbt build: the file, its inputs, and the nodes that did not pass.

    `parts` are the nodes built since from other inputs than the rest. A candidate that has any is for
    looking at, and no verdict is reached on it. `nodes`, `rules` and `deliveries` say what those that are
    sound were made from (`transform/unchanged.py`).
    """

    candidate_sha256: str
    inputs: str
    failed: tuple[str, ...]
    parts: tuple[str, ...] = ()
    nodes: Mapping[str, str] = field(default_factory=dict)
    rules: Mapping[str, str] = field(default_factory=dict)
    deliveries: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def made(self) -> unchanged.Made:
        """What the nodes that are sound were made from."""
        return unchanged.Made(self.nodes, self.rules, self.deliveries)


def build(
    settings: Settings,
    contracts: Mapping[str, Contract],
    watch: Watch | None = None,
    *,
    is_full: bool = False,
) -> list[NodeResult]:
    """Build the candidate with dbt, and record its inputs; one result per node.

    Only what would come out otherwise is built: what the last build made of the same is left as it is,
    tests that passed included. With `is_full`, and where that build cannot be relied on, all is built.
    `watch` is told of each node as it happens.
    """
    rows = _rows_to_build(settings, contracts)
    inputs = fingerprint(settings, rows)
    before = None if is_full else read_build(settings)
    known = before.made if before is not None and _is_of(settings, before) else unchanged.Made()
    candidate.build_record_of(settings).unlink(missing_ok=True)
    results, sound_now = dbt.build_changed(settings, rows, _raw_rows(settings), known, watch)
    failed = tuple(result.name for result in blocking(results))
    sha256 = sha256_of(candidate.path_of(settings))
    _record(settings, Build(sha256, inputs, failed, (), *astuple(sound_now)))
    return results


def _raw_rows(settings: Settings) -> dict[str, list[dict[str, str]]]:
    """By feed, one row per delivery that was parsed, with the sha256 of its file in raw."""
    found: dict[str, list[dict[str, str]]] = {}
    for receipt, record in raw_files.records_of(settings).items():
        if record is not None and record.raw_sha256:
            row = {"delivery_id": receipt.delivery_id, "sha256": record.raw_sha256}
            found.setdefault(receipt.feed, []).append(row)
    return found


def build_part(
    settings: Settings,
    contracts: Mapping[str, Contract],
    nodes: Sequence[str],
    watch: Watch | None = None,
) -> list[NodeResult]:
    """Build exactly these nodes of dbt's (by unique id); what they read is taken from the candidate.

    If they pass, the candidate has them from now on, and its verdict is void. Built from other inputs than
    the rest of it, they make it one that is not published; the next night builds it whole.

    Raises:
        BuildError: there is no candidate, or no record of its build.
    """
    inputs = fingerprint(settings, _rows_to_build(settings, contracts))
    before = read_build(settings)
    if before is None or not _is_of(settings, before):
        raise dbt.BuildError(
            "there is no finished build to take a part from; run the nightly job first (csp refresh)"
        )
    results = dbt.build_part(settings, nodes, watch)
    sha256 = sha256_of(candidate.path_of(settings))
    if sha256 != before.candidate_sha256:
        done = {result.name for result in results}
        built = {result.name for result in results if result.is_table}
        failed = tuple(name for name in before.failed if name not in done)
        # What it was mixed with once, other parts may have been made from.
        is_whole = inputs == before.inputs and not before.parts
        parts = () if is_whole else tuple(sorted(built.union(before.parts)))
        ids = {result.unique_id for result in results}
        known = before.made if is_whole else before.made.only(before.nodes.keys() - ids)
        _record(settings, Build(sha256, before.inputs, failed, parts, *astuple(known)))
    return results


def _rows_to_build(
    settings: Settings, contracts: Mapping[str, Contract]
) -> dict[str, list[dict[str, Any]]]:
    """The manifest that a build is made from, with raw and dbt's manifest as they were written."""
    mended = raw_files.mend(settings, contracts, lambda line: None)
    if mended.unjudged or mended.lost:
        raise dbt.BuildError("a file of raw was damaged after gate 1; run the night again")
    if manifest.damaged(settings):
        write_manifest(settings, contracts)
    return _manifest_rows(settings, contracts)


def _is_of(settings: Settings, record: Build) -> bool:
    """Whether the candidate is the one that a build left."""
    path = candidate.path_of(settings)
    return path.exists() and sha256_of(path) == record.candidate_sha256


def _record(settings: Settings, made: Build) -> None:
    records.write(candidate.build_record_of(settings), asdict(made))


def read_build(settings: Settings) -> Build | None:
    """The record of the last finished build; `None` where there is none that can be read."""
    return sound(candidate.build_record_of(settings), as_a(Build))


def gate_two(settings: Settings) -> Verdict:
    """Judge the newest candidate by the results of its dbt tests and the suites on its marts.

    Raises:
        PublicationRefused: there is no finished build to judge, or it was built in parts.
    """
    record = _finished(settings)
    if record.parts:
        raise release.PublicationRefused(
            f"the candidate was built in parts from other inputs ({', '.join(record.parts[:5])}); "
            "run the nightly job, which builds and judges it whole"
        )
    return run_gate_two(settings, candidate.path_of(settings), record.inputs, list(record.failed))


def judge(settings: Settings, suites: Collection[str]) -> Mapping[str, Sequence[RuleOutcome]]:
    """The outcomes of some suites of gate 2 on the newest candidate, by suite; with a verdict if it is all.

    Raises:
        PublicationRefused: there is no finished build to judge, or a verdict is asked of one built in parts.
    """
    if suites == {suite.name for suite in load_suites(settings.mart_suites)}:
        return gate_two(settings).outcomes
    _finished(settings)
    return judge_candidate(settings, candidate.path_of(settings), suites)


def _finished(settings: Settings) -> Build:
    record = read_build(settings)
    if record is None:
        is_there = candidate.build_record_of(settings).exists()
        raise release.PublicationRefused(
            "the record of the finished build is damaged; the next run builds again"
            if is_there
            else "there is no finished build to judge"
        )
    if not _is_of(settings, record):
        raise release.PublicationRefused("the candidate is not the one that dbt finished")
    return record


def publish(
    settings: Settings, contracts: Mapping[str, Contract], say: Say = lambda line: None
) -> dict[str, Any]:
    """Publish the candidate, if its verdict allows it; `say` is told what was damaged and is made anew."""
    found = deliveries(settings, contracts)
    current = [delivery for delivery in found if delivery.is_current]
    made = release.publish(
        settings, candidate.path_of(settings), publication_facts(settings, contracts, current), say
    )
    # Read once more as it lies there, so that a run with nothing new has only to look at it.
    verified = Verified(settings.home)
    is_intact(settings.published, verified, settings.today)
    verified.save()
    return made
