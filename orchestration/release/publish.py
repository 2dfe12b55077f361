"""Publication: what analysts read, written separately and put in place by one rename.

    published -> .published/<id>/       warehouse.duckdb, parquet/<schema>/<table>.parquet, manifest.json
                                        official/<table>.parquet: the copy without small numbers
                                        docs/dbt.html: what every table and column means

`published` is a link, and exchanging a link is atomic: a reader sees the old publication or the new
one, never a mixture, and one with the old file open keeps its snapshot.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from orchestration.core import ledger, marking
from orchestration.core.engine import connect
from orchestration.core.errors import GateRefusal
from orchestration.core.files import (
    PRIVATE_FOLDER,
    TEMPORARY_PREFIX,
    sha256_of,
    share,
    take_away,
    write_json,
    write_text,
)
from orchestration.core.sealed import LedgerBroken
from orchestration.core.settings import Settings
from orchestration.ingest.landing import erased
from orchestration.protection import encryption
from orchestration.quality.gate_two import Verdict, read_verdict
from orchestration.quality.statements import is_reason, is_somebody
from orchestration.release import carried, controlled_copy, database, role_copies, roles
from orchestration.release.verify import is_intact, known_manifest, read_manifest
from orchestration.transform import docs_page
from orchestration.transform.results import shapes

_KEPT = 3


class PublicationRefused(GateRefusal):
    """The candidate may not be published. The message says why; nothing has changed."""

    opening = "not published: "


def publish(
    settings: Settings,
    candidate: Path,
    facts: dict[str, Any],
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Publish the candidate if the verdict on exactly this file allows it; return the manifest.

    `facts` go into the manifest beside the file hashes (what was read, under which contracts). What is the
    same in the present publication is taken over from it (`carried`); `say` is told what of it is damaged.

    Raises:
        PublicationRefused: there is no verdict, it is not on this candidate, or it is a refusal.
        KeyFileError: the candidate is not under a key that is set.
        RolesRefused: the list of roles is not right (`roles`).
    """
    verdict = read_verdict(settings)
    authorise(verdict, sha256_of(candidate) if candidate.exists() else None)
    assert verdict is not None
    roles.held_to(settings, roles.partners_of(facts))
    store = settings.home / ".published"
    store.mkdir(parents=True, exist_ok=True)
    draft = store / f"{TEMPORARY_PREFIX}{verdict.inputs[:16]}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    synthetic = bool(facts["synthetic"])
    written_under = carried.written_under(settings, facts)
    before = carried.before(settings, facts, written_under, say)
    tables, holds = database.write(settings, candidate, draft, before, synthetic=synthetic)
    official = controlled_copy.write(settings, draft, before, synthetic=synthetic)
    _write_documentation(settings, candidate, draft)
    manifest = {
        **facts,
        **marking.metadata(marking.SENSITIVE, synthetic=synthetic),
        # A truth value, as before there were markings.
        "synthetic": synthetic,
        "official": official,
        "written_under": written_under,
        "inputs": verdict.inputs,
        "tables": tables,
        "held": holds,
        "gate_2": {
            suite: {outcome.rule: outcome.outcome for outcome in outcomes}
            for suite, outcomes in verdict.outcomes.items()
        },
        "files": {
            path.relative_to(draft).as_posix(): {
                "sha256": sha256_of(path),
                "size": path.stat().st_size,
            }
            for path in sorted(draft.rglob("*"))
            if path.is_file()
        },
    }
    write_json(draft / "manifest.json", manifest)
    if roles.protect(settings, draft):
        share(draft)
    else:
        draft.chmod(PRIVATE_FOLDER)
    sha256 = sha256_of(draft / "manifest.json")
    final = store / f"{verdict.inputs[:16]}-{sha256[:8]}"
    if final.exists() and final == settings.published.resolve():
        # The same publication again, since the one that is read was damaged: it stays until the exchange.
        final = store / f"{verdict.inputs[:16]}.{settings.now:%H%M%S%f}-{sha256[:8]}"
    if final.exists():  # a run was killed after the rename and before the link
        shutil.rmtree(final)
    os.replace(draft, final)
    # The roles' copies first: where one is refused, what is published stays as it was.
    given = role_copies.write(settings, candidate, final, manifest)
    _swap(settings, final)
    roles.record(settings, given)
    known = {"manifest_sha256": sha256, "inputs": verdict.inputs, "at": settings.now.isoformat()}
    ledger.add(settings.home, (ledger.PUBLISHED, final.name, known))
    _prune(store, final)
    _forget_erased(settings, store, final)
    return manifest


def previous(settings: Settings) -> Path | None:
    """The newest publication before the present one that is kept and intact; `None` if there is none.

    Before it in the order in which they were published; one that the ledger does not know is the oldest.
    """
    order = [e.name for e in ledger.read(settings.home).entries if e.kind == ledger.PUBLISHED]
    rank = {name: number for number, name in enumerate(order, start=1)}
    now = settings.published.resolve() if settings.published.exists() else None
    earlier = [
        path
        for path in kept(settings)
        if path != now and (now is None or rank.get(path.name, 0) < rank.get(now.name, 1))
    ]
    earlier.sort(key=lambda path: (rank.get(path.name, 0), path.stat().st_mtime), reverse=True)
    return next((path for path in earlier if is_intact(path)), None)


def kept(settings: Settings) -> list[Path]:
    """Every whole publication that is kept, by name, the present one among them."""
    store = settings.home / ".published"
    found = store.iterdir() if store.is_dir() else ()
    return sorted(path for path in found if path.is_dir() and not path.name.startswith("."))


