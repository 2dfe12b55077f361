"""What an edition is made of: everything a renderer is given, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from orchestration.edition.facts import Year

Mode = Literal["full", "refresh"]
Variant = Literal["official-sensitive", "official"]
MODES: tuple[Mode, ...] = ("full", "refresh")
VARIANTS: tuple[Variant, ...] = ("official-sensitive", "official")


@dataclass(frozen=True)
class Waiver:
    """A check's failure that a named person accepts, for a scope and until a day, with a reason.

    `check` is the name of one check of gate 3, `scope` the one thing it was about (a feed, an element
    and priority, a partner), `expires` the last day on which it counts.
    """

    check: str
    scope: str
    reason: str
    approver: str
    expires: date


@dataclass(frozen=True)
class Edition:
    """A strategic assessment of one year in one variant, ready to be rendered.

    * `variant` is `official-sensitive` (everything) or `official` (after disclosure control).
    * `data_as_at` is the ISO date of the newest delivery: the only date that is printed.
    * `tables` by name, as in `facts.names()`.
    * `changes` one row per compared cell: measure_id, area_code, period, previous, now, status
      (new, revised, withdrawn, unchanged), deliveries.
    * `checklist` one row per element and priority: element, priority_id, evidence, state
      (evidence or gap), note.
    * `ranking` one row per priority: the ranking matrix.
    * `gates` one row per check: gate, check, outcome, severity, detail, waived_by.
    * `waivers` those that were used; `reasons` why it is on HOLD, empty when allowed.
    * `commentary` the analyst's own markdown by priority_id.
    * `boundaries` area_type, area_code, boundary_geojson; may be empty.
    * `suppression` which cells are controlled and why; empty in `official-sensitive`.
    """

    year: Year
    variant: str
    version: int
    mode: str
    is_draft: bool
    is_synthetic: bool
    area_code: str
    area_name: str
    data_as_at: str
    tables: Mapping[str, pd.DataFrame]
    changes: pd.DataFrame
    checklist: pd.DataFrame
    ranking: pd.DataFrame
    gates: pd.DataFrame
    waivers: tuple[Waiver, ...]
    reasons: tuple[str, ...]
    commentary: Mapping[str, str]
    boundaries: pd.DataFrame
    suppression: pd.DataFrame
