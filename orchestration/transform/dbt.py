"""Running dbt: the manifest as a build product, and one build into the candidate database.

dbt runs in this process (`dbtRunner`): a second Python with dbt's imports costs more than the build.
What becomes of a node is told as it happens.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from orchestration.core import candidate, engine, exhausted, formulas, progress, register
from orchestration.core.errors import WarehouseError
from orchestration.core.files import (
    private_folder,
    require_writable,
    sha256_of,
    take_away,
    write_text,
)
from orchestration.core.settings import Settings
from orchestration.protection import encryption
from orchestration.transform import contract_sync, unchanged
from orchestration.transform.results import (
    NodeResult,
    Watch,
    blocking,
    is_open,
    is_sound,
    results_of,
    shapes,
    unchanged_node,
    with_rows,
)

_PARSED = "partial_parse.msgpack"  # dbt's own name for the parsed project
# An exposure is a description: there is nothing to build, and no result to show.
_LEFT_OUT = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "exposure")
_ASKED_FOR = (
    "asked-for"  # a tag of the nodes that are built, in the parsed project of that build alone
)
_KEPT = "kept_rows"  # ... for the variable that names rows which are not made again
_LOCATION = "external_location"  # ... and for the location of a source


class BuildError(WarehouseError):
    """dbt could not build the candidate, or one of its tests failed. One sentence."""


def candidate_path(settings: Settings) -> Path:
    """The DuckDB file that dbt builds and only the gates read."""
    return candidate.path_of(settings)


def manifest_path(settings: Settings) -> Path:
    """dbt's description of the project, which the Dagster definitions are made from."""
    return settings.dbt_target / "manifest.json"


def project_fingerprint(settings: Settings) -> str:
    """One hash over every file of the code that dbt reads: models, macros, shipped seeds, configuration.

    A partnership's decisions are not code: `register.decisions_sha256` covers them.
    """
    digest = hashlib.sha256()
    left_out = {"target", "logs", "__pycache__", "partnerships"}
    for root in (settings.dbt_project, settings.seeds):
        for path in sorted(root.rglob("*")):
            relative = path.relative_to(settings.project)
            if path.is_file() and not left_out & set(relative.parts):
                digest.update(f"{relative.as_posix()}\0{sha256_of(path)}\n".encode())
    return digest.hexdigest()


def prepare(settings: Settings) -> bool:
    """Parse the project into `CSP_HOME/dbt/target` unless that was done for these very files.

    Returns whether dbt had to parse. Raises `BuildError` when the project cannot be parsed.
    """
    with _shared(settings):
        return _prepare(settings)


def build(
    settings: Settings, only: Sequence[str] = (), watch: Watch | None = None
) -> list[NodeResult]:
    """Build seeds, models and tests into a fresh candidate; one result per node.

    With `only`, build the named models and their ancestors, without tests: such a candidate cannot be
    published, since no verdict is reached on it. `watch` is told each result as it happens.

    Raises:
        BuildError: dbt itself failed (a failed test is a result, not an error).
        Exhausted: there was not enough memory or disk for a model.
    """
    settings.warehouse.mkdir(parents=True, exist_ok=True)
    candidate.drop(settings)
    command = ["build", *_LEFT_OUT]
    if only:
        command += ["--exclude-resource-type", "test"]
        command += ["--select", *(f"+{model}" for model in only)]
    target = settings.warehouse / "dbt"
    return _built(settings, _parsed(settings), command, candidate_path(settings), target, watch)


