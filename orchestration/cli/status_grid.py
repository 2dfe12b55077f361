"""The grid of `csp status`: one line per feed, one cell per month. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from orchestration.core import periods, vocabulary

MARKS = {
    "delivered": "■",
    "nil": "○",
    "refused": "×",
    "damaged": "!",
    "landed": "?",
    "missing": "·",
    "not_due": " ",
}
LEGEND = "   ".join(
    f"{mark.replace(' ', '(blank)')} {vocabulary.said(state)}" for state, mark in MARKS.items()
)
LEGEND += "; a cell is a month"
_YEARS_SHOWN = 5


def render(states: Mapping[str, Mapping[str, str]], kinds: Mapping[str, str]) -> list[str]:
    """Lines of the grid. `states` are states by feed and period, `kinds` period kinds by feed.

    A quarter or year fills the cells of its months, so that every feed can be read down a column.
    Editions have no months and are named at the end of their line.
    """
    months = {feed: _months(kinds[feed], found) for feed, found in states.items()}
    years = sorted({month[:4] for found in months.values() for month in found})[-_YEARS_SHOWN:]
    width = max((len(feed) for feed in states), default=0)
    head = [
        f"{'':{width}}  {' '.join(f'{year:12}' for year in years)}".rstrip(),
        f"{'':{width}}  {' '.join('JFMAMJJASOND' for _ in years)}",
    ]
    return [*head, *(_line(feed, width, months[feed], years, states[feed]) for feed in states)]


def _line(
    feed: str,
    width: int,
    months: Mapping[str, str],
    years: list[str],
    states: Mapping[str, str],
) -> str:
    if not months:
        named = ", ".join(f"{label} {vocabulary.said(state)}" for label, state in states.items())
        return f"{feed:{width}}  {named}"
    cells = (
        "".join(MARKS[months.get(f"{year}-{number:02d}", "not_due")] for number in range(1, 13))
        for year in years
    )
    return f"{feed:{width}}  {' '.join(cells)}".rstrip()


def _months(kind: str, states: Mapping[str, str]) -> dict[str, str]:
    """The state of every month that a delivery period covers; empty for editions."""
    if kind == periods.EDITION:
        return {}
    return {
        month: state
        for label, state in states.items()
        for month in periods.months_between(
            periods.first_month(kind, label), periods.last_month(kind, label)
        )
    }
