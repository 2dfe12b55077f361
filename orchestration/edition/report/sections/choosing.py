"""How priorities are chosen: the scored matrix, what people ask for, how far the plan has come."""

from __future__ import annotations

import pandas as pd

from orchestration.edition.model import Edition
from orchestration.edition.report import charts, rows, text, theme, words_sources
from orchestration.edition.report.blocks import Section, sentences
from orchestration.edition.report.book import Book, Column, KeyItem, figure_column

_STRANDS = {"adult": "adults", "school": "school pupils"}


def names(edition: Edition) -> pd.DataFrame:
    """priority_id, priority_name and priority_order, one row a priority."""
    columns = ["priority_id", "priority_name", "priority_order"]
    frame = rows.table(edition, "headline")
    if not set(columns) <= set(frame.columns):
        return pd.DataFrame(columns=columns)
    return frame[columns].drop_duplicates().sort_values("priority_order")


def ranking(edition: Edition, book: Book) -> Section:
    """The ranking matrix, how far ranks move with the weights, and who scored on what evidence."""
    found = Section("ranking", "Ranking of priorities", begins_page=True)
    if edition.ranking.empty:
        found.say("The priorities have not been scored.")
        return found
    scored = edition.ranking.merge(names(edition), on="priority_id", how="left")
    order = scored.drop_duplicates("priority_id").sort_values(["rank", "priority_order"])
    found.say(_reading(scored))
    ranked = order[order["rank"].notna()]
    if len(ranked):
        found.add(
            book.figure(
                charts.rank_range(
                    ranked[["priority_name", "rank", "best_rank", "worst_rank"]].astype(
                        {"rank": "int64", "best_rank": "int64", "worst_rank": "int64"}
                    )
                ),
                _steadiness(ranked),
                "Rank of each priority (dot), and the ranks it takes when a weight is changed "
                "(bar)",
                _steadiness(ranked),
                "Scores of the partnership; see who scored, below.",
                [
                    KeyItem("rank", sign="●", colour=theme.BLUE, kind="sign"),
                    KeyItem("range of ranks when weights change", colour="#BFBFBF"),
                ],
                shape="tall",
                narrowest=560,
            )
        )
    found.add(
        book.table(
            _matrix(scored, order),
            "Scores from 0 (none) to 4 (most), with the weight of each criterion",
            _matrix_columns(scored),
        )
    )
    columns = [
        Column("priority_name", "Priority"),
        Column("scores", "Scores"),
        Column("scorer", "Scored by"),
        Column("scored_on", "On", text.day, absent="not scored"),
        Column("evidence", "Evidence"),
    ]
    caption = "Who scored each priority, when and on what evidence"
    found.add(book.table(_scorers(scored), caption, columns))
    return found


def _scorers(scored: pd.DataFrame) -> pd.DataFrame:
    """One row a priority, scorer, day and evidence, with the scores that they gave."""
    said = scored.assign(
        scores=scored["criterion_title"] + " " + scored["score"].map(_score),
        scorer=scored["scorer"].fillna("nobody yet"),
        scored_on=scored["scored_on"].fillna(""),
        evidence=scored["evidence"].fillna("none given"),
    ).sort_values("priority_order", kind="stable")
    who = ["priority_name", "scorer", "scored_on", "evidence"]
    return said.groupby(who, sort=False, as_index=False).agg(scores=("scores", ", ".join))


def _score(value: float) -> str:
    return "not scored" if pd.isna(value) else text.count(value)


def _reading(scored: pd.DataFrame) -> str:
    blank = int(scored["score"].isna().sum())
    judged = "Scores are judgements: who gave them and on what evidence is printed below."
    return (
        f"{judged} {text.upper_first(text.few(blank))} {'is' if blank == 1 else 'are'} still to "
        f"be given."
        if blank
        else judged
    )


def _steadiness(ranked: pd.DataFrame) -> str:
    first = ranked.iloc[0]
    firm = int((ranked["best_rank"] == ranked["worst_rank"]).sum())
    always = first["worst_rank"] == 1
    lead = f"{first['priority_name']} comes first{' whatever the weights' if always else ''}"
    if firm == 0:
        return f"{lead}; every rank moves when a weight changes"
    fixed = "does" if firm == 1 else "do"
    return f"{lead}; {text.few(firm)} of {text.few(len(ranked))} ranks {fixed} not move when a weight changes"


def _criteria(scored: pd.DataFrame) -> list[rows.Row]:
    return rows.records(
        scored.drop_duplicates("criterion")[["criterion", "criterion_title", "weight"]]
    )


def _matrix(scored: pd.DataFrame, order: pd.DataFrame) -> pd.DataFrame:
    wide = scored.pivot(index="priority_id", columns="criterion", values="score")
    head = order[["priority_id", "priority_name", "total", "rank", "best_rank", "worst_rank"]]
    moves = [
        f"{text.count(a)} to {text.count(b)}" if pd.notna(a) and pd.notna(b) else None
        for a, b in zip(head["best_rank"], head["worst_rank"], strict=True)
    ]
    return head.assign(moves=moves).merge(wide, on="priority_id", how="left")


def _matrix_columns(scored: pd.DataFrame) -> list[Column]:
    scores = [
        Column(
            row["criterion"],
            f"{row['criterion_title']} (weight {row['weight']:g})",
            text.count,
            is_number=True,
            absent="not scored",
        )
        for row in _criteria(scored)
    ]
    return [
        Column("priority_name", "Priority"),
        *scores,
        Column("total", "Total", text.count, is_number=True, absent="not scored"),
        Column("rank", "Rank", text.count, is_number=True, absent="not ranked"),
        Column("moves", "Ranks it can take", absent="not ranked"),
    ]


def consultation(edition: Edition, book: Book) -> Section:
    """What people said, counts of those who answered, beside what the record says."""
    found = Section("consultation", "What people say", begins_page=True)
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
        told = [
            words_sources.perception(row)
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
        frame = asked.assign(told=told).sort_values("public_rank", na_position="last")
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
            book.table(frame, "What people ask for beside the record", columns),
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
    """One row a question: its answers with the number that gave each, most first; and its base."""
    said = answers.assign(
        given=[
            f"{row['answer_label']}: {_number(row, 'respondents')}" for row in rows.records(answers)
        ],
        base=[_number(row, "base") for row in rows.records(answers)],
    )
    return said.groupby(["question_id", "question_text"], sort=False, as_index=False).agg(
        given=("given", "; ".join), base=("base", "first")
    )


def _number(row: rows.Row, key: str) -> str:
    if row.get("suppressed"):
        return text.SUPPRESSED
    if row.get(key) is None:
        return text.reason(row["missing_reason"]) if row.get("missing_reason") else "not known"
    return text.count(row[key])


def plan(edition: Edition, book: Book) -> Section:
    """How far the actions of the plan have come."""
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
    frame = frame.sort_values(["priority_order", "action_ref"])
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
