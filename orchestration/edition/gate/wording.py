"""Wording of gate 3: periods in words, and the recognition of text without content."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

import pandas as pd

from orchestration.core.wording import month

_PLACEHOLDER = re.compile(
    r"\b(?:todo|tb[cda]|n/?a|x{3,}|lorem ipsum|place ?holder|asdf\w*|insert (?:text|reason|name)"
    r"|to be (?:confirmed|added|decided|written)|your (?:name|reason|text) (?:goes )?here)\b",
    re.IGNORECASE,
)
_IS_NO_WORDS = re.compile(rf">|[\W_]*{_PLACEHOLDER.pattern}", re.IGNORECASE)
_NOBODY = re.compile(
    r"(?:me|myself|us|we|self|someone|somebody|anyone|anybody|nobody|no one|none|null|name|approver"
    r"|user|admin|root|test|team|unknown|the partnership)",
    re.IGNORECASE,
)
_SHORTEST_REASON = 20
_FEWEST_WORDS = 4


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


def is_reason(text: str) -> bool:
    """Whether the text can be a reason: at least 20 characters, four different words, no placeholder."""
    return _says_something(text) and not _PLACEHOLDER.search(text) and "\n" not in text.strip()


def _says_something(text: str) -> bool:
    words = {word.lower() for word in re.findall(r"[^\W\d_]{2,}", text)}
    return len(text.strip()) >= _SHORTEST_REASON and len(words) >= _FEWEST_WORDS


def is_somebody(text: str) -> bool:
    """Whether the text can name a particular person or role.

    Invisible characters (line breaks, control and format characters) are not allowed in a name.
    """
    name = unicodedata.normalize("NFKC", text).strip()
    return (
        len(re.findall(r"[^\W\d_]", name)) >= 3
        and not _NOBODY.fullmatch(name)
        and not _PLACEHOLDER.search(name)
        and not any(unicodedata.category(letter).startswith("C") for letter in name)
    )


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
    return _says_something(" ".join(own))
