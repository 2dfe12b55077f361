"""Disclosure control: from the tables of an edition to those that may be published, with the audit.

Counts are summed first and controlled last. Each cell is decided on once and every table joins that
decision; whatever is derived from counts is derived afresh from what is shown, or withheld. Then the
audit attacks the result, and as long as it can pin down a protected count, more is hidden.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import pandas as pd

from orchestration.disclosure import allow_list, cells, protect, publish
from orchestration.disclosure.audit import (
    Audit,
    Previous,
    attacked_space,
    audit,
    judged,
    known,
    pinned,
)
from orchestration.disclosure.publish import marked, unmarked
from orchestration.disclosure.queries import query
from orchestration.disclosure.register import Rules, rules_in, workspace

__all__ = [
    "Audit",
    "Controlled",
    "Previous",
    "Rules",
    "allow_list",
    "audit",
    "controlled",
    "marked",
    "rules_in",
    "unmarked",
]


@dataclass(frozen=True)
class Controlled:
    """The public tables, why each cell is (not) shown, and what the audit found.

    `decisions` has one row per cell: cell, measure_id, area_type, area_code, period_type, period_start,
    suppressed (null where it is shown or was never known) and is_rounded. It holds no counts.
    `rounds` is how many times more had to be hidden because of what the audit found.
    """

    tables: dict[str, pd.DataFrame]
    decisions: pd.DataFrame
    audit: Audit
    rounds: int


def controlled(
    tables: Mapping[str, pd.DataFrame],
    rules: Rules,
    *,
    previous: Previous | Sequence[Previous] | None = None,
) -> Controlled:
    """The public edition's tables, from which no protected count can be derived by arithmetic.

    `tables` are those of an edition by name, with or without the columns of control. `previous` is the
    edition published before, whose figures a reader can compare with these, or several, newest first
    (a reissue follows the versions of its own year, which cannot be withdrawn from circulation).

    Raises:
        Unprotectable: a small count of people can be worked out whatever is hidden.
        UnknownMeasure: a figure belongs to a measure that is not in the register.
        RowsLost: a row of a table has no cell in `figures`.
        MissingColumn: a table or column to be published is missing.
        NothingFits: the audit is impossible because tables contradict each other.
    """
    true = publish.without_marks(tables)
    with cells_of(true, rules) as connection:
        against = known(true, rules, previous)
        rounds = 0
        checked: frozenset[tuple[str, str]] | None = None
        chosen: protect.Chosen | None = None
        while True:
            cells.shown(connection)
            public = publish.published(connection, true)
            with attacked_space(public, against, rules) as space:
                found = pinned(space, checked)
                pins = frozenset(zip(found.faults["cell"], found.faults["item"], strict=True))
                if pins:
                    chosen = protect.choose(connection, space, pins, chosen)
                    cells.hide(connection, chosen.hidden)
                    cells.veil(connection, chosen.veiled)
                    rounds += 1
                elif checked is None:
                    decisions = connection.execute(query("decisions")).df()
                    return Controlled(public, decisions, judged(space, public, found), rounds)
            # Hiding more makes nothing less safe: only what was pinned is looked at again, and
            # everything once more at the end.
            checked = pins or None


def cells_of(true: Mapping[str, pd.DataFrame], rules: Rules) -> duckdb.DuckDBPyConnection:
    """A workspace with the cells of the tables and the primary decision on each."""
    connection = workspace(publish.queried(true), rules)
    cells.decide(connection)
    return connection
