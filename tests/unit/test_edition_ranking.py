"""The priority-setting matrix: a worked example, the rules that compute a score, and refused files."""

import pandas as pd
import pytest

from orchestration.core.settings import PROJECT
from orchestration.edition.workspace import ranking

SHIPPED = PROJECT / "seeds/register/ranking_criteria.csv"
PRIORITIES = ("asb", "violence", "slavery")
NO_SCORES = pd.DataFrame(columns=ranking.SCORE_COLUMNS)
SCORED = "priority_id,criterion,score,scorer,scored_on,evidence\n"


def headline(**columns):
    """Three priorities with a headline measure each; volumes 300, 200 and 100."""
    frame = pd.DataFrame(
        {
            "priority_id": PRIORITIES, "priority_order": [1, 2, 3],
            "measure_id": ["m_asb", "m_violence", "m_slavery"],
            "measure_name": ["Incidents", "Offences", "Referrals"], "is_headline": True,
            "count": [300, 200, 100], "polarity": "down", "finding": "no clear change",
            "verdict": "neither", "change_is_significant": False,
        }
    )  # fmt: skip
    frame = frame.astype({"count": "Int64", "change_is_significant": "boolean"})
    return frame.assign(**columns)


def tables(**others):
    perception = pd.DataFrame(
        {"priority_id": PRIORITIES, "public_rank": [1, 2, 3], "consultation_edition": "2024"}
    ).astype({"public_rank": "Int64"})
    peers = pd.DataFrame(
        columns=["measure_id", "peer_group", "is_own_area", "rate", "rank_in_group"]
    ).astype({"is_own_area": bool, "rate": float, "rank_in_group": "Int64"})
    return {"headline": headline(), "perception": perception, "peers": peers, **others}


def criteria(tmp_path, *rows):
    path = tmp_path / "ranking_criteria.csv"
    path.write_text("criterion,title,weight,kind,rule,verified\n" + "\n".join(rows), "utf-8")
    return ranking.criteria(path)


def scores(tmp_path, text, wanted):
    path = tmp_path / "ranking.csv"
    path.write_bytes(text if isinstance(text, bytes) else (SCORED + text).encode())
    return ranking.read_scores(path, PRIORITIES, wanted)


@pytest.fixture
def wanted(tmp_path):
    return criteria(
        tmp_path, "volume,Volume,1,computed,By count,verified", "harm,Harm,3,judged,Of people,verified",
        "leverage,Leverage,1,judged,Together,verified",
    )  # fmt: skip


def computed_by(rule, given):
    wanted = pd.DataFrame(
        {"criterion": [rule], "title": "T", "weight": 1.0, "kind": "computed", "rule": "R"}
    )
    return ranking.matrix(given, wanted, NO_SCORES).set_index("priority_id")


def test_a_worked_example(tmp_path, wanted):
    """Worked by hand. Volume scores 4, 3 and 1 (fifths of three places), harm 1, 4 and 2, leverage 2,
    none and 4: totals 9/20, 15/16 and 11/20. With volume doubled asb (13/24) passes slavery (12/24);
    with harm left out asb and violence tie at 3/4 and asb comes first by the partnership's order, while
    slavery has 5/8; with leverage left out asb and slavery tie at 7/16.
    """
    given = scores(
        tmp_path,
        "asb,harm,1,A Chair,2026-04-20,Survey\nviolence,harm,4,A Chair,2026-04-20,Admissions\n"
        "slavery,harm,2,A Chair,2026-04-20,Referrals\nasb,leverage,2,A Chair,2026-04-20,Plan\n"
        "violence,leverage,,,,\nslavery,leverage,4,A Chair,2026-04-20,Joint team\n",
        wanted,
    )
    found = ranking.matrix(tables(), wanted, given)
    assert list(found.columns) == ranking.COLUMNS
    assert found.priority_id.tolist() == ["violence"] * 3 + ["slavery"] * 3 + ["asb"] * 3
    assert found.criterion.tolist() == ["volume", "harm", "leverage"] * 3
    assert found.score.fillna(-1).tolist() == [3, 4, -1, 1, 2, 4, 4, 1, 2]
    once = found.drop_duplicates("priority_id").set_index("priority_id")
    assert once.total.to_dict() == {"violence": 93.8, "slavery": 55.0, "asb": 45.0}
    ranks = once[["rank", "best_rank", "worst_rank"]]
    assert ranks.loc["violence"].tolist() == [1, 1, 2]
    assert ranks.loc["slavery"].tolist() == [2, 2, 3]
    assert ranks.loc["asb"].tolist() == [3, 1, 3]
    harm = found[found.criterion.eq("harm")].set_index("priority_id").loc["violence"]
    assert (harm.scorer, harm.scored_on, harm.evidence) == ("A Chair", "2026-04-20", "Admissions")
    by_rule = found[found.criterion.eq("volume")]
    assert by_rule.scorer.isna().all()
    assert by_rule.evidence.tolist()[0] == "Offences: place 2 of 3 by count"


