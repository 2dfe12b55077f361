"""Holds every mart to one vocabulary: what means the same has one name and type, that of `fct_measure`."""

import re

import pytest
import yaml

from orchestration.core.settings import PROJECT

MARTS = PROJECT / "dbt_project" / "models" / "marts"
GOVERNANCE = "governance"
# Name -> its type, and what else has been, or might be, written for the same.
VOCABULARY = {
    "measure_id": ("varchar", r"(\w+_)?measure(_(id|code|ref))?|indicator(_\w+)?"),
    "measure_name": ("varchar", r"(\w+_)?measure_(title|label)"),
    "priority_id": ("varchar", r"(\w+_)?priority(_(id|code|ref))?"),
    "priority_name": ("varchar", r"(\w+_)?priority_(title|label)"),
    "area_type": ("varchar", r"(area_(kind|level)|geography(_type)?|place_type)"),
    "area_code": ("varchar", r"(lsoa|ward|city|district|place|area)(_20\d\d)?(_(code|id))?"),
    "area_name": ("varchar", r"(lsoa|ward|city|district|place)(_20\d\d)?_name"),
    "period_type": ("varchar", r"(period|window)_kind|window(_type)?"),
    "period_start": ("date", r"((month|quarter|year|window|week)(_(start|begins))?|first_(day|month))"),
    "period_end": ("date", r"(month|quarter|year|window|week)_ends?|last_(day|month)"),
    "period": ("varchar", r"\w+_period"),
    "strategy_year": ("varchar", r"(record|financial|assessment|plan)_year"),
    "is_latest": ("boolean", r"is_(newest|most_recent|last|latest)(_\w+)?"),
    "count": ("bigint", r"(event|record|offence|search|case)_count|value|n|events|offences|self_defined"),
    "previous_count": ("bigint", r"(before|earlier|last)_count|count_before"),
    "base": ("bigint", r"(base|total)_count|searches|cases"),
    "share": ("double", r"share_of_(count|events|base)|proportion"),
    "denominator": ("bigint", r"residents|population|people"),
    "denominator_year": ("integer", r"(census|population|residents|mid)_year"),
    "rate": ("double", r"(own|area|ward)_rate|rate_value"),
    "rate_lower": ("double", r"lower_rate|rate_(low|min)"),
    "rate_upper": ("double", r"upper_rate|rate_(high|max)"),
    "change_percent": ("double", r"(record|count)_change(_percent)?|percent_change"),
    "change_is_significant": ("boolean", r"is_significant|(record|count)_is_significant"),
    "change_not_judged": ("varchar", r"not_judged(_because)?"),
    "finding": ("varchar", r"(record|change)_finding"),
    "missing_reason": ("varchar", r"reason_missing|why_missing"),
    "is_provisional": ("boolean", r"(is_)?preliminary|provisional"),
    "is_synthetic": ("boolean", r"is_made_up|synthetic"),
    "data_as_at": ("date", r"(received|newest)_on|data_date"),
    "harm_scheme": ("varchar", r"scheme"),
    "edition": ("varchar", r"(consultation|survey)_edition"),
    "feed": ("varchar", r"(source|partner)_feed|feed_(id|name)"),
    "delivery_id": ("varchar", r"delivery(_(key|ref))?"),
    "due_on": ("date", r"owed_by|due_(by|date)|deadline"),
    "disclosure_rule": ("varchar", r"(disclosure_)?rule_id"),
}  # fmt: skip
# What a name that looks like another's means here, or why its type is another.
EXCUSED = {
    "area_deprivation.ward_code": "a second area: the ward of the LSOA",
    "dim_area.ward_code": "a second area: the ward of the area",
    "dim_area.residents": "people who live there, whatever a rate is over",
    "dim_area.residents_year": "the mid-year of residents",
    "hot_spot.ward_code": "a second area: the ward of the LSOA",
    "hot_spot.ward_name": "its name",
    "hot_spot.place_type": "a street is no area: area_code is the LSOA that it lies in",
    "hot_spot.place_name": "a street is no area",
    "concentration.not_judged_because": "why the concentration is not judged: nothing changed",
    "search_rate.not_judged_because": "why the ratio is not judged: nothing changed",
    "thresholds.value": "the value of a threshold, not of a measure",
    "held_measures.first_day": "of the first of several periods",
    "held_measures.last_day": "of the last of several periods",
    "dim_measure.denominator": "what rates are over, in words",
    "about.data_as_at": "the moment of the newest delivery of all",
}
# What a mart has together or not at all: the keys that marts are joined by.
TOGETHER = (
    {"area_type", "area_code"},
    {"period_type", "period_start", "period_end", "strategy_year"},
)


