"""The decisions for the partnership, derived by rule, and the analyst's proposals by priority."""

from __future__ import annotations

from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import commentary, rows, text
from orchestration.edition.report.blocks import Section, Terms

SO_WHAT = "So what"
_MOST_NAMED = 3


def asked(edition: Edition, heads: list[rows.Row]) -> list[str]:
    """The decisions that the figures, the scores, the plan and the gaps call for, in sentences."""
    return [
        *_order(edition),
        *_worse(heads),
        *_overdue(edition),
        *_gaps(edition),
        *_waived(edition),
        *_proposals(edition),
    ]


def _order(edition: Edition) -> list[str]:
    """The order of the priorities, with the basis for agreeing it and the criteria that lack scores."""
    known = [
        who
        for who, frame, rank in (
            ("by the partnership’s scores", edition.ranking, "rank"),
            ("by the people who answered", rows.table(edition, "perception"), "public_rank"),
        )
        if rank in frame and frame[rank].notna().any()
    ]
    if not known:
        return []
    blank = _blank(edition)
    lacking = f" Scores are missing for {blank}." if blank else ""
    return [
        f"The order of the priorities; the table gives their rank {text.listed(known)}.{lacking}"
    ]


def _worse(heads: list[rows.Row]) -> list[str]:
    worse = [
        text.lower_first(row["measure_name"])
        for row in heads
        if row["change_is_significant"]
        and row["verdict"] == "worse"
        and row["polarity"] != "neutral"
        and not row["suppressed"]
        and not row["previous_suppressed"]
    ]
    return [f"What to do about the change for the worse: {text.listed(worse)}."] if worse else []


def _overdue(edition: Edition) -> list[str]:
    plan = rows.table(edition, "plan")
    if not {"action", "is_overdue"} <= set(plan.columns):
        return []
    late = plan[plan["is_overdue"].fillna(False).astype(bool)]["action"].tolist()
    if not late:
        return []
    are = "action that is" if len(late) == 1 else "actions that are"
    return [f"How to finish the {text.few(len(late))} {are} overdue: {text.listed(late, 4)}."]


def _blank(edition: Edition) -> str:
    """The criteria for which some priority has no score, in quotation marks."""
    scores = edition.ranking
    if "score" not in scores:
        return ""
    blank = scores[scores["score"].isna()]["criterion_title"].drop_duplicates().tolist()
    return text.listed([f"“{title}”" for title in blank], _MOST_NAMED)


def _gaps(edition: Edition) -> list[str]:
    checklist = edition.checklist
    if "state" not in checklist or checklist.empty:
        return []
    gaps = int((checklist["state"] != "evidence").sum())
    if gaps == 0:
        return []
    what = "one gap" if gaps == 1 else f"{text.few(gaps)} gaps"
    return [f"Whether to accept {what} in what regulation 7 asks for, and who closes them."]


def _waived(edition: Edition) -> list[str]:
    number = len(edition.waivers)
    if number == 0:
        return []
    what = "the waiver" if number == 1 else f"the {text.few(number)} waivers"
    return [f"Whether {what} used in this edition may stand, and until when."]


def _proposals(edition: Edition) -> list[str]:
    if not any(commentary.part(one, SO_WHAT) for one in edition.commentary.values()):
        return []
    return [
        "Which of the analyst’s proposals to take up; they are printed together after the contents."
    ]


def proposals(edition: Edition, heads: list[rows.Row]) -> Section | None:
    """What the analyst proposes (the `So what` of each commentary), priority by priority."""
    proposed = [
        (
            row["priority_name"],
            commentary.part(edition.commentary.get(row["priority_id"], ""), SO_WHAT),
        )
        for row in heads
    ]
    if not any(words for _, words in proposed):
        return None
    found = Section("proposals", "What the analyst proposes")
    found.say(
        "These are the analyst’s words, from the page of each priority. The reasons stand there."
    )
    found.add(Terms([(name, words or "No proposal has been written.") for name, words in proposed]))
    return found
