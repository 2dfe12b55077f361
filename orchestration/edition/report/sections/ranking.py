"""The scored matrix of priorities: the scoring, the sensitivity of the ranks, and the evidence."""

from __future__ import annotations

import pandas as pd

from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import charts, rows, text, theme
from orchestration.edition.report.blocks import Section, sentences
from orchestration.edition.report.book import Book, Column, Figure, KeyItem, Table
from orchestration.edition.report.sections.consultation_and_plan import names

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_COMPUTED, _JUDGED, _NONE = "worked out by rule from the figures", "judged", "no score yet"


def section(edition: Edition, book: Book) -> Section:
    """The matrix, how far ranks move with the weights, and the evidence for every score."""
    found = Section("ranking", "Ranking of priorities")
    if edition.ranking.empty:
        found.say("The priorities have not been scored.")
        return found
    scored = edition.ranking.merge(names(edition), on="priority_id", how="left")
    scored["priority_name"] = scored["priority_name"].fillna(scored["priority_id"])
    order = scored.drop_duplicates("priority_id").sort_values(["rank", "priority_order"])
    criteria = _criteria(scored)
    found.add(sentences(_reading(scored, criteria)))
    ranked = order[order["rank"].notna()]
    if len(ranked):
        found.add(_figure(book, ranked))
    found.add(
        book.table(criteria, "The criteria: weight, and how each is scored", _criteria_columns()),
        book.table(
            _matrix(scored, order),
            "Scores from 0 (none) to 4 (most) by criterion, and the ranks they give",
            _matrix_columns(criteria),
            [
                "The letters are those of the criteria above. The total is the share of the most "
                "that the scores given could reach, in hundredths."
            ],
        ),
        _computed_scores(book, scored, criteria),
        _judged(book, scored, criteria),
    )
    return found


def _criteria(scored: pd.DataFrame) -> pd.DataFrame:
    """One row per criterion, in the matrix's order: letter, title, weight, how it is scored."""
    found = scored.drop_duplicates("criterion")[["criterion", "criterion_title", "weight"]]
    given = scored[scored["score"].notna()]
    by_people = set(given[given["scorer"].notna()]["criterion"])
    by_rule = set(given[given["scorer"].isna()]["criterion"])
    how = [
        _JUDGED if one in by_people else _COMPUTED if one in by_rule else _NONE
        for one in found["criterion"]
    ]
    letters = list(_LETTERS[: len(found)])
    return found.assign(
        letter=letters,
        how=how,
        titled=[f"{a}: {b}" for a, b in zip(letters, found["criterion_title"], strict=True)],
    )


def _criteria_columns() -> list[Column]:
    return [
        Column("titled", "Criterion"),
        Column("weight", "Weight", "{:g}".format, is_number=True, absent="no weight"),
        Column("how", "How it is scored"),
    ]


def _reading(scored: pd.DataFrame, criteria: pd.DataFrame) -> list[str]:
    lines = [
        "The scores help the partnership to agree an order; they do not make the decision.",
        "Some are worked out by rule from the figures, others are judged: who judged, when and on "
        "what evidence stands below.",
    ]
    blank = scored[scored["score"].isna()]
    if blank.empty:
        return lines
    titles = blank.drop_duplicates("criterion")["criterion_title"]
    named = text.listed([f"“{title}”" for title in titles], 3)
    return [
        *lines,
        f"{text.upper_first(text.few(len(blank)))} of {len(scored)} scores {_are(len(blank))} blank "
        f"({named}): they are left out of the total, not read as 0.",
    ]


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _figure(book: Book, ranked: pd.DataFrame) -> Figure:
    whole = {"rank": "int64", "best_rank": "int64", "worst_rank": "int64"}
    title = steadiness(ranked)
    return book.figure(
        charts.rank_range(ranked[["priority_name", *whole]].astype(whole)),
        title,
        "Rank of each priority (dot), and the ranks it takes when each weight in turn is halved, "
        "doubled or left out (bar)",
        title,
        "Source: scores of the partnership’s matrix, in the tables below.",
        [
            KeyItem("rank", sign="●", colour=theme.BLUE, kind="sign"),
            KeyItem("range of ranks when weights change", colour="#BFBFBF"),
        ],
        shape="tall",
        narrowest=560,
    )


