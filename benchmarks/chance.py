"""How often gate 1 mistakes chance for a fault, and which faults it tells, on the deliveries of a home.

    CSP_HOME=… .venv/bin/python -m benchmarks.chance [FEED…]

Every newest delivery of every feed is judged as it stands: what is told then is a false warning, unless
it is a real event. Then the newest periods are damaged one at a time, and it is counted how many are told:
two fifths of the rows left out, a week, a place (the ward with most rows), and a column emptied.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from orchestration.contracts.odcs import Contract, load_contracts
from orchestration.core import periods, register
from orchestration.core.settings import Settings, from_environment
from orchestration.core.sql import literal
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.landing.receipts import receipts as every_receipt
from orchestration.ingest.readers.parse import parquet_path
from orchestration.quality import anomalies, anomaly_queries, chance

_DAMAGED = 3
_WATCHED = ("rows", "days", "places", "values", "blanks")


def damages(contract: Contract) -> Iterator[tuple[str, str]]:
    """The name of each damage that the feed's columns allow, and the SQL that does it to `sound`."""
    yield "two fifths of the rows left out", "from sound where hash(_row) % 5 >= 2"
    watch = contract.watch
    form = next((c.date_format for c in contract.columns if c.name == watch.event), None)
    if form and watch.event:
        day = f"try_strptime({watch.event}, {literal(form)})::date"
        middle = f"(select min({day}) + 10 from sound)"
        yield "a week left out", f"from sound where {day} not between {middle} and {middle} + 6"
    names = {column.name for column in contract.columns}
    place = next((name for name in ("lsoa_code", "ward_code") if name in names), None)
    if place:
        of_row = (
            f"coalesce((select any_value(ward_code) from wards where lsoa = {place}), {place})"
            if place == "lsoa_code"
            else place
        )
        yield (
            "a ward left out",
            f"from sound where {of_row} is distinct from (select mode({of_row}) from sound)",
        )
    for column in contract.columns:
        if not column.required and column.name != place:
            yield (
                f"column {column.name} emptied",
                f"select * replace (null as {column.name}) from sound",
            )
            return


def told(
    settings: Settings, contract: Contract, files: Sequence[Path], receipts: Sequence[Receipt]
) -> dict[str, set[str]]:
    """The kinds of anomaly by delivery."""
    found: dict[str, set[str]] = {receipt.delivery_id: set() for receipt in receipts}
    with duckdb.connect(config={"threads": 2}) as connection:
        rows = anomaly_queries.findings(
            connection,
            contract,
            [str(path) for path in files],
            [anomalies.about_delivery(contract, receipt) for receipt in receipts],
            list(found),
            chance.thresholds_of(settings),
            str(register.table(settings, "area_lsoa_2021")),
        )
    for delivery, kind, is_anomaly, _ in rows:
        if is_anomaly and kind in _WATCHED:
            found[delivery].add(kind)
    return found


def damaged(
    settings: Settings, contract: Contract, receipt: Receipt, sql: str, target: Path
) -> None:
    """Write the delivery, damaged."""
    with duckdb.connect() as connection:
        wards = literal(register.table(settings, "area_lsoa_2021"))
        connection.execute(
            "create table wards as select lsoa_2021_code as lsoa, ward_code "
            f"from read_csv({wards}, all_varchar = true)"
        )
        connection.execute(
            f"create table sound as from read_parquet({literal(parquet_path(settings, receipt))})"
        )
        connection.execute(f"copy ({sql}) to {literal(target)} (format parquet)")


def main(only: Sequence[str]) -> None:
    """Print false warnings and power, by feed."""
    settings = from_environment(os.environ)
    contracts = load_contracts(settings.contracts)
    newest: dict[tuple[str, str], Receipt] = {}
    for receipt in sorted(every_receipt(settings), key=lambda receipt: receipt.seq):
        if receipt.feed in contracts and parquet_path(settings, receipt).exists():
            newest[receipt.feed, receipt.slot] = receipt
    every = feeds = 0
    for feed, contract in contracts.items():
        own = contract.expected_part(settings.partnership)
        receipts = sorted(
            (r for r in newest.values() if r.feed == feed and r.part == own), key=lambda r: r.period
        )
        if contract.period_kind == periods.EDITION or (only and feed not in only):
            continue
        files = [parquet_path(settings, receipt) for receipt in receipts]
        if len(receipts) < chance.thresholds_of(settings)["least_deliveries"] + 1:
            print(f"{feed}: {len(receipts)} deliveries, too few for a verdict")
            continue
        false = Counter(
            kind for kinds in told(settings, contract, files, receipts).values() for kind in kinds
        )
        years = len(receipts) * periods.months_in(contract.period_kind) / 12
        every, feeds = every + false.total(), feeds + 1
        print(
            f"{feed}: {len(receipts)} deliveries, told as they stand: {false.total()} "
            f"({false.total() / years:.1f} a year) {dict(false)}"
        )
        for name, sql in damages(contract):
            seen = 0
            tried = receipts[-_DAMAGED:]
            for receipt in tried:
                with tempfile.TemporaryDirectory() as folder:
                    spoilt = Path(folder) / "spoilt.parquet"
                    damaged(settings, contract, receipt, sql, spoilt)
                    own_file = parquet_path(settings, receipt)
                    beside = [spoilt if path == own_file else path for path in files]
                    seen += bool(told(settings, contract, beside, receipts)[receipt.delivery_id])
            print(f"    {name}: told in {seen} of {len(tried)}")
    print(f"{every} false warnings in {feeds} feeds")


if __name__ == "__main__":
    main(sys.argv[1:])
