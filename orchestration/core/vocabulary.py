"""The words for every code that people read: why a number is missing or hidden, signs, states, kinds.

Pages, workbook, gate 3, `csp explain` and `csp status` all take their wording from here, so that each
thing has one name. A code means the same everywhere, except in the columns of `_BY_COLUMN`.
"""

from __future__ import annotations

from collections.abc import Mapping

# Signs of the Government Analysis Function for a cell without a value.
NOT_SHOWN, NOT_AVAILABLE, NOT_APPLICABLE = "[c]", "[x]", "[z]"
NOT_SHOWN_IN_WORDS = "not shown, to protect people"
SIGNS = {
    NOT_SHOWN: NOT_SHOWN_IN_WORDS,
    NOT_AVAILABLE: "not available; the column Status of the figure says why where there is one",
    NOT_APPLICABLE: "not applicable, or nothing to say",
}

# Of a feed, or what needs one, that the partnership neither agreed on nor receives.
OUTSIDE = "outside what was agreed"

# Why a number is missing, or a change is not judged. Each fits after "it is" or a colon.
_MISSING = {
    "not_supplied": "not supplied",
    "refused": "refused by the checks",
    "not_yet_due": "not yet due",
    "suppressed_by_source": "withheld by its source",
    "not_published": "not yet published by its publisher",
    "rows_left_out": "not complete: too many of the rows delivered could not be used",
    "held": "held until its figures are explained",
    "break_in_series": "the series has a break between the two years",
    "stock_has_no_test": "the same people may stand in both years, so no test is made",
    "no_earlier_period": "there is no figure for the year before",
    "base_too_small": "there are too few to judge",
    "no_census_table": "no Census table of the group was given",
    "too_few_pairs": "there are too few months to say how far they scatter",
    "too_few_months": "there are less than two years of months",
    "no_people": "how many people live there is not known",
    "recording_changed": "the way of recording changed between the two years",
    "suppressed": "a figure that it needs is not shown",
}
# The same for a cell of a narrow table.
_BRIEF = {
    "not_published": "not yet published",
    "rows_left_out": "not complete",
    "held": "held",
    "break_in_series": "break in series",
    "stock_has_no_test": "no test",
    "no_earlier_period": "none before",
    "base_too_small": "too few",
    "no_census_table": "no Census table",
    "too_few_pairs": "too few months",
    "recording_changed": "recording changed",
    "suppressed": "not shown",
    "other_cycle": "another cycle",
    "delivered_before_ledger": "before the ledger",
}
_EARLIER = "earlier_period_"
# Why disclosure control does not show a figure.
_HIDDEN = {
    "small": "the number is small",
    "linked": "another hidden number could be worked out from it",
    "open": "with what others publish, a number could be worked out from it",
    "geography": "the area is too small for this measure",
    "detail": "not published in this detail",
    "period": "the period is too short for this measure",
    "derived": "it is worked out from a hidden number",
}
# Why no part of a change is attributed to population or to coverage.
_NO_PART = {
    "no_rate": "the measure is not a rate",
    "same_population_estimate": "both years use the same population estimate",
    "counted_as_a_whole": "it is counted without places",
    "rows_without_place_not_known": "how many records have no place is not known",
    "nothing_the_year_before": "there was nothing the year before",
}
# States of a period, an item that is owed, a comparison, a figure, a check.
_STATES = {
    "delivered": "delivered",
    "nil": "nothing to report, as the partner states",
    "missing": "missing",
    "damaged": "its record is damaged",
    "landed": "landed, not judged yet",
    "not_due": "not yet due",
    "on_time": "on time",
    "late": "late",
    "incomplete": "incomplete",
    "not_yet_owed": "not yet owed",
    "other_cycle": "another cycle (the feed is yearly)",
    "delivered_before_ledger": "delivered before the ledger began, so not judged",
    "agrees": "agrees",
    "differs": "differs",
    "not_comparable": "cannot be compared",
    "evidence": "evidence",
    "gap": "gap, recorded",
    "verified": "verified",
    "unverified": "not verified",
    "new": "new",
    "revised": "revised",
    "withdrawn": "withdrawn",
    "unchanged": "unchanged",
    "passed": "passed",
    "failed": "failed",
    "errored": "could not be run",
    "critical": "critical",
    "warning": "warning",
    "info": "for information",
}
# Those of an item that a partner owes by law.
_OWED = {
    "on_time", "late", "incomplete", "missing", "refused", "not_yet_owed", "other_cycle",
    "delivered_before_ledger",
}  # fmt: skip
_KINDS = {
    "month": "month",
    "quarter": "quarter",
    "year": "year",
    "edition": "edition",
    "financial_year": "financial year",
    "strategy_year": "strategy year (April to March)",
    "calendar_year": "calendar year",
    "year_to_date": "year to date",
    "academic_year": "school year (September to August)",
    "pooled_3_years": "three years together",
    "rolling_12m": "twelve months",
    "city": "whole area",
    "ward": "ward",
    "lsoa": "LSOA",
    "postcode_district": "postcode district",
    "unplaced": "rows without a place",
    "adult": "adults",
    "school": "school children",
    "count": "count",
    "proportion": "share",
    "stock": "stock at the end of the period",
    "distinct": "different people",
    "published": "as published",
    "down": "less is better",
    "up": "more is better",
    "neutral": "neither",
    "crime_and_disorder": "crime and disorder",
    "substance_misuse": "substance misuse",
    "reoffending": "re-offending",
    "serious_violence": "serious violence",
}
# Why something was erased.
GROUNDS = {
    "article_17": "at the person's request (UK GDPR, article 17)",
    "section_47": "under the Data Protection Act 2018, section 47 (law enforcement)",
    "not_agreed": "since it held what was not agreed to be sent",
    "withdrawn": "since its partner took it back",
}
_WORDS = {**_MISSING, **_HIDDEN, **_NO_PART, **_STATES, **_KINDS}
# Codes that have a different meaning in these columns.
_BY_COLUMN: Mapping[str, Mapping[str, str]] = {
    "effect": {
        "annotate": "to be read with care",
        "changes_level": "recorded otherwise: a change across it is not judged, a chart begins anew",
        "event": "an event: left out of what is usual for the season",
        "not_comparable": "before and after are not compared",
    },
    "denominator": {
        "own": "its own base",
        "none": "no rate",
        "published": "as published",
        "adult_females": "adult females",
        "aged_16_and_over": "people aged 16 and over",
    },
    "statutory_limb": {"none": "none; it is there because a priority needs it"},
}


