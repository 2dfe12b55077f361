"""Every way in which public tables give a count of few people away, planted; the audit finds each."""

from dataclasses import replace

import pandas as pd
import pytest

from orchestration.disclosure import cells, publish
from orchestration.disclosure.audit import Previous, audit
from orchestration.disclosure.control import cells_of, controlled
from orchestration.disclosure.register import rules_in
from tests.support.disclosure_frames import (
    REGISTER,
    Measure,
    edition,
    frame,
    related,
    replaced,
)

RULES = rules_in(REGISTER)
# Hiding without rounding: sums then give back what is hidden, unless more is hidden.
HIDING = replace(RULES, rules=RULES.rules.assign(round_to=1))
YEAR = [20, 30, 25, 19, 28, 22, 31, 27, 24, 20, 23, 26]
APRIL = pd.Timestamp(2025, 4, 1)
YEARS = "period_type = 'strategy_year' and area_type = 'city'"
ROLLING = "period_type = 'rolling_12m'"


def primary(tables, rules=HIDING, hidden="false"):
    """Public tables after primary suppression alone, and with the cells that `hidden` (SQL) is true of
    hidden as well, to see one leak without the others."""
    true = publish.without_marks(tables)
    with cells_of(true, rules) as connection:
        connection.execute(f"update cell set reason = 'derived' where {hidden}")
        cells.shown(connection)
        return publish.published(connection, true)


def pinned(tables, rules=HIDING, public=None, previous=None):
    """The cells and intervals that the audit calls pinned."""
    found = audit(public or primary(tables, rules), tables, rules, previous).findings
    found = found[found["kind"] == "pinned"]
    return dict(zip(found["cell"], found["detail"], strict=True))


def kinds(public, tables, rules=RULES, previous=None):
    """(kind, table) of what the audit finds, but for what is pinned as a consequence."""
    found = audit(public, tables, rules, previous).findings
    return {pair for pair in zip(found["kind"], found["table"], strict=True) if pair[0] != "pinned"}


def test_a_clean_edition_passes():
    tables = edition(
        Measure("x", [*YEAR, *YEAR[:6], 3, *YEAR[7:]], {"W1": 150, "W2": 3, "W3": 115}),
        Measure("y", [5, 6, 7, 1, 2, 3, 0, 4, 5, 6, 7, 8] * 2, rule="hes_1_7_round_5"),
    )
    result = controlled(tables, RULES).audit
    assert result.passed
    assert result.attacked > 20
    assert result.relations > 25
    assert result.programmes > 0


def test_a_year_gives_back_its_one_hidden_month():
    tables = edition(Measure("x", [*YEAR, 3, *YEAR[1:]]))
    public = primary(tables, hidden=ROLLING)
    assert list(pinned(tables, public=public)) == ["x|city|E1|month|2025-04-01"]
    assert not pinned(tables, public=primary(tables, hidden=f"{ROLLING} or {YEARS}"))


def test_rolling_totals_give_back_single_months():
    """R(t) - R(t - 1) = m(t) - m(t - 12): two hidden months hide each other in the year, not here."""
    tables = edition(Measure("x", [*YEAR, 2, 3, *YEAR[2:]]))
    public = primary(tables)
    assert set(pinned(tables, public=public)) == {
        "x|city|E1|month|2025-04-01",
        "x|city|E1|month|2025-05-01",
    }
    assert not pinned(tables, public=primary(tables, hidden=ROLLING))


def test_a_ward_of_two_lsoas_gives_back_one_from_the_other():
    wards = {"Boothen": 12, "W2": 40}
    lsoas = {"L1": ("Boothen", 3), "L2": ("Boothen", 9), "L3": ("W2", 21), "L4": ("W2", 19)}
    tables = edition(Measure("x", wards=wards, lsoas=lsoas))
    assert list(pinned(tables)) == ["x|lsoa|L1|strategy_year|2025-04-01"]
    rounded = primary(tables, RULES)
    assert not pinned(tables, RULES, rounded)


