"""Synthetic extracts for every feed: seeded, reproducible, and labelled as synthetic.

Each feed with a contract has a sample beside it (`<feed>.sample.sql`, see engine.py); the reference
feeds come from reference.py. Nothing here knows a feed by name.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from duckdb import DuckDBPyConnection

from orchestration.contracts.odcs import Contract, load_contracts
from orchestration.core import periods, register
from orchestration.core.files import TEMPORARY_PREFIX, write_json
from orchestration.core.settings import Settings
from orchestration.ingest.transports import SYNTHETIC_MARKER
from orchestration.synthetic import city, engine, reference, writers
from orchestration.synthetic.engine import SampleError
from orchestration.synthetic.faults.catalogue import FAULTS, UnknownFault

DEFAULT_SEED = 2024
_CITIES = 2


def write(
    settings: Settings,
    folder: Path,
    *,
    seed: int = DEFAULT_SEED,
    months: int | None = None,
    faults: Iterable[str] = (),
    only: Collection[str] = (),
) -> list[str]:
    """Write extracts of every feed (or of the feeds `only`) to `folder/<partner>/<name>`.

    Of each feed every due period from the baseline year on, or those within its newest `months`
    months (and always the newest). Returns the names of the files. The same seed, clock and faults
    give the same bytes; a period's bytes do not depend on the clock, nor on what else is made.

    Raises:
        UnknownFault: a fault's name is not known.
        SampleError: a feed has no usable sample.
        ContractError: a contract is not valid.
    """
    wanted = list(faults)
    unknown = [name for name in wanted if name not in FAULTS]
    if unknown:
        raise UnknownFault(f"unknown fault {unknown[0]}; see csp sample --list-faults")
    contracts = load_contracts(settings.contracts)
    strange = [feed for feed in only if feed not in contracts]
    if strange:
        raise SampleError(f"unknown feed {strange[0]}; the feeds are {', '.join(contracts)}")
    plan = plan_of(settings, contracts, months, only)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(
        folder / SYNTHETIC_MARKER,
        {"synthetic": True, "seed": seed, "faults": wanted, **_made_from(settings, plan)},
    )
    if not only or set(only) & set(reference.FEEDS):
        reference.write(folder / reference.PARTNER, city.load(settings))
    newest = _write_feeds(settings, contracts, plan, folder, seed)
    for name in wanted:
        fault = FAULTS[name]
        if fault.feed not in newest:
            raise UnknownFault(f"the fault {name} spoils {fault.feed}, which is not made")
        fault.apply(newest[fault.feed])
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def write_newest(settings: Settings, contracts: Mapping[str, Contract], folder: Path) -> None:
    """Write the newest extract that each of these contracts describes, as `write` would.

    For trying contracts that need not be the ones in use. A feed without a sample is left out.

    Raises:
        SampleError: a feed's sample cannot be used.
    """
    made = {
        feed: contract
        for feed, contract in contracts.items()
        if feed not in reference.FEEDS and lacking(settings, contract) is None
    }
    plan = {feed: periods_of(settings, contract)[-1:] for feed, contract in made.items()}
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / SYNTHETIC_MARKER, {"synthetic": True, "seed": DEFAULT_SEED, "faults": []})
    if set(contracts) & set(reference.FEEDS):
        reference.write(folder / reference.PARTNER, city.load(settings))
    if any(plan.values()):
        _write_feeds(settings, made, plan, folder, DEFAULT_SEED)


def ensure(settings: Settings) -> None:
    """Create or update the standing sample in `CSP_HOME/sample`: every period due by now."""
    marker = settings.sample / SYNTHETIC_MARKER
    plan = plan_of(settings, load_contracts(settings.contracts))
    if marker.exists() and _covers(json.loads(marker.read_text(encoding="utf-8")), settings, plan):
        return
    draft = settings.home / f"{TEMPORARY_PREFIX}sample"
    shutil.rmtree(draft, ignore_errors=True)
    write(settings, draft)
    shutil.rmtree(settings.sample, ignore_errors=True)
    draft.rename(settings.sample)


def plan_of(
    settings: Settings,
    contracts: Mapping[str, Contract],
    months: int | None = None,
    only: Collection[str] = (),
) -> dict[str, list[str]]:
    """The periods to make of each feed that has a sample of its own, oldest first."""
    return {
        feed: periods_of(settings, contract, months)
        for feed, contract in contracts.items()
        if feed not in reference.FEEDS and (not only or feed in only)
    }


def periods_of(settings: Settings, contract: Contract, months: int | None = None) -> list[str]:
    """The due periods of one feed; of an edition, the one that the contract names.

    Raises:
        SampleError: the feed comes in editions and the contract names none.
    """
    kind = contract.period_kind
    if kind == periods.EDITION or contract.period_value is not None:
        label = contract.period_value or contract.sample_edition
        if label is None:
            raise SampleError(
                f"the feed {contract.feed} comes in editions but has no sampleEdition"
            )
        return [label]
    newest = contract.due_through(settings.today)
    last = periods.last_month(kind, newest)
    first = max(register.first_month(settings), contract.kept_from or "")
    if months is not None:
        newest_begins = periods.first_month(kind, newest)
        first = max(first, min(periods.add_months(last, 1 - months), newest_begins))
    return periods.periods_between(kind, first, last)


def path_of(settings: Settings, contract: Contract) -> Path:
    """The path of a feed's sample, beside its contract."""
    return settings.contracts / contract.partner / f"{contract.name}.sample.sql"