def said(code: str, column: str = "") -> str:
    """A code in words, taking account of a different meaning in `column`.

    A code without wording of its own is printed as it is written, with spaces.
    """
    if (known := _BY_COLUMN.get(column, {}).get(code)) is not None:
        return known
    if code.startswith(_EARLIER):
        return reason(code)
    return _WORDS.get(code, code.replace("_", " "))


def reason(code: str) -> str:
    """Why a number is missing, or a change is not judged.

    Raises:
        ValueError: there is no wording for the reason; it would be printed wrongly.
    """
    earlier = code.removeprefix(_EARLIER)
    if earlier not in _MISSING:
        raise ValueError(f"there are no words for the reason {code}")
    words = _MISSING[earlier]
    return words if earlier == code else f"the earlier period is {words}"


def brief(code: str) -> str:
    """Why a number is missing, for a cell of a table; raises as `reason` does."""
    return _BRIEF.get(code) or reason(code)


def owed(state: str) -> str:
    """The state of an item that a partner owes, for a cell of a table.

    Raises:
        ValueError: the ledger of prescribed information has no such state.
    """
    if state not in _OWED:
        raise ValueError(f"there are no words for the ledger state {state}")
    return _BRIEF.get(state) or _WORDS[state]


def hidden(code: str) -> str:
    """Why disclosure control does not show a figure.

    Raises:
        ValueError: the code is not one of disclosure control's.
    """
    if code not in _HIDDEN:
        raise ValueError(f"there are no words for the disclosure decision {code}")
    return _HIDDEN[code]


def no_part(code: str) -> str:
    """Why no part of a change is attributed to population or to coverage.

    Raises:
        ValueError: there is no wording for the reason.
    """
    if code not in _NO_PART:
        raise ValueError(f"there are no words for the reason {code}")
    return _NO_PART[code]