def test_the_city_gives_back_its_one_hidden_ward():
    tables = edition(Measure("x", wards={"W1": 40, "W2": 3, "W3": 21}))
    assert list(pinned(tables)) == ["x|ward|W2|strategy_year|2025-04-01"]


@pytest.mark.parametrize("people", [1000, None])
def test_a_rate_over_known_people_is_a_count(people):
    """Also where the row keeps the people to itself: another measure has them."""
    tables = edition(
        Measure("x", wards={"W1": 40, "W2": 3, "W3": 31}),
        Measure("y", wards={"W1": 40, "W2": 33, "W3": 31}),
    )
    public = controlled(tables, RULES).tables
    row = {"measure_id": "x", "ward_code": "W2"}
    leaking = replaced(public, "wards", row, rate=0.3)
    if people:
        leaking = replaced(leaking, "wards", row, denominator=people)
    assert ("printed", "wards rate") in kinds(leaking, tables)
    assert "x|ward|W2|strategy_year|2025-04-01" in pinned(tables, RULES, leaking)


def test_a_rate_made_from_the_true_count_is_found():
    tables = edition(Measure("x", wards={"W1": 46, "W2": 6, "W3": 31}))
    public = controlled(tables, RULES).tables
    leaking = replaced(public, "wards", {"ward_code": "W2"}, rate=0.6)
    assert pinned(tables, RULES, leaking) == {
        "x|ward|W2|strategy_year|2025-04-01": "lies between 6 and 6: 0 wide, and has to stay 2 wide"
    }


def test_a_limit_of_a_rate_is_a_count():
    tables = edition(Measure("x", wards={"W1": 46, "W2": 3, "W3": 31}))
    public = controlled(tables, RULES).tables
    upper = 100 * 8.7654 / 1000  # of no count at all
    leaking = replaced(public, "wards", {"ward_code": "W2"}, rate_upper=upper)
    assert ("derived", "wards") in kinds(leaking, tables)
    upper = 100 * 8.767273 / 1000  # the exact upper limit of 3, in a rate per 100 of 1,000 people
    leaking = replaced(public, "wards", {"ward_code": "W2"}, rate_upper=upper)
    assert "x|ward|W2|strategy_year|2025-04-01" in pinned(tables, RULES, leaking)


@pytest.mark.parametrize(
    ("relation", "others", "is_pinned"),
    [("sum", [37], True), ("disjoint", [37], False), ("disjoint", [39], True)],
)
def test_parts_of_a_total_give_back_the_last_one(relation, others, is_pinned):
    """Parts that are together at most the total leave a hidden part no more than what is over."""
    rules = related(HIDING, "all", ["a", "b"], relation)
    hidden = 3 if relation == "sum" else 1
    tables = edition(
        Measure("all", wards={"W1": 40, "W2": 60}),
        Measure("a", wards={"W1": hidden, "W2": 9}),
        Measure("b", wards={"W1": others[0], "W2": 51}),
    )
    # The cities of the parts would give the ward back on their own.
    found = pinned(tables, rules, primary(tables, rules, YEARS))
    assert ("a|ward|W1|strategy_year|2025-04-01" in found) is is_pinned


def test_a_relation_that_does_not_hold_misleads_nobody():
    rules = related(HIDING, "all", ["a"], "part")
    tables = edition(Measure("all", wards={"W1": 40}), Measure("a", wards={"W1": 50}))
    assert audit(primary(tables, rules), tables, rules).untrue > 0


def test_the_previous_edition_gives_back_what_is_hidden_now():
    tables = edition(Measure("x", wards={"W1": 46, "W2": 3, "W3": 31}))
    public = controlled(tables, RULES).tables
    before = replaced(public, "figures", {"area_code": "W2"}, count=3, suppressed=None)["figures"]
    previous = Previous(before, tables["figures"])
    assert "x|ward|W2|strategy_year|2025-04-01" in pinned(tables, RULES, public, previous)
    # What was revised since says nothing about the cell now.
    revised = replaced(tables, "figures", {"area_code": "W2"}, count=4)["figures"]
    assert not pinned(tables, RULES, public, Previous(before, revised))


