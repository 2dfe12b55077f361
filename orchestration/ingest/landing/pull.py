"""Landing: bytes as received, addressed by content, never changed; one receipt per delivery.

    landing/<partner>/<feed>/<period>[.<part>]/<sha256>.<ending>   the bytes
    landing/<partner>/<feed>/<period>[.<part>]/<seq>-<sha12>.json  the receipt

The same bytes for the same period are one delivery however often they are pulled. Different bytes for
a period are a correction: a new receipt with the next sequence number; the old one is kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath

from orchestration.contracts.odcs import Contract
from orchestration.core import progress
from orchestration.core.files import move_into_place, scratch
from orchestration.core.refusal import SourceError
from orchestration.core.sealed import LedgerBroken
from orchestration.core.settings import Settings
from orchestration.ingest.landing import erased, originals
from orchestration.ingest.landing.pull_record import Problem, Pull
from orchestration.ingest.landing.receipts import (
    Receipt,
    enter,
    lost,
    receipts,
    refuse_links,
    write_receipt,
)
from orchestration.ingest.landing.selection import (
    candidates,
    part_of,
    period_of,
    settled,
)
from orchestration.ingest.landing.sightings import Sightings, damaged_sightings
from orchestration.ingest.transports import Source, SourceFile, Terms
from orchestration.ingest.transports.failures import (
    PERMANENT,
    FileRefused,
    NoData,
    Unsettled,
    kind_of,
)
from orchestration.ingest.transports.file_names import shown
from orchestration.ingest.transports.retry import persistently
from orchestration.protection import names, vault

_ANY_SOURCE = Terms()


class _Erased(Exception):
    """The file holds bytes that were erased."""


def pull(
    settings: Settings,
    contracts: Mapping[str, Contract],
    source: Source,
    only: Sequence[str] = (),
    *,
    terms: Terms = _ANY_SOURCE,
    dry: bool = False,
) -> Pull:
    """Land every new file of the declared feeds from `source`, under the terms agreed for it.

    A file that cannot be taken is reported as a problem in the result, and the others go on. With
    `dry`, nothing is written or retried and `landed` holds the files that would be opened (one that
    looks the same as at its last receipt is known without being opened).

    Raises:
        SourceError: the source cannot be listed.
        ContractError: two contracts claim one file.
    """
    if dry:
        terms = replace(terms, retries=0)
    files = persistently(source.files, terms)
    synthetic = persistently(source.is_synthetic, terms)
    contracts = {feed: contract for feed, contract in contracts.items() if not contract.retired}
    result, known = Pull(), receipts(settings)
    try:
        gone = erased.days(settings)
    except LedgerBroken as problem:
        # Without the ledger nobody knows what must not come back, so nothing is landed.
        entry = Problem(terms.name, PERMANENT, f"nothing was landed: {problem}", tuple(contracts))
        result.problems.append(entry)
        return result
    sightings = Sightings(settings, known, lost(settings, known))
    result.damaged += damaged_sightings(settings)
    _look_at_names(contracts, files, known)
    found = candidates(settings, contracts, files, only, terms, sightings, result, dry=dry)
    if not dry:
        found = settled(found, source, terms, result)
    names.learn(part for _, file in found for part in file.path.split("/"))
    drafts = [
        (_draft(settings, contract, file, synthetic, terms), file) for contract, file in found
    ]
    for draft, file in drafts:
        if draft.source_path != file.path:
            name = shown(file.path)
            result.masked.append(f"{draft.feed}: {name} has a name that may lead to a person")
    if dry:
        result.landed = [draft for draft, _ in drafts]
        return result
    _land_all(settings, source, drafts, known, terms, sightings, result, gone)
    if terms.name and not source.is_rolling and not only:
        present = {file.path for file in files}
        for left in sightings.note_gone(terms.name, present, settings.now.isoformat()):
            feed, _, path = left.partition(":")
            result.withdrawn.append(f"{feed}: {shown(path)} is gone from {terms.name}")
    sightings.save()
    enter(settings)
    return result


def _look_at_names(
    contracts: Mapping[str, Contract], files: Iterable[SourceFile], known: Iterable[Receipt]
) -> None:
    """Look at the names of new files, all at once; those of receipts were looked at when they came."""
    paths = {receipt.source_path for receipt in known}
    names.learn(
        part
        for file in files
        if file.path not in paths
        if any(contract.named(file.name) for contract in contracts.values())
        for part in file.path.split("/")
    )


def _land_all(
    settings: Settings,
    source: Source,
    drafts: Sequence[tuple[Receipt, SourceFile]],
    known: Iterable[Receipt],
    terms: Terms,
    sightings: Sightings,
    result: Pull,
    gone: Mapping[str, str],
) -> None:
    """Land the drafts. A failure of a file is reported; a failure of the source also ends its pull."""
    history: dict[tuple[str, str], list[Receipt]] = defaultdict(list)
    for receipt in known:
        history[receipt.feed, receipt.slot].append(receipt)
    for number, (first_draft, file) in enumerate(drafts):
        progress.tell("files looked at", number, len(drafts))
        earlier = history[first_draft.feed, first_draft.slot]
        draft = replace(first_draft, seq=max((other.seq for other in earlier), default=0) + 1)
        land = partial(_land, settings, source, file, draft, earlier, terms, sightings, gone)
        try:
            landed = persistently(land, terms)
        except _Erased as problem:
            result.erased.append(f"{draft.feed}: {problem}")
        except Unsettled as problem:
            result.unsettled.append(f"{draft.feed}: {problem}")
        except NoData as problem:
            sightings.note_empty(draft.feed, file, terms.name)
            result.no_data.append(f"{draft.feed}: {problem}")
        except FileRefused as problem:
            sentence = f"{draft.feed}: {problem}"
            name = shown(file.path)
            result.problems.append(Problem(terms.name, PERMANENT, sentence, (draft.feed,), name))
        except SourceError as problem:
            left = dict.fromkeys(waiting.feed for waiting, _ in drafts[number:])
            result.problems.append(
                Problem(terms.name, kind_of(problem), str(problem), tuple(left), shown(file.path))
            )
            return
        else:
            if landed is None:
                result.known += 1
            else:
                earlier.append(landed)
                result.landed.append(landed)
    if drafts:
        progress.tell("files looked at", len(drafts), len(drafts))


def _draft(
    settings: Settings, contract: Contract, file: SourceFile, synthetic: bool, terms: Terms
) -> Receipt:
    """A draft receipt, for a file whose bytes have not been read yet."""
    return Receipt(
        feed=contract.feed,
        period=period_of(contract, file),
        part=part_of(contract, file),
        seq=0,
        sha256="",
        size=file.size or 0,
        source_path=names.masked_path(file.path),
        modified=file.modified,
        received_at=settings.now.isoformat(),
        synthetic=synthetic,
        ending=PurePosixPath(file.name).suffix.lower(),
        source=terms.name,
    )


def _land(
    settings: Settings,
    source: Source,
    file: SourceFile,
    draft: Receipt,
    earlier: Sequence[Receipt],
    terms: Terms,
    sightings: Sightings,
    gone: Mapping[str, str],
) -> Receipt | None:
    """Copy one file into landing; return its receipt (`None`: nothing new was delivered)."""
    last = sightings.last(draft.feed, file.path)
    folder = draft.bytes_path(settings).parent
    refuse_links(settings, folder)
    with scratch(folder, draft.ending) as temporary:
        with source.open(file, terms.limit(draft.feed)) as stream:
            sha256, size = vault.copy_in(settings, stream, temporary)
        if file.size is not None and size != file.size:
            raise Unsettled(f"{shown(file.path)} changed while it was being pulled")
        if file.sha256 and sha256 != file.sha256:
            raise FileRefused(f"{shown(file.path)} is not what its publisher's checksum says")
        if sha256 in gone:
            sightings.note_erased(draft.feed, file, size, sha256)
            raise _Erased(f"what was erased on {gone[sha256]} is still there and was not landed")
        receipt = replace(draft, sha256=sha256, size=size)
        refuse_links(settings, receipt.bytes_path(settings))
        if not originals.is_sound(settings, receipt):  # not there, or damaged since it came
            move_into_place(temporary, receipt.bytes_path(settings))
    # Seen before for this period: the same delivery again, unless this path has since delivered
    # something else and now returns to it (the partner withdraws a correction). Files landed by a
    # killed run count, although the cache of sightings does not include them.
    is_known = any(known.sha256 == sha256 for known in earlier)
    is_newest = bool(earlier) and earlier[-1].sha256 == sha256
    goes_back = last is not None and last.sha256 not in ("", sha256)
    is_new = not is_known or (goes_back and not is_newest)
    if is_new:
        write_receipt(settings, receipt)
    sightings.note(draft.feed, file, size, sha256, terms.name)
    return receipt if is_new else None
