"""A small edition of a made-up town, for tests of what is printed: two priorities, three wards."""

from __future__ import annotations

import dataclasses
from datetime import date

import pandas as pd

from orchestration.edition.figures.contents import Before, Edition
from orchestration.figures.warehouse_tables import year_of
from orchestration.quality.waivers import Waiver
from tests.support.report_tables import (
    NOISE,
    PRIORITIES,
    REPORTS,
    YEAR,
    boundaries,
    headline_row,
    lsoas,
    monthly,
    slavery_row,
    tables,
    wards,
)

__all__ = [
    "BEFORE",
    "NOISE",
    "REPORTS",
    "WAIVER",
    "YEAR",
    "boundaries",
    "edition",
    "headline_row",
    "lsoas",
    "missing_everything",
    "monthly",
    "slavery_row",
    "tables",
    "wards",
    "with_table",
]


def _checklist() -> pd.DataFrame:
    titles = ["levels and patterns", "changes since the last assessment"]
    return pd.DataFrame(
        [
            {
                "element": number,
                "element_title": title,
                "priority_id": priority,
                "evidence": "marts.fct_measure",
                "state": "gap" if (number, priority) == (2, "modern_slavery") else "evidence",
                "note": "The first year of the series." if number == 2 else "",
            }
            for number, title in enumerate(titles, start=1)
            for priority, _, _ in PRIORITIES
        ]
    )


def _ranking() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "priority_id": priority,
                "criterion": criterion,
                "criterion_title": criterion.title(),
                "weight": 2,
                "score": score,
                "scorer": "Strategy group",
                "scored_on": "2026-04-20",
                "evidence": "Table 1",
                "total": 10 - rank,
                "rank": rank,
                "best_rank": 1,
                "worst_rank": 2,
            }
            for rank, (priority, _, _) in enumerate(PRIORITIES, start=1)
            for criterion, score in (("volume", 3), ("harm", None))
        ]
    )


def _gates() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "gate": 1,
                "check": "contracts",
                "scope": "all feeds",
                "outcome": "passed",
                "severity": "critical",
                "detail": "48 deliveries passed",
                "waived_by": "",
            },
            {
                "gate": 3,
                "check": "completeness",
                "scope": "council/noise",
                "outcome": "waived",
                "severity": "critical",
                "detail": "May 2024 is missing",
                "waived_by": "Chair",
            },
        ]
    )


def edition(**other) -> Edition:
    """The small edition, with any part replaced."""
    usual = {
        "year": year_of(YEAR),
        "variant": "official-sensitive",
        "version": 1,
        "mode": "full",
        "is_draft": False,
        "is_synthetic": False,
        "area_code": "E06",
        "area_name": "Town",
        "data_as_at": "2026-05-20",
        "tables": tables(),
        "changes": pd.DataFrame(),
        "checklist": _checklist(),
        "ranking": _ranking(),
        "gates": _gates(),
        "waivers": (),
        "reasons": (),
        "commentary": {},
        "boundaries": boundaries(),
    }
    return Edition(**{**usual, **other})


def with_table(of: Edition, name: str, frame: pd.DataFrame) -> Edition:
    """The edition with one table replaced."""
    return dataclasses.replace(of, tables={**of.tables, name: frame})


WAIVER = Waiver(
    "completeness",
    "council/noise",
    "The log was down in May.",
    "Chair of the board",
    date(2026, 12, 31),
)
BEFORE = Before("2024-25", 2, "full", "2025-06-30")


def missing_everything() -> Edition:
    """The edition when nothing was supplied."""
    found = edition()
    head = found.tables["headline"].copy()
    numbers = [
        "count",
        "previous_count",
        "change",
        "change_percent",
        "rate",
        "rate_lower",
        "rate_upper",
    ]
    head[[*numbers, "change_is_significant"]] = None
    head = head.assign(
        finding="cannot be judged",
        verdict="neither",
        missing_reason="not_supplied",
        not_judged_because="not_supplied",
    )
    found = with_table(found, "headline", head)
    months = monthly().assign(
        count=None, upper_limit=None, missing_reason="not_supplied", signal=None
    )
    found = with_table(found, "monthly", months)
    for name, frame in (("wards", wards()), ("lsoas", lsoas())):
        empty = frame.assign(count=None, rate=None, position=None, missing_reason="not_supplied")
        found = with_table(found, name, empty)
    return found