def test_scores_and_figures_in_another_order_give_the_same_matrix(tmp_path, wanted):
    text = ["asb,harm,1,A,2026-04-20,e\n", "slavery,leverage,4,A,2026-04-20,e\n"]
    one = ranking.matrix(tables(), wanted, scores(tmp_path, "".join(text), wanted))
    turned = scores(tmp_path, "".join(reversed(text)), wanted)
    other = ranking.matrix(tables(headline=headline().iloc[::-1]), wanted, turned)
    pd.testing.assert_frame_equal(one, other)


def test_without_any_score_a_priority_has_no_rank_and_the_others_are_ranked(tmp_path, wanted):
    given = scores(tmp_path, "slavery,harm,0,A,2026-04-20,e\n", wanted)
    found = ranking.matrix(tables(), wanted[wanted.kind.eq("judged")], given)
    once = found.drop_duplicates("priority_id").set_index("priority_id")
    assert once.total["slavery"] == 0
    assert once["rank"]["slavery"] == 1
    assert all(found[name].dtype == "Int64" for name in ("rank", "best_rank", "worst_rank"))
    assert (
        once.loc[["asb", "violence"], ["total", "rank", "best_rank", "worst_rank"]]
        .isna()
        .all()
        .all()
    )


def test_volume_is_by_fifths_and_what_is_not_known_has_none():
    given = headline(count=pd.array([None, 200, 100], "Int64"))
    found = computed_by("volume", tables(headline=given))
    assert found.score.fillna(-1).to_dict() == {"asb": -1, "violence": 4, "slavery": 2}
    assert found.evidence.isna().to_dict()["asb"]
    alone = headline(count=pd.array([None, None, 100], "Int64"))
    assert computed_by("volume", tables(headline=alone)).score.isna().all()


@pytest.mark.parametrize(
    ("finding", "verdict", "score"),
    [
        ("more", "worse", 4), ("fewer", "worse", 4), ("higher", "worse", 4), ("more", "neither", 3),
        ("no clear change", "neither", 2), ("lower", "neither", 1), ("fewer", "better", 0),
        ("more", "better", 0), ("cannot be judged", "neither", None),
    ],
)  # fmt: skip
def test_trend_scores_what_got_worse(finding, verdict, score):
    found = computed_by("trend", tables(headline=headline(finding=finding, verdict=verdict))).score
    assert found.isna().all() if score is None else found.tolist() == [score] * 3


def test_public_concern_is_by_the_rank_people_gave():
    found = computed_by("public_concern", tables())
    assert found.score.to_dict() == {"asb": 4, "violence": 3, "slavery": 1}
    assert found.evidence["asb"] == "place 1 of 3 in the consultation of 2024"


def test_peers_count_where_some_were_measured_and_less_is_better():
    group = pd.DataFrame(
        {
            "measure_id": ["m_asb"] * 5 + ["m_violence"] * 2 + ["m_slavery"] * 2,
            "peer_group": ["force"] * 9,
            "is_own_area": [False, True, False, False, False, True, False, True, False],
            "rate": [9.0, 8.0, 7.0, 6.0, 5.0, 2.0, None, 2.0, 1.0],
            "rank_in_group": pd.array([1, 2, 3, 4, 5, 1, None, 1, 2], "Int64"),
        }
    )
    given = headline(polarity=["down", "down", "up"])
    found = computed_by("peers", tables(peers=group, headline=given))
    assert found.score.fillna(-1).to_dict() == {"asb": 3, "violence": -1, "slavery": -1}
    assert found.evidence["asb"] == "Incidents: place 2 of 5 by rate in the group force"


def test_of_several_peer_groups_the_first_by_name_counts():
    group = pd.DataFrame(
        {
            "measure_id": "m_asb", "peer_group": ["b", "b", "a", "a"],
            "is_own_area": [True, False] * 2, "rate": 1.0,
            "rank_in_group": pd.array([1, 2, 2, 1], "Int64"),
        }
    )  # fmt: skip
    assert computed_by("peers", tables(peers=group)).score["asb"] == 2


def test_data_confidence_is_the_share_that_could_be_judged():
    more = [headline(is_headline=False, measure_id=f"m{n}") for n in range(4)]
    judged = headline(change_is_significant=pd.array([True, None, False], "boolean"))
    given = pd.concat([judged, *[part.assign(change_is_significant=None) for part in more]])
    given = given.astype({"change_is_significant": "boolean"})
    found = computed_by("data_confidence", tables(headline=given))
    assert found.score.to_dict() == {"asb": 1, "violence": 0, "slavery": 1}
    assert computed_by("data_confidence", tables()).score.tolist() == [4, 4, 4]


