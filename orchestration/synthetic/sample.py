"""Synthetic extracts for every feed: made up, seeded, the same every time, and labelled so."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from orchestration.files import TEMPORARY_PREFIX, write_json
from orchestration.ingest.transports import SYNTHETIC_MARKER
from orchestration.periods import add_months, due_through, months_between
from orchestration.settings import Settings
from orchestration.synthetic import city, police, reference
from orchestration.synthetic.faults import FAULTS, UnknownFault

DEFAULT_SEED = 2024
_FIRST_MONTH = "2023-04"  # the first month of the strategy's baseline year
_LATENCY = 2  # as in the contract of police/street_crime


def write(
    settings: Settings,
    folder: Path,
    *,
    seed: int = DEFAULT_SEED,
    months: int | None = None,
    faults: Iterable[str] = (),
) -> list[str]:
    """Write extracts for the newest `months` due months (default: from the baseline year on).

    Returns the names of the files. The same seed, clock and faults give the same bytes.

    Raises:
        UnknownFault: a fault's name is not known.
    """
    wanted = list(faults)
    unknown = [name for name in wanted if name not in FAULTS]
    if unknown:
        raise UnknownFault(f"unknown fault {unknown[0]}; see csp sample --list-faults")
    last = due_through(settings.today, _LATENCY)
    first = add_months(last, 1 - months) if months else _FIRST_MONTH
    covered = months_between(first, last)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(
        folder / SYNTHETIC_MARKER,
        {"synthetic": True, "seed": seed, "months": covered, "faults": wanted},
    )
    place = city.load(settings)
    reference.write(folder, place)
    police.write(folder, place, covered, seed)
    for name in wanted:
        FAULTS[name].apply(folder, covered)
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def ensure(settings: Settings) -> None:
    """Have the standing sample in `CSP_HOME/sample`, with every month that is due by now."""
    marker = settings.sample / SYNTHETIC_MARKER
    last = due_through(settings.today, _LATENCY)
    if marker.exists() and json.loads(marker.read_text(encoding="utf-8"))["months"][-1] >= last:
        return
    draft = settings.home / f"{TEMPORARY_PREFIX}sample"
    shutil.rmtree(draft, ignore_errors=True)
    write(settings, draft)
    shutil.rmtree(settings.sample, ignore_errors=True)
    draft.rename(settings.sample)
