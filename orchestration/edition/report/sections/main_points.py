"""The main points on one page: clear findings, decisions to take, and the priorities in a table."""

from __future__ import annotations

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import rows, text
from orchestration.edition.report.blocks import Items, Panel, Section
from orchestration.edition.report.book import Book, Column, Table, figure_column
from orchestration.edition.report.sections import decisions, standing_out, statement
from orchestration.edition.report.sentences import measures

_MOST_NAMED = 3


def main_points(edition: Edition, book: Book, heads: list[rows.Row]) -> Section:
    """One page for the chair: clear findings, the ten priorities in a table, the decisions to take."""
    found = Section("main-points", "Main points", begins_page=True)
    found.add(Items(points(edition, heads)))
    found.add(_table(edition, book, heads))
    asked = decisions.asked(edition, heads)
    if asked:
        found.add(Panel("For the partnership to decide", asked))
    return found


def points(edition: Edition, heads: list[rows.Row]) -> list[str]:
    """The main points as sentences: clear changes first, then places, plan, regulation 7 and gaps."""
    clear = [
        row
        for row in heads
        if row["change_is_significant"] and not row["suppressed"] and not row["previous_suppressed"]
    ]
    return [
        *[_clear(row) for row in clear if row["count"] is not None],
        *_unchanged(heads),
        *_unknown(heads),
        *_other_measures(edition),
        *_places(edition),
        *_plan(edition),
        *_law(edition),
        *_supplied(edition),
    ]


def _clear(row: rows.Row) -> str:
    about = "about " if row["is_rounded"] and row["count"] else ""
    return (
        f"{text.upper_first(_priority(row))}: {text.lower_first(row['measure_name'])} "
        f"{measures.change(row)} ({about}{text.units(row['count'], row['unit'])}), "
        f"more than usual variation{_judgement(row)}."
    )


def _unchanged(heads: list[rows.Row]) -> list[str]:
    judged = [row for row in heads if row["change_is_significant"] is not None]
    same = [row for row in judged if not row["change_is_significant"]]
    if not same:
        return []
    return [
        f"The headline measures of {text.few(len(same))} of {text.few(len(heads))} priorities "
        "show no change that is more than usual variation."
    ]


def _unknown(heads: list[rows.Row]) -> list[str]:
    unknown = [row for row in heads if row["change_is_significant"] is None]
    if not unknown:
        return []
    names = text.listed([_priority(row) for row in unknown])
    return [f"No change can be judged for {names}."]


def _other_measures(edition: Edition) -> list[str]:
    """The other measures with a finding, if they have a direction that is better."""
    frame = rows.where(rows.table(edition, "headline"), is_headline=False)
    if not {"measure_id", "change_is_significant", "verdict", "polarity"} <= set(frame.columns):
        return []
    hidden = rows.column(frame, "suppressed").notna()
    hidden |= rows.column(frame, "previous_suppressed").notna()
    other = frame[~hidden].drop_duplicates("measure_id")
    judged = other[other["change_is_significant"].notna()]
    clear = judged[judged["change_is_significant"].astype(bool) & (judged["polarity"] != "neutral")]
    parts = [(verdict, clear[clear["verdict"] == verdict]) for verdict in ("worse", "better")]
    named = [
        f"For the {verdict}: "
        f"{text.listed(found['measure_name'].map(text.lower_first).tolist(), _MOST_NAMED)}."
        for verdict, found in parts
        if not found.empty
    ]
    if not named:
        return []
    number = int(judged["change_is_significant"].astype(bool).sum())
    return [
        f"Beneath the headlines, {text.few(number)} of {text.few(len(judged))} other measures "
        f"changed by more than usual variation. {' '.join(named)}"
    ]


def _places(edition: Edition) -> list[str]:
    wards = rows.table(edition, "ward_flags")
    if "above_outer_limit" not in wards or wards.empty:
        return []
    number = pd.to_numeric(wards["above_outer_limit"]).fillna(0)
    there = wards[number > 0]
    return [standing_out.finding(there, wards)] if len(there) else []


def _priority(row: rows.Row) -> str:
    return text.lower_first(row["priority_name"])


def _judgement(row: rows.Row) -> str:
    if row["polarity"] == "neutral":
        return ""
    return {"better": " and for the better", "worse": " and for the worse"}.get(row["verdict"], "")


