"""Totals that others publish: what a reader gains from them, planted, and that nothing is gained."""

from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest

from orchestration.disclosure.audit import audit
from orchestration.disclosure.control import controlled, rules_in
from orchestration.disclosure.register import BadRules
from tests.support.disclosure_frames import (
    CITY,
    REGISTER,
    Measure,
    edition,
    frame,
    related,
    replaced,
)

RULES = rules_in(REGISTER)
OPEN = "none_public_source"
SUM = related(RULES, "all", ["a", "b"], "sum")
PART = related(RULES, "all", ["a"], "part")


def drugs(splits, totals=None):
    """Wards W0, W1 … with an open total and its two protected parts."""
    wards = {f"W{place}": split for place, split in enumerate(splits)}
    sums = {ward: sum(split) for ward, split in wards.items()}
    known = dict(zip(wards, totals, strict=True)) if totals else sums
    return edition(
        Measure("all", wards=known, rule=OPEN),
        Measure("a", wards={ward: split[0] for ward, split in wards.items()}),
        Measure("b", wards={ward: split[1] for ward, split in wards.items()}),
    )


def hidden(result, measure):
    """Why the wards of a measure are not shown, by ward."""
    wards = result.tables["wards"]
    wards = wards[wards["measure_id"] == measure].set_index("ward_code")
    return wards["suppressed"].astype("object").where(wards["suppressed"].notna(), None)


def cell(measure, ward):
    return f"{measure}|ward|{ward}|strategy_year|2025-04-01"


def printed(tables, measure, ward, **values):
    """The public tables with one ward's figure told in both tables that have it."""
    told = replaced(tables, "wards", {"measure_id": measure, "ward_code": ward}, **values)
    return replaced(
        told, "figures", {"measure_id": measure, "area_type": "ward", "area_code": ward}, **values
    )


def pinned(public, tables, rules):
    found = audit(public, tables, rules).findings
    return set(found.loc[found["kind"] == "pinned", "cell"])


def test_two_parts_of_an_open_total_stay_unknown():
    tables = drugs([(2, 3), (1, 38), (25, 40)])
    result = controlled(tables, SUM)
    assert result.audit.passed
    assert hidden(result, "all").isna().all()
    assert hidden(result, "a").tolist() == ["open", "small", None]
    assert hidden(result, "b").tolist() == ["open", "linked", None]


@pytest.mark.parametrize("total", [1, 5, 8, 14])
def test_a_small_open_total_alone_decides_what_is_hidden(total):
    """Whoever knows the rules learns nothing from what is hidden: it is the same for every split."""
    splits = [(few, total - few) for few in range(total + 1)]
    result = controlled(drugs([*splits, (60, 70)]), SUM)
    assert result.audit.passed
    for measure in ("a", "b"):
        assert set(hidden(result, measure)[:-1]) == {"open"}


@pytest.mark.parametrize("total", [15, 39])
def test_how_small_a_part_is_does_not_show_in_the_other(total):
    splits = [(few, total - few) for few in range(1, 8)]
    result = controlled(drugs([*splits, (60, 70)]), SUM)
    assert result.audit.passed
    assert set(hidden(result, "b")[:7]) == {"linked"}
    for one, next_one in pairwise(hidden(result, "a")[:4]):
        assert one == next_one == "small"
    # 5 to 7 are all printed as 5.
    assert hidden(result, "a")[4:7].isna().all()


def test_a_rounded_part_gives_back_the_other():
    tables = drugs([(1, 38), (60, 70)])
    leaking = printed(
        controlled(tables, SUM).tables, "b", "W0", count=40, suppressed=None, is_rounded=True
    )
    assert cell("a", "W0") in pinned(leaking, tables, SUM)


def test_a_total_that_is_one_off_still_gives_it_back():
    """Two publishers seldom agree to the last row; who takes them as equal is often right."""
    tables = drugs([(2, 39), (60, 70)], totals=[40, 130])
    result = controlled(tables, SUM)
    assert result.audit.passed
    assert result.audit.untrue > 0
    leaking = printed(result.tables, "b", "W0", count=40, suppressed=None, is_rounded=True)
    assert cell("a", "W0") in pinned(leaking, tables, SUM)


def test_the_word_small_beside_a_small_open_total_is_a_number():
    tables = edition(
        Measure("all", wards={"W1": 2, "W2": 90}, rule=OPEN),
        Measure("a", wards={"W1": 2, "W2": 30}),
    )
    result = controlled(tables, PART)
    assert result.audit.passed
    assert hidden(result, "a").tolist() == ["open", None]
    leaking = printed(result.tables, "a", "W1", suppressed="small")
    assert cell("a", "W1") in pinned(leaking, tables, PART)


