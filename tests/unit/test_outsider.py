"""The outsider finds what is planted, and nothing in what disclosure control made."""

import duckdb
import pandas as pd
import pytest

from orchestration.disclosure.control import controlled, rules_in
from tests.support import outsider
from tests.support.disclosure_frames import REGISTER, Measure, edition, replaced

RULES = rules_in(REGISTER)
PARTS = ("drug_trafficking_offences", "drug_possession_offences")
YEAR = [20, 30, 25, 19, 28, 22, 31, 27, 24, 20, 23, 26]
WHOLE = {"suppressed": None, "is_rounded": True}


def written(folder, tables):
    (folder / "parquet").mkdir(parents=True)
    for name in ("figures", "profiles", "methods", "lsoas", "external"):
        duckdb.from_df(tables[name]).write_parquet(str(folder / "parquet" / f"{name}.parquet"))
    return folder


def told(tables, **values):
    row = {"measure_id": PARTS[1], "area_type": "ward", "area_code": "W1"}
    return replaced(tables, "figures", row, **values)


@pytest.fixture(scope="module")
def city():
    """The true and the public tables of a city whose drug offences the police publish by ward."""
    tables = edition(
        Measure(
            "police_drug_offences", wards={"W1": 39, "W2": 5, "W3": 90}, rule="none_public_source"
        ),
        Measure(PARTS[0], wards={"W1": 1, "W2": 2, "W3": 40}),
        Measure(PARTS[1], wards={"W1": 38, "W2": 3, "W3": 50}),
        Measure("x", [*YEAR, 3, *YEAR[1:]]),
    )
    return tables, controlled(tables, RULES).tables


def test_nothing_is_known_of_what_disclosure_control_made(city, tmp_path):
    assert outsider.claims(written(tmp_path, city[1])).empty


@pytest.mark.parametrize(
    ("row", "values", "known"),
    [
        (
            {"measure_id": PARTS[1], "area_type": "ward", "area_code": "W1"},
            {"count": 40, **WHOLE},
            f"{PARTS[0]}|ward|W1|strategy_year|2025-04-01",
        ),
        (
            {"measure_id": PARTS[0], "area_type": "ward", "area_code": "W2"},
            {"count": 2, "suppressed": None},
            f"{PARTS[1]}|ward|W2|strategy_year|2025-04-01",
        ),
        (
            {"measure_id": "x", "period_type": "month", "period_start": pd.Timestamp(2025, 4, 1)},
            {"rate": 0.3, "denominator": 1000},
            "x|city|E1|month|2025-04-01",
        ),
    ],
    ids=["the other part", "an exact part", "a rate"],
)
def test_what_is_planted_is_found(city, tmp_path, row, values, known):
    found = outsider.claims(written(tmp_path, replaced(city[1], "figures", row, **values)))
    assert known in set(found["name"])


def test_sums_are_used(city, tmp_path):
    """Exact months around a hidden one, and the exact year."""
    figures = city[0]["figures"]
    hidden = figures["measure_id"].eq("x") & figures["period_start"].eq(pd.Timestamp(2025, 4, 1))
    hidden &= figures["period_type"].eq("month")
    leaking = figures.assign(
        suppressed=hidden.map({True: "small", False: None}),
        is_rounded=False,
        count=figures["count"].astype("Int64").mask(hidden),
        rate=figures["rate"].mask(hidden),
    )
    found = outsider.claims(written(tmp_path, city[1] | {"figures": leaking}))
    assert "x|city|E1|month|2025-04-01" in set(found["name"])


def test_a_profile_gives_back_nothing_unless_a_value_is_left_alone_in_its_sum(tmp_path):
    """Withheld, 3 of 11 is what the others leave where these are exact."""
    sex = {"F": 44, "M": 3, "X": 8, "not known": 45}
    tables = edition(
        Measure("x", wards={"W1": 40, "W2": 60}, rule="none_public_source", profile={"sex": sex})
    )
    public = controlled(tables, RULES).tables
    assert outsider.claims(written(tmp_path / "controlled", public)).empty
    leaking = public
    for value in ("F", "X", "not known"):
        exact = {"count": sex[value], "known": 55, "suppressed": None, "is_rounded": False}
        leaking = replaced(leaking, "profiles", {"profile_value": value}, **exact)
    found = outsider.claims(written(tmp_path / "leaking", leaking)).set_index("name")
    told = found.loc["x|profile/sex|M|strategy_year|2025-04-01"]
    assert (told["low"], told["high"]) == (3, 3)