@pytest.fixture(scope="module")
def marts():
    """The columns of every mart with their types, as the contracts have them."""
    found = {}
    for path in sorted(MARTS.rglob("_*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            columns = {column["name"]: column["data_type"] for column in model["columns"]}
            found[model["name"]] = columns
    return found


@pytest.fixture(scope="module")
def governance():
    return {path.stem for path in (MARTS / GOVERNANCE).glob("*.sql")}


def other_names(marts):
    """The columns that should be called otherwise, or that have the name and another type."""
    found = {}
    for mart, columns in marts.items():
        for column, kind in columns.items():
            if column in VOCABULARY and kind != VOCABULARY[column][0]:
                found[f"{mart}.{column}"] = f"{VOCABULARY[column][0]}, not {kind}"
            elif column not in VOCABULARY:
                for name, (_, others) in VOCABULARY.items():
                    if re.fullmatch(others, column):
                        found[f"{mart}.{column}"] = name
    return found


def apart(marts):
    """The marts that have a part of a key without the rest of it; strategy_year alone is a key as well."""
    return [
        f"{mart} lacks {', '.join(sorted(key - set(columns)))}"
        for mart, columns in marts.items()
        for key in TOGETHER
        if (key - {"strategy_year"}) & set(columns) and key - set(columns)
    ]


def test_every_mart_is_looked_at(marts):
    assert set(marts) == {path.stem for path in MARTS.rglob("*.sql")}


def test_what_means_the_same_has_one_name_and_type(marts):
    assert {
        column: name for column, name in other_names(marts).items() if column not in EXCUSED
    } == {}


def test_no_excuse_outlives_its_column(marts):
    assert set(EXCUSED) - set(other_names(marts)) == set()
    assert all(EXCUSED.values())


def test_every_mart_joins_to_every_other_by_the_same_keys(marts, governance):
    """Governance is by feed and delivery, whose period has a label; it has no area but the partnership's."""
    assert apart({mart: c for mart, c in marts.items() if mart not in governance}) == []
    lacking = {mart: c for mart, c in marts.items() if ("period_start" in c) != ("period_end" in c)}
    assert lacking == {}


def test_fct_measure_has_the_names_that_the_vocabulary_takes_from_it(marts):
    """And no word of the vocabulary is another's other name."""
    both = [
        (name, other)
        for name, (_, others) in VOCABULARY.items()
        for other in VOCABULARY
        if name != other and re.fullmatch(others, other)
    ]
    assert both == []
    assert set(marts["fct_measure"]) & set(VOCABULARY) >= {
        "measure_id", "area_type", "area_code", "area_name", "period_type", "period_start", "period_end",
        "strategy_year", "count", "denominator", "rate", "change_not_judged", "is_latest",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("ward_code", "area_code"), ("ward_name", "area_name"), ("lsoa_code", "area_code"),
        ("lsoa_2021_code", "area_code"), ("month_start", "period_start"), ("month", "period_start"),
        ("year_start", "period_start"), ("quarter_start", "period_start"), ("measure", "measure_id"),
        ("headline_measure_id", "measure_id"), ("information_period", "period"), ("owed_by", "due_on"),
        ("is_newest_quarter", "is_latest"), ("record_year", "strategy_year"), ("value", "count"),
        ("record_count", "count"), ("offences", "count"), ("cases", "base"), ("source_feed", "feed"),
    ],
)  # fmt: skip
def test_another_name_is_found(column, name):
    assert other_names({"m": {column: "varchar"}}) == {"m.column".replace("column", column): name}


def test_another_type_and_half_a_key_are_found():
    assert other_names({"m": {"count": "double"}}) == {"m.count": "bigint, not double"}
    assert apart({"m": {"area_code": "varchar"}, "n": {"strategy_year": "varchar"}}) == [
        "m lacks area_type"
    ]
    assert apart(
        {"m": {"period_start": "date", "period_end": "date", "period_type": "varchar"}}
    ) == ["m lacks strategy_year"]