def test_every_edition_published_before_counts():
    """A reissue follows a version of its own year, and that one an edition of the year before."""
    tables = edition(Measure("x", wards={"W1": 46, "W2": 3, "W3": 31}))
    public = controlled(tables, RULES).tables
    harmless = Previous(public["figures"], tables["figures"])
    before = replaced(public, "figures", {"area_code": "W2"}, count=3, suppressed=None)["figures"]
    leaking = Previous(before, tables["figures"])
    assert not pinned(tables, RULES, public, [harmless])
    assert pinned(tables, RULES, public, [harmless, leaking])


def test_one_table_that_prints_exactly_what_another_rounds():
    tables = edition(Measure("x", [*YEAR, 6, *YEAR[1:]]))
    public = controlled(tables, RULES).tables
    leaking = replaced(public, "monthly", {"month_start": APRIL}, count=6)
    assert list(pinned(tables, RULES, leaking)) == ["x|city|E1|month|2025-04-01"]


def test_a_suppressed_cell_filled_with_zero_is_no_zero():
    tables = edition(Measure("x", [*YEAR, 3, *YEAR[1:]]))
    public = controlled(tables, RULES).tables
    filled = replaced(public, "monthly", {"month_start": APRIL}, count=0)
    assert {("false", "monthly"), ("printed", "monthly"), ("contradiction", "all")} <= kinds(
        filled, tables
    )
    unmarked = replaced(filled, "monthly", {"month_start": APRIL}, suppressed=None)
    assert ("false", "monthly") in kinds(unmarked, tables)


def test_mapped_lsoas_below_the_publishable_geography():
    measure = Measure(
        "x", wards={"W1": 46}, lsoas={"L1": ("W1", 30), "L2": ("W1", 16)}, finest="ward"
    )
    tables = edition(measure)
    public = controlled(tables, RULES).tables
    assert public["lsoas"].empty
    assert "lsoa" not in set(public["figures"]["area_type"])
    for told in ({"count": 30}, {"suppressed": "geography"}):
        row = frame(
            "lsoas", [{"measure_id": "x", "lsoa_2021_code": "L1", "ward_code": "W1"} | told]
        )
        planted = public | {"lsoas": row.assign(is_rounded=False)}
        assert ("geography", "lsoas") in kinds(planted, tables)


def test_a_rolling_total_where_only_years_are_published():
    tables = edition(Measure("x", YEAR * 2, rule="annual_grouped"))
    public = controlled(tables, RULES).tables
    assert set(public["rolling"]["suppressed"]) == {"period"}
    ends = public["rolling"]["period_end"].max()
    leaking = replaced(public, "rolling", {"period_end": ends}, count=295, is_rounded=True)
    assert ("period", "rolling") in kinds(leaking, tables)


def test_the_complement_of_a_share_is_a_count_of_people_too():
    tables = edition(Measure("x", [50] * 23 + [47], bases=[50 + i for i in range(23)] + [50]))
    public = controlled(tables, RULES).tables
    figures = public["figures"].set_index(["period_type", "period_start"])
    assert figures.loc[("month", pd.Timestamp(2026, 3, 1)), "suppressed"] == "small"
    leaking = replaced(
        public, "figures", {"period_type": "month", "period_start": pd.Timestamp(2026, 3, 1)},
        count=47, denominator=50, suppressed=None,
    )  # fmt: skip
    assert "x|city|E1|month|2026-03-01" in pinned(tables, RULES, leaking)