def build_part(
    settings: Settings, nodes: Sequence[str], watch: Watch | None = None
) -> list[NodeResult]:
    """Build exactly these nodes (by dbt's unique id) over a copy of the candidate; one result per node.

    What they read is taken from the candidate. It is replaced by the copy only if every node passed and
    a table was built; otherwise it is left as it was.

    Raises:
        BuildError: there is no candidate, dbt does not know a node, or dbt itself failed.
        Exhausted: there was not enough memory or disk for a model.
    """
    parsed = _parsed(settings)
    known = parsed.nodes
    if unknown := [node for node in nodes if node not in known]:
        raise BuildError(f"dbt knows no {unknown[0]}")
    with candidate.copy(settings) as copy:
        if copy is None:
            raise BuildError(
                "there is no candidate to build a part of; run the nightly job first (csp refresh)"
            )
        # What a whole build wrote says what the candidate was built from (`state:` of csp dbt).
        target = settings.warehouse / "dbt" / "part"
        results = _built(settings, parsed, _exactly(nodes, known), copy, target, watch)
        if not blocking(results) and any(known[node].resource_type != "test" for node in nodes):
            candidate.replace(settings, copy)
    return results


def build_changed(
    settings: Settings,
    rows: unchanged.Rows,
    raw: unchanged.Rows,
    known: unchanged.Made,
    watch: Watch | None = None,
) -> tuple[list[NodeResult], unchanged.Made]:
    """Build what would come out otherwise than the candidate has it; one result per node, and what those
    that passed were made from.

    `rows` and `raw` are what `unchanged.made_from` asks for, `known` is what the candidate was made from:
    where that is nothing, all is built. Of a model marked `by_delivery` only the deliveries are made that
    are not as they were. The candidate is replaced whatever the results, as by `build`.

    Raises:
        BuildError: dbt itself failed (a failed test is a result, not an error).
        Exhausted: there was not enough memory or disk for a model.
    """
    parsed = _parsed(settings)
    made = unchanged.made_from(settings, parsed, rows, raw)
    kept = made.kept_from(known)
    target = settings.warehouse / "dbt"
    if not kept.nodes:
        candidate.drop(settings)
        path = candidate_path(settings)
        results = _built(settings, parsed, ["build", *_LEFT_OUT], path, target, watch)
    else:
        with candidate.copy(settings) as copy:
            assert copy is not None, "the caller knows what is in the candidate"
            results = list(_as_left(settings, parsed.nodes, copy, kept.nodes))
            if watch is not None:
                for result in results:
                    watch.tell(result)
            if stale := made.keys.keys() - set(kept.nodes):
                command = [*_exactly(stale, parsed.nodes), "--vars", _kept_rows(kept)]
                results += _built(settings, parsed, command, copy, target, watch)
            candidate.replace(settings, copy)
    return results, made.only(result.unique_id for result in results if is_sound(result))


def _kept_rows(kept: unchanged.Kept) -> str:
    """The rows that are not made again, as macros/by_delivery.sql asks for them."""
    return json.dumps({_KEPT: {"models": kept.models, "deliveries": kept.deliveries}})


def _as_left(
    settings: Settings, nodes: Mapping[str, Any], path: Path, unique_ids: Iterable[str]
) -> Iterator[NodeResult]:
    """The results of nodes that stay as the last build left them."""
    with engine.connect() as connection:
        encryption.attach(settings, connection, path, "candidate")
        connection.execute("use candidate")
        found = shapes(connection)
    for unique_id in unique_ids:
        node = nodes[unique_id]
        is_test = node.resource_type == "test"
        yield unchanged_node(unique_id, None if is_test else found[node.schema, node.alias])


def _exactly(nodes: Collection[str], known: Mapping[str, Any]) -> list[str]:
    """The command that builds these nodes of a parsed project and no other. They are marked in it: dbt
    compares every name that it is given with every node."""
    for node in nodes:
        known[node].tags.append(_ASKED_FOR)
    # Without the last flag the tests of a node would come with it.
    select = ("--select", f"tag:{_ASKED_FOR}", "--indirect-selection", "empty")
    return ["build", *_LEFT_OUT, *select]


