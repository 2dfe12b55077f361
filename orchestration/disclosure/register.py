"""The disclosure rules and the relations between measures, as they stand in the register."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.core import formulas

# NHS Digital, "Change to disclosure control methodology for HES and ECDS", September 2018.
from orchestration.core.engine import connect
from orchestration.core.errors import WarehouseError
from orchestration.disclosure.queries import make, query

STRICTEST = "hes_1_7_round_5"
_RULES = ("rule_id", "suppress_to", "round_to", "least_width", "periods")
_RELATIONS = ("total", "part", "relation")
_PERIODS = {"all", "strategy_year"}
_KINDS = {"sum", "part", "disjoint", "cover", "base", "none"}


class BadRules(WarehouseError):
    """The rules or relations cannot be used. One sentence."""


@dataclass(frozen=True)
class Rules:
    """`rules` has one row per rule, `relations` one per total and part (see `seeds/_seeds.yml`).

    `thresholds` are those of the formulas that controlled figures are computed with. A relation without
    `tolerance` (in events) is taken to be exact.
    """

    rules: pd.DataFrame
    relations: pd.DataFrame
    thresholds: Mapping[str, float]

    def __post_init__(self) -> None:
        _require(self.rules, _RULES, "disclosure rules")
        _require(self.relations, _RELATIONS, "measure relations")
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
        if (_tolerances(self.relations) < 0).any():
            raise BadRules("a tolerance between measures is not a number of events")
        hidden = self.rules["suppress_to"].astype(int)
        if (hidden > 0).any() and (self.rules.loc[hidden > 0, "least_width"].astype(int) < 1).any():
            raise BadRules("a rule that suppresses must say how wide an interval has to stay")


def rules_in(folder: Path) -> Rules:
    """The rules, relations and thresholds in a register's folder (`seeds/register`).

    Raises:
        BadThreshold: a threshold cannot be used.
        BadRules: a column or the strictest rule is missing, or a value is unknown.
    """
    return Rules(
        pd.read_csv(folder / "disclosure_rules.csv", keep_default_na=False),
        pd.read_csv(folder / "measure_relations.csv", keep_default_na=False),
        formulas.read_thresholds(folder / formulas.SEED),
    )


def workspace(tables: Mapping[str, pd.DataFrame], rules: Rules) -> duckdb.DuckDBPyConnection:
    """A new in-memory database with `tables`, `rules`, `relations`, what is known of measures, and formulas.

    `measure` has one row per measure of `methods` with its rule; a blank or unlisted rule counts as the
    strictest, an unknown geography as the city, and figures published by law are exact. `measure_rule` has
    the rule of its figures and that of its profile.
    """
    connection = connect()
    # One thread: floating-point sums then always run in the same order and agree to the last bit.
    connection.execute("set threads = 1; set preserve_insertion_order = true")
    formulas.define(connection, rules.thresholds)
    relations = rules.relations.assign(tolerance=_tolerances(rules.relations))
    for name, frame in {**tables, "rules": rules.rules, "relations": relations}.items():
        # DuckDB finds `frame` by its name; that converts a table once, registering it would do so twice.
        connection.execute(f'create table "{name}" as select *{_texts_of(frame)} from frame')
    connection.execute(query("macros"))
    make(connection, "measure", parameters={"strictest": STRICTEST})
    make(connection, "measure_rule", parameters={"strictest": STRICTEST})
    return connection


def _tolerances(relations: pd.DataFrame) -> pd.Series[float]:
    """By how many events a relation may be off for a reader who uses it; -1 where that is no number."""
    if "tolerance" not in relations:
        return pd.Series(0.0, index=relations.index)
    given = relations["tolerance"].replace("", 0)
    return pd.to_numeric(given, errors="coerce").fillna(-1.0).astype(float)


def _texts_of(frame: pd.DataFrame) -> str:
    """SQL that casts columns without any value to text, which DuckDB would take for numbers."""
    nothing = [
        f'cast("{name}" as varchar) as "{name}"'
        for name, kind in zip(frame.columns, frame.dtypes, strict=True)
        if pd.api.types.is_object_dtype(kind) and pd.isna(frame[name].to_numpy()).all()
    ]
    return f" replace ({', '.join(nothing)})" if nothing else ""


def _require(frame: pd.DataFrame, columns: tuple[str, ...], what: str) -> None:
    if missing := [column for column in columns if column not in frame.columns]:
        raise BadRules(f"the {what} lack {', '.join(missing)}")