def test_a_zero_beside_a_small_open_total_is_a_number():
    tables = drugs([(0, 3), (60, 70)])
    result = controlled(tables, SUM)
    assert hidden(result, "a").tolist() == ["open", None]
    leaking = printed(result.tables, "a", "W0", count=0, suppressed=None)
    assert cell("b", "W0") in pinned(leaking, tables, SUM)


def test_what_the_open_total_says_itself_is_no_fault_of_ours():
    tables = drugs([(0, 1), (60, 70)])
    result = controlled(tables, SUM)
    assert result.audit.passed
    assert hidden(result, "b").tolist() == ["open", None]


def test_a_tolerance_widens_what_the_reader_knows():
    tables = drugs([(4, 39), (60, 70)])
    near = replace(SUM, relations=SUM.relations.assign(tolerance=4))
    # 39 is printed as 40: a is 1 to 5 where 43 is exact, and no narrower with a tolerance.
    leaking = printed(
        controlled(tables, SUM).tables, "b", "W0", count=39, suppressed=None, is_rounded=True
    )
    assert cell("a", "W0") in pinned(leaking, tables, SUM)
    assert cell("a", "W0") not in pinned(leaking, tables, near)


def test_the_home_offices_table_bounds_a_measure_of_its_codes():
    rules = related(RULES, "external/Sexual offences", ["a"], "disjoint")
    rows = [{"offence_group": "Sexual offences", "our_count": 3, "their_count": 2, "difference": 1}]
    tables = edition(Measure("a", wards={"W1": 2}), external=rows)
    result = controlled(tables, rules)
    assert result.audit.passed
    # What the Home Office prints of the group needs no protection, but ours is not shown beside it.
    assert result.tables["external"]["suppressed"].tolist() == ["open"]
    year = "a|city|E1|strategy_year|2025-04-01"
    told = {"measure_id": "a", "area_type": "city", "strategy_year": "2025-26"}
    assert year not in pinned(result.tables, tables, rules)
    leaking = replaced(result.tables, "figures", told, suppressed="small")
    assert year in pinned(leaking, tables, rules)


def test_three_pooled_years_give_back_the_year_that_is_hidden():
    months = [20] * 12 + [21] * 12 + [0] * 11 + [3]
    tables = edition(Measure("a", months))
    pool = {
        "measure_id": "pool", "area_type": "city", "area_code": CITY, "strategy_year": None,
        "period_type": "pooled_3_years", "period_start": pd.Timestamp(2024, 4, 1).date(),
        "period_end": pd.Timestamp(2027, 3, 31).date(), "count": 20 * 12 + 21 * 12 + 3,
    }  # fmt: skip
    method = tables["methods"].assign(
        measure_id="pool", method="published", disclosure_rule=OPEN, denominator="residents"
    )
    tables |= {
        "figures": pd.concat([tables["figures"], frame("figures", [pool])], ignore_index=True)
        .drop(columns=["suppressed", "is_rounded"]),
        "methods": pd.concat([tables["methods"], method], ignore_index=True),
    }  # fmt: skip
    exact = related(replace(RULES, rules=RULES.rules.assign(round_to=1)), "pool", ["a"], "sum")
    public = controlled(tables, exact).tables
    figures = public["figures"]
    year = figures["measure_id"].eq("a") & figures["period_type"].eq("strategy_year")
    known = tables["figures"]["count"].where(year, public["figures"]["count"])
    told = figures.assign(
        count=known.mask(year & figures["period_start"].eq(pd.Timestamp(2026, 4, 1))),
        suppressed=figures["suppressed"].mask(year & ~figures["period_start"].eq(pd.Timestamp(2026, 4, 1))),
    )  # fmt: skip
    assert "a|city|E1|strategy_year|2026-04-01" in pinned(public | {"figures": told}, tables, exact)


def test_a_tolerance_is_a_number():
    bad = SUM.relations.assign(tolerance="about five")
    with pytest.raises(BadRules, match=r"^a tolerance between measures is not a number of events$"):
        replace(SUM, relations=bad)


def test_every_measure_with_an_open_counterpart_says_what_a_reader_can_relate():
    """The police publish the same rows on data.police.uk; whoever adds a measure has to think of it."""
    register = pd.read_csv(REGISTER / "measure_register.csv", keep_default_na=False)
    named = register["source_feed"].isin(["police/recorded_crime", "police/incidents"])
    protected = set(register.loc[named & register["disclosure_rule"].ne(OPEN), "measure_id"])
    declared = set(RULES.relations["part"]) | set(RULES.relations["total"])
    assert protected - declared == set()
