"""The parts that a feed's deliveries can have: a list with its publisher and day, never text that fits.

A delivery's feed, period and part say what it counts for. If a part were any text that fits the file
pattern, a renamed copy would be another part, and both would count.
"""

from __future__ import annotations

import csv

from orchestration.contracts.model import Contract
from orchestration.core import periods, register
from orchestration.core.settings import Settings, SettingsError

TABLE = "delivery_parts"


def listed(settings: Settings, contract: Contract) -> frozenset[str]:
    """The parts of a feed: those of its list, and the partnership's own; without parts, the empty one.

    Raises:
        SettingsError: the list that the contract names is not there.
    """
    if contract.part_list is None:
        return frozenset({""})
    with register.table(settings, TABLE).open(encoding="utf-8", newline="") as lines:
        found = frozenset(
            row["part"] for row in csv.DictReader(lines) if row["listed_in"] == contract.part_list
        )
    if not found:
        raise SettingsError(
            f"{TABLE}.csv has no list {contract.part_list}, which {contract.feed} takes its parts from"
        )
    return found | {contract.expected_part(settings.partnership)}


def unlisted(contract: Contract) -> str:
    """Why a delivery of a part that is not listed is left alone, in words that follow on its name."""
    return (
        f"names a part that is not in the list {contract.part_list} of {TABLE}; a file that corrects "
        "another has that one's name"
    )


def is_edition(contract: Contract, label: str) -> bool:
    """Whether an edition read from a name is a date, or one that the contract lists."""
    return label in contract.editions or periods.is_dated(label)
