"""Freshness of feeds as the UI shows it: from each contract's cadence and latency."""

from datetime import timedelta

import dagster as dg

from orchestration.contracts.odcs import Contract
from orchestration.core import periods

_MONTH = timedelta(days=31)
_WEEK = timedelta(days=7)


def policy_of(contract: Contract) -> dg.FreshnessPolicy | None:
    """How old the newest delivery may be: a partner may send one period at once and the next one as
    late as was agreed. A week beyond that is worth a warning.

    Editions have no schedule, so a feed of editions has no policy. Statutory due dates are a
    separate matter: they are judged by the ledger of prescribed information.
    """
    if contract.period_kind == periods.EDITION:
        return None
    cadence = periods.months_in(contract.period_kind) * _MONTH
    agreed = cadence + contract.latency_months * _MONTH
    return dg.FreshnessPolicy.time_window(
        fail_window=agreed + _WEEK, warn_window=min(cadence + _WEEK, agreed)
    )
