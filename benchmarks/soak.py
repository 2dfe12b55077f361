"""The soak: analysts query what is published without pause while nights publish anew.

    python -m benchmarks.soak [--nights N] [--analysts N]

The nights alternate two states of the data: a month of fire incidents is corrected, and the
correction withdrawn. Every analyst is a process that repeatedly opens the database and the Parquet
files of whatever is published. Failed queries are counted, and so are torn reads: answers that do not
belong to the one publication that they were read from. Exits with 1 if there are any.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
from collections import Counter, defaultdict
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import stage
from benchmarks.trial import Bench, checkout, inputs_of
from orchestration.synthetic import sample

_FACTS = (
    'select count(*), sum("count"), sum(hash(measure_id, area_code, period_start, "count")) from {}'
)
# Every row of these is in a ward, so unless the city is the sum of its wards, the read was torn.
_SUMS = """
    select count(*) from (
        select measure_id, period_start,
            sum("count") filter (area_type = 'city') as city,
            sum("count") filter (area_type = 'ward') as wards
        from {}
        where period_type = 'month'
            and measure_id in ('police_asb_incidents', 'fire_deliberate_secondary')
        group by all)
    where city is distinct from wards
"""


def asked(database: Path, parquet: Path, counts: Counter[str]) -> tuple[str, ...]:
    """Everything an analyst asks of one publication, of the database and of its files alike."""
    answers = []
    with duckdb.connect(str(database), read_only=True, config={"threads": 1}) as connection:
        for place in ("marts.fct_measure", f"read_parquet('{parquet}')"):
            answers.append(str(connection.execute(_FACTS.format(place)).fetchone()))
            uneven = connection.execute(_SUMS.format(place)).fetchone()
            assert uneven is not None
            counts["torn"] += bool(uneven[0])
            counts["queries"] += 2
    return tuple(answers)


def analyst(home: Path, is_over: Event, out: Queue[Any]) -> None:
    """Query until the soak is over; put the counts, and every publication's answers, into `out`."""
    os.nice(5)
    counts: Counter[str] = Counter()
    answers: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    sentences: list[str] = []
    while not is_over.is_set():
        try:
            # The link is resolved once: the files of one publication belong together.
            place = (home / "published").resolve(strict=True)
            found = asked(
                place / "warehouse.duckdb",
                place / "parquet" / "marts" / "fct_measure.parquet",
                counts,
            )
            manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
            answers[manifest["inputs"]].add(found)
            counts["torn"] += found[0] != found[1]
            # And as most people will: straight through the link, whatever it now points at.
            with duckdb.connect(str(home / "published" / "warehouse.duckdb"), read_only=True) as c:
                uneven = c.execute(_SUMS.format("marts.fct_measure")).fetchone()
            assert uneven is not None
            counts["torn"] += bool(uneven[0])
            counts["queries"] += 1
        except (duckdb.Error, OSError, ValueError) as problem:
            counts["failed"] += 1
            sentences.append(f"{type(problem).__name__}: {problem}".splitlines()[0])
    out.put((counts, dict(answers), sentences[:3]))


def soak(scratch: Path, nights: int, analysts: int) -> int:
    """Run the nights alongside the analysts, and print the figures."""
    bench, source = Bench(checkout(scratch / "code")), scratch / "source"
    sample.write(stage.settings_at(scratch / "unused"), source, months=2, only=stage.FEEDS)
    newest = max((source / "fire").iterdir())
    whole = newest.read_bytes()
    states = (whole, whole[: whole.rindex(b"\n", 0, len(whole) * 3 // 4) + 1])
    home = scratch / "home"
    _night(bench, home, source)
    context = multiprocessing.get_context("spawn")
    is_over, out = context.Event(), context.Queue()
    readers = [context.Process(target=analyst, args=(home, is_over, out)) for _ in range(analysts)]
    for reader in readers:
        reader.start()
    published = [inputs_of(home)]
    try:
        for number in range(1, nights + 1):
            newest.write_bytes(states[number % 2])
            seconds = _night(bench, home, source)
            published.append(inputs_of(home))
            print(f"night {number}: {seconds:.0f} s, published {published[-1][:12]}", flush=True)
    finally:
        is_over.set()
    found = [out.get(timeout=120) for _ in readers]
    for reader in readers:
        reader.join(60)
    return concluded(nights, published, found)


def _night(bench: Bench, home: Path, source: Path) -> float:
    ran = bench.run(home, source, "refresh")
    if ran.code != 0:
        raise stage.NotStaged(f"the night ended with {ran.code}: {ran.said[-2000:]}")
    return ran.seconds


def concluded(nights: int, published: list[str], found: list[Any]) -> int:
    """Add up and print what the analysts found; return 1 if anything is wrong."""
    total: Counter[str] = Counter()
    answers: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for counts, theirs, sentences in found:
        total.update(counts)
        for publication, given in theirs.items():
            answers[publication] |= given
        for sentence in sentences:
            print(f"  {sentence}")
    total["torn"] += sum(len(given) - 1 for given in answers.values())
    unknown = sorted(set(answers) - set(published))
    print(
        f"{nights} nights, {len(set(published))} publications ({len(answers)} of them queried), "
        f"{len(found)} analysts, {total['queries']:,} queries, "
        f"{total['failed']} failed, {total['torn']} torn, {len(unknown)} unknown publications"
    )
    is_right = bool(total["queries"]) and not (total["failed"] or total["torn"] or unknown)
    return 0 if is_right and len(set(published)) == nights + 1 else 1


def main() -> int:
    """Run the soak; return 1 if a query failed or a read was torn."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--nights", type=int, default=3)
    parser.add_argument("--analysts", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as scratch:
        return soak(Path(scratch), options.nights, options.analysts)


if __name__ == "__main__":
    sys.exit(main())
