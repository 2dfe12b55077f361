"""What leaves, and what it says where something does not."""

import pandas as pd
import pytest

from orchestration.disclosure import publish
from orchestration.disclosure.control import controlled, rules_in
from tests.support.disclosure_frames import REGISTER, Measure, edition, replaced

RULES = rules_in(REGISTER)
YEAR = [20, 30, 25, 19, 28, 22, 31, 27, 24, 20, 23, 26]
# Text and keys stay in a row that is suppressed; these are its figures.
FIGURES = {
    "count", "previous_count", "modelled_count", "change", "change_percent", "denominator", "rate",
    "rate_lower", "rate_upper", "city_rate", "lower_95", "upper_95", "lower_998", "upper_998", "position",
    "centre", "lower_limit", "upper_limit", "signal", "change_is_significant", "respondents", "base",
    "share_of_respondents", "first_choices", "our_count", "difference", "difference_percent",
    "offences", "harm", "share_of_harm", "share_in_top_tenth", "lsoas_with_half", "persistence",
    "seasonal_index", "lowest_index", "highest_index", "rank_in_group", "record_count",
}  # fmt: skip
BEFORE = {"previous_count"}


def wards(counts, rule, **more):
    """The public wards of one measure, by code."""
    codes = {f"W{count}": count for count in counts}
    tables = edition(Measure("x", wards=codes, rule=rule, **more))
    return controlled(tables, RULES).tables["wards"].set_index("ward_code")


@pytest.mark.parametrize(
    ("rule", "shown", "hidden"),
    [
        ("under_5", {0: 0, 5: 5, 6: 5, 7: 5, 8: 10, 12: 10, 13: 15, 400: 400}, [1, 2, 3, 4]),
        ("hes_1_7_round_5", {0: 0, 8: 10, 9: 10, 12: 10, 13: 15, 402: 400}, [1, 2, 5, 7]),
        ("none_public_source", {0: 0, 1: 1, 2: 2, 7: 7, 12: 12}, []),
        # Without a rule, or with one that nobody wrote down, the strictest holds.
        ("", {0: 0, 8: 10, 402: 400}, [1, 4, 7]),
        ("whatever", {0: 0, 8: 10, 402: 400}, [1, 4, 7]),
        (None, {0: 0, 8: 10, 402: 400}, [1, 4, 7]),
    ],
)
def test_a_rule_hides_and_rounds(rule, shown, hidden):
    found = wards([*shown, *hidden], rule)
    assert {count: found.loc[f"W{count}", "count"] for count in shown} == shown
    assert set(found.loc[[f"W{count}" for count in hidden], "suppressed"]) <= {"small"}
    assert found.loc[[f"W{count}" for count in hidden], "count"].isna().all()
    rounded = rule not in ("none_public_source",)
    assert found.loc[[f"W{c}" for c in shown if c], "is_rounded"].eq(rounded).all()
    assert not found.loc["W0", "is_rounded"]


def test_what_the_law_publishes_is_exact():
    found = wards([1, 3, 40], "under_5", law=True)
    assert found["count"].tolist() == [1, 3, 40]
    assert found["suppressed"].isna().all()


def test_sums_are_made_of_true_counts():
    """Twelve months of 12 are 144, shown as 145; the shown months would be 120."""
    public = controlled(edition(Measure("x", [12] * 24)), RULES).tables
    assert set(public["monthly"]["count"]) == {10}
    assert public["headline"]["count"].tolist() == [145]


def test_all_tables_say_the_same_of_a_cell():
    months = [*YEAR, *YEAR[:5], 3, *YEAR[6:]]
    tables = edition(Measure("x", months, {"W1": 150, "W2": 3, "W3": 119}, lines={"OUT": 2}))
    result = controlled(tables, RULES)
    figures = result.tables["figures"].set_index(["area_type", "period_type"])
    keys = {
        "monthly": ("city", "month"),
        "wards": ("ward", "strategy_year"),
        "rolling": ("city", "rolling_12m"),
        "unplaced": ("unplaced", "strategy_year"),
    }
    for table, key in keys.items():
        mine, theirs = result.tables[table], figures.loc[[key]]
        for column in ("count", "suppressed", "is_rounded"):
            assert mine[column].astype("object").fillna("-").tolist() == (
                theirs[column].astype("object").fillna("-").tolist()
            ), (table, column)
    assert set(result.decisions.columns) == {
        "cell", "measure_id", "area_type", "area_code", "period_type", "period_start",
        "suppressed", "is_rounded",
    }  # fmt: skip
    assert len(result.decisions) == len(tables["figures"])