def test_what_is_not_listed_is_found():
    tables = edition(Measure("x", YEAR * 2))
    public = controlled(tables, RULES).tables
    leaking = public | {"victims": pd.DataFrame({"name": ["Anna"]})}
    leaking["wards"] = leaking["wards"].assign(true_count=1)
    found = kinds(leaking, tables)
    assert found == {("unlisted", "victims"), ("unlisted", "wards.true_count")}


@pytest.fixture(scope="module")
def derived():
    """True and public tables of a measure with months, wards and seasons, without a fault. Read only."""
    season = {"measure_id": "x", "seasonal_index": 100.0}
    seasons = [season | {"month_of_year": month} for month in range(1, 13)]
    tables = edition(Measure("x", YEAR * 2, {"W1": 150, "W2": 145}), seasonality=seasons)
    public = controlled(tables, RULES).tables
    assert audit(public, tables, RULES).passed
    return tables, public


@pytest.mark.parametrize(
    ("table", "where", "values"),
    [
        ("headline", {"measure_id": "x"}, {"change": 1}),
        ("headline", {"measure_id": "x"}, {"change_percent": 1.25}),
        ("headline", {"measure_id": "x"}, {"rate_lower": 1.25}),
        ("monthly", {"month_start": APRIL, "measure_id": "x"}, {"upper_limit": 31.4}),
        ("wards", {"ward_code": "W1"}, {"upper_95": 9.9}),
        ("seasonality", {"month_of_year": 4}, {"seasonal_index": 81.5}),
    ],
)
def test_a_derived_value_that_is_not_made_from_the_shown_counts(derived, table, where, values):
    tables, public = derived
    assert ("derived", table) in kinds(replaced(public, table, where, **values), tables)


def test_a_centre_made_from_true_counts_is_an_equation():
    tables = edition(Measure("x", [*YEAR, 3, *YEAR[1:]]))
    public = primary(tables, hidden=f"{ROLLING} or {YEARS}")
    assert not pinned(tables, public=public)
    total = sum(YEAR) * 2 - YEAR[0] + 3
    leaking = public | {"monthly": public["monthly"].assign(centre=total / 24)}
    assert list(pinned(tables, public=leaking)) == ["x|city|E1|month|2025-04-01"]


def test_a_change_from_a_hidden_count_is_an_equation():
    tables = edition(Measure("x", [2, *[0] * 11, 30, *[0] * 11]))
    public = primary(tables, hidden=ROLLING)
    found = public["headline"].iloc[0]
    assert (found["previous_suppressed"], found["finding"]) == ("small", "cannot be judged")
    leaking = replaced(public, "headline", {"measure_id": "x"}, change=28)
    assert "x|city|E1|strategy_year|2024-04-01" in pinned(tables, public=leaking)


def test_answers_of_a_question_add_up_to_its_base():
    answers = [
        {"strand": "adult", "question_id": "q", "answer_code": code, "respondents": n, "base": 100}
        for code, n in (("yes", 60), ("no", 37), ("unsure", 3))
    ]
    tables = edition(Measure("x", YEAR * 2), consultation=answers)
    assert list(pinned(tables)) == ["consultation/adult/q|answer|unsure|edition|"]
    assert controlled(tables, RULES).audit.passed


def test_harm_and_concentration_of_protected_offences_are_found():
    tables = edition(
        Measure("x", YEAR * 2),
        harm=[{"scheme": "s", "offence_group": "Robbery", "offences": 3, "harm": 900.0}],
        concentration=[{"measure_id": "x", "strategy_year": "2025-26", "share_in_top_tenth": 0.4}],
    )
    public = controlled(tables, RULES).tables
    assert set(public["harm"]["suppressed"]) == {"derived"}
    assert kinds(public | {"harm": public["harm"].assign(harm=900.0)}, tables) == {
        ("derived", "harm")
    }
    told = public["concentration"].assign(share_in_top_tenth=0.4)
    assert kinds(public | {"concentration": told}, tables) == {("derived", "concentration")}