def _built(
    settings: Settings,
    parsed: Any,
    command: list[str],
    path: Path,
    target: Path,
    watch: Watch | None,
) -> list[NodeResult]:
    outcome = _invoke(settings, command, target, parsed, path, watch)
    results = results_of(outcome.result)
    for result in blocking(results):  # not a failure of the model, and other words would mislead
        if (found := exhausted.in_text(result.message)) is not None:
            raise exhausted.Exhausted(found)
    shown = [one for one in blocking(results) if one.query and is_open(one.unique_id, parsed.nodes)]
    if not shown:
        return results
    with engine.connect() as connection:
        encryption.attach(settings, connection, path, "candidate")
        connection.execute("use candidate")
        found_rows = {one.unique_id: with_rows(one, connection) for one in shown}
    return [found_rows.get(one.unique_id, one) for one in results]


def unit_tests(settings: Settings, changed: Mapping[str, str] | None = None) -> list[NodeResult]:
    """Run the models' unit tests, which the night leaves out; one result a test.

    Their rows are made up, but the types of columns are taken from the candidate, so a build must
    have gone before. With `changed` (model -> the query to take in place of its file), the tests of
    those models alone, over those queries: how a mutant of a model is judged.

    Raises:
        BuildError: dbt itself failed (a failed test is a result, not an error).
    """
    manifest, wanted = _parsed(settings), ["test_type:unit"]
    if changed is not None:
        wanted = [f"{model},test_type:unit" for model in changed]
        for node in manifest.nodes.values():
            if node.resource_type == "model" and node.name in changed:
                node.raw_code = changed[node.name]
    command = ["test", "--select", *wanted]
    results = results_of(_invoke(settings, command, settings.warehouse / "dbt", manifest).result)
    return [result for result in results if result.unique_id.startswith("unit_test.")]


def by_hand(settings: Settings, command: list[str], database: Path, target: Path) -> bool:
    """Run a dbt command as a person gives it, into a database and a target of its own; whether it succeeded.

    The project is parsed as it lies there now, beside what a night is built from.

    Raises:
        BuildError: dbt could not run it.
    """
    register.assemble(settings)
    parsed = _of_home(settings, _invoke(settings, ["parse"], target).result)
    return bool(_invoke(settings, command, target, parsed, database, is_shown=True).success)


@contextmanager
def _shared(settings: Settings) -> Iterator[None]:
    """Lock the parsed project, which the service, its pages and the command line share through the home:
    it must never be read half-written."""
    require_writable(settings.home)
    target = settings.dbt_target
    private_folder(target)
    with FileLock(target / "prepare.lock"):
        yield


def _prepare(settings: Settings) -> bool:
    target = manifest_path(settings).parent
    stamp, fingerprint = target / "prepared", project_fingerprint(settings)
    made = (manifest_path(settings), target / _PARSED)
    if _stamp_of(fingerprint, made) == _text_of(stamp):
        return False
    # dbt writes into what is there, and a copy of a home may share its files.
    take_away([*made, stamp])
    register.assemble(settings)
    progress.tell("parsing of the dbt project", 0, 1)
    _invoke(settings, ["parse"], target)
    progress.tell("parsing of the dbt project", 1, 1)
    write_text(stamp, _stamp_of(fingerprint, made))
    return True


def is_damaged(settings: Settings) -> bool:
    """Whether what dbt parsed last is no longer as it was parsed; it is then parsed again before use."""
    stamp = manifest_path(settings).with_name("prepared")
    fingerprint, *known = _text_of(stamp).split("\n")
    made = (manifest_path(settings), stamp.with_name(_PARSED))
    return bool(known) and _stamp_of(fingerprint, made) != _text_of(stamp)


def _stamp_of(fingerprint: str, made: Sequence[Path]) -> str:
    """What was parsed, and the sha256 of what came of it: a changed byte there would be another model."""
    there = (sha256_of(path) if path.is_file() else "" for path in made)
    return "\n".join((fingerprint, *there))


def _text_of(path: Path) -> str:
    return path.read_bytes().decode(errors="replace") if path.is_file() else ""


