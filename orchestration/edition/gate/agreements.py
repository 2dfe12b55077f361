"""Data sharing agreements: under which agreement or licence each feed is held, and until when.

Open licences are shipped (`seeds/register/agreements.csv`); agreements with partners are entered in
`agreements.csv` of the partnership's folder. One row per feed and agreement.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from orchestration.core.errors import WarehouseError
from orchestration.core.wording import day
from orchestration.edition.gate.evidence import Evidence, columns_of
from orchestration.quality.check_register import Check
from orchestration.quality.finding import Finding

COLUMNS = (
    "feed", "agreement", "controller", "contact_role", "signed_on", "review_by", "ends_on", "verified",
)  # fmt: skip
_DAYS = ("signed_on", "review_by", "ends_on")


class AgreementError(WarehouseError):
    """The register of agreements cannot be read. One sentence."""


def load(path: Path) -> pd.DataFrame:
    """The register: one row per feed and agreement, all text except the dates (NaT where there is none).

    Raises:
        AgreementError: a column is missing or unknown, a required cell is empty, a date is not a date,
            or a row occurs twice.
    """
    try:
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as problem:
        raise AgreementError(f"{path.name} cannot be read: {problem}") from problem
    if tuple(rows.columns) != COLUMNS:
        raise AgreementError(f"{path.name}: the columns are {', '.join(COLUMNS)}")
    for column in ("feed", "agreement", "controller", "contact_role"):
        blank = rows.index[rows[column].str.strip().eq("")]
        if len(blank):
            raise AgreementError(f"{path.name}: row {blank[0] + 2} has no {column}")
    wrong = rows.index[~rows["verified"].isin(["verified", "unverified"])]
    if len(wrong):
        raise AgreementError(f"{path.name}: row {wrong[0] + 2} is neither verified nor unverified")
    for column in _DAYS:
        filled = rows[column].ne("")
        days = pd.to_datetime(rows[column].where(filled), format="%Y-%m-%d", errors="coerce")
        wrong = rows.index[filled & (days.isna() | rows[column].str.len().ne(10))]
        if len(wrong):
            raise AgreementError(f"{path.name}: row {wrong[0] + 2}: {column} is no day")
        rows[column] = days
    twice = rows.index[rows.duplicated(["feed", "agreement"])]
    if len(twice):
        raise AgreementError(f"{path.name}: row {twice[0] + 2} is there twice")
    return rows


def agreements(check: Check, evidence: Evidence) -> list[Finding]:
    """One finding per feed with current deliveries: it is held under an agreement that is valid today.

    An open licence never lapses. Any other agreement has to be signed, with a review or end date that is
    not in the past. Synthetic extracts need no agreement, but a lapsed one is a failure even then.
    """
    register = columns_of({"agreements": evidence.agreements}, "agreements", *COLUMNS)
    feeds = sorted(set(evidence.table("sources", "feed")["feed"]))
    licences = set(check.settings["open_licences"])
    return [
        _agreed(check, feed, register[register["feed"].eq(feed)], licences, evidence)
        for feed in feeds
    ]


def _agreed(
    check: Check, feed: str, rows: pd.DataFrame, licences: set[str], evidence: Evidence
) -> Finding:
    if rows.empty and evidence.is_synthetic:
        return check.passed(feed, f"{feed}: made-up extracts need no agreement")
    if rows.empty:
        return check.failed(feed, f"{feed}: no agreement or licence is registered for it")
    problems = []
    for name, signed, review, end, verified in zip(
        rows["agreement"], *(rows[key] for key in _DAYS), rows["verified"], strict=True
    ):
        problem = "" if name in licences else _lapse(signed, review, end, evidence.today)
        if not problem:
            more = "" if verified == "verified" else ", unverified"
            return check.passed(feed, f"{feed}: held under {name}{more}")
        problems.append(f"{name} {problem}")
    return check.failed(feed, f"{feed}: {'; '.join(problems)}")


def _lapse(signed: pd.Timestamp, review: pd.Timestamp, end: pd.Timestamp, today: date) -> str:
    now = pd.Timestamp(today)
    if pd.isna(signed):
        return "was not signed"
    if signed > now:
        return f"is signed from {day(signed.date())} only"
    if pd.isna(review) and pd.isna(end):
        return "has no day of review or end"
    if pd.notna(end) and end < now:
        return f"ended on {day(end.date())}"
    if pd.notna(review) and review < now:
        return f"was to be reviewed by {day(review.date())}"
    return ""