def steadiness(ranked: pd.DataFrame) -> str:
    """Which priority comes first, and how many ranks hold whatever weight is changed, as a title."""
    first = ranked.iloc[0]
    firm = int((ranked["best_rank"] == ranked["worst_rank"]).sum())
    always = first["worst_rank"] == 1
    lead = f"{first['priority_name']} comes first{' whatever the weights' if always else ''}"
    if firm == 0:
        return f"{lead}; every rank moves when a weight changes"
    fixed = "holds" if firm == 1 else "hold"
    return (
        f"{lead}; {text.few(firm)} of {text.few(len(ranked))} ranks {fixed} when a weight changes"
    )


def _matrix(scored: pd.DataFrame, order: pd.DataFrame) -> pd.DataFrame:
    wide = scored.pivot(index="priority_id", columns="criterion", values="score")
    head = order[["priority_id", "priority_name", "total", "rank", "best_rank", "worst_rank"]]
    moves = [
        None
        if pd.isna(a) or pd.isna(b)
        else text.count(a)
        if a == b
        else f"{text.count(a)} to {text.count(b)}"
        for a, b in zip(head["best_rank"], head["worst_rank"], strict=True)
    ]
    return head.assign(moves=moves).merge(wide, on="priority_id", how="left")


def _matrix_columns(criteria: pd.DataFrame) -> list[Column]:
    scores = [
        Column(row["criterion"], row["letter"], text.count, is_number=True, absent="blank")
        for row in rows.records(criteria)
    ]
    return [
        Column("priority_name", "Priority"),
        *scores,
        Column("total", "Total", text.count, is_number=True, absent="not scored"),
        Column("rank", "Rank", text.count, is_number=True, absent="not ranked"),
        Column("moves", "Ranks it can take", absent="not ranked", is_tight=True),
    ]


def _computed_scores(book: Book, scored: pd.DataFrame, criteria: pd.DataFrame) -> Table | None:
    """The evidence for the computed scores: one row per priority, one column per criterion."""
    by_rule = criteria[criteria["how"] == _COMPUTED]
    there = scored[scored["criterion"].isin(by_rule["criterion"])]
    if there.empty:
        return None
    wording = there["score"].map(_score) + ": " + there["evidence"].fillna("none given")
    wording = wording.where(there["score"].notna(), "blank")
    wide = there.assign(wording=wording).pivot(
        index="priority_id", columns="criterion", values="wording"
    )
    head = there.drop_duplicates("priority_id").sort_values("priority_order")
    frame = head[["priority_id", "priority_name"]].merge(wide, on="priority_id")
    columns = [Column("priority_name", "Priority")]
    columns += [Column(row["criterion"], row["titled"]) for row in rows.records(by_rule)]
    return book.table(frame, "Scores by rule, each with its evidence", columns)


def _judged(book: Book, scored: pd.DataFrame, criteria: pd.DataFrame) -> Table | None:
    """The judged scores: one row per criterion, scorer, day and evidence, with each priority's score."""
    by_people = criteria[criteria["how"] == _JUDGED]
    there = scored[scored["criterion"].isin(by_people["criterion"]) & scored["score"].notna()]
    if there.empty:
        return None
    worded = there.assign(
        scorer=there["scorer"].fillna("no name"),
        scored_on=there["scored_on"].fillna(""),
        evidence=there["evidence"].fillna("none given"),
    ).merge(by_people[["criterion", "titled"]], on="criterion")
    worded = worded.sort_values(
        ["titled", "score", "priority_order"], ascending=[True, False, True], kind="stable"
    )
    who = ["titled", "scorer", "scored_on", "evidence"]
    alike = worded.groupby([*who, "score"], sort=False, as_index=False).agg(
        priorities=("priority_name", "; ".join)
    )
    alike = alike.assign(given=alike["score"].map(_score) + ": " + alike["priorities"])
    frame = alike.groupby(who, sort=False, as_index=False).agg(given=("given", ". ".join))
    columns = [
        Column("titled", "Criterion"),
        Column("given", "Scores given"),
        Column("scorer", "Scored by"),
        Column("scored_on", "On", text.day, absent="no day"),
        Column("evidence", "Evidence"),
    ]
    return book.table(
        frame, "Scores of judgement: who gave them, when and on what evidence", columns
    )


def _score(value: float) -> str:
    return "blank" if pd.isna(value) else text.count(value)
