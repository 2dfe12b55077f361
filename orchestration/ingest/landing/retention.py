"""Retention: how long a delivery may be kept, by its agreement's end and its contract. Pure but for
reading the register of agreements.

A delivery is past its retention date when no agreement on its feed is in force, or when the number of
months in its contract (`retentionMonths`) has passed since the end of its period. If neither applies,
it is kept.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from orchestration.contracts.model import Contract
from orchestration.core import formulas, periods, register
from orchestration.core.settings import Settings, SettingsError

_COLUMNS = (
    "feed", "agreement", "controller", "contact_role", "signed_on", "review_by", "ends_on",
    "verified",
)  # fmt: skip


class RegisterError(SettingsError):
    """The register of agreements cannot be used. The message is one sentence."""


@dataclass(frozen=True)
class Agreement:
    """What was agreed with a partner about one feed; `ends_on` is unset until the agreement is ended."""

    feed: str
    name: str
    controller: str
    ends_on: date | None


def agreements(settings: Settings) -> dict[str, list[Agreement]]:
    """The register of agreements by feed; a feed whose agreement was renewed has several.

    Raises:
        RegisterError: a column or a date cannot be read.
    """
    path = register.table(settings, "agreements")
    found: dict[str, list[Agreement]] = {}
    if not path.exists():
        return found
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise RegisterError(f"the register of agreements has no column {missing[0]}")
        for number, row in enumerate(reader, start=2):
            ends_on = _day(row["ends_on"], number)
            agreement = Agreement(row["feed"], row["agreement"], row["controller"], ends_on)
            found.setdefault(row["feed"], []).append(agreement)
    return found


def _day(text: str, number: int) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RegisterError(
            f"line {number} of the register of agreements: ends_on is not a day such as 2027-03-31"
        ) from None


def past(
    feed: str,
    period: str,
    received: date,
    contract: Contract | None,
    agreed: Mapping[str, list[Agreement]],
    today: date,
) -> str | None:
    """Why a delivery is past its retention date, in words; `None` if it is not."""
    running = agreed.get(feed, [])
    ends = [agreement.ends_on for agreement in running]
    if running and all(end is not None and end < today for end in ends):
        last = max(running, key=lambda agreement: agreement.ends_on or date.max)
        return f"the agreement “{last.name}” ended on {last.ends_on}"
    if contract is None or contract.retention_months is None:
        return None
    months = contract.retention_months
    keeps_until = periods.add_months(_last_month(contract, period, received), months)
    if keeps_until >= periods.month_of(today):
        return None
    return f"the contract keeps it for {months} months, until the end of {keeps_until}"


def refused_kept_days(settings: Settings) -> int:
    """How many days a refused delivery is kept: the register's `refused_kept_days`."""
    path = register.table(settings, "threshold_register")
    return int(formulas.read_thresholds(path)["refused_kept_days"])


def past_refused(received: date, kept_days: int, today: date) -> str | None:
    """Why a refused delivery, which nothing uses, is past its retention date; `None` if it is not."""
    if (today - received).days <= kept_days:
        return None
    return f"it was refused, and refused deliveries are kept for {kept_days} days"


def _last_month(contract: Contract, period: str, received: date) -> str:
    """The month that retention counts from: the last of the period, or that in which an edition arrived."""
    kind = contract.period_kind
    if kind != periods.EDITION and periods.is_period(kind, period):
        return periods.last_month(kind, period)
    return periods.month_of(received)
