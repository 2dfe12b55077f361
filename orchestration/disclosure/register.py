"""The rules of disclosure and the relations between measures, as the register has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.core.errors import WarehouseError

# NHS Digital, "Change to disclosure control methodology for HES and ECDS", September 2018.
STRICTEST = "hes_1_7_round_5"
_RULES = ("rule_id", "suppress_to", "round_to", "least_width", "periods")
_RELATIONS = ("total", "part", "relation")
_PERIODS = {"all", "strategy_year"}
_KINDS = {"sum", "part", "disjoint", "cover", "base"}


class BadRules(WarehouseError):
    """The rules or relations cannot be used. One sentence."""


@dataclass(frozen=True)
class Rules:
    """`rules` one row per rule, `relations` one row per total and part (see `seeds/_seeds.yml`)."""

    rules: pd.DataFrame
    relations: pd.DataFrame

    def __post_init__(self) -> None:
        _demand(self.rules, _RULES, "disclosure rules")
        _demand(self.relations, _RELATIONS, "measure relations")
        if STRICTEST not in set(self.rules["rule_id"]):
            raise BadRules(
                f"the disclosure rules lack {STRICTEST}, which holds where none is named"
            )
        if not self.rules["rule_id"].is_unique:
            raise BadRules("a disclosure rule is named twice")
        if unknown := set(self.rules["periods"]) - _PERIODS:
            raise BadRules(f"disclosure rules have unknown periods: {', '.join(sorted(unknown))}")
        if unknown := set(self.relations["relation"]) - _KINDS:
            raise BadRules(f"measures have unknown relations: {', '.join(sorted(unknown))}")
        hidden = self.rules["suppress_to"].astype(int)
        if (hidden > 0).any() and (self.rules.loc[hidden > 0, "least_width"].astype(int) < 1).any():
            raise BadRules("a rule that suppresses must say how wide an interval has to stay")


def rules_in(folder: Path) -> Rules:
    """The rules and relations of a register's folder (`seeds/register`).

    Raises:
        BadRules: a column or the strictest rule is missing, or a value is unknown.
    """
    return Rules(
        pd.read_csv(folder / "disclosure_rules.csv", keep_default_na=False),
        pd.read_csv(folder / "measure_relations.csv", keep_default_na=False),
    )


def workspace(tables: Mapping[str, pd.DataFrame], rules: Rules) -> duckdb.DuckDBPyConnection:
    """A database of its own in memory with `tables`, `rules`, `relations` and `measure`.

    `measure` is one row per measure of `methods` with its rule; a rule that is blank or not listed is
    the strictest, a geography that is not known is the city, and what the law publishes is exact.
    """
    connection = duckdb.connect()
    # One thread: sums of fractions then always run in one order, to the last bit.
    connection.execute("set threads = 1; set preserve_insertion_order = true")
    for name, frame in {**tables, "rules": rules.rules, "relations": rules.relations}.items():
        # DuckDB finds `frame` by its name; a table is bound once so, and twice when it is registered.
        connection.execute(f'create table "{name}" as select *{_texts_of(frame)} from frame')
    connection.execute(_MEASURES, {"strictest": STRICTEST})
    return connection


def _texts_of(frame: pd.DataFrame) -> str:
    """SQL: columns of nothing at all as text, for DuckDB would take them for numbers."""
    nothing = [
        f'cast("{name}" as varchar) as "{name}"'
        for name, kind in zip(frame.columns, frame.dtypes, strict=True)
        if pd.api.types.is_object_dtype(kind) and pd.isna(frame[name].to_numpy()).all()
    ]
    return f" replace ({', '.join(nothing)})" if nothing else ""


def _demand(frame: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    if missing := [column for column in columns if column not in frame.columns]:
        raise BadRules(f"the {what} lack {', '.join(missing)}")


_MEASURES = """
create table measure as
with named as (
    select m.*, coalesce(r.rule_id, $strictest) as rule_id
    from methods as m left join rules as r on r.rule_id = m.disclosure_rule
)
select named.measure_id, named.method, named.periodicity, named.polarity, named.rate_per,
    named.denominator as denominator_group, named.method = 'proportion' as has_base,
    case named.lowest_publishable_geography when 'lsoa' then 3 when 'ward' then 2 else 1 end as finest,
    case when named.published_by_law then 0 else r.suppress_to end as suppress_to,
    case when named.published_by_law then 1 else r.round_to end as round_to,
    case when named.published_by_law then 0 else r.least_width end as least_width,
    not named.published_by_law and r.periods = 'strategy_year' as only_years,
    named.published_by_law or (r.suppress_to = 0 and r.round_to = 1) as is_exact
from named inner join rules as r on r.rule_id = named.rule_id
"""
