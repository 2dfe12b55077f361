"""What a long history costs a night: seconds to know the state of N deliveries, first and again, and to
enter one more in the ledger.

python -m benchmarks.receipts [--receipts N]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.stage import settings_at
from orchestration import night
from orchestration.ingest.landing.deliveries import PASSED, Record, deliveries, record_path
from orchestration.ingest.landing.receipts import Receipt, enter, write_receipt

# A night asks for the state of all deliveries about this often: work, purge, pull, gate 1, manifest,
# build, publish and summary, some of them twice.
_ASKED = 12
_CORRECTIONS = 3


def history(home: Path, number: int) -> None:
    """Receipts and records of `number` deliveries: every feed in turn, three deliveries a period."""
    settings = settings_at(home)
    contracts = list(night.contracts_of(settings).values())
    for count in range(number):
        contract = contracts[count % len(contracts)]
        place, seq = divmod(count // len(contracts), _CORRECTIONS)
        year, month = divmod(place, 12)
        receipt = Receipt(
            feed=contract.feed, period=f"{1900 + year}-{month + 1:02d}", part="", seq=seq + 1,
            sha256=f"{count:064x}", size=100, source_path="made-up.csv", modified=0.0,
            received_at="2026-01-01T00:00:00+00:00", synthetic=True, ending=".csv",
        )  # fmt: skip
        write = receipt.receipt_path(settings), record_path(settings, receipt)
        record = Record(contract.fingerprint, contract.version, PASSED, 1, "", "")
        for path, content in zip(write, (receipt, record), strict=True):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(vars(content)), encoding="utf-8")  # no fsync for each


def main() -> int:
    """Measure and print; return 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--receipts", type=int, default=10_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="receipts-") as folder:
        home = Path(folder)
        history(home, options.receipts)
        settings = settings_at(home)
        contracts = night.contracts_of(settings)
        enter(settings)
        seconds = []
        for _ in range(_ASKED):
            begun = time.process_time()
            found = deliveries(settings, contracts)
            seconds.append(time.process_time() - begun)
        write_receipt(settings, replace(found[-1].receipt, seq=999))
        begun = time.process_time()
        enter(settings)
        one_more = time.process_time() - begun
        if len(found) != options.receipts:
            raise SystemExit(f"{len(found)} deliveries were found of {options.receipts}")
    print(
        f"{options.receipts} receipts: {seconds[0]:.2f} s at first, {seconds[-1]:.2f} s again, "
        f"{sum(seconds):.1f} s of processor a night that asks {_ASKED} times, and {one_more:.2f} s to enter "
        "one more"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
