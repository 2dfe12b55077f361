"""Who, when and where, in public: the sums of a profile, planted as leaks; the audit finds each of them."""

from dataclasses import replace

import pandas as pd
import pytest

from orchestration.disclosure import cells, publish
from orchestration.disclosure.audit import Previous, audit
from orchestration.disclosure.control import cells_of, controlled
from orchestration.disclosure.register import rules_in
from tests.support.disclosure_frames import REGISTER, Measure, edition, related, replaced

RULES = rules_in(REGISTER)
# Hiding without rounding: sums then give back what is hidden, unless more is hidden.
HIDING = replace(RULES, rules=RULES.rules.assign(round_to=1))
SEX = {"F": 40, "M": 3, "X": 21, "not known": 36}
WARDS = {"W1": 40, "W2": 60}


def named(value, measure="x", dimension="sex"):
    """The cell of a value."""
    return f"{measure}|profile/{dimension}|{value}|strategy_year|2025-04-01"


def primary(tables, rules=HIDING):
    """Public tables after primary suppression alone."""
    with cells_of(publish.without_marks(tables), rules) as connection:
        cells.shown(connection)
        return publish.published(connection, tables)


def pinned(public, tables, rules=HIDING, previous=None):
    """The cells that the audit calls pinned."""
    found = audit(public, tables, rules, previous).findings
    return found.loc[found["kind"].eq("pinned"), "cell"].tolist()


def kinds(public, tables, rules=RULES):
    """What kinds of fault the audit finds in profiles."""
    found = audit(public, tables, rules).findings
    return set(found.loc[found["table"].str.startswith("profiles"), "kind"])


def shown(result, measure="x", dimension="sex"):
    """value -> row of the public profile."""
    table = result.tables["profiles"]
    own = table[table["measure_id"].eq(measure) & table["dimension"].eq(dimension)]
    return own.set_index("profile_value")


def test_the_one_withheld_value_is_what_the_others_leave_and_a_second_is_withheld():
    tables = edition(Measure("x", wards=WARDS, profile={"sex": SEX}))
    assert pinned(primary(tables), tables) == [named("M")]
    result = controlled(tables, HIDING)
    assert result.audit.passed
    assert result.rounds == 1
    found = shown(result)
    assert found["suppressed"].dropna().to_dict() == {"M": "small", "X": "linked"}
    hidden = found[found["suppressed"].notna()]
    assert hidden[["count", "share", "share_lower", "share_upper"]].isna().all(axis=None)


def test_rounding_protects_where_it_is_enough():
    result = controlled(edition(Measure("x", wards=WARDS, profile={"sex": SEX})), RULES)
    assert result.audit.passed
    found = shown(result)
    assert found["count"].dropna().to_dict() == {"F": 40, "X": 20, "not known": 35}
    # Of what is shown: 64 known ones are 65, and a share of what is not known is none.
    assert found["known"].eq(65).all()
    assert found["base"].eq(100).all()
    assert found.loc["F", "share"] == pytest.approx(40 / 65)
    assert found.loc["F", "known_share"] == pytest.approx(65 / 100)
    assert pd.isna(found.loc["not known", "share"])


@pytest.mark.parametrize(
    ("value", "told"),
    [("M", {"share": 3 / 64}), ("X", {"share_upper": 0.42}), ("F", {"share": 0.61})],
)
def test_a_share_is_a_count(value, told):
    tables = edition(Measure("x", wards=WARDS, profile={"sex": SEX}))
    public = controlled(tables, RULES).tables
    leaking = replaced(public, "profiles", {"profile_value": value}, **told)
    assert "derived" in kinds(leaking, tables)
    if value == "M":
        assert "printed" in kinds(leaking, tables)
        assert named("M") in pinned(leaking, tables, RULES)


def test_a_share_that_is_known_tells_how_many_are_not():
    values = {"F": 60, "M": 37, "not known": 3}
    tables = edition(Measure("x", wards=WARDS, profile={"sex": values}))
    public = primary(tables)
    assert pinned(public, tables) == [named("not known")]
    result = controlled(tables, HIDING)
    assert result.audit.passed
    # The known ones alone would do, so they are withheld, and with them every share.
    assert shown(result)[["known", "known_share", "share"]].isna().all(axis=None)


def test_what_relates_measures_relates_their_values():
    rules = related(HIDING, "all", ["a", "b"], "sum")
    tables = edition(
        Measure("all", wards=WARDS, profile={"sex": {"F": 40, "M": 60, "not known": 0}}),
        Measure(
            "a", wards={"W1": 30, "W2": 23}, profile={"sex": {"F": 3, "M": 50, "not known": 0}}
        ),
        Measure(
            "b", wards={"W1": 10, "W2": 37}, profile={"sex": {"F": 37, "M": 10, "not known": 0}}
        ),
    )
    public = primary(tables, rules)
    assert named("F", "a") in pinned(public, tables, rules)
    result = controlled(tables, rules)
    assert result.audit.passed
    assert {"a", "b"} <= set(result.decisions.query("suppressed == 'linked'")["measure_id"]) | {
        "all"
    }


