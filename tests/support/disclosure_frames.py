"""Small editions for the tests of disclosure control: every table, put together from few counts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import duckdb
import pandas as pd

from orchestration.core.settings import PROJECT
from orchestration.disclosure import allow_list
from orchestration.disclosure.publish import without_marks
from orchestration.disclosure.register import Rules

REGISTER = PROJECT / "seeds" / "register"
CITY = "E1"
NEVER_LEAVES = {
    "profiles": ["is_published"],
    "prescribed": ["months_delivered", "share_with_blank_fields"],
    "quality": ["row_count", "rows_rejected"],
    "sources": ["sha256", "row_count"],
}
_TYPES = {
    "bigint": "count previous_count change population_part coverage_part remainder measures"
    " above_outer_limit in_top_fifth years_on_list denominator our_count their_count difference offences"
    " base respondents first_choices respondents_who_ranked named_among_three named_first"
    " respondents_on_support record_count lsoas top_lsoas lsoas_with_half persistent_lsoas years"
    " row_count rows_rejected rows_left_out warned_deliveries unexplained months_delivered deliveries"
    " known",
    "integer": "rate_per month_of_year priority_order public_rank record_rank rank_in_group sort_order"
    " tests_together",
    "double": "modelled_count rate rate_lower rate_upper change_percent city_rate lower_95 upper_95"
    " lower_998 upper_998 centre lower_limit upper_limit seasonal_index lowest_index highest_index"
    " share_of_respondents share_of_respondents_in_support record_change_percent share_in_top_tenth"
    " change_lower change_upper dispersion change_p_value tau_squared share_by_chance"
    " known_share share share_lower share_upper"
    " persistence harm share_of_harm difference_percent share_with_blank_fields",
    "date": "period_start period_end month_start break_on quarter_start due_on owed_by received_at",
    "boolean": "is_provisional is_headline is_own_area change_is_significant published_by_law is_proactive"
    " differs_throughout is_published",
}
# One database for all: to open one takes longer than to fill a small table.
_DUCKDB = duckdb.connect()
_TYPE_OF = {name: kind for kind, names in _TYPES.items() for name in names.split()}


@dataclass(frozen=True)
class Measure:
    """A measure and its counts: `months` from April 2024, `wards` (code -> count), `lsoas`
    (code -> (ward, count)), `lines` (line of rows without a place -> count); `bases` of a share; `profile`
    (dimension -> value -> count) and its `profile_bases`, of 2025-26."""

    measure_id: str
    months: list[int] = field(default_factory=list)
    wards: dict[str, int] = field(default_factory=dict)
    lsoas: dict[str, tuple[str, int]] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    bases: list[int] = field(default_factory=list)
    profile: dict[str, dict[str, int]] = field(default_factory=dict)
    profile_bases: dict[str, dict[str, int]] = field(default_factory=dict)
    rule: str = "under_5"
    finest: str = "lsoa"
    law: bool = False
    people: int = 1000


def edition(*measures: Measure, **rows: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    """The tables of the edition 2025-26 with these measures; `rows` adds rows to a table."""
    made: dict[str, list[dict[str, Any]]] = {name: [] for name in allow_list.columns()}
    for measure in measures:
        _add(made, measure)
    for name, added in rows.items():
        made[name] += added
    return without_marks({name: frame(name, made[name]) for name in made})


def related(rules: Rules, total: str, parts: list[str], relation: str) -> Rules:
    """The rules with these declared relations between measures and no others."""
    declared = pd.DataFrame({"total": total, "part": parts, "relation": relation})
    return replace(rules, relations=declared)


def frame(name: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A table with its columns and types, and these rows."""
    if not rows:
        return _empty(name).copy()
    _DUCKDB.execute(f"create or replace table t ({_columns(name)})")
    _DUCKDB.register("given", pd.DataFrame(rows, dtype="object"))
    _DUCKDB.execute("insert into t by name select * from given")
    return _DUCKDB.execute("select * from t order by rowid").df()


@cache
def _empty(name: str) -> pd.DataFrame:
    return _DUCKDB.execute(f"create or replace table t ({_columns(name)}); select * from t").df()


def _columns(name: str) -> str:
    """SQL: the columns of a table with their types."""
    # The register's denominator is a name, a figure's is a number.
    kinds = _TYPE_OF | ({"denominator": "varchar"} if name == "methods" else {})
    columns = [*allow_list.columns()[name], *NEVER_LEAVES.get(name, [])]
    return ", ".join(f'"{column}" {kinds.get(column, "varchar")}' for column in columns)


