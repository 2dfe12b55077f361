"""Where extracts come from, and what is pulled from there: configured sources, one folder or URL, or the
made-up city while nothing is real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace

from orchestration.contracts.odcs import Contract
from orchestration.core.refusal import SourceError
from orchestration.core.settings import Settings
from orchestration.ingest.landing import pull as landing
from orchestration.ingest.landing.pull_record import Problem, Pull, remember
from orchestration.ingest.landing.receipts import lost, receipts
from orchestration.ingest.transports import connect, open_source
from orchestration.ingest.transports.failures import NoData, kind_of
from orchestration.ingest.transports.sources import load_sources

_LOOK_SECONDS = 5.0  # seconds that a dry pull waits for a server
_LISTING_SECONDS = 60.0  # and for its entire listing


def source_of(settings: Settings) -> str | None:
    """Where extracts come from: the configured source, or synthetic ones while nothing is real.

    `None` if real deliveries have been received and no source is set: synthetic extracts are never
    mixed with real ones.
    """
    if settings.source is not None:
        return settings.source
    known = receipts(settings)
    # Of a delivery whose receipt is lost nobody knows whether it is synthetic: it is taken for real.
    if any(not receipt.synthetic for receipt in known) or (not known and lost(settings, known)):
        return None
    from orchestration.synthetic import sample  # slow to load, and a deployment has no need of it

    sample.ensure(settings)
    return str(settings.sample)


def pull(
    settings: Settings,
    contracts: Mapping[str, Contract],
    only: Sequence[str] = (),
    *,
    dry: bool = False,
) -> Pull:
    """Land what is new at every source (nothing, where there is none), and record what was found.

    A configured source that is down is reported as a problem in the result, and the others are pulled.
    A single folder or URL that is set instead must exist.

    Raises:
        SourceError: that folder or URL cannot be read, or the configuration of sources is not sound.
    """
    if is_configured(settings):
        found = _pull_configured(settings, contracts, only, dry=dry)
    elif (place := source_of(settings)) is not None:
        found = landing.pull(settings, contracts, open_source(place), only, dry=dry)
    else:
        found = Pull()
    found.damaged = list(dict.fromkeys(found.damaged))
    if not dry:
        remember(settings, found)
    return found


def is_configured(settings: Settings) -> bool:
    """Whether extracts come from the deployment's sources, not from one folder or URL."""
    return settings.source is None and settings.sources is not None


def _pull_configured(
    settings: Settings,
    contracts: Mapping[str, Contract],
    only: Sequence[str],
    *,
    dry: bool,
) -> Pull:
    """Pull from each source that may deliver any of the feeds, one after the other."""
    found = Pull()
    for result in _by_source(settings, contracts, only, dry=dry).values():
        found.add(result)
    return found


def look_at_sources(settings: Settings, contracts: Mapping[str, Contract]) -> dict[str, Pull]:
    """What a pull would find at each source, by its name. Nothing is taken, and nothing recorded.

    Raises:
        SourceError: the single folder or URL cannot be read, or the configuration of sources is not sound.
    """
    if is_configured(settings):
        return _by_source(settings, contracts, (), dry=True)
    if settings.source is None:
        return {}
    return {settings.source: pull(settings, contracts, dry=True)}


def _by_source(
    settings: Settings, contracts: Mapping[str, Contract], only: Sequence[str], *, dry: bool
) -> dict[str, Pull]:
    assert settings.sources is not None
    found: dict[str, Pull] = {}
    for agreed in load_sources(settings.sources, contracts):
        wait = min(agreed.timeout_seconds, _LOOK_SECONDS)
        listing = min(agreed.file_seconds, _LISTING_SECONDS)
        entry = replace(agreed, timeout_seconds=wait, file_seconds=listing) if dry else agreed
        feeds = entry.terms.feeds or ()
        wanted = [feed for feed in feeds if not only or {feed, contracts[feed].name} & set(only)]
        if not wanted:
            continue
        result = found[entry.name] = Pull()
        try:
            with closing(connect(entry)) as source:
                result.add(
                    landing.pull(settings, contracts, source, only, terms=entry.terms, dry=dry)
                )
        except NoData as problem:
            result.no_data.append(str(problem))
        except SourceError as problem:
            result.problems.append(
                Problem(entry.name, kind_of(problem), str(problem), tuple(wanted))
            )
    return found