def test_a_value_may_be_a_measure_of_its_own():
    rules = related(HIDING, "children", ["profile/x/age_band/child"], "sum")
    ages = {"age_band": {"adult": 56, "child": 4, "old": 38, "not known": 2}}
    tables = edition(
        Measure("x", wards=WARDS, profile=ages), Measure("children", wards={"W1": 0, "W2": 4})
    )
    public = controlled(tables, rules).tables
    told = {"count": 4, "suppressed": None}
    where = {
        "measure_id": "children",
        "area_type": "city",
        "period_start": pd.Timestamp(2025, 4, 1),
    }
    leaking = replaced(public, "figures", where, **told)
    assert named("child", dimension="age_band") in pinned(leaking, tables, rules)


@pytest.mark.parametrize("wards", [{"W1": 3, "W2": 0}, {"W1": 10, "W2": 2}])
def test_a_figure_that_is_hidden_or_of_few_has_no_profile_and_zeros_say_nothing(wards):
    total = sum(wards.values())
    values = {"F": total, "M": 0, "not known": 0}
    result = controlled(edition(Measure("x", wards=wards, profile={"sex": values})), RULES)
    assert result.audit.passed
    found = shown(result)
    assert found["suppressed"].eq("open").all()
    assert found[["count", "known", "share", "known_share"]].isna().all(axis=None)


@pytest.mark.parametrize("total", [2, 30])
def test_an_exact_figure_has_a_profile_under_the_strictest_rule(total):
    """Others publish how many there were, not who."""
    values = {"F": total - 1, "M": 1, "not known": 0}
    measure = Measure(
        "x", wards={"W1": total, "W2": 0}, profile={"sex": values}, rule="none_public_source"
    )
    result = controlled(edition(measure), RULES)
    assert result.audit.passed
    found = shown(result)
    assert pd.isna(found.loc["M", "count"])
    assert found["base"].eq(total).all()
    if total == 30:
        # 30 less what is shown would be the other: neither is said to be small or zero.
        assert pd.isna(found.loc["F", "count"])


def test_of_a_share_the_events_and_their_base_are_counts():
    measure = Measure(
        "x",
        [30] * 24,
        bases=[60] * 24,
        profile={"sex": {"F": 200, "M": 160, "not known": 0}},
        profile_bases={"sex": {"F": 397, "M": 323, "not known": 0}},
    )
    result = controlled(edition(measure), RULES)
    assert result.audit.passed
    found = shown(result)
    assert found["denominator"].to_dict() == {"F": 395, "M": 325, "not known": 0}
    assert found.loc["F", "rate"] == pytest.approx(100 * 200 / 395)
    # The complement of a share of one value is a small count.
    close = replace(measure, profile_bases={"sex": {"F": 203, "M": 517, "not known": 0}})
    hidden = shown(controlled(edition(close), RULES)).loc["F"]
    assert hidden["suppressed"] == "small"
    assert pd.isna(hidden["rate"])


def test_details_that_are_not_published_are_not_listed_and_the_audit_would_see_them():
    measures = [
        Measure("x", wards=WARDS, profile={"sex": SEX, "hour_weekday": {"1 Monday 08": 100}}),
        Measure("year_only", wards=WARDS, profile={"sex": SEX}, rule="annual_under_5"),
    ]
    tables = edition(*measures)
    public = controlled(tables, RULES).tables
    assert set(public["profiles"]["measure_id"]) == {"x"}
    assert set(public["profiles"]["dimension"]) == {"sex"}
    row = public["profiles"].head(1)
    for other in ({"dimension": "hour_weekday"}, {"measure_id": "year_only"}):
        leaking = public | {"profiles": pd.concat([public["profiles"], row.assign(**other)])}
        assert "detail" in kinds(leaking, tables)


def test_what_an_earlier_version_printed_is_reckoned_with():
    """It cannot be taken back: another value is withheld."""
    tables = edition(Measure("x", wards=WARDS, profile={"sex": SEX}))
    alone = controlled(tables, HIDING).tables
    told = replaced(alone, "profiles", {"profile_value": "X"}, count=21, suppressed=None)
    printed = cells.counts(told)
    previous = Previous(printed[printed["area_code"].eq("X")], cells.counts(tables))
    assert pinned(alone, tables, HIDING, previous) == [named("M")]
    result = controlled(tables, HIDING, previous=previous)
    assert result.audit.passed
    assert set(shown(result)["suppressed"].dropna().index) == {"F", "M"}
