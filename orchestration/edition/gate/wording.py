"""Wording of gate 3: periods in words, and the analyst's own words under a heading."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

import pandas as pd

from orchestration.core.wording import month
from orchestration.quality.statements import PLACEHOLDER, says_something

_IS_NO_WORDS = re.compile(rf">|[\W_]*{PLACEHOLDER.pattern}", re.IGNORECASE)


def spans(periods: pd.DataFrame) -> list[str]:
    """Periods in words, in chronological order, consecutive ones as one span.

    `periods` has period (its label), period_start and period_end (dates; both null for an edition).
    Every period is covered: `April 2025 to June 2025`, `the academic year 2024-25`.
    """
    dated = periods[periods["period_start"].notna()].sort_values("period_start")
    starts = pd.to_datetime(dated["period_start"])
    ends = pd.to_datetime(dated["period_end"])
    run = (starts != ends.shift() + pd.Timedelta(days=1)).cumsum()
    runs = pd.DataFrame({"first": starts, "last": ends, "label": dated["period"]}).groupby(run)
    named = [
        words
        for first, last, label, size in zip(
            runs["first"].min(),
            runs["last"].max(),
            runs["label"].first(),
            runs["label"].size(),
            strict=True,
        )
        for words in _span(first.date(), last.date(), label, size)
    ]
    editions = sorted(periods.loc[periods["period_start"].isna(), "period"])
    return named + [x if x == "any edition" else f"the edition {x}" for x in editions]


def _span(first: date, last: date, label: str, periods: int) -> list[str]:
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    begins = month(first)
    ends = month(last)
    if periods == 1 and months == 12:
        kind = {9: "academic year", 1: "calendar year"}.get(first.month, "year")
        return [f"the {kind} {label}"]
    if months <= 2 and periods == months:
        return [begins, ends][:months]
    return [f"{begins} to {ends}"]


def section_is_filled(markdown: str, heading: str, prompts: Iterable[str] = ()) -> bool:
    """Whether the section under `heading` says something in the analyst's own words.

    Comments, headings, quoted guidance, prompts of the template and lines that begin with a placeholder
    do not count; the remainder has to be as long as a reason.
    """
    text = re.sub(r"<!--.*?(?:-->|\Z)", "", markdown, flags=re.DOTALL)
    parts = re.split(r"^(#{1,6})[ \t]+(.*?)[ \t#]*$", text, flags=re.MULTILINE)
    body_lines: list[str] = []
    level = 0
    for marks, title, body in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        if level and len(marks) <= level:
            level = 0
        if re.match(rf"{re.escape(heading)}\b", title, re.IGNORECASE):
            level = len(marks)
        if level:
            body_lines += body.splitlines()
    skipped = {prompt.strip() for prompt in prompts}
    lines = [line.strip() for line in body_lines]
    own = [line for line in lines if line not in skipped and not _IS_NO_WORDS.match(line)]
    return says_something(" ".join(own))