def name_of(settings: Settings, contract: Contract, period: str) -> str:
    """The file of one period, within the sample's folder.

    Raises:
        SampleError: the feed has no sample, or its contract no name for it.
    """
    if (problem := lacking(settings, contract)) is not None or contract.sample_name is None:
        raise SampleError(problem or f"feed {contract.feed} has no sample of its own")
    part = contract.expected_part(settings.partnership)
    return f"{contract.partner}/{contract.sample_name.format(period=period, part=part)}"


def lacking(settings: Settings, contract: Contract) -> str | None:
    """Why no extracts can be made of a feed, in words; `None` if they can."""
    if contract.feed in reference.FEEDS:
        return None
    if not path_of(settings, contract).exists():
        return f"feed {contract.feed} has no sample"
    if contract.sample_name is None:
        return f"feed {contract.feed} has a sample but no sampleName"
    return None


def _write_feeds(
    settings: Settings,
    contracts: Mapping[str, Contract],
    plan: Mapping[str, list[str]],
    folder: Path,
    seed: int,
) -> dict[str, Path]:
    """Write every planned period; return the file of each feed's newest.

    Uses two cities in parallel, each on its own core; a feed is made in one of them.
    """
    names = {
        feed: [name_of(settings, contracts[feed], label) for label in labels]
        for feed, labels in plan.items()
    }
    free: SimpleQueue[DuckDBPyConnection] = SimpleQueue()

    def write_feed(feed: str) -> None:
        sample, sql = None, path_of(settings, contracts[feed]).read_text(encoding="utf-8")
        connection = free.get()
        try:
            for label, name in zip(plan[feed], names[feed], strict=True):
                engine.ask(connection, contracts[feed], label, seed)
                sample = sample or engine.prepared(connection, contracts[feed], sql)
                writers.write(connection, sample, label, folder / name)
        finally:
            free.put(connection)

    with ExitStack() as cities, ThreadPoolExecutor(_CITIES) as workers:
        for _ in range(_CITIES):
            free.put(cities.enter_context(engine.open_city(settings, seed)))
        list(workers.map(write_feed, plan))
    return {feed: folder / made[-1] for feed, made in names.items() if made}


def _made_from(settings: Settings, plan: Mapping[str, list[str]]) -> dict[str, object]:
    """What a sample holds and what it was made from, for its marker file."""
    digest = hashlib.sha256(settings.partnership.area_code.encode())
    samples, seeds = settings.contracts.rglob("*.*"), register.assemble(settings).glob("*.csv")
    for path in (engine.CITY, *sorted(samples), *sorted(seeds)):
        digest.update(path.read_bytes())
    return {"periods": dict(plan), "made_from": digest.hexdigest()}


def _covers(
    marker: Mapping[str, object], settings: Settings, plan: Mapping[str, list[str]]
) -> bool:
    """Whether a standing sample has every planned period, made from the current samples."""
    now = _made_from(settings, plan)
    had = marker.get("periods")
    return (
        marker.get("made_from") == now["made_from"]
        and isinstance(had, dict)
        and all(set(labels) <= set(had.get(feed, ())) for feed, labels in plan.items())
    )