def _parsed(settings: Settings) -> Any:
    """The current project as parsed by dbt, from disk, with the seeds that it reads put together.

    Given to dbt as it is, it is not parsed again; left to itself, dbt would do so whenever a path of
    the profile changed. The place of the seeds, and whether raw is encrypted, are set only in that copy,
    so that a home can be moved, and can get a key, without another parse.
    """
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    with _shared(settings):
        _prepare(settings)
        register.assemble(settings)  # decisions are taken also while the project stays as parsed
        content = manifest_path(settings).with_name(_PARSED).read_bytes()
    return _of_home(settings, Manifest.from_msgpack(content, decoder=extended_mashumuro_decoder))


def _of_home(settings: Settings, manifest: Any) -> Any:
    """A parsed project with what is this home's alone: where its seeds are, and the key of raw."""
    from dbt.artifacts.resources.types import NodeType

    for node in manifest.nodes.values():
        if node.resource_type == NodeType.Seed:
            node.root_path = str(settings.assembled_seeds)
            node.original_file_path = f"{node.name}.csv"
    if (key := encryption.key_of(settings)) is not None:
        for source in manifest.sources.values():
            location = contract_sync.under_key(source.meta[_LOCATION], encryption.reading(key))
            source.meta[_LOCATION] = source.config.meta[_LOCATION] = location
    manifest.build_flat_graph()
    return manifest


def _invoke(
    settings: Settings,
    command: list[str],
    target: Path,
    manifest: Any = None,
    database: Path | None = None,
    watch: Watch | None = None,
    *,
    is_shown: bool = False,
) -> Any:
    """Run one dbt command over a parsed project, if given one. What it writes goes to `target`, and the
    tables into `database`, which is the candidate unless another is named. `is_shown`: dbt prints."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    from orchestration.transform import encrypted_candidate

    is_parsing = manifest is None
    is_encrypted = not is_parsing and encryption.key_of(settings) is not None
    path = database or candidate_path(settings)
    opening = encrypted_candidate.opening(settings, path) if is_encrypted else nullcontext()
    arguments = [
        *command,
        "--project-dir", str(settings.dbt_project),
        "--profiles-dir", str(settings.dbt_project),
        "--target-path", str(target),
        "--log-path", str(target),  # nothing is logged, but dbt makes the folder
        "--log-level-file", "none",
        *([] if is_shown else ["--log-level", "none"]),
        *([] if is_shown and sys.stdout.isatty() else ["--no-use-colors"]),
        *(["--target", "encrypted"] if is_encrypted else []),
    ]  # fmt: skip
    try:
        with environment(_environment(settings, path, is_parsing=is_parsing)), opening:
            outcome = dbtRunner(manifest, [watch.hear] if watch else None).invoke(arguments)
    finally:
        # The candidate must be closed before gate 2 opens it read-only in this same process; dbtRunner
        # leaves its connections open (dbt-core issue #11980).
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
        reset_adapters()  # type: ignore[no-untyped-call]
    if outcome.exception is not None:
        raise BuildError(f"dbt {command[0]} could not run: {outcome.exception}")
    return outcome


def _environment(settings: Settings, path: Path, *, is_parsing: bool) -> dict[str, str]:
    """What the profile asks for. dbt opens nothing to parse, and what it parses is every home's."""
    # What is parsed is every machine's, too.
    allowed = engine.limits()
    if is_parsing:
        allowed = replace(allowed, memory_mb=256, threads=1, temporary_mb=0)
    return {
        "CSP_LIMIT_MEMORY": f"{allowed.memory_mb}MiB",
        "CSP_LIMIT_THREADS": str(allowed.threads),
        "CSP_LIMIT_TEMPORARY": f"{allowed.temporary_mb}MiB",
        "CSP_CANDIDATE": path.name if is_parsing else str(path),
        "CSP_SEEDS": str(settings.assembled_seeds),
        "CSP_RAW_FOLDER": settings.raw.name if is_parsing else str(settings.raw),
        "CSP_THRESHOLDS": formulas.SEED
        if is_parsing
        else str(settings.assembled_seeds / formulas.SEED),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the duration of a block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
