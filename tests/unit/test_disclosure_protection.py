"""Hiding more where sums would give a count away, and no more than that."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.disclosure.audit import Previous
from orchestration.disclosure.control import controlled, rules_in
from orchestration.disclosure.protect import Unprotectable
from orchestration.disclosure.register import BadRules, Rules
from tests.support.disclosure_frames import REGISTER, Measure, edition, replaced

RULES = rules_in(REGISTER)
HIDING = Rules(RULES.rules.assign(round_to=1), RULES.relations, RULES.thresholds)
YEAR = [20, 30, 25, 19, 28, 22, 31, 27, 24, 20, 23, 26]


def linked(result):
    """The cells that were hidden for the sake of others."""
    decisions = result.decisions
    return decisions[decisions["suppressed"] == "linked"]


def test_rolling_totals_go_first_and_the_year_stays():
    result = controlled(edition(Measure("x", [*YEAR, 3, *YEAR[1:]])), HIDING)
    assert result.audit.passed
    hidden = linked(result)
    assert set(hidden["period_type"]) == {"rolling_12m", "month"}
    assert result.tables["headline"]["suppressed"].isna().all()
    # The smallest month of the year is what hides the hidden one.
    months = hidden[hidden["period_type"] == "month"]["period_start"]
    assert pd.Timestamp(2025, 7, 1) in set(pd.to_datetime(months))


def test_the_smallest_other_ward_hides_the_hidden_one():
    result = controlled(edition(Measure("x", wards={"W1": 40, "W2": 3, "W3": 21})), HIDING)
    assert result.audit.passed
    assert linked(result)["area_code"].tolist() == ["W3"]
    assert result.rounds == 1


def test_rows_that_lie_within_hide_a_ward_as_another_ward_would():
    """Wards and the rows in the area without a ward add up to it."""
    lines = {"WITHIN_NO_PLACE": 9}
    measure = Measure("x", wards={"W1": 40, "W2": 3, "W3": 21}, lines=lines)
    result = controlled(edition(measure), HIDING)
    assert result.audit.passed
    assert linked(result)["area_code"].tolist() == ["WITHIN_NO_PLACE"]


def test_a_zero_hides_nothing_and_is_not_hidden():
    result = controlled(edition(Measure("x", wards={"W1": 40, "W2": 3, "W3": 0})), HIDING)
    assert linked(result)["area_code"].tolist() == ["W1"]
    assert result.tables["wards"].set_index("ward_code").loc["W3", "count"] == 0


def test_nothing_more_is_hidden_where_rounding_is_enough():
    result = controlled(edition(Measure("x", [*YEAR, 3, *YEAR[1:]])), RULES)
    assert result.audit.passed
    assert linked(result).empty
    assert result.rounds == 0


def test_rounded_counts_of_five_to_seven_are_protected_too():
    """Months of 5 to 7 are shown as 5; a year of 84 says that all are 7, unless it is hidden."""
    result = controlled(edition(Measure("x", [7] * 24)), RULES)
    assert result.audit.passed
    assert not linked(result).empty


def test_what_cannot_be_protected_is_refused():
    tables = edition(Measure("x", wards={"W1": 40, "W2": 3, "W3": 21}))
    public = controlled(tables, HIDING).tables["figures"]
    told = {"suppressed": None, "count": 3}
    before = replaced({"figures": public}, "figures", {"area_code": "W2"}, **told)["figures"]
    with pytest.raises(
        Unprotectable, match=r"nothing is left to hide that would protect x\|ward\|W2"
    ):
        controlled(tables, HIDING, previous=Previous(before, tables["figures"]))


def test_the_previous_edition_is_reckoned_with():
    """What it printed cannot be taken back: something else is hidden."""
    tables = edition(Measure("x", wards={"W1": 40, "W2": 3, "W3": 21}))
    alone = controlled(tables, HIDING)
    told = {"suppressed": None, "count": 21}
    before = replaced({"figures": alone.tables["figures"]}, "figures", {"area_code": "W3"}, **told)[
        "figures"
    ]
    previous = Previous(before[before["area_code"] == "W3"], tables["figures"])
    result = controlled(tables, HIDING, previous=previous)
    assert linked(result)["area_code"].tolist() == ["W1"]
    assert result.audit.passed


@pytest.mark.parametrize(
    ("rules", "relations", "said"),
    [
        (RULES.rules[RULES.rules["rule_id"] != "hes_1_7_round_5"], RULES.relations, "lack hes_1_7"),
        (RULES.rules.drop(columns="round_to"), RULES.relations, "lack round_to"),
        (RULES.rules.assign(periods="day"), RULES.relations, "unknown periods: day"),
        (RULES.rules, RULES.relations.assign(relation="like"), "unknown relations: like"),
        (RULES.rules.assign(least_width=0), RULES.relations, "how wide"),
        (pd.concat([RULES.rules, RULES.rules]), RULES.relations, "named twice"),
    ],
)
def test_rules_that_cannot_be_used(rules, relations, said):
    with pytest.raises(BadRules, match=said):
        Rules(rules, relations, RULES.thresholds)


def test_every_rule_of_the_register_is_defined_and_every_relation_is_of_measures():
    register = pd.read_csv(REGISTER / "measure_register.csv")
    assert set(register["disclosure_rule"]) <= set(RULES.rules["rule_id"])
    measures = set(register["measure_id"])
    totals = RULES.relations["total"]
    # The groups of the Home Office's table are no measures.
    totals = totals[~totals.str.startswith("external/")]
    # A value of a profile is named by its measure, its dimension and itself.
    parts = RULES.relations["part"]
    values = parts[parts.str.startswith("profile/")].str.split("/", n=3, expand=True)
    dimensions = pd.read_csv(REGISTER / "profile_dimensions.csv")["dimension"]
    assert set(values[2]) <= set(dimensions)
    parts = parts[~parts.str.startswith("profile/")]
    assert set(totals) | set(parts) | set(values[1]) <= measures
    own = register.set_index("measure_id")["denominator"]
    bases = RULES.relations[RULES.relations["relation"] == "base"]["part"]
    assert set(own[bases]) == {"own"}


small = st.integers(0, 12)


@settings(max_examples=8, deadline=None)
@given(
    months=st.lists(small, min_size=24, max_size=24),
    wards=st.lists(small, min_size=3, max_size=5),
    rule=st.sampled_from(["under_5", "hes_1_7_round_5"]),
    rounding=st.sampled_from([1, 5]),
)
def test_no_protected_count_can_be_worked_out(months, wards, rule, rounding):
    """Whatever the counts: what leaves is safe by an audit of its own, or nothing leaves at all."""
    rules = Rules(RULES.rules.assign(round_to=rounding), RULES.relations, RULES.thresholds)
    tables = edition(
        Measure("x", months, rule=rule),
        Measure("y", wards={f"W{i}": count for i, count in enumerate(wards)}, rule=rule),
    )
    try:
        result = controlled(tables, rules)
    except Unprotectable:
        return
    assert result.audit.passed
    narrow = result.audit.narrowest
    assert (narrow["width"] >= narrow["least_width"]).all()
    exact = result.tables["figures"]
    true = tables["figures"]["count"]
    assert not exact.loc[true.between(1, 4), "count"].notna().any()
