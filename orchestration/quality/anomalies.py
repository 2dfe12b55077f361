"""Anomalies: a delivery compared with the others of its feed, as outcomes of gate 1.

What the rules of a contract cannot see in one file: fewer rows than the feed's own scatter explains, days
or places without any, columns blank that were not, other shares of values, missing locations, codes never
sent before, more repeated rows, a longer delay from event to delivery, an extract that ends before its month.

A delivery is compared with those of the partnership's own part, one per period. A check that is not yet
possible (too few others, too few rows) has no outcome; for the number of rows that is said. Sentences give
shares and numbers of rows, never values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orchestration.contracts.model import Contract
from orchestration.core import periods, register
from orchestration.core.engine import connect
from orchestration.core.settings import Settings
from orchestration.core.sql import as_pattern
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.readers.parse import parquet_path
from orchestration.protection import encryption
from orchestration.quality import anomaly_queries as queries
from orchestration.quality import chance
from orchestration.quality.outcomes import FAILED, PASSED, RuleOutcome

PREFIX = "anomaly:"
_PASSED = {
    "days": "there are no more days in a row without rows than chance makes",
    "places": "no place is without rows that usually has some",
    "values": "the shares of values are as usual, column by column",
    "blanks": "the shares of blanks are as usual, column by column",
    "location": "the share of rows without a location is as usual",
    "codes": "the share of rows with a code of no other delivery is as usual",
    "mix": "the mix of categories is as usual",
    "repeats": "the share of repeated rows is as usual",
    "lag": "the time from event to delivery is as usual",
    "end": "the events go on to the end of the period, as usual",
}


def judge(
    settings: Settings,
    contract: Contract,
    subjects: Sequence[Receipt],
    others: Sequence[Receipt],
) -> dict[Receipt, list[RuleOutcome]]:
    """The outcomes of the deliveries to be judged, compared with `others`: those current so far.

    Both have been parsed. The judged ones are compared with each other as well, so that a history
    that arrives in one night can be judged too.
    """
    own = contract.expected_part(settings.partnership)
    newest: dict[str, Receipt] = {}
    for receipt in (*others, *sorted(subjects, key=lambda receipt: receipt.seq)):
        # Deliveries from before a change of the feed's kind of period cover a different length.
        if receipt.part == own and periods.is_period(contract.period_kind, receipt.period):
            newest[receipt.slot] = receipt
    judged = {
        receipt.delivery_id: receipt for receipt in subjects if newest.get(receipt.slot) == receipt
    }
    if not judged or not contract.watch.severities or contract.period_kind == periods.EDITION:
        return {}
    files = [as_pattern(parquet_path(settings, receipt)) for receipt in newest.values()]
    about = [about_delivery(contract, receipt) for receipt in newest.values()]
    found: dict[Receipt, list[RuleOutcome]] = {}
    with connect(threads=2) as connection:
        encryption.prepare(settings, connection)
        option = encryption.reading(encryption.key_of(settings))
        rows = queries.findings(
            connection,
            contract,
            files,
            about,
            sorted(judged),
            chance.thresholds_of(settings),
            str(register.table(settings, "area_lsoa_2021")),
            option,
        )
    for delivery, kind, is_anomaly, sentence in rows:
        severity = contract.watch.severities.get(kind)
        if severity is None:
            continue
        found.setdefault(judged[delivery], []).append(
            RuleOutcome(
                f"{PREFIX}{kind}",
                severity,
                FAILED if is_anomaly else PASSED,
                sentence if is_anomaly else _PASSED.get(kind, sentence),
            )
        )
    return found


def about_delivery(contract: Contract, receipt: Receipt) -> tuple[Any, ...]:
    """What is known about a delivery without its rows; see `anomaly_queries.findings`."""
    kind = contract.period_kind
    first = periods.first_month(kind, receipt.period)
    after = periods.add_months(first, periods.months_in(kind))
    return (
        receipt.delivery_id,
        first[5:],
        f"{first}-01",
        f"{after}-01",
        receipt.received_at[:10],
        receipt.seq,
        turn(kind, receipt.period),
    )


def turn(kind: str, period: str) -> int:
    """The number of a period among those of its kind, in order."""
    year, month = periods.first_month(kind, period).split("-")
    return (int(year) * 12 + int(month) - 1) // periods.months_in(kind)
