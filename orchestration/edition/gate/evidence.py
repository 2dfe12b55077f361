"""What gate 3 is given to look at: all of it plain data, collected by the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from orchestration.core.errors import WarehouseError
from orchestration.edition.figures.contents import Before, Mode
from orchestration.edition.figures.warehouse_tables import Year
from orchestration.quality.outcomes import RuleOutcome


class EvidenceMissing(WarehouseError):
    """A table or column that a check looks at is not there. One sentence."""


@dataclass(frozen=True)
class AuditSummary:
    """What the disclosure audit of the public edition found, as numbers of cells.

    `suppressed` cells are not shown, `attacked` of the protected ones were attacked, and `pinned` are
    known more closely than their rule allows. `passed` is the audit's own word.
    """

    passed: bool
    suppressed: int
    attacked: int
    pinned: int


@dataclass(frozen=True)
class Evidence:
    """Everything that the checks look at.

    * `tables` by name, as in `facts.names()`, before disclosure control.
    * `contracts` the version of every feed's contract as it is today.
    * `suites` the names of the suites of gate 2 that must be run, `outcomes` how their rules came out
      when run again on the published database, whose hash was `database_sha256` at that time.
    * `published` the manifest of the publication.
    * `is_fresh` whether what is published was built from today's deliveries, contracts and code; None
      where nobody knows.
    * `checklist` as `checklist.build` makes it; `commentary` the analyst's markdown by priority_id.
    * `agreements` as `agreements.load` reads them.
    * `cycle` the strategy years of the plan in order; `issued` the newest issued edition of each year.
    * `audit` what the disclosure audit found; None where it was not run.
    """

    year: Year
    mode: Mode
    is_synthetic: bool
    today: date
    tables: Mapping[str, pd.DataFrame]
    contracts: Mapping[str, str]
    suites: Sequence[str]
    outcomes: Mapping[str, Sequence[RuleOutcome]]
    published: Mapping[str, Any]
    database_sha256: str
    is_fresh: bool | None
    checklist: pd.DataFrame
    commentary: Mapping[str, str]
    agreements: pd.DataFrame
    cycle: Sequence[str]
    issued: Sequence[Before]
    audit: AuditSummary | None
    prompts: Sequence[str] = ()

    def table(self, name: str, *columns: str) -> pd.DataFrame:
        """The table of this name.

        Raises:
            EvidenceMissing: it is not there, or one of the columns is not.
        """
        return columns_of(self.tables, name, *columns)


def columns_of(tables: Mapping[str, pd.DataFrame], name: str, *columns: str) -> pd.DataFrame:
    """The table of this name.

    Raises:
        EvidenceMissing: it is not there, or one of the columns is not.
    """
    if name not in tables:
        raise EvidenceMissing(f"there is no table {name} to look at")
    table = tables[name]
    if lacking := [column for column in columns if column not in table.columns]:
        raise EvidenceMissing(f"the table {name} has no column {lacking[0]}")
    return table
