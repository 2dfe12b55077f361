"""What an analyst's text must not contain: personal data anywhere, small numbers in published text."""

from __future__ import annotations

import html
import re

import pandas as pd

from orchestration.contracts import personal_data
from orchestration.core.engine import connect
from orchestration.core.sql import literal

# Counts of 1 to 7 are what disclosure control suppresses by default.
SMALLEST, LARGEST = 1, 7
_MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December|"
    "Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)"
)
# Numbers that do not count people, in the order in which they are removed before the search.
_NO_COUNT = (
    r"^\s*[0-9]+[.)]\s",  # a numbered list
    r"\b[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?\b",  # a day, a month or a strategy year
    r"\b[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}\b",
    rf"\b[0-9]{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\b",
    r"(?i)\b[0-9]{1,2}(?:[:.][0-9]{2})? ?(?:am|pm)\b",
    r"\b24/7\b",
    r"(?i)\b(?:sections?|regulations?|reg[.]|figures?|tables?|charts?|pages?|schedule|annex|element) "
    r"[0-9]+(?:[.][0-9]+)*\b",
    r"(?i)\b[0-9]+[ -](?:years?|months?|weeks?|days?|hours?|minutes?)\b",
    r"(?i)£ ?[0-9][0-9.,]*",
    r"(?i)\b[0-9]+(?:[.][0-9]+)? ?(?:%|per ?cent\b)",
)
# `a 6-year-old` describes one child: the number must be found.
_AGE = r"(?i)\b([0-9]+)[ -]years?[ -]old"
_SMALL_DIGIT = (
    rf"(?:^|[^0-9A-Za-z.,]|[^0-9][.,])[{SMALLEST}-{LARGEST}](?:$|[^0-9A-Za-z.,]|[.,](?:$|[^0-9]))"
)
_WHO = (
    "victims?|people|persons?|child|children|girls?|boys?|women|woman|men|man|residents?|suspects?|"
    "offenders?|patients?|families|family|cases?|incidents?|offences?|crimes?|referrals?|deaths?|"
    "homicides?|murders?|rapes?|robbery|robberies|assaults?|attacks?|stabbings?|shootings?|arrests?|"
    "admissions?|attendances?|complaints?"
)
_NUMBER = "(?:one|two|three|four|five|six|seven)"
_MOVED = (
    "rose|risen|rise|rises|fell|fallen|falls?|up|down|grew|grown|dropped|drops?|increased?|decreased?|"
    "went|gone|changed|doubled|tripled|halved"
)
# The end of a number without a word for what it counts: "rose by three per cent" continues.
_ENDS = "(?:$|[.,;:!?)]| (?:and|but|or|this|last|since|in the|over the) )"
_SMALL_WORD = (
    r"(?i)(?:^|[^0-9A-Za-z])(?:"
    rf"(?:{_NUMBER}|a single|a couple of|a pair of|half a dozen|both) (?:[a-z-]+ )?(?:{_WHO})"
    r"(?:$|[^0-9A-Za-z])"
    rf"|{_NUMBER} of (?:them|whom)(?:$|[^0-9A-Za-z])"
    rf"|(?:{_MOVED}) (?:[a-z-]+ )?(?:by|to|from) (?:only |just |about )?{_NUMBER}{_ENDS})"
)


def first_fault(texts: pd.DataFrame) -> str | None:
    """The place and kind of the first fault, in a sentence that never quotes it; None without one.

    `texts` has one row per line or field: `place` (such as `asb.md, line 3`), `text`, and `is_public`
    (whether the official edition prints it). Personal data is refused everywhere, a number from 1 to 7
    in public text: as a digit that is not part of a date, list, duration, reference or percentage, or as
    a word before what is counted.
    """
    if texts.empty:
        return None
    personal = (
        f"({personal_data.holds_any('wrapped')} or {personal_data.holds_untitled_name('wrapped')})"
    )
    bare = f"regexp_replace(text, {literal(_AGE)}, ' \\1 ', 'g')"
    for pattern in _NO_COUNT:
        bare = f"regexp_replace({bare}, {literal(pattern)}, ' ~ ', 'g')"
    numbered = pd.DataFrame(
        {
            "number": range(len(texts)),
            "place": texts.place,
            "text": _as_printed(texts.text),
            "is_public": texts.is_public,
        }
    )
    with connect() as connection:
        connection.register("texts", numbered)
        found = connection.execute(
            f"""
            select place, {personal} as is_personal
            from (
                -- A sentence may have begun in the line before, of the same file.
                select *, {bare} as bare, coalesce(lag(text) over (
                    partition by split_part(place, ',', 1) order by number
                ), '') || ' ' || text as wrapped
                from texts
            )
            where {personal}
                or (is_public and (
                    regexp_matches(bare, {literal(_SMALL_DIGIT)})
                    or regexp_matches(wrapped, {literal(_SMALL_WORD)})
                ))
            order by number limit 1
            """
        ).fetchone()
    if found is None:
        return None
    if found[1]:
        return f"{found[0]} holds {personal_data.any_in_words()}"
    return (
        f"{found[0]} holds a number from {SMALLEST} to {LARGEST}, which the official edition does not "
        "show: say it without the number"
    )


def _as_printed(text: pd.Series) -> pd.Series:
    """The text as a reader sees it: entities, non-ASCII digits and emphasis cannot evade the check."""
    seen = text.map(html.unescape).str.normalize("NFKC")
    return seen.str.replace(r"[*_`\u200b\u00ad]", "", regex=True).str.replace(
        r"\s+", " ", regex=True
    )


def without_comments(markdown: str) -> str:
    """The text without its HTML comments, line for line; an unclosed one is left as it is."""
    return re.sub(
        r"<!--.*?-->", lambda found: "\n" * found[0].count("\n"), markdown, flags=re.DOTALL
    )
