"""The contents of an edition: everything that a renderer receives, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from orchestration.core import formulas
from orchestration.figures.warehouse_tables import Year
from orchestration.quality.waivers import Waiver

Mode = Literal["full", "refresh"]
Variant = Literal["official-sensitive", "official"]
MODES: tuple[Mode, ...] = ("full", "refresh")
VARIANTS: tuple[Variant, ...] = ("official-sensitive", "official")


@dataclass(frozen=True)
class Before:
    """The assessment with which this one is compared: its year, version and cut-off date (ISO)."""

    year: str
    version: int
    mode: str
    data_as_at: str


@dataclass(frozen=True)
class Edition:
    """A strategic assessment of one year in one variant, ready to be rendered.

    * `variant` is `official-sensitive` (everything) or `official` (after disclosure control).
    * `data_as_at` is the ISO date of the newest delivery, the only date that is printed.
    * `tables` by name, as in `warehouse_tables.names()`. Every table that prints counts has the column
      `suppressed`: null, or why the row's figures are not shown (`small`, `linked`, `open`,
      `period`, `derived`); `headline` has `previous_suppressed` too. Where it is set, the row's figures
      are null. `is_rounded` says that the row's counts were rounded.
    * `changes` has one row per compared cell: measure_id, area_type, area_code, area_name, period_type,
      period_start, period_end, previous, now, difference, status (new, revised, withdrawn,
      unchanged), deliveries (those that revised it, as `feed period`).
    * `checklist` has one row per element of regulation 7 and priority: element, element_title, priority_id,
      evidence, state (evidence, gap or missing), note.
    * `ranking` has one row per priority and criterion: priority_id, criterion, criterion_title, weight,
      score (0 to 4, null where there is none), scorer, scored_on, evidence, total, rank, best_rank,
      worst_rank (the last four are the priority's).
    * `gates` has one row per check: gate, check, scope, outcome, severity, detail, waived_by.
    * `waivers` are those that were used; `reasons` say why it is on HOLD, empty when allowed.
    * `commentary` is the analyst's own text, as markdown, by priority_id.
    * `boundaries` has area_type, area_code, boundary_geojson; empty where none were supplied.
    * `before` is the assessment that `changes` compares with; `baseline` the full one of the cycle.
    * `rates_changed` has one row per measure with figures whose denominator changed but whose count did
      not: measure_id, figures (how many), deliveries.
    * `reissue_reason` says why this version follows another of the same year; empty for the first.
    """

    year: Year
    variant: Variant
    version: int
    mode: Mode
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
    before: Before | None = None
    baseline: Before | None = None
    reissue_reason: str = ""
    rates_changed: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def thresholds(self) -> dict[str, float]:
        """The thresholds applied to its figures, by name, from its own table of thresholds."""
        table = self.tables["thresholds"]
        return dict(zip(table["threshold"], table["value"].astype(float), strict=True))

    @property
    def in_words(self) -> dict[str, str]:
        """The thresholds as sentences print them: `20`, `99.8`."""
        return formulas.printed(self.thresholds)
