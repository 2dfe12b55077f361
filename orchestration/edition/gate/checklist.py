"""Regulation 7: what a strategic assessment must contain, and the evidence that this one does.

Crime and Disorder (Formulation and Implementation of Strategy) Regulations 2007 (SI 2007/1830). That
an assessment holds levels and patterns, changes since the last one, an interpretation and progress
against the plan is confirmed by published summaries; the wording of the elements, and that there are
six, is unverified against the regulation itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from orchestration.core.errors import WarehouseError
from orchestration.core.wording import counted, joined
from orchestration.edition.figures.contents import Before
from orchestration.edition.gate.evidence import columns_of
from orchestration.edition.gate.wording import section_is_filled
from orchestration.figures.warehouse_tables import Year
from orchestration.quality.statements import is_reason, is_somebody

UNVERIFIED = "wording unverified against SI 2007/1830"
ELEMENTS = {
    1: "Levels and patterns of crime and disorder and substance misuse",
    2: "Changes in those levels and patterns since the previous assessment",
    3: "Why those changes have occurred",
    4: "What the responsible authorities should prioritise",
    5: "What people living and working in the area consider should be prioritised",
    6: "How far last year's partnership plan was implemented",
}
_GAP_KEYS = {"element", "priority_id", "reason", "recorded_by"}


class GapError(WarehouseError):
    """A recorded gap is invalid. One sentence."""


def build(
    tables: Mapping[str, pd.DataFrame],
    year: Year,
    priorities: Sequence[str],
    *,
    changes: pd.DataFrame,
    before: Before | None,
    ranking: pd.DataFrame,
    commentary: Mapping[str, str],
    gaps: Sequence[Any] = (),
    prompts: Sequence[str] = (),
) -> pd.DataFrame:
    """The checklist: one row per element of regulation 7 and priority, in that order.

    Columns: element (1 to 6), element_title, priority_id, evidence (where it is shown, in words; empty
    if nowhere), state (`evidence`, `gap` where one was recorded, `missing`), note (why not).
    `gaps` are mappings of element, priority_id, reason and recorded_by, as they stand in the analyst's
    file. `prompts` are lines of the commentary's template, which do not count as commentary.

    Raises:
        GapError: a recorded gap is incomplete, unknown or duplicated.
        EvidenceMissing: a table or column is missing.
    """
    recorded = _gaps(gaps, priorities)
    shown = {
        1: _levels(tables, year),
        2: _changes(tables, changes, before),
        3: {
            priority: ("the analyst's commentary, Why", "")
            for priority in priorities
            if section_is_filled(commentary.get(priority, ""), "Why", prompts)
        },
        4: _authorities(ranking),
        5: _residents(tables),
        6: _plan(tables, year),
    }
    lacking = {
        1: "the headline measure has no figure for the year, or no measure has one by month or ward",
        2: "no figure could be compared with the previous assessment",
        3: "the analyst's commentary does not say why",
        4: "nobody named has scored the priority, or it has no place in the ranking",
        5: "no consultation or survey answer is about the priority",
        6: "no action of the plan has a state at the end of the year",
    }
    rows = [
        (element, priority, *shown[element].get(priority, ("", lacking[element])))
        for element in ELEMENTS
        for priority in priorities
    ]
    frame = pd.DataFrame(rows, columns=["element", "priority_id", "evidence", "note"])
    gap = frame.set_index(["element", "priority_id"]).index.map(recorded.get)
    has_evidence, has_gap = frame["evidence"].ne(""), pd.Series(gap.notna())
    frame["state"] = "missing"
    frame.loc[has_gap, "state"] = "gap"
    frame.loc[has_evidence, "state"] = "evidence"
    frame["note"] = frame["note"].where(~has_gap | has_evidence, pd.Series(gap, dtype=object))
    frame["element_title"] = frame["element"].map(ELEMENTS) + f" ({UNVERIFIED})"
    return frame[["element", "element_title", "priority_id", "evidence", "state", "note"]]


def _gaps(gaps: Sequence[Any], priorities: Sequence[str]) -> dict[tuple[int, str], str]:
    """The recorded gaps by element and priority, in words."""
    found: dict[tuple[int, str], str] = {}
    for number, gap in enumerate(gaps, start=1):
        where = f"recorded gap {number}"
        if not isinstance(gap, Mapping):
            raise GapError(f"{where} is not written as key and value")
        if unknown := sorted(str(key) for key in set(gap) - _GAP_KEYS):
            raise GapError(f"{where} has the unknown key {unknown[0]}")
        if lacking := sorted(_GAP_KEYS - set(gap)):
            raise GapError(f"{where} has no {lacking[0]}")
        element, priority = gap["element"], gap["priority_id"]
        if type(element) is not int or element not in ELEMENTS:
            raise GapError(f"{where} is for element {element!r}; regulation 7 has 1 to 6")
        if priority not in priorities:
            raise GapError(f"{where} is for {priority!r}, which is no priority")
        if not isinstance(gap["reason"], str) or not is_reason(gap["reason"]):
            raise GapError(f"{where} gives no reason; say why in 20 characters or more")
        if not isinstance(gap["recorded_by"], str) or not is_somebody(gap["recorded_by"]):
            raise GapError(f"{where} does not say who recorded it")
        if (element, priority) in found:
            raise GapError(f"{where}: element {element} of {priority} is there twice")
        found[element, priority] = (
            f"{str(gap['reason']).strip()} ({str(gap['recorded_by']).strip()})"
        )
    return found


def _levels(tables: Mapping[str, pd.DataFrame], year: Year) -> dict[str, tuple[str, str]]:
    headline = columns_of(
        tables,
        "headline",
        "priority_id",
        "measure_id",
        "measure_name",
        "is_headline",
        "count",
        "rate",
    )
    months = columns_of(tables, "monthly", "measure_id", "strategy_year", "count")
    wards = columns_of(tables, "wards", "measure_id", "count", "rate")
    months = months[months["strategy_year"].eq(year.label) & months["count"].notna()]
    by_month = set(months["measure_id"])
    by_ward = set(wards.loc[wards["count"].notna() | wards["rate"].notna(), "measure_id"])
    known = headline[headline["count"].notna() | headline["rate"].notna()]
    found = {}
    for priority, rows in known.groupby("priority_id", sort=True):
        leading = rows.loc[rows["is_headline"].astype(bool), "measure_name"]
        monthly = int(rows["measure_id"].isin(by_month).sum())
        ward = int(rows["measure_id"].isin(by_ward).sum())
        if len(leading) and (monthly or ward):
            patterns = [f"{monthly} by month"] * bool(monthly) + [f"{ward} by ward"] * bool(ward)
            detail = f"{leading.iloc[0]}; {counted(len(rows), 'measure')}, {joined(patterns)}"
            found[str(priority)] = (detail, "")
    return found


def _changes(
    tables: Mapping[str, pd.DataFrame], changes: pd.DataFrame, before: Before | None
) -> dict[str, tuple[str, str]]:
    headline = columns_of(tables, "headline", "priority_id", "measure_id", "finding")
    if before is None:
        judged = headline[headline["finding"].notna()]
        note = "this is the first assessment: changes are those on the year before"
        counts = judged.groupby("priority_id", sort=True)["measure_id"].nunique()
        return {str(p): (f"{counted(int(n), 'measure')} beside the year before", note)
                for p, n in counts.items()}  # fmt: skip
    compared = columns_of({"changes": changes}, "changes", "measure_id", "previous", "now")
    both = set(compared.loc[compared["previous"].notna() & compared["now"].notna(), "measure_id"])
    rows = headline[headline["measure_id"].isin(both)]
    counts = rows.groupby("priority_id", sort=True)["measure_id"].nunique()
    comparison = f"compared with the assessment of {before.year}, version {before.version}"
    return {str(p): (f"{counted(int(n), 'measure')} {comparison}", "") for p, n in counts.items()}


def _authorities(ranking: pd.DataFrame) -> dict[str, tuple[str, str]]:
    """Priorities that the authorities judged: a rank, and a score by a named person.

    Scores computed from the figures have no scorer; they alone do not amount to a judgement.
    """
    scores = columns_of({"ranking": ranking}, "ranking", "priority_id", "score", "scorer", "rank")
    named = scores["scorer"].fillna("").astype(str).map(is_somebody).astype(bool)
    marked = scores.assign(scored=scores["score"].notna(), judged=scores["score"].notna() & named)
    found = {}
    for priority, rows in marked.groupby("priority_id", sort=True):
        judged, left_out = int(rows["judged"].sum()), int((~rows["scored"]).sum())
        if judged and rows["rank"].notna().all():
            detail = f"ranking: {counted(judged, 'criterion', 'criteria')} scored by named people"
            note = f"{counted(left_out, 'criterion', 'criteria')} without a score"
            found[str(priority)] = (detail, note if left_out else "")
    return found


def _residents(tables: Mapping[str, pd.DataFrame]) -> dict[str, tuple[str, str]]:
    responses = columns_of(
        tables, "perception", "priority_id", "consultation_edition", "public_rank",
        "share_of_respondents_in_support",
    )  # fmt: skip
    is_answered = (
        responses["public_rank"].notna() | responses["share_of_respondents_in_support"].notna()
    )
    return {
        str(priority): (f"consultation of {edition}", "")
        for priority, edition in responses.loc[
            is_answered, ["priority_id", "consultation_edition"]
        ].itertuples(index=False)
    }


def _plan(tables: Mapping[str, pd.DataFrame], year: Year) -> dict[str, tuple[str, str]]:
    plan = columns_of(tables, "plan", "priority_id", "quarter_start", "rag")
    last_quarter = pd.Timestamp(year.ends_on).to_period("Q").start_time
    at_end = plan[pd.to_datetime(plan["quarter_start"]).eq(last_quarter) & plan["rag"].notna()]
    counts = at_end.groupby("priority_id", sort=True).size()
    return {
        str(p): (f"{counted(int(n), 'action')} of the plan at the end of the year", "")
        for p, n in counts.items()
    }
