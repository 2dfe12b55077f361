"""Checks of what partners delivered: is it complete, was it validated, is every row accounted for."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from orchestration.core import vocabulary
from orchestration.core.wording import counted, joined
from orchestration.edition.gate.evidence import Evidence
from orchestration.edition.gate.wording import spans
from orchestration.figures.warehouse_tables import Year
from orchestration.quality.check_register import Check
from orchestration.quality.finding import Finding

_YEAR = 12
_LACKING = ("missing", "refused", "not_due")


def completeness(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding per feed: whether every period that the year needs was delivered.

    The feeds are those with a contract. A feed that is `optional` may lack periods, one that is
    `late_by_nature` may have periods that are not yet due; both are then noted, never ignored.
    """
    owed = evidence.table("owed_periods", "feed", "period", "period_start", "period_end", "state")
    by_feed = dict(tuple(owed.groupby("feed", sort=True)))
    feeds = sorted(set(evidence.contracts) | set(by_feed))
    return [_complete(check, feed, by_feed.get(feed), evidence.year) for feed in feeds]


def _complete(check: Check, feed: str, owed: pd.DataFrame | None, year: Year) -> Finding:
    optional = check.settings["optional"].get(feed)
    late = check.settings["late_by_nature"].get(feed)
    if owed is None:
        detail = f"{feed}: no period that the year needs is in the ledger, so nothing was delivered"
        return (
            check.noted(feed, f"{detail} ({optional})") if optional else check.failed(feed, detail)
        )
    unknown = sorted(set(owed["state"]) - {"delivered", *_LACKING})
    if unknown:
        return check.errored(feed, f"{feed}: {unknown[0]} is no state of a period")
    if outside := _not_in_ledger(owed, year):
        detail = f"{feed}: {outside}"
        return (
            check.noted(feed, f"{detail} ({optional})") if optional else check.failed(feed, detail)
        )
    lacking = {
        state: owed[owed["state"] == state] for state in _LACKING if (owed["state"] == state).any()
    }
    if not lacking:
        return check.passed(
            feed, f"{feed}: {counted(len(owed), 'period')} that the year needs, all delivered"
        )
    detail = f"{feed}: " + "; ".join(
        f"{_subject(periods)} {vocabulary.said(state)}" for state, periods in lacking.items()
    )
    excuse = optional or (late if set(lacking) == {"not_due"} else None)
    return check.noted(feed, f"{detail} ({excuse})") if excuse else check.failed(feed, detail)


def _not_in_ledger(owed: pd.DataFrame, year: Year) -> str:
    """What is wrong where the dated periods of a feed do not cover a whole year; editions have no dates.

    A yearly period may be twelve months other than the strategy year, such as a school year.
    """
    dated = owed[owed["period_start"].notna()]
    firsts = pd.to_datetime(dated["period_start"]).dt.to_period("M")
    lasts = pd.to_datetime(dated["period_end"]).dt.to_period("M")
    known = int((lasts.astype("int64") - firsts.astype("int64") + 1).sum())
    if known in (0, _YEAR):
        return ""
    months = pd.period_range(year.starts_on, year.ends_on, freq="M")
    covered = [firsts.le(month) & lasts.ge(month) for month in months]
    absent = [month for month, own in zip(months, covered, strict=True) if not own.any()]
    if not absent:
        return f"{known} months stand in the ledger for a year of {_YEAR}"
    frame = pd.DataFrame(
        {
            "period": [str(month) for month in absent],
            "period_start": [month.start_time for month in absent],
            "period_end": [month.end_time.normalize() for month in absent],
        }
    )
    return f"{_subject(frame)} not in the ledger at all"


def _subject(periods: pd.DataFrame) -> str:
    named = spans(periods)
    verb = "is" if len(periods) == 1 else "are"
    return f"{joined(named)} {verb}"


def gate_1(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding per feed: whether every current delivery passed gate 1, under today's contract."""
    judged = evidence.table(
        "judged_deliveries", "feed", "contract_version", "state", "deliveries", "without_rules",
        "with_errors", "with_failures", "with_warnings",
    )  # fmt: skip
    return [
        _judged(check, str(feed), rows, evidence.contracts)
        for feed, rows in judged.groupby("feed", sort=True)
    ]


def _judged(check: Check, feed: str, rows: pd.DataFrame, contracts: Mapping[str, str]) -> Finding:
    deliveries = int(rows["deliveries"].sum())
    received = counted(deliveries, "delivery", "deliveries")
    if feed not in contracts:
        return check.failed(feed, f"{feed}: {received} and no contract today")
    errors = int(rows["with_errors"].sum()) + int(
        rows.loc[rows["state"] == "errored", "deliveries"].sum()
    )
    if errors:
        return check.errored(
            feed, f"{feed}: a rule of gate 1 could not be run on {errors} of {received}"
        )
    wrong = {
        "had no rule run on them": int(rows["without_rules"].sum()),
        "count but did not pass gate 1": int(
            rows.loc[rows["state"] != "passed", "deliveries"].sum()
        ),
        "break a critical rule of their contract": int(rows["with_failures"].sum()),
        "were judged under another version of the contract than today's": int(
            rows.loc[rows["contract_version"] != contracts[feed], "deliveries"].sum()
        ),
    }
    found = [f"{number} of {received} {what}" for what, number in wrong.items() if number]
    if found:
        return check.failed(feed, f"{feed}: {joined(found)}")
    warned = int(rows["with_warnings"].sum())
    lesser = f"; {warned} break a rule that does not block" if warned else ""
    return check.passed(
        feed, f"{feed}: {received} passed gate 1 under contract {contracts[feed]}{lesser}"
    )


def reconciliation(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding per feed that has ever delivered: whether every row received is accounted for."""
    ledger = evidence.table("ledger", "feed", "deliveries", "in_ledger", "unexplained")
    return [
        _reconciled(check, feed, int(deliveries), int(in_ledger), int(unexplained))
        for feed, deliveries, in_ledger, unexplained in zip(
            ledger["feed"],
            ledger["deliveries"],
            ledger["in_ledger"],
            ledger["unexplained"],
            strict=True,
        )
    ]


def _reconciled(
    check: Check, feed: str, deliveries: int, in_ledger: int, unexplained: int
) -> Finding:
    received = counted(deliveries, "delivery", "deliveries")
    if in_ledger != deliveries:
        return check.failed(
            feed, f"{feed}: only {in_ledger} of {received} stand in the ledger of rows"
        )
    if unexplained:
        return check.failed(
            feed, f"{feed}: {unexplained} of {received} have rows that are not accounted for"
        )
    return check.passed(feed, f"{feed}: every row of {received} is accounted for")
