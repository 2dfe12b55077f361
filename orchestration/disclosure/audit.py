"""The audit: an attacker who has the public tables and can add up, held against the truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import pandas as pd

from orchestration.disclosure import allow_list, cells, readings, relations
from orchestration.disclosure.attack import attack
from orchestration.disclosure.rules import Rules, workspace

_NARROWEST = 20
_HIGHEST = 7
FINDINGS = ("kind", "table", "cell", "item", "detail")


@dataclass(frozen=True)
class Previous:
    """The previous edition's `figures`: as they were published, and as they were."""

    public: pd.DataFrame
    true: pd.DataFrame


@dataclass(frozen=True)
class Audit:
    """What the attack found.

    * `cells` counts printed or hidden that were read; `attacked` those of 1 to 7 that are protected;
      `relations` equations; `components` and `programmes` what was solved.
    * `narrowest` the protected counts with the narrowest interval: cell, item, low, high, width,
      least_width, is_exact (false: at least as wide). It holds no true count.
    * `findings` one row per fault: kind (`pinned`, `printed`, `false`, `contradiction`, `geography`,
      `period`, `derived`, `unlisted`), table, cell, item, detail. None: passed.
    * `untrue` declared relations between measures that the counts do not keep; they bound nothing.
    """

    cells: int
    attacked: int
    relations: int
    components: int
    programmes: int
    narrowest: pd.DataFrame
    findings: pd.DataFrame
    untrue: int

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return self.findings.empty


def audit(
    public: Mapping[str, pd.DataFrame],
    true: Mapping[str, pd.DataFrame],
    rules: Rules,
    previous: Previous | None = None,
    only: frozenset[tuple[str, str]] | None = None,
) -> Audit:
    """Attack the public tables, and compare what they give away with the rules.

    `true` are the tables before control; only `figures`, `consultation`, `external` and `methods` are
    looked at, to tell which cells have to be protected. `only` limits the attack to these cells and
    items (what was safe stays safe while more is hidden).

    Raises:
        NothingFits: no counts fit the public tables.
        UnknownMeasure: a true figure is of no registered measure.
    """
    space = attacked_space(public, true, rules, previous)
    found = pinned(space, only)
    faults = pd.concat([_faults(space, public), found.faults], ignore_index=True)
    count = space.execute("select count(*) from item where item <> 'rest'").fetchone()
    kept = space.execute("select count(distinct relation) from held").fetchone()
    lost = space.execute("select count(*) from untrue").fetchone()
    assert count and kept and lost
    return Audit(
        cells=int(count[0]),
        attacked=found.attacked,
        relations=int(kept[0]),
        components=found.components,
        programmes=found.programmes,
        narrowest=found.narrowest,
        findings=faults.sort_values(list(FINDINGS), ignore_index=True),
        untrue=int(lost[0]),
    )


def attacked_space(
    public: Mapping[str, pd.DataFrame],
    true: Mapping[str, pd.DataFrame],
    rules: Rules,
    previous: Previous | None,
) -> duckdb.DuckDBPyConnection:
    """A workspace with the attacker's `reading`, `item` (bounds) and `held` (equations)."""
    before = public["figures"].head(0) if previous is None else _unrevised(previous, true["figures"])
    space = workspace({**public, "before": before}, rules)
    readings.read(space)
    space.register("_truth", _truth(true, rules, previous))
    space.execute("create table truth as select * from _truth")
    space.execute(_ITEMS)
    relations.relate(space)
    space.execute(_HELD)
    return space


@dataclass(frozen=True)
class Pinned:
    """Protected counts of 1 to 7 that are pinned (`faults`), and what it took to find them."""

    faults: pd.DataFrame
    narrowest: pd.DataFrame
    attacked: int
    components: int
    programmes: int


