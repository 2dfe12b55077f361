"""The priority-setting matrix: ten priorities by criteria, computed from the figures or judged by people.

A score is a whole number from 0 to 4. A priority's total is Σ weight × score over the criteria that
have a score, as a share of the maximum those could give, times 100: a missing score is left out and not
read as 0. The matrix helps a strategy group to agree; how far the order depends on the weights is
shown beside it (`best_rank`, `worst_rank`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd

from orchestration.core.errors import WarehouseError

HIGHEST = 4
COMPUTED, JUDGED = "computed", "judged"
SCORE_COLUMNS = ["priority_id", "criterion", "score", "scorer", "scored_on", "evidence"]
COLUMNS = [
    "priority_id", "criterion", "criterion_title", "weight", "score", "scorer", "scored_on", "evidence",
    "total", "rank", "best_rank", "worst_rank",
]  # fmt: skip
_CRITERIA_COLUMNS = ["criterion", "title", "weight", "kind", "rule", "verified"]
# Factors applied to one weight at a time, to see whether the order holds; 0 leaves it out.
_TRIED = (0.5, 2.0, 0.0)
_TREND = {
    ("more", "worse"): 4, ("higher", "worse"): 4, ("fewer", "worse"): 4, ("lower", "worse"): 4,
    ("more", "neither"): 3, ("higher", "neither"): 3,
    ("no clear change", "neither"): 2,
    ("fewer", "neither"): 1, ("lower", "neither"): 1,
    ("more", "better"): 0, ("higher", "better"): 0, ("fewer", "better"): 0, ("lower", "better"): 0,
}  # fmt: skip


class RankingError(WarehouseError):
    """The criteria or the scores cannot be read. One sentence with file, row and column."""


def criteria(path: Path) -> pd.DataFrame:
    """The criteria of the matrix, one row each, in their order.

    Raises:
        RankingError: a column, kind, weight or rule is invalid.
    """
    frame = _read(path, _CRITERIA_COLUMNS)
    _refuse(path, frame, "criterion", _is_blank(frame.criterion), "is blank")
    _refuse(path, frame, "criterion", frame.criterion.duplicated(), "is there twice")
    _refuse(path, frame, "kind", ~frame.kind.isin([COMPUTED, JUDGED]), "is not computed or judged")
    without_rule = frame.kind.eq(COMPUTED) & ~frame.criterion.isin(_RULES)
    _refuse(path, frame, "criterion", without_rule, "is computed by no rule that there is")
    weight = pd.to_numeric(frame.weight, errors="coerce")
    _refuse(path, frame, "weight", ~(weight > 0) | (weight == float("inf")), "is not above 0")
    for column in ("title", "rule"):
        _refuse(path, frame, column, _is_blank(frame[column]), "is blank")
    return frame.assign(weight=weight)


def read_scores(path: Path, priorities: Iterable[str], wanted: pd.DataFrame) -> pd.DataFrame:
    """The judged scores of the analyst's file, one row per priority and criterion that has one.

    A row with a blank score has not been scored yet. Columns as `SCORE_COLUMNS`.

    Raises:
        RankingError: an unknown priority or criterion, one that is computed, a score that is not a
            whole number from 0 to 4, or a scorer, date or evidence that is missing.
    """
    frame = _read(path, SCORE_COLUMNS)
    known = set(priorities)
    judged = set(wanted.criterion[wanted.kind.eq(JUDGED)])
    rule_made = set(wanted.criterion[wanted.kind.eq(COMPUTED)])
    _refuse(path, frame, "priority_id", ~frame.priority_id.isin(known), "is no priority")
    _refuse(path, frame, "criterion", frame.criterion.isin(rule_made), "is computed, not judged")
    _refuse(path, frame, "criterion", ~frame.criterion.isin(judged), "is no criterion")
    twice = frame.duplicated(["priority_id", "criterion"])
    _refuse(path, frame, "criterion", twice, "is scored twice for its priority")
    frame = frame[~_is_blank(frame.score)]
    valid = frame.score.isin([str(score) for score in range(HIGHEST + 1)])
    _refuse(path, frame, "score", ~valid, f"is not a whole number from 0 to {HIGHEST}")
    _refuse(path, frame, "scorer", _is_blank(frame.scorer), "is blank: a score needs a name")
    is_date = (
        frame.scored_on.str.fullmatch(r"\d{4}-\d{2}-\d{2}")
        & pd.to_datetime(frame.scored_on, format="%Y-%m-%d", errors="coerce").notna()
    )
    _refuse(path, frame, "scored_on", ~is_date, "is not a date such as 2026-04-20")
    _refuse(path, frame, "evidence", _is_blank(frame.evidence), "is blank: a score needs evidence")
    return frame.assign(score=frame.score.astype("Int64")).reset_index(drop=True)


def matrix(
    tables: Mapping[str, pd.DataFrame], wanted: pd.DataFrame, scores: pd.DataFrame
) -> pd.DataFrame:
    """One row per priority and criterion, by rank: scores, and the priority's total and ranks.

    `tables` are those of one variant of the edition (`headline`, `perception`, `peers`), `wanted` the
    criteria, `scores` the result of `read_scores`. Columns as `Edition.ranking`. Computed scores have no
    scorer and no date. Ties in the total are broken by the partnership's own order of its priorities.
    Where the register asks for judgement, a priority without a judged score has no total and no rank,
    whatever its computed scores; nor has one without any score. `best_rank` and `worst_rank` are its
    extremes over the weights as given and with each weight in turn halved, doubled and left out.
    """
    order = (
        tables["headline"][["priority_id", "priority_order"]]
        .drop_duplicates()
        .sort_values(["priority_order", "priority_id"], ignore_index=True)
    )
    rules = wanted.criterion[wanted.kind.eq(COMPUTED)]
    given = pd.concat(
        [_RULES[rule](tables).assign(criterion=rule) for rule in rules] + [scores],
        ignore_index=True,
    ).reindex(columns=SCORE_COLUMNS)
    cells = order.merge(
        wanted.assign(place=range(len(wanted)), criterion_title=wanted.title), how="cross"
    ).merge(given, on=["priority_id", "criterion"], how="left", validate="one_to_one")
    ranked = _ranked(cells, wanted)
    as_weighted = ranked[ranked.scenario.eq("")].set_index("priority_id")
    by_priority = ranked.groupby("priority_id")["rank"]
    cells = cells.assign(
        score=cells.score.astype("Int64"),
        total=cells.priority_id.map(as_weighted.total.round(1)),
        rank=cells.priority_id.map(as_weighted["rank"]).astype("Int64"),
        best_rank=cells.priority_id.map(by_priority.min()).astype("Int64"),
        worst_rank=cells.priority_id.map(by_priority.max()).astype("Int64"),
    )
    cells = cells.sort_values(["rank", "priority_order", "place"], ignore_index=True)
    return cells[COLUMNS]


def _ranked(cells: pd.DataFrame, wanted: pd.DataFrame) -> pd.DataFrame:
    """Total and rank of every priority, as weighted (scenario "") and with one weight changed."""
    changed = pd.DataFrame({"changed": wanted.criterion}).merge(
        pd.DataFrame({"factor": _TRIED}), how="cross"
    )
    changed = pd.concat([pd.DataFrame({"changed": [""], "factor": [1.0]}), changed])
    tried = cells.merge(changed, how="cross")
    is_changed = tried.changed.eq(tried.criterion)
    known = tried.score.notna()
    weight = tried.weight * tried.factor.where(is_changed, 1.0)
    tried = tried.assign(
        scenario=tried.changed + tried.factor.astype(str).where(tried.changed.ne(""), ""),
        got=weight * tried.score.astype("Float64").fillna(0).astype(float),
        most=(weight * HIGHEST).where(known, 0.0),
        is_judged=known & tried.kind.eq(JUDGED) | ~wanted.kind.eq(JUDGED).any(),
    )
    keys = ["scenario", "priority_id", "priority_order"]
    sums = tried.groupby(keys, as_index=False).agg(
        got=("got", "sum"), most=("most", "sum"), is_judged=("is_judged", "any")
    )
    can_rank = sums.is_judged & sums.most.gt(0)
    sums["total"] = (100 * sums.got / sums.most.where(can_rank)).round(9)
    sums = sums.sort_values(
        ["scenario", "total", "priority_order"], ascending=[True, False, True], ignore_index=True
    )
    place = sums.groupby("scenario").cumcount() + 1
    return sums.assign(rank=place.where(sums.total.notna()).astype("Int64"))


def _fifth(rank: pd.Series, of: pd.Series) -> pd.Series:
    """The score of a rank (1 is highest) among a number of ranks: 4 in the highest fifth, 0 in the lowest.

    Null where the rank is unknown or there is nothing to compare with.
    """
    place, number = rank.astype("Int64"), of.astype("Int64")
    return (HIGHEST - (place - 1) * (HIGHEST + 1) // number).where(number > 1)


def _of_headline(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    headline = tables["headline"]
    return headline[headline.is_headline].reset_index(drop=True)


def _volume(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    found = _of_headline(tables)
    rank = found["count"].rank(method="min", ascending=False)
    number = pd.Series(found["count"].notna().sum(), index=found.index)
    score = _fifth(rank, number)
    wording = found.measure_name + ": place " + _whole(rank) + f" of {number.max()} by count"
    return _scored(found.priority_id, score, wording)


def _trend(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    found = _of_headline(tables)
    pairs = pd.MultiIndex.from_frame(found[["finding", "verdict"]])
    score = pd.Series(pairs.map(_TREND), index=found.index, dtype="Float64").astype("Int64")
    return _scored(found.priority_id, score, found.measure_name + ": " + found.finding)


def _public_concern(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    found = tables["perception"]
    number = pd.Series(found.public_rank.notna().sum(), index=found.index)
    score = _fifth(found.public_rank, number)
    wording = (
        "place " + _whole(found.public_rank) + f" of {number.max()} in the consultation of "
        + found.consultation_edition
    )  # fmt: skip
    return _scored(found.priority_id, score, wording)


def _peers(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    peers = tables["peers"]
    peers = peers.assign(of=peers.groupby(["measure_id", "peer_group"]).rate.transform("count"))
    own = peers[peers.is_own_area].sort_values(["measure_id", "peer_group"])
    own = own.drop_duplicates("measure_id")[["measure_id", "peer_group", "rank_in_group", "of"]]
    found = _of_headline(tables).merge(own, on="measure_id", how="left")
    score = _fifth(found.rank_in_group, found.of).where(found.polarity.ne("up"))
    wording = (
        found.measure_name + ": place " + _whole(found.rank_in_group) + " of " + _whole(found.of)
        + " by rate in the group " + found.peer_group
    )  # fmt: skip
    return _scored(found.priority_id, score, wording)


def _data_confidence(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    found = tables["headline"].groupby("priority_id", as_index=False).agg(
        judged=("change_is_significant", "count"), number=("measure_id", "count")
    )  # fmt: skip
    score = (found.judged * (HIGHEST + 1) // found.number).clip(upper=HIGHEST).astype("Int64")
    wording = _whole(found.judged) + " of " + _whole(found.number) + " measures could be judged"
    return _scored(found.priority_id, score, wording)


def _scored(priority_id: pd.Series, score: pd.Series, wording: pd.Series) -> pd.DataFrame:
    evidence = wording.astype(object).where(score.notna(), None)
    return pd.DataFrame({"priority_id": priority_id, "score": score, "evidence": evidence})


def _whole(values: pd.Series) -> pd.Series:
    return values.astype("Int64").astype("string")


_RULES: dict[str, Callable[[Mapping[str, pd.DataFrame]], pd.DataFrame]] = {
    "volume": _volume,
    "trend": _trend,
    "public_concern": _public_concern,
    "peers": _peers,
    "data_confidence": _data_confidence,
}


def _read(path: Path, columns: list[str]) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (
        OSError,
        UnicodeDecodeError,
        pd.errors.ParserError,
        pd.errors.EmptyDataError,
    ) as problem:
        raise RankingError(f"{path.name} cannot be read: {problem}") from problem
    if list(frame.columns) != columns:
        raise RankingError(f"{path.name} must have the columns {', '.join(columns)}")
    if not isinstance(frame.index, pd.RangeIndex):
        # pandas reads over-long rows as if the first columns were an index, shifting the others.
        raise RankingError(f"{path.name} has rows of more than {len(columns)} columns")
    return frame.fillna("").apply(lambda values: values.str.strip())


def _is_blank(values: pd.Series) -> pd.Series:
    return values.eq("")


def _refuse(path: Path, frame: pd.DataFrame, column: str, wrong: pd.Series, why: str) -> None:
    """Refuse the first row that is wrong; rows count as in a spreadsheet, the header being row 1."""
    found = frame.index[wrong.to_numpy(dtype=bool, na_value=True)]
    if len(found):
        raise RankingError(
            f"{path.name}, row {found[0] + 2}, column {column}: "
            f"{frame.at[found[0], column]!r} {why}"
        )
