"""Which files of a source to open: those agreed, with a valid period, complete, and changed or new."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from orchestration.contracts.odcs import Contract, ContractError
from orchestration.core import periods
from orchestration.core.settings import Settings
from orchestration.ingest.landing import parts, retention
from orchestration.ingest.landing.pull_record import Problem, Pull
from orchestration.ingest.landing.sightings import Sightings
from orchestration.ingest.transports import SYNTHETIC_MARKER, Source, SourceFile, Terms
from orchestration.ingest.transports.base import too_large
from orchestration.ingest.transports.failures import PERMANENT
from orchestration.ingest.transports.file_names import shown
from orchestration.ingest.transports.retry import persistently

Candidate = tuple[Contract, SourceFile]


def candidates(
    settings: Settings,
    contracts: Mapping[str, Contract],
    files: Sequence[SourceFile],
    only: Sequence[str],
    terms: Terms,
    sightings: Sightings,
    result: Pull,
    *,
    dry: bool,
) -> list[Candidate]:
    """The files that have to be opened; anything to report on the others goes into `result`.

    Files that are reread in every pull, changed or not, are not news in a `dry` pull.

    Raises:
        ContractError: two contracts claim one file.
    """
    found: list[Candidate] = []
    known_parts: dict[str, frozenset[str]] = {}
    paths = {file.path for file in files}
    agreed = retention.agreements(settings)
    for file in files:
        if file.name == SYNTHETIC_MARKER or (terms.marker and file.name.endswith(terms.marker)):
            continue
        contract = match(file, contracts.values())
        feeds = (contract.feed,) if contract else terms.feeds or ()
        if file.refused:
            sentence = f"{shown(file.path)} {file.refused}"
            result.problems.append(
                Problem(terms.name, PERMANENT, sentence, feeds, shown(file.path))
            )
        elif contract is None:
            result.undeclared.append(file.path)
        elif only and contract.feed not in only and contract.name not in only:
            continue
        elif terms.feeds is not None and contract.feed not in terms.feeds:
            sentence = f"{contract.feed}: {shown(file.path)} lies at {terms.name}, which may not deliver it"
            result.problems.append(
                Problem(terms.name, PERMANENT, sentence, feeds, shown(file.path))
            )
        elif part_of(contract, file) not in _listed(settings, contract, known_parts):
            result.undeclared.append(file.path)
        elif (why := misdated(contract, period_of(contract, file), settings, agreed)) is not None:
            result.misdated.append(f"{contract.feed}: {shown(file.name)} {why}")
        elif file.size is not None and file.size > (limit := terms.limit(contract.feed)):
            sentence = f"{contract.feed}: {too_large(file.path, limit)}"
            result.problems.append(
                Problem(terms.name, PERMANENT, sentence, feeds, shown(file.path))
            )
        elif terms.marker and f"{file.path}{terms.marker}" not in paths:
            why = f"waits for its marker {shown(file.name)}{terms.marker}"
            result.unsettled.append(f"{contract.feed}: {shown(file.path)} {why}")
        elif sightings.is_unchanged(contract.feed, file) and (
            dry or not (terms.reread or sightings.was_empty(contract.feed, file))
        ):
            result.known += 1
        else:
            found.append((contract, file))
    # A correction under a name of its own comes after what it corrects, whatever their times.
    return sorted(found, key=lambda one: one[0].named_as_correction(one[1].name) is not None)


def _listed(
    settings: Settings, contract: Contract, known: dict[str, frozenset[str]]
) -> frozenset[str]:
    if contract.feed not in known:
        known[contract.feed] = parts.listed(settings, contract)
    return known[contract.feed]


def settled(found: list[Candidate], source: Source, terms: Terms, result: Pull) -> list[Candidate]:
    """The files that look the same a while later: those still growing are left for the next pull.

    Raises:
        SourceError: the source cannot be listed again.
    """
    if not found or not terms.settle_seconds or terms.marker:
        return found
    time.sleep(terms.settle_seconds)
    later = {file.path: file for file in persistently(source.files, terms)}
    stable = []
    for contract, file in found:
        if later.get(file.path) == file:
            stable.append((contract, file))
        else:
            result.unsettled.append(f"{contract.feed}: {shown(file.path)} is still being uploaded")
    return stable


def match(file: SourceFile, contracts: Iterable[Contract]) -> Contract | None:
    """The contract whose file pattern matches the whole file name, if there is one."""
    claims = [contract for contract in contracts if contract.named(file.name)]
    if len(claims) > 1:
        feeds = " and ".join(contract.feed for contract in claims)
        raise ContractError(f"the file name {shown(file.name)} is claimed by {feeds}")
    return claims[0] if claims else None


def misdated(
    contract: Contract,
    period: str,
    settings: Settings,
    agreed: Mapping[str, list[retention.Agreement]],
) -> str | None:
    """Why a period is not possible, in words; `None` if it is."""
    kind = contract.period_kind
    if kind == periods.EDITION:
        if contract.period_value is None and not parts.is_edition(contract, period):
            return "names an edition that is no year, quarter or month and that its contract does not list"
        return _past(contract, period, settings, agreed)
    if not periods.is_period(kind, period):
        return f"names {period}, which is not {periods.in_words(kind)}"
    begins = periods.first_month(kind, period)
    if begins > periods.month_of(settings.today):
        return f"names {period}, {periods.in_words(kind)} that has not begun"
    if contract.kept_from and begins < contract.kept_from:
        return f"names {period}, earlier than the feed is kept from ({contract.kept_from})"
    return _past(contract, period, settings, agreed)


def _past(
    contract: Contract,
    period: str,
    settings: Settings,
    agreed: Mapping[str, list[retention.Agreement]],
) -> str | None:
    """Why a file is past retention: what is purged today must not be pulled again tomorrow."""
    why = retention.past(contract.feed, period, settings.today, contract, agreed, settings.today)
    return f"may not be kept: {why}" if why else None


def period_of(contract: Contract, file: SourceFile) -> str:
    """The period that a file of the feed is for."""
    return contract.period_value or _named(contract, file)["period"]


def part_of(contract: Contract, file: SourceFile) -> str:
    """The part of its period that a file of the feed holds; empty if the feed has no parts."""
    return _named(contract, file).get("part") or ""


def _named(contract: Contract, file: SourceFile) -> dict[str, str]:
    groups = contract.named(file.name)
    assert groups is not None
    return groups.groupdict()