def test_a_suppressed_row_has_no_figures():
    answers = [
        {
            "strand": "adult",
            "question_id": "q",
            "answer_code": str(n),
            "respondents": n,
            "base": 100,
        }
        for n in (3, 40, 57)
    ]
    tables = edition(
        Measure(
            "x",
            [*YEAR, *YEAR[:5], 3, *YEAR[6:]],
            {"W1": 150, "W2": 3, "W3": 119},
            lsoas={"L1": ("W1", 2)},
        ),
        Measure("n", [1, *[0] * 11, 1, *[0] * 11], finest="city"),
        consultation=answers,
        harm=[{"scheme": "s", "offence_group": "Robbery", "offences": 300, "harm": 900.0}],
        external=[{"offence_group": "Robbery", "our_count": 4, "their_count": 5, "difference": -1}],
        seasonality=[{"measure_id": "n", "month_of_year": 4, "seasonal_index": 100.0}],
        concentration=[{"measure_id": "x", "strategy_year": "2025-26", "share_in_top_tenth": 0.4}],
    )
    public = controlled(tables, RULES).tables
    seen = set()
    for name in publish.marked():
        rows = public[name][public[name]["suppressed"].notna()]
        columns = [column for column in rows if column in FIGURES - BEFORE]
        assert rows[columns].isna().all(axis=None), name
        seen |= {name} if len(rows) else set()
    assert seen >= {
        "figures", "monthly", "wards", "lsoas", "consultation", "harm", "external", "concentration",
        "headline", "seasonality", "years",
    }  # fmt: skip
    row = public["headline"].set_index("measure_id").loc["n"]
    assert (row["finding"], row["verdict"], row["not_judged_because"]) == (
        "cannot be judged", "neither", "suppressed",
    )  # fmt: skip
    assert row["previous_suppressed"] == "small"
    assert pd.isna(row["previous_count"])
    assert public["external"].loc[0, "state"] == "not_comparable"


def test_what_is_missing_is_not_suppressed():
    tables = edition(Measure("x", YEAR * 2))
    where = {"period_type": "month", "period_start": pd.Timestamp(2025, 4, 1)}
    tables = replaced(
        tables, "figures", where, count=None, rate=None, missing_reason="not_supplied"
    )
    month = {"month_start": pd.Timestamp(2025, 4, 1)}
    tables = replaced(tables, "monthly", month, count=None, missing_reason="not_supplied")
    public = (
        controlled(tables, RULES)
        .tables["monthly"]
        .set_index("month_start")
        .loc[month["month_start"]]
    )
    assert public["missing_reason"] == "not_supplied"
    assert pd.isna(public["count"])
    assert pd.isna(public["suppressed"])


def test_a_measure_appears_at_no_geography_below_the_publishable_one():
    measure = {"wards": {"W1": 150, "W2": 119}, "lines": {"OUT": 40}}
    public = controlled(edition(Measure("x", finest="city", **measure)), RULES).tables
    assert public["wards"].empty
    assert set(public["figures"]["area_type"]) == {"city", "unplaced"}
    assert public["unplaced"]["count"].tolist() == [40]
    public = controlled(edition(Measure("x", finest="somewhere", **measure)), RULES).tables
    assert public["wards"].empty
    public = controlled(edition(Measure("x", finest="ward", **measure)), RULES).tables
    assert public["wards"]["suppressed"].isna().all()


def test_an_exact_measure_is_as_it_was():
    tables = edition(
        Measure(
            "x", [3, *YEAR[1:]] * 2, {"W1": 270, "W2": 1}, {"L1": ("W2", 1)}, rule="none_places"
        ),
        Measure("y", YEAR * 2),
    )
    public = controlled(tables, RULES).tables
    for name in ("figures", "years", "headline", "monthly", "rolling", "wards", "lsoas"):
        before = tables[name][tables[name]["measure_id"] == "x"]
        after = public[name][public[name]["measure_id"] == "x"][list(before.columns)]
        same = [
            frame.reset_index(drop=True).astype("object").fillna("-") for frame in (after, before)
        ]
        pd.testing.assert_frame_equal(*same, obj=name)


def test_what_is_derived_is_made_from_the_shown_counts():
    rows = [{"measure_id": "x", "month_of_year": m, "seasonal_index": 99.0} for m in range(1, 13)]
    months = [52] * 12 + [38] * 12
    tables = edition(Measure("x", months, {"W1": 400, "W2": 56}), seasonality=rows)
    public = controlled(tables, RULES).tables
    head = public["headline"].iloc[0]
    assert (head["count"], head["previous_count"], head["change"]) == (455, 625, -170)
    assert head["change_percent"] == pytest.approx(-27.2)
    assert (head["finding"], head["verdict"]) == ("fewer", "better")
    assert bool(head["change_is_significant"])
    assert head["rate"] == pytest.approx(45.5)
    # Pairs of months shown as 40 and 50, not of 38 and 52: 480 and 600 in all, and no scatter.
    assert head["dispersion"] == 1.0
    assert head["change_lower"] < -20 < head["change_upper"] < 0
    assert set(public["monthly"]["centre"].dropna()) == {40.0}
    assert public["wards"]["position"].tolist() == ["within", "within"]
    assert public["wards"]["differs_throughout"].all()
    assert public["wards"]["city_rate"].tolist() == pytest.approx([45.5, 45.5])
    assert public["seasonality"]["seasonal_index"].isna().all()  # two years are no season
    assert set(public["seasonality"]["lowest_index"]) == {100.0}


