"""Sentences about sources: partners that see the same events, parts of a change, the last assessment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.figures.contents import Before
from orchestration.edition.report import rows, text

Row = Mapping[str, Any]


def cross_check(pairs: pd.DataFrame, year: str) -> str:
    """Whether the partners' counts of the same violence moved the same way, as a title. Never added."""
    this_year = rows.shown(rows.where(pairs, strategy_year=year))
    judged = this_year[rows.column(this_year, "change_is_significant").notna()]
    if len(judged) < 2:
        return "Too few partners’ counts can be compared to say whether they agree"
    clear = judged[judged["change_is_significant"].astype(bool)]
    # A rise from nothing has no percentage; a fall to nothing has: 100.
    down = clear[clear["change_percent"] < 0]
    up = clear.drop(down.index)
    total = text.few(len(judged))
    if not up.empty and not down.empty:
        higher, lower = _names(up), _names(down)
        return f"Partners’ counts disagree: {higher} clearly rose while {lower} clearly fell"
    if clear.empty:
        return f"No count of {total} partners changed by more than usual variation: they agree"
    moved, found = ("rose", up) if down.empty else ("fell", down)
    if len(found) == len(judged):
        return f"All {total} partners’ counts clearly {moved}: they agree"
    return f"{text.upper_first(_names(found))} clearly {moved}; the others of {total} show no clear change"


def _names(found: pd.DataFrame) -> str:
    return text.listed([text.lower_first(name) for name in found["measure_name"]])


def decomposition(row: Row) -> list[str]:
    """The parts of a change due to population, coverage or recording, and the rest; or why it is unknown.

    Raises:
        ValueError: the report has no wording for a reason.
    """
    if row.get("suppressed"):
        return [f"The parts of this change are {vocabulary.NOT_SHOWN_IN_WORDS}."]
    if row.get("not_decomposed_because"):
        return [f"The change cannot be split: {vocabulary.reason(row['not_decomposed_because'])}."]
    if row.get("change") is None:
        return []
    named = [words for words in (_population(row), _coverage(row)) if words]
    lines = [f"The number {_moved(row['change'])}.", *named]
    if named:
        lines.append(f"What is left to explain is {_left(row['remainder'])}.")
    for part in ("population", "coverage"):
        if code := row.get(f"{part}_unknown_because"):
            why = text.upper_first(vocabulary.no_part(code))
            lines.append(f"{why}, so no part is put down to {part}.")
    if row.get("breaks"):
        return [
            *lines,
            f"An event or a change of recording falls within the two years ({row['breaks']}); how much "
            "of the change it made, the figures cannot tell.",
        ]
    return [*lines, "No event or change of recording is registered within the two years."]


def _moved(change: Any) -> str:
    rounded = round(change)
    if rounded == 0:
        return "did not change"
    return f"{'rose' if rounded > 0 else 'fell'} by {abs(rounded):,}"


def _left(remainder: Any) -> str:
    rounded = round(remainder)
    if rounded == 0:
        return "nothing"
    return f"a {'rise' if rounded > 0 else 'fall'} of {abs(rounded):,}"


def _population(row: Row) -> str:
    part = row.get("population_part")
    if part is None:
        return ""
    if round(part) == 0:
        return "The number of residents accounts for none of it."
    return f"The number of residents alone would have made it {_moved_to(part)}."


def _moved_to(part: Any) -> str:
    rounded = round(part)
    return f"{'rise' if rounded > 0 else 'fall'} by {abs(rounded):,}"


def _coverage(row: Row) -> str:
    """The most that a change in the share of rows with a place can have added or removed."""
    part = row.get("coverage_part")
    if part is None:
        return ""
    if round(part) == 0:
        return "How many records carry a place accounts for none of it."
    more, did = ("More", "added") if part > 0 else ("Fewer", "taken away")
    return (
        f"{more} records carried a place than the year before, which can have {did} "
        f"{abs(round(part)):,} at most."
    )


def signed(value: Any) -> str:
    """A difference with its sign: `+156`, `−58`, `0`."""
    rounded = round(value)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}{abs(rounded):,}"


def since_last(changes: pd.DataFrame, before: Before | None) -> list[str]:
    """The status of the last assessment's figures: unchanged, revised, withdrawn; and the new ones."""
    if before is None:
        return ["There was no earlier assessment in this warehouse to compare with."]
    if changes.empty:
        return ["No figure of this priority was in the last assessment."]
    number = changes["status"].value_counts()
    held = int(number.drop("new", errors="ignore").sum())
    parts = [(int(number.get(state, 0)), state) for state in ("unchanged", "revised", "withdrawn")]
    there = [f"{count:,} {_is(count)} {state}" for count, state in parts if count]
    new = int(number.get("new", 0))
    lines = []
    if held and len(there) == 1:
        lines.append(f"All {held:,} figures of the last assessment are {there[0].split()[-1]}.")
    elif held:
        lines.append(f"Of {held:,} figures of the last assessment, {text.listed(there)}.")
    if new:
        lines.append(f"{new:,} {'figure is' if new == 1 else 'figures are'} new since then.")
    return lines


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def last_assessment(before: Before) -> str:
    """The assessment used for comparison: its year, version, mode and cut-off date."""
    kind = "full assessment" if before.mode == "full" else "refresh"
    day = text.day(before.data_as_at)
    return f"{kind} of {text.label(before.year)}, version {before.version}, data as at {day}"


def perception(row: Row) -> str:
    """What people asked for beside what the record says, for one priority."""
    if row.get("public_rank") is None:
        return "People were not asked about this priority, or too few answered to show."
    asked = f"People put it {row['public_rank']} of ten"
    if row.get("named_among_three") is not None and row.get("respondents_who_ranked") is not None:
        named, base = (
            text.count(row["named_among_three"]),
            text.count(row["respondents_who_ranked"]),
        )
        asked += f" ({named} of {base} who answered named it among three)"
    agreement = {
        "agree": "the record does not contradict them",
        "cannot be compared": "the record cannot be compared",
    }.get(row["agreement"], row["agreement"])
    return f"{asked}; {agreement}."