def pinned(
    space: duckdb.DuckDBPyConnection, only: frozenset[tuple[str, str]] | None = None
) -> Pinned:
    """Attack the protected counts of 1 to 7 of a workspace of the attacker."""
    variables = space.execute(_VARIABLES).df()
    if only is not None:
        pairs = pd.MultiIndex.from_frame(variables[["cell", "item"]])
        variables["target"] = variables["target"] & pairs.isin(list(only))
    space.register("_variables", variables)
    terms = space.execute(
        "select h.relation, h.sense, h.constant, v.var, h.coefficient from held as h"
        " inner join _variables as v on v.cell = h.cell and v.item = h.item order by 1, 4"
    ).df()
    space.unregister("_variables")
    result = attack(variables, terms)
    table = result.found.merge(variables[["var", "cell", "item", "least_width"]], on="var")
    table = table.assign(width=table["high"] - table["low"]).astype(
        {"low": "int64", "high": "int64", "width": "int64", "least_width": "int64"}
    )
    table = table.sort_values(["width", "cell", "item"], ignore_index=True)
    narrow = table[table["width"] < table["least_width"]]
    detail = [
        f"lies between {low} and {high}: {high - low} wide, and has to stay {least} wide"
        for low, high, least in zip(
            narrow["low"], narrow["high"], narrow["least_width"], strict=True
        )
    ]
    faults = narrow.assign(kind="pinned", table="all", detail=detail)[list(FINDINGS)]
    columns = ["cell", "item", "low", "high", "width", "least_width", "is_exact"]
    return Pinned(
        faults, table[columns].head(_NARROWEST), len(table), result.components, result.programmes
    )


def _unrevised(previous: Previous, figures: pd.DataFrame) -> pd.DataFrame:
    """The previous public figures of cells whose true figures are still the same, or are not in ours."""
    with duckdb.connect() as connection:
        for name, frame in (("p", previous.public), ("t", previous.true), ("f", figures)):
            connection.register(name, frame)
        return connection.execute(_UNREVISED).df()


def _truth(
    true: Mapping[str, pd.DataFrame], rules: Rules, previous: Previous | None
) -> pd.DataFrame:
    """True counts per cell and item; those of the previous edition where ours has no such cell."""
    parts = [true] if previous is None else [true, {**true, "figures": _registered(previous, true)}]
    frames = []
    for tables in parts:
        with workspace(tables, rules) as connection:
            cells.decide(connection)
            frames.append(connection.execute(_TRUTH).df())
    return pd.concat(frames, ignore_index=True).drop_duplicates(["cell", "item"], ignore_index=True)