def test_the_shipped_criteria_are_read_and_rank(tmp_path):
    wanted = ranking.criteria(SHIPPED)
    assert {"computed", "judged"} == set(wanted.kind)
    first = wanted.criterion[wanted.kind.eq("judged")].iloc[0]
    given = "".join(f"{priority},{first},2,A,2026-04-20,e\n" for priority in PRIORITIES)
    found = ranking.matrix(tables(), wanted, scores(tmp_path, given, wanted))
    assert len(found) == len(wanted) * 3
    assert sorted(found["rank"].unique()) == [1, 2, 3]


def test_what_only_rules_have_scored_is_not_ranked():
    found = ranking.matrix(tables(), ranking.criteria(SHIPPED), NO_SCORES)
    assert found.score.notna().any()
    assert found[["total", "rank", "best_rank", "worst_rank"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("volume,V,0,computed,R,x", "row 2, column weight: '0' is not above 0"),
        ("volume,V,much,computed,R,x", "column weight"),
        ("volume,V,inf,computed,R,x", "column weight"),
        ("volume,V,1,guessed,R,x", "column kind: 'guessed' is not computed or judged"),
        ("luck,L,1,computed,R,x", "column criterion: 'luck' is computed by no rule that there is"),
        ("harm,,1,judged,R,x", "column title"),
        ("harm,H,1,judged,,x", "column rule"),
        (",H,1,judged,R,x", "column criterion: '' is blank"),
        (
            "harm,H,1,judged,R,x\nharm,H,1,judged,R,x",
            "row 3, column criterion: 'harm' is there twice",
        ),
    ],
)
def test_wrong_criteria_are_refused(tmp_path, row, said):
    with pytest.raises(ranking.RankingError, match=r"ranking_criteria\.csv") as refused:
        criteria(tmp_path, row)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("crime,harm,1,A,2026-04-20,e", "row 3, column priority_id: 'crime' is no priority"),
        ("asb,luck,1,A,2026-04-20,e", "row 3, column criterion: 'luck' is no criterion"),
        ("asb,volume,1,A,2026-04-20,e", "'volume' is computed, not judged"),
        ("asb,harm,5,A,2026-04-20,e", "column score: '5' is not a whole number from 0 to 4"),
        ("asb,harm,-1,A,2026-04-20,e", "column score"),
        ("asb,harm,2.5,A,2026-04-20,e", "column score"),
        ("asb,harm,high,A,2026-04-20,e", "column score"),
        ("asb,harm,1, ,2026-04-20,e", "column scorer"),
        ("asb,harm,1,A,,e", "column scored_on"),
        ("asb,harm,1,A,20/04/2026,e", "column scored_on: '20/04/2026' is not a date such as"),
        ("asb,harm,1,A,2026-02-30,e", "column scored_on"),
        ("asb,harm,1,A,2026-04-20,", "column evidence"),
        ("asb,harm,1", "column scorer"),
        ("violence,harm,1,A,2026-04-20,e", "'harm' is scored twice for its priority"),
    ],
)
def test_a_wrong_score_is_refused_by_row_and_column(tmp_path, wanted, row, said):
    with pytest.raises(ranking.RankingError, match=r"ranking\.csv") as refused:
        scores(tmp_path, f"violence,harm,2,A,2026-04-20,e\n{row}\n", wanted)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"priority_id,score\n", b"\xff\xfe", b"priority_id;criterion;score\n",
        SCORED.encode() + b'"asb,harm\n', SCORED.encode() + b"asb,harm,1,A,2026-04-20,one, two\n",
        SCORED.encode() + b"a,b,c,d,e,f,g,h\n" * 2,
    ],
)  # fmt: skip
def test_a_file_that_is_not_the_scores_is_refused(tmp_path, wanted, content):
    with pytest.raises(ranking.RankingError, match=r"ranking\.csv"):
        scores(tmp_path, content, wanted)


def test_a_file_that_is_not_there_is_refused(tmp_path, wanted):
    with pytest.raises(ranking.RankingError, match=r"ranking\.csv cannot be read"):
        ranking.read_scores(tmp_path / "ranking.csv", PRIORITIES, wanted)


def test_a_file_that_a_spreadsheet_saved_is_read(tmp_path, wanted):
    saved = ("\ufeff" + SCORED + "asb,harm,1,A,2026-04-20,e\n").replace("\n", "\r\n").encode()
    assert scores(tmp_path, saved, wanted).score.tolist() == [1]
