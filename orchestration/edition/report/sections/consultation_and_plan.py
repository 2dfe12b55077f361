"""What people ask for, and the progress of the plan."""

from __future__ import annotations

import pandas as pd

from orchestration.core import vocabulary
from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import rows, text
from orchestration.edition.report.blocks import Section, sentences
from orchestration.edition.report.book import Book, Column, figure_column
from orchestration.edition.report.sentences import sources

# States of an action, those that need most attention first; overdue ones come before all of them.
_URGENCY = {"red": 0, "amber": 1, "green": 2, "complete": 3}
_AGREE = (
    "“Agree”: the places that people and the record give are close. The record ranks by changes of "
    "more than usual variation; priorities without one share a place, and where so many do that no other "
    "place is left, nothing can be judged."
)
_STRANDS = {"adult": "adults", "school": "school pupils"}


def names(edition: Edition) -> pd.DataFrame:
    """priority_id, priority_name and priority_order, one row per priority."""
    columns = ["priority_id", "priority_name", "priority_order"]
    frame = rows.table(edition, "headline")
    if not set(columns) <= set(frame.columns):
        return pd.DataFrame(columns=columns)
    return frame[columns].drop_duplicates().sort_values("priority_order")


def consultation(edition: Edition, book: Book) -> Section:
    """What people said, as counts of those who answered, beside what the record says."""
    found = Section("consultation", "What people say")
    answers, asked = rows.table(edition, "consultation"), rows.table(edition, "perception")
    if answers.empty and asked.empty:
        found.say("No consultation was supplied.")
        return found
    found.say(
        "People chose to answer; they are not a sample. The numbers are those who answered, "
        "never a share of "
        "residents, and adults and school pupils are kept apart."
    )
    if not asked.empty:
        wording = [
            sources.perception(row)
            for row in rows.records(
                asked.reindex(
                    columns=[
                        "public_rank",
                        "named_among_three",
                        "respondents_who_ranked",
                        "agreement",
                    ]
                )
            )
        ]
        frame = asked.assign(wording=wording).sort_values("public_rank", na_position="last")
        columns = [
            Column("priority_name", "Priority"),
            figure_column(
                "public_rank", "Rank people give", text.count, reason=None, absent="not asked"
            ),
            figure_column(
                "named_among_three",
                "Named it among three",
                text.count,
                reason=None,
                absent="not asked",
            ),
            figure_column(
                "respondents_who_ranked", "Answered", text.count, reason=None, absent="not asked"
            ),
            Column(
                "record_finding",
                "What the record says",
                absent="no figure",
                suppressed_by="suppressed",
            ),
            Column(
                "agreement",
                "Beside each other",
                absent="cannot be compared",
                suppressed_by="suppressed",
            ),
        ]
        found.head(
            "Perception and record",
            book.table(frame, "What people ask for beside the record", columns, [_AGREE]),
        )
    for strand in [] if answers.empty else sorted(answers["strand"].unique()):
        columns = [
            Column("question_text", "Question"),
            Column("given", "Answers, and how many gave each"),
            Column("base", "Answered", is_number=True, absent="not known"),
        ]
        caption = f"Answers of {_STRANDS.get(strand, strand)}"
        found.add(book.table(_by_question(rows.where(answers, strand=strand)), caption, columns))
    return found


def _by_question(answers: pd.DataFrame) -> pd.DataFrame:
    """One row per question: its answers with the number of each, most frequent first, and its base."""
    worded = answers.assign(
        given=[
            f"{row['answer_label']}: {_number(row, 'respondents')}" for row in rows.records(answers)
        ],
        base=[_number(row, "base") for row in rows.records(answers)],
    )
    return worded.groupby(["question_id", "question_text"], sort=False, as_index=False).agg(
        given=("given", "; ".join), base=("base", "first")
    )


def _number(row: rows.Row, key: str) -> str:
    if row.get("suppressed"):
        return vocabulary.NOT_SHOWN
    if row.get(key) is None:
        return (
            vocabulary.reason(row["missing_reason"]) if row.get("missing_reason") else "not known"
        )
    return text.count(row[key])


def plan(edition: Edition, book: Book) -> Section:
    """The progress of the plan's actions."""
    found = Section("plan", "Progress of the plan", begins_page=True)
    actions = rows.table(edition, "plan")
    if actions.empty:
        found.say("No report on the actions of the plan was supplied.")
        return found
    quarter = actions["quarter_start"].max()
    number = actions["rag"].value_counts()
    counted = [
        f"{number[state]} {state}"
        for state in ("complete", "green", "amber", "red")
        if state in number
    ]
    late = actions[actions["is_overdue"].fillna(False).astype(bool)]
    found.add(
        sentences(
            [
                f"In the quarter that began in {text.month(quarter)}, {len(actions)} actions "
                f"were reported: {text.listed(counted)}.",
                f"Overdue: {'; '.join(late['action'])}." if len(late) else "No action is overdue.",
            ]
        )
    )
    frame = actions.merge(names(edition), on="priority_id", how="left")
    late = frame["is_overdue"].fillna(False).astype(bool)
    urgency = frame["rag"].map(_URGENCY).fillna(len(_URGENCY)).mask(late, -1)
    frame = frame.assign(urgency=urgency).sort_values(
        ["urgency", "priority_order", "action_ref"], kind="stable"
    )
    frame = frame.assign(
        state=frame["rag"].where(
            ~frame["is_overdue"].fillna(False).astype(bool), frame["rag"] + ", overdue"
        )
    )
    columns = [
        Column("action", "Action"),
        Column("priority_name", "Priority", absent="no priority named"),
        Column("led_by", "Led by"),
        Column("due_on", "Due", text.day, absent="no date"),
        Column("state", "State", absent="not reported"),
        Column("progress_percent", "Done", text.percent, is_number=True, absent="not reported"),
    ]
    found.add(book.table(frame, "Actions of the partnership plan", columns))
    return found