def _registered(previous: Previous, true: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Previous figures of measures that the register still has; of others no rule is known."""
    known = previous.true["measure_id"].isin(true["methods"]["measure_id"])
    return previous.true[known]


def _faults(
    space: duckdb.DuckDBPyConnection, public: Mapping[str, pd.DataFrame]
) -> pd.DataFrame:
    told = space.execute(_FAULTS).df()
    listed = pd.DataFrame(
        [("unlisted", name, "", "", "is not on the list of what may leave") for name in allow_list.unlisted(public)],
        columns=list(FINDINGS),
    )  # fmt: skip
    return pd.concat([told, listed], ignore_index=True)


_UNREVISED = """
select p.* from p
inner join t on t.measure_id = p.measure_id and t.area_type = p.area_type and t.area_code = p.area_code
    and t.period_type = p.period_type and t.period_start = p.period_start
left join f on f.measure_id = p.measure_id and f.area_type = p.area_type and f.area_code = p.area_code
    and f.period_type = p.period_type and f.period_start = p.period_start
where f.measure_id is null or (f."count" = t."count" and f.denominator is not distinct from t.denominator)
order by p.measure_id, p.area_type, p.area_code, p.period_type, p.period_start
"""

_TRUTH = """
select cell, unnest(['count', 'base', 'first', 'rest']) as item,
    unnest([value_count, value_base, value_first, value_base - value_count]) as value,
    is_exact, least_width, suppress_to
from cell
"""

# The bounds of everything that is printed. A share hidden as small may be so for its count, its base or
# the rest: the attacker is granted which. A printed value that is false still leaves the truth possible,
# so that the rest of the attack can go on.
_ITEMS = f"""
create table item as
with
    place as (
        select distinct cell, measure_id, area_type, area_code, period_type, period_start, has_base
        from printed
    ),
    every as (
        select place.* exclude (has_base), unnest(if(has_base, ['count', 'base', 'rest'], ['count'])) as item
        from place
        union all
        select distinct place.* exclude (has_base), 'first' from place
        inner join truth as t on t.cell = place.cell and t.item = 'first' and t.value is not null
    ),
    bound as (
        select cell, item, max(low) as low, min(high) as high from reading group by cell, item
    ),
    hidden as (
        select cell, bool_or(reason = 'small') as is_small
        from reading where item = 'count' and seen is null and reason is not null group by cell
    ),
    together as (
        select e.*, t.value, t.is_exact, t.least_width,
            coalesce(h.is_small and e.item <> 'first' and t.value between 1 and t.suppress_to, false)
            as is_granted,
            coalesce(b.low, 0) as read_low, b.high as read_high, t.suppress_to
        from every as e
        left join bound as b on b.cell = e.cell and b.item = e.item
        left join hidden as h on h.cell = e.cell
        left join truth as t on t.cell = e.cell and t.item = e.item
    ),
    granted as (
        select *, if(is_granted, greatest(read_low, 1), read_low) as g_low,
            if(is_granted, least(coalesce(read_high, suppress_to), suppress_to), read_high) as g_high
        from together
    )
select * exclude (g_low, g_high), least(g_low, coalesce(value, g_low)) as low,
    case when g_high is not null then greatest(g_high, coalesce(value, g_high)) end as high,
    coalesce(not is_exact and least_width > 0 and value between 1 and {_HIGHEST}, false) as is_target
from granted
order by cell, item
"""

# Equations that the true counts keep, where all are known: a declared relation that is not so would have
# the attacker believe what is false.
_HELD = """
create table untrue as
select term.relation, any_value(term.sense) as sense
from term left join truth as t on t.cell = term.cell and t.item = term.item
group by term.relation
having bool_and(t.value is not null)
    and (
        (any_value(sense) = '=' and abs(sum(coefficient * value) - any_value(constant)) > 0.51)
        or (any_value(sense) = '<=' and sum(coefficient * value) > any_value(constant))
    );
create table held as
select * from term anti join untrue using (relation);
"""

_VARIABLES = """
with every as (
    select cell, item, low, high, is_target as target, least_width from item
    union all
    -- What is not printed at all but is part of a sum: nothing is known of it.
    select distinct h.cell, h.item, 0, null, false, 0
    from held as h anti join item using (cell, item)
)
select row_number() over (order by cell, item) - 1 as var, cell, item, cast(low as double) as low,
    cast(high as double) as high, target, coalesce(least_width, 0) as least_width
from every order by var
"""

_FAULTS = """
with
    every as (
        select 'printed' as kind, source, cell, item, 'is printed in a row that says ' || reason as detail
        from reading where seen is not null and reason is not null
        union all
        select 'geography', source, cell, item, 'is printed below the lowest publishable geography'
        from reading
        where seen is not null and source not like 'before%'
            and case area_type when 'lsoa' then 3 when 'ward' then 2 else 1 end > finest
        union all
        select 'period', source, cell, item, 'is printed for a period that is not published'
        from reading
        where seen is not null and only_years and source not like 'before%'
            and not (period_type = 'strategy_year' and area_type in ('city', 'unplaced'))
        union all
        select 'false', r.source, r.cell, r.item, 'is printed as what it is not'
        from reading as r inner join truth as t on t.cell = r.cell and t.item = r.item
        where r.seen is not null and t.value is not null
            and (t.value < r.low or t.value > coalesce(r.high, t.value))
        union all
        select 'contradiction', 'all', cell, item, 'is told differently by two tables'
        from item where read_low > read_high
        union all
        select 'derived', 'concentration', t.measure_id || '|' || t.strategy_year, 'count',
            'is made from counts of LSOAs that are not exact'
        from concentration as t inner join measure as m on m.measure_id = t.measure_id and not m.is_exact
        where coalesce(t.share_in_top_tenth, t.lsoas_with_half, t.persistence) is not null
        union all
        select 'derived', 'harm', scheme || '|' || offence_group, 'count', 'is made from weighed offences'
        from harm where coalesce(harm, share_of_harm, offences) is not null
    )
select kind, source as "table", cell, item, detail from every group by all
"""