def put_back(settings: Settings, by: str, why: str, waits_for: str) -> Path:
    """Put the previous publication back in one exchange, with the roles' copies of it, and record it; return
    its folder.

    `waits_for` is the fingerprint of everything but the day that a night must find changed before it
    publishes again; empty if the next night is to publish. Needs the run's lock.

    Raises:
        PublicationRefused: nobody answers for it, no reason is given, or there is nothing to put back.
        RolesRefused: the list of roles is not right (`roles`).
    """
    if not is_somebody(by):
        raise PublicationRefused(f"{by!a} answers for nothing; name a person or a role with --by")
    if not is_reason(why):
        raise PublicationRefused(
            "say with --reason, in a few words, why the publication is withdrawn"
        )
    earlier = previous(settings)
    if earlier is None:
        raise PublicationRefused("there is no earlier publication that is kept and intact")
    given = role_copies.write(settings, None, earlier, read_manifest(earlier) or {})
    known = {
        "instead_of": settings.published.resolve().name if settings.published.exists() else "",
        "by": by,
        "why": why,
        "at": settings.now.isoformat(timespec="seconds"),
        "waits_for": waits_for,
    }
    # The line first: a run killed in between has said what it did not do, and can be run again.
    ledger.add(settings.home, (ledger.PUT_BACK, earlier.name, known))
    _swap(settings, earlier)
    roles.record(settings, given)
    return earlier


def give_again(settings: Settings, publication: Path) -> bool:
    """Write the roles' copies of a publication anew from itself; false if it or the list is not right."""
    if not is_intact(publication):
        return False
    try:
        given = role_copies.write(
            settings, None, publication.resolve(), read_manifest(publication) or {}
        )
    except roles.RolesRefused:
        return False
    roles.record(settings, given)
    return True


def standing_put_back(settings: Settings) -> dict[str, Any] | None:
    """What was recorded of the present publication, if it was put back and nothing was published since."""
    last = ledger.read(settings.home).last(ledger.PUBLISHED, ledger.PUT_BACK)
    if last is None or last.kind != ledger.PUT_BACK or last.body is None:
        return None
    is_present = settings.published.exists() and settings.published.resolve().name == last.name
    return dict(last.body) if is_present else None


def sound_publication(settings: Settings) -> Path | None:
    """The present publication if it is intact, otherwise the newest that is kept and intact."""
    if settings.published.exists() and is_intact(settings.published):
        return settings.published
    others = sorted(kept(settings), key=lambda path: path.stat().st_mtime, reverse=True)
    return next((path for path in others if is_intact(path)), None)


def authorise(verdict: Verdict | None, candidate_sha256: str | None) -> None:
    """Raise unless `verdict` allows the candidate with this very hash.

    Raises:
        PublicationRefused: with the first reason.
    """
    if candidate_sha256 is None:
        raise PublicationRefused("there is no candidate to publish")
    if verdict is None:
        raise PublicationRefused("there is no verdict on the candidate; gate 2 has not run")
    if verdict.candidate_sha256 != candidate_sha256:
        raise PublicationRefused("the verdict is on another candidate; gate 2 must run again")
    if not verdict.allow:
        more = f" (and {len(verdict.reasons) - 1} more)" if len(verdict.reasons) > 1 else ""
        raise PublicationRefused(f"{verdict.reasons[0]}{more}")


def _write_documentation(settings: Settings, candidate: Path, draft: Path) -> None:
    """Write dbt's page of the project that the candidate was built from. It holds no row of any table."""
    with connect() as connection:
        encryption.attach(settings, connection, candidate, "candidate")
        connection.execute("use candidate")
        tables = shapes(connection)
    (draft / "docs").mkdir()
    write_text(draft / "docs" / "dbt.html", docs_page.of_home(settings, tables))


def _swap(settings: Settings, final: Path) -> None:
    link = settings.home / f"{TEMPORARY_PREFIX}published"
    link.unlink(missing_ok=True)
    link.symlink_to(final.relative_to(settings.home), target_is_directory=True)
    os.replace(link, settings.published)


def _prune(store: Path, current: Path) -> None:
    """Keep the last few publications: a reader may still be working through the Parquet files."""
    kept = sorted(
        (path for path in store.iterdir() if path.is_dir()),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )[:_KEPT]
    for path in store.iterdir():
        if path not in kept and path != current:
            shutil.rmtree(path)


def _forget_erased(settings: Settings, store: Path, current: Path) -> None:
    """Remove the other publications that were made before something was erased; all of them, if the record
    of erasures cannot be read."""
    try:
        last = erased.last_moment(settings)
    except LedgerBroken:
        last = settings.now
    if last is None:
        return
    for path in store.iterdir():
        if path != current and carried.published_at(known_manifest(path)) <= last:
            shutil.rmtree(path)


def keep_only_present(settings: Settings) -> None:
    """Remove every publication but the present one. Needs the run's lock."""
    store, present = settings.publications, settings.published.resolve()
    take_away(path for path in (store.iterdir() if store.is_dir() else ()) if path != present)


def tidy(settings: Settings) -> int:
    """Remove drafts that killed runs left, and publications beyond the last few; return how many.

    Needs the run's lock: another run's draft would be removed as well.
    """
    store = settings.home / ".published"
    if not store.is_dir():
        return 0
    before = set(store.iterdir())
    for draft in store.glob(f"{TEMPORARY_PREFIX}*"):
        shutil.rmtree(draft)
    _prune(store, settings.published.resolve())
    return len(before - set(store.iterdir()))
