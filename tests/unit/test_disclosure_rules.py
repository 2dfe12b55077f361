"""The rules of disclosure as they are read: the strictest where none fits, exact where the law says so."""

import pandas as pd
import pytest

from orchestration.core.settings import PROJECT
from orchestration.disclosure.register import BadRules, Rules, rules_in, workspace
from tests.support import thresholds

REGISTER = PROJECT / "seeds/register"
STRICTEST = (7, 5, 3)


def rules(**other):
    """Two rules: the strictest, and one that hides nothing and rounds nothing."""
    listed = {
        "rule_id": ["hes_1_7_round_5", "exact"],
        "suppress_to": [7, 0],
        "round_to": [5, 1],
        "least_width": [3, 0],
        "periods": ["all", "all"],
    }
    relations = pd.DataFrame({"total": ["a"], "part": ["b"], "relation": ["sum"]})
    return Rules(pd.DataFrame({**listed, **other}), relations, thresholds.THRESHOLDS)


def measure(given=None, **other):
    """What disclosure control knows of a measure whose method says this."""
    method = {
        "measure_id": "asb", "method": "count", "periodicity": "month", "polarity": "down",
        "source_feed": "council/asb_cases",
        "rate_per": 1000, "denominator": "residents", "lowest_publishable_geography": "ward",
        "published_by_law": False, "disclosure_rule": "exact", **other,
    }  # fmt: skip
    with workspace({"methods": pd.DataFrame([method])}, given or rules()) as connection:
        found = connection.execute("select * from measure").df()
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize("named", ["hes_1_7_round_5", "", None, "not listed"])
def test_a_measure_without_a_rule_that_is_listed_falls_under_the_strictest(named):
    found = measure(disclosure_rule=named)
    assert (found.suppress_to, found.round_to, found.least_width) == STRICTEST
    assert not found.is_exact and not found.only_years


def test_what_the_law_publishes_is_exact_whatever_its_rule():
    found = measure(disclosure_rule="hes_1_7_round_5", published_by_law=True)
    assert (found.suppress_to, found.round_to, found.least_width) == (0, 1, 0)
    assert found.is_exact and not found.only_years


@pytest.mark.parametrize(
    ("suppress_to", "round_to", "exact"), [(0, 1, True), (0, 5, False), (4, 1, False)]
)
def test_a_rule_is_exact_that_neither_hides_nor_rounds(suppress_to, round_to, exact):
    given = rules(suppress_to=[7, suppress_to], round_to=[5, round_to], least_width=[3, 1])
    assert measure(given).is_exact == exact


def test_a_rule_of_strategy_years_holds_unless_the_law_publishes():
    given = rules(periods=["all", "strategy_year"])
    assert measure(given).only_years
    assert not measure(given, published_by_law=True).only_years
    assert not measure(given, disclosure_rule=None).only_years


@pytest.mark.parametrize(
    ("geography", "finest"), [("lsoa", 3), ("ward", 2), ("city", 1), (None, 1), ("street", 1)]
)
def test_a_geography_that_is_not_known_is_the_whole_area(geography, finest):
    assert measure(lowest_publishable_geography=geography).finest == finest


def test_a_share_has_a_base_and_a_count_has_none():
    assert measure(method="proportion").has_base
    assert not measure(method="count").has_base


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"rule_id": ["other", "exact"]}, "the disclosure rules lack hes_1_7_round_5, which holds"),
        ({"rule_id": ["hes_1_7_round_5"] * 2}, "a disclosure rule is named twice"),
        ({"periods": ["week", "day"]}, "disclosure rules have unknown periods: day, week"),
        ({"least_width": [0, 0]}, "a rule that suppresses must say how wide"),
        (
            {"suppress_to": [1, 0], "least_width": [0, 0]},
            "a rule that suppresses must say how wide",
        ),
    ],
)
def test_rules_that_cannot_hold_are_refused(other, said):
    with pytest.raises(BadRules, match=f"^{said}"):
        rules(**other)


def test_relations_that_cannot_hold_are_refused():
    good = rules()
    with pytest.raises(BadRules, match=r"^measures have unknown relations: as, like$"):
        Rules(good.rules, pd.DataFrame({"total": "a", "part": "b", "relation": ["like", "as"]}), {})
    with pytest.raises(BadRules, match=r"^the measure relations lack part, relation$"):
        Rules(good.rules, good.relations[["total"]], {})
    with pytest.raises(BadRules, match=r"^the disclosure rules lack periods$"):
        Rules(good.rules.drop(columns="periods"), good.relations, {})


def test_an_interval_may_be_as_narrow_as_one_and_a_rule_that_hides_nothing_needs_none():
    assert len(rules(least_width=[1, 0]).rules) == 2


def test_a_registers_blank_cells_are_read_as_blank(tmp_path):
    """`NA` is a name like any other, and a blank note is no number that is missing."""
    for name in ("disclosure_rules", "measure_relations", "threshold_register"):
        text = (REGISTER / f"{name}.csv").read_text(encoding="utf-8")
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    with (tmp_path / "measure_relations.csv").open("a", encoding="utf-8") as more:
        more.write("NA,b,sum,0,unverified,\n")
    found = rules_in(tmp_path)
    assert [str(value) for value in found.relations.iloc[-1]] == [
        "NA", "b", "sum", "0", "unverified", "",
    ]  # fmt: skip
    assert set(found.rules["rule_id"]) >= {"hes_1_7_round_5", "under_5"}


def test_a_column_of_nothing_is_text_and_a_table_keeps_its_rows_order():
    frame = pd.DataFrame({"reason": [None, None], "place": ["b", "a"], "count": [None, 2.0]})
    method = {
        "measure_id": "asb", "method": "count", "periodicity": "month", "polarity": "down",
        "rate_per": 1000, "denominator": "residents", "lowest_publishable_geography": "ward",
        "published_by_law": False, "disclosure_rule": "exact", "source_feed": "council/asb_cases",
    }  # fmt: skip
    tables = {"methods": pd.DataFrame([method]), "wards": frame}
    with workspace(tables, rules()) as connection:
        kinds = connection.execute("describe wards").fetchall()
        places = connection.execute("select place from wards").fetchall()
    assert [kind[1] for kind in kinds] == ["VARCHAR", "VARCHAR", "DOUBLE"]
    assert places == [("b",), ("a",)]