def _add(made: dict[str, list[dict[str, Any]]], m: Measure) -> None:
    method = "proportion" if m.bases else "count"
    own = {"measure_id": m.measure_id}
    made["methods"].append(
        own
        | {"method": method, "periodicity": "month", "rate_per": 100, "polarity": "down"}
        | {"denominator": "own" if m.bases else "residents", "disclosure_rule": m.rule}
        | {"lowest_publishable_geography": m.finest, "published_by_law": m.law}
    )

    def cell(
        area: str, code: str, kind: str, start: pd.Timestamp, n: int, people: int
    ) -> dict[str, Any]:
        end = start + pd.DateOffset(months=1 if kind == "month" else 12, days=-1)
        first = start.year if start.month > 3 else start.year - 1
        known = {"count": n, "denominator": people, "rate": 100 * n / people if people else None}
        made["figures"].append(
            own
            | {
                "area_type": area,
                "area_code": code,
                "period_type": kind,
                "period_start": start.date(),
            }
            | {"period_end": end.date(), "strategy_year": f"{first}-{first - 1999}"}
            | known
        )
        return known

    starts = [pd.Timestamp(2024, 4, 1) + pd.DateOffset(months=i) for i in range(len(m.months))]
    for i, start in enumerate(starts):
        people = m.bases[i] if m.bases else m.people
        cell("city", CITY, "month", start, m.months[i], people)
        if not m.bases:
            label = "2024-25" if i < 12 else "2025-26"
            made["monthly"].append(
                own | {"month_start": start.date(), "count": m.months[i], "strategy_year": label}
            )
    years = {}
    for i, start in enumerate(starts[:-11]):
        count = sum(m.months[i : i + 12])
        people = sum(m.bases[i : i + 12]) if m.bases else m.people
        if i % 12 == 0:
            known = cell("city", CITY, "strategy_year", start, count, people)
            years[start.year] = known
            made["years"].append(
                own | {"period_type": "strategy_year", "period_start": start.date()} | known
            )
        cell("city", CITY, "rolling_12m", start, count, people)
        if not m.bases:
            end = start + pd.DateOffset(months=12, days=-1)
            made["rolling"].append(own | {"period_end": end.date(), "count": count})
    year = pd.Timestamp(2025, 4, 1)
    if not m.months:
        years = {2024: cell("city", CITY, "strategy_year", pd.Timestamp(2024, 4, 1), 100, m.people)}
        total = sum(m.wards.values()) or sum(count for _, count in m.lsoas.values())
        total += sum(count for line, count in m.lines.items() if line.startswith("WITHIN_"))
        years[2025] = cell("city", CITY, "strategy_year", year, total, m.people)
    if 2025 in years:
        now, before = years[2025], years[2024]
        made["headline"].append(
            own
            | {
                "priority_id": "p",
                "is_headline": True,
                "rate_per": 100,
                "method": method,
                "polarity": "down",
            }
            | {"previous_count": before["count"], "change": now["count"] - before["count"]}
            | now
        )
    for code, n in m.wards.items():
        known = cell("ward", code, "strategy_year", year, n, m.people)
        made["wards"].append(own | {"ward_code": code} | known)
    for code, (ward, n) in m.lsoas.items():
        known = cell("lsoa", code, "strategy_year", year, n, m.people)
        made["lsoas"].append(own | {"lsoa_2021_code": code, "ward_code": ward} | known)
    for dimension, values in m.profile.items():
        base = sum(values.values())
        known = base - values.get("not known", 0)
        bases = m.profile_bases.get(dimension, {})
        made["profiles"] += [
            own
            | {"dimension": dimension, "profile_value": value, "count": n}
            | {"base": base, "known": known, "denominator": bases.get(value)}
            | {"is_published": dimension != "hour_weekday"}
            for value, n in values.items()
        ]
    for code, n in m.lines.items():
        cell("unplaced", code, "strategy_year", year, n, m.people)
        if n:
            made["unplaced"].append(own | {"line_code": code, "count": n})


def replaced(
    tables: dict[str, pd.DataFrame], name: str, where: dict[str, Any], **values: Any
) -> dict[str, pd.DataFrame]:
    """The tables with values set in the one row of a table that `where` describes."""
    table = tables[name].copy()
    found = pd.Series(True, index=table.index)
    for column, value in where.items():
        found &= table[column] == value
    assert found.sum() == 1, f"{found.sum()} rows of {name} are {where}"
    for column, value in values.items():
        is_number = pd.api.types.is_numeric_dtype(table[column])
        if value is None and pd.api.types.is_integer_dtype(table[column]):
            table[column] = table[column].astype("Int64")
        elif not is_number:
            table[column] = table[column].astype("object")
        table.loc[found, column] = value
    return tables | {name: table}
