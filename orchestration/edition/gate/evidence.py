"""The evidence for gate 3: plain data throughout, collected by the caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from orchestration.core.errors import WarehouseError
from orchestration.edition.figures.contents import Before, Mode
from orchestration.figures.warehouse_tables import Year
from orchestration.quality.outcomes import RuleOutcome


class EvidenceMissing(WarehouseError):
    """A table or column that a check reads is missing. One sentence."""


@dataclass(frozen=True)
class AuditSummary:
    """What the disclosure audit of the public edition found, as numbers of cells.

    `suppressed` cells are not shown, `attacked` of the protected ones were attacked, and `pinned` are
    known more precisely than their rule allows. `passed` is the audit's own result.
    """

    passed: bool
    suppressed: int
    attacked: int
    pinned: int


@dataclass(frozen=True)
class Evidence:
    """Everything that the checks examine.

    * `tables` by name, as in `warehouse_tables.names()`, before disclosure control.
    * `contracts` has today's version of every feed's contract.
    * `suites` are the names of the gate 2 suites that must run, `outcomes` the results of their rules
      when run again on the published database, whose hash was `database_sha256` at that time.
    * `published` is the manifest of the publication.
    * `is_fresh` says whether the publication was built from today's deliveries, contracts and code;
      None if unknown.
    * `checklist` as `checklist.build` makes it; `commentary` is the analyst's markdown by priority_id.
    * `agreements` as `agreements.load` reads them.
    * `cycle` lists the plan's strategy years in order; `issued` the newest edition of each year.
    * `audit` is what the disclosure audit found; None if it was not run.
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
            EvidenceMissing: it, or one of the columns, is missing.
        """
        return columns_of(self.tables, name, *columns)


def columns_of(tables: Mapping[str, pd.DataFrame], name: str, *columns: str) -> pd.DataFrame:
    """The table of this name.

    Raises:
        EvidenceMissing: it, or one of the columns, is missing.
    """
    if name not in tables:
        raise EvidenceMissing(f"there is no table {name} to look at")
    table = tables[name]
    if lacking := [column for column in columns if column not in table.columns]:
        raise EvidenceMissing(f"the table {name} has no column {lacking[0]}")
    return table