def test_the_needs_assessment_is_made_from_the_shown_counts():
    row = {"section": "kinds", "method": "count", "rate_per": 100, "period_type": "strategy_year"}
    row |= {"period_start": pd.Timestamp(2025, 4, 1).date(), "finding": "fewer"}
    tables = edition(
        Measure("x", [52] * 12 + [38] * 12),
        Measure("y", [1, *[0] * 11, *[38] * 12]),
        needs_assessment=[
            row | {"measure_id": "x", "count": 456, "previous_count": 624, "change": -168},
            row | {"measure_id": "y", "count": 456, "previous_count": 1, "change": 455},
            {"section": "kinds", "measure_id": "x"},  # of no period at all
        ],
    )
    made = controlled(tables, RULES).tables["needs_assessment"]
    assert made["count"].tolist()[:2] == [455, 455]
    assert (made["previous_count"][0], made["change"][0], made["finding"][0]) == (
        625,
        -170,
        "fewer",
    )
    assert made["previous_suppressed"].fillna("-").tolist() == ["-", "small", "-"]
    assert pd.isna(made["previous_count"][1])
    assert made["finding"][1] == "cannot be judged"
    assert pd.isna(made["count"][2])
    assert pd.isna(made["suppressed"][2])


def test_what_a_change_is_made_of_is_told_of_exact_measures_only():
    parts = {"previous_count": 295, "count": 295, "change": 0, "coverage_part": 3, "remainder": -3}
    tables = edition(
        Measure("x", YEAR * 2),
        Measure("e", YEAR * 2, rule="none_places"),
        decomposition=[parts | {"measure_id": "x"}, parts | {"measure_id": "e"}],
    )
    made = controlled(tables, RULES).tables["decomposition"].set_index("measure_id")
    assert made.loc["x", list(parts)].isna().all()
    assert made.loc["x", "suppressed"] == "derived"
    assert made.loc["e", list(parts)].to_dict() == parts


def test_flags_of_wards_are_counted_from_the_public_funnel():
    true = {
        "ward_code": "W1",
        "measures": 2,
        "above_outer_limit": 2,
        "in_top_fifth": 2,
        "years_on_list": 3,
    }
    wards = {"W1": 200, "W2": 50, "W3": 50}
    tables = edition(
        Measure("x", wards=wards | {"W2": 3, "W3": 97}),
        Measure("e", wards=wards, rule="none_places"),
        ward_flags=[true, true | {"ward_code": "W2", "above_outer_limit": 0}],
    )
    # The funnel of an exact measure stays that of the mart, which this edition does not have.
    made = controlled(tables, RULES).tables["ward_flags"].set_index("ward_code")
    assert made.loc["W1", ["measures", "above_outer_limit"]].tolist() == [1, 0]
    assert made.loc["W2", "years_on_list"] == 0
    exact = edition(Measure("e", wards=wards, rule="none_places"), ward_flags=[true])
    kept = controlled(exact, RULES).tables["ward_flags"].iloc[0]
    assert kept[list(true)].to_dict() == true


def test_answers_do_not_stand_in_the_order_of_hidden_counts():
    answers = [
        {"strand": "adult", "question_id": "q", "answer_code": code, "respondents": n, "base": 93}
        for code, n in (("b", 41), ("a", 39), ("d", 7), ("c", 6))
    ]
    public = controlled(edition(Measure("x", YEAR * 2), consultation=answers), RULES).tables
    table = public["consultation"]
    assert table["answer_code"].tolist() == ["a", "b", "c", "d"]
    assert table["respondents"].tolist()[:2] == [40, 40]
    assert set(table["base"].dropna()) == {95}


def test_control_twice_is_the_same():
    tables = edition(Measure("x", [*YEAR, 3, *YEAR[1:]], {"W1": 150, "W2": 3, "W3": 125}))
    first, second = controlled(tables, RULES), controlled(tables, RULES)
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[name])
    pd.testing.assert_frame_equal(first.decisions, second.decisions)
    pd.testing.assert_frame_equal(first.audit.narrowest, second.audit.narrowest)