def _plan(edition: Edition) -> list[str]:
    plan = rows.table(edition, "plan")
    if "rag" not in plan or plan.empty:
        return []
    done, late = int((plan["rag"] == "complete").sum()), int(plan["is_overdue"].fillna(False).sum())
    overdue = f"{text.few(late)} overdue" if late else "no action is overdue"
    return [f"Of {len(plan)} actions of the plan, {done} are complete and {overdue}."]


def _law(edition: Edition) -> list[str]:
    checklist = edition.checklist
    if "state" not in checklist or checklist.empty:
        return []
    gaps, missing = (int((checklist["state"] == state).sum()) for state in ("gap", "missing"))
    parts = [f"{text.few(gaps)} {'has' if gaps == 1 else 'have'} a recorded gap"] if gaps else []
    if missing:
        parts.append(
            f"{text.few(missing)} {'has' if missing == 1 else 'have'} neither evidence nor gap"
        )
    if not parts:
        return ["Every element that regulation 7 asks for has its evidence."]
    return [f"Regulation 7: of {len(checklist)} elements by priority {' and '.join(parts)}."]


def _supplied(edition: Edition) -> list[str]:
    feeds = rows.table(edition, "completeness")
    if "delivered" not in feeds or feeds.empty:
        return []
    is_outside = feeds["feed"].isin(list(statement.outside(edition)))
    number = int(is_outside.sum())
    verb = "is" if number == 1 else "are"
    beyond = [f"{text.upper_first(text.few(number))} more {verb} {vocabulary.OUTSIDE}."] * bool(
        number
    )
    feeds = feeds[~is_outside]
    short = feeds[feeds["missing"] + feeds["refused"] > 0]
    if short.empty:
        return [f"All {len(feeds)} feeds delivered every period that was due.", *beyond]
    return [
        f"{text.upper_first(text.few(len(short)))} of {len(feeds)} feeds did not deliver every "
        f"period that "
        f"was due: {text.listed(short['title'].map(text.lower_first).tolist(), 3)}.",
        *beyond,
    ]


def _table(edition: Edition, book: Book, heads: list[rows.Row]) -> Table | None:
    year = edition.year.label
    now, before = text.label(year), text.label(text.previous_year(year))
    frame = pd.DataFrame(heads)
    frame["moved"] = [_arrow(row) for row in heads]
    frame["sure"] = [_certainty(row) for row in heads]
    frame["hidden"] = frame["suppressed"].fillna(frame["previous_suppressed"])
    frame = frame.merge(_ranks(edition), on="priority_id", how="left")
    columns = [
        Column("priority_name", "Priority"),
        Column("measure_name", "Headline measure"),
        figure_column("count", now, text.count, is_tight=True),
        figure_column(
            "previous_count",
            before,
            text.count,
            is_tight=True,
            suppressed_by="previous_suppressed",
            reason="not_judged_because",
        ),
        Column(
            "moved", "Direction", is_tight=True, suppressed_by="hidden", reason="not_judged_because"
        ),
        Column("sure", "Confidence", suppressed_by="hidden"),
        _rank("score_rank", "Score rank", "not ranked", None),
        _rank("public_rank", "People’s rank", "not asked", "people_hidden"),
    ]
    return book.table(
        frame,
        f"The ten priorities, {now} and {before}"
        if len(heads) == 10
        else f"The priorities, {now} and {before}",
        columns,
    )


def _rank(key: str, title: str, absent: str, hidden: str | None) -> Column:
    return Column(key, title, text.count, True, absent, suppressed_by=hidden)


def _ranks(edition: Edition) -> pd.DataFrame:
    """Each priority's place by the partnership's scores and by the people who answered, where known."""
    ranking, asked = edition.ranking, rows.table(edition, "perception")
    by_score = ranking.drop_duplicates("priority_id") if "rank" in ranking else ranking
    score = by_score.reindex(columns=["priority_id", "rank"]).rename(columns={"rank": "score_rank"})
    people = asked.reindex(columns=["priority_id", "public_rank"])
    hidden = rows.column(asked, "suppressed").where(people["public_rank"].isna())
    people = people.assign(people_hidden=hidden)
    return score.merge(people, on="priority_id", how="outer")


def _arrow(row: rows.Row) -> str | None:
    moved = measures.change(row)
    if not moved:
        return None
    sign = (
        "▲ "
        if moved.startswith(("up", "higher"))
        else "▼ "
        if moved.startswith(("down", "lower"))
        else "■ "
    )
    return sign + moved


def _certainty(row: rows.Row) -> str:
    if row["change_is_significant"] is None:
        return "cannot be judged"
    return (
        f"more than usual variation{_judgement(row)}"
        if row["change_is_significant"]
        else "no clear change"
    )
