"""Somebody who wants to find a victim: reads a public edition and open series, and works out what he can.

    python -m tests.support.outsider editions/2025-26/v1/official

He has the files of the public edition, the register (which is open source) and the series that others
publish: the street crime of data.police.uk, which the edition prints exactly, and the Home Office's table
beside ours. Nothing of the warehouse's own disclosure control is used here, neither code nor queries, so
that an error there does not hide itself. Counts are bounded by linear programming (HiGHS).
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from scipy.optimize import linprog
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

REGISTER = Path(__file__).parents[2] / "seeds" / "register"
FEW = 7
_FAR = 1e6
_APART = 0.1

# What is printed of each count: its lowest and highest whole number. `open` and other words bound nothing.
_CELLS = """
create table cell as
with rule as (
    select m.measure_id, m.method, m.periodicity, r.suppress_to, r.round_to, r.least_width
    from methods as m
    inner join rules as r
        on r.rule_id = case when m.published_by_law then 'statutory_exact' else m.disclosure_rule end
),
-- What others publish of a measure is how many there were, never who and when.
rule_of as (
    select false as of_profile, * from rule
    union all by name
    select true as of_profile, rule.* replace (
        if(is_open, s.suppress_to, rule.suppress_to) as suppress_to,
        if(is_open, s.round_to, rule.round_to) as round_to,
        if(is_open, s.least_width, rule.least_width) as least_width
    )
    from (select *, suppress_to = 0 and round_to = 1 as is_open from rule) as rule
    cross join (select * from rules where rule_id = 'hes_1_7_round_5') as s
),
profile as (
    select measure_id, 'profile/' || dimension as area_type, profile_value as area_code, "count",
        denominator, rate, share, known, suppressed, is_rounded, missing_reason
    from profiles
    union all by name
    select distinct measure_id, 'profile/' || dimension as area_type, '' as area_code, known as "count",
        if(known is null, 'not said', null) as suppressed, true as is_rounded, missing_reason
    from profiles
),
counted as (
    select * from figures
    union all by name
    select profile.*, 'strategy_year' as period_type, year.period_start
    from profile cross join (
        select max(period_start) as period_start
        from figures where period_type = 'strategy_year' and area_type = 'city'
    ) as year
),
printed as (
    select f.measure_id || '|' || area_type || '|' || area_code || '|' || period_type || '|'
               || strftime(period_start, '%Y-%m-%d') as name,
        f.*, r.* exclude (measure_id)
    from counted as f inner join rule_of as r
        on r.measure_id = f.measure_id and r.of_profile = starts_with(f.area_type, 'profile/')
    where period_type <> 'pooled_3_years' and missing_reason is null
),
told as (
    select name, 'count' as item, "count" as n, * exclude (name, "count") from printed
    union all
    select name, 'base' as item, denominator as n, * exclude (name, "count")
    from printed where method = 'proportion' and area_code <> ''
),
-- A rate printed beside a hidden count would be the count.
rated as (
    select *, case
        when n is not null then n
        when item = 'count' and rate > 0 and denominator > 0 and method = 'count'
        then round(rate * denominator / rate_per)
        when item = 'count' and share > 0 and known > 0 then round(share * known)
    end as seen
    from told inner join (select measure_id, rate_per from methods) using (measure_id)
)
select row_number() over (order by name, item) - 1 as var, name, item, measure_id, method, periodicity,
    area_type, area_code, period_type, cast(period_start as date) as period_start,
    least_width, round_to = 1 and suppress_to = 0 as is_open, suppressed,
    cast(case
        when seen is not null and (round_to = 1 or seen = 0 or not is_rounded) then seen
        when seen is not null then greatest(seen - round_to // 2, suppress_to + 1)
        when suppressed = 'small' and method <> 'proportion' then 1
        when suppressed = 'linked' then suppress_to + 1
        else 0
    end as double) as low,
    cast(case
        when seen is not null and (round_to = 1 or seen = 0 or not is_rounded) then seen
        when seen is not null then seen + round_to - 1 - round_to // 2
        when suppressed = 'small' and method <> 'proportion' then suppress_to
        else 1e6
    end as double) as high
from rated
where seen is not null or suppressed is not null
"""

# Equations: relation, =, <= or ~ (equal, as far as two publishers agree), constant, var, coefficient.
_EQUATIONS = {
    "months and quarters of a year and of twelve months": """
        with part as (
            select t.var as total, m.var
            from cell as t inner join cell as m
                on m.measure_id = t.measure_id and m.item = t.item and m.area_code = t.area_code
                and m.area_type = t.area_type and m.period_type = 'month'
                and m.period_start >= t.period_start
                and m.period_start < t.period_start + interval 12 month
            where t.period_type in ('strategy_year', 'rolling_12m', 'calendar_year', 'academic_year')
                and t.method in ('count', 'proportion') and t.periodicity = 'month'
        ),
        whole as (select total from part group by total having count(*) = 12)
        select 'time ' || total, '=', 0, var, 1 from part semi join whole using (total)
        union all select 'time ' || total, '=', 0, total, -1 from whole
    """,
    "the same twelve months under two names": """
        select 'same ' || a.var, '=', 0, unnest([a.var, b.var]), unnest([1, -1])
        from cell as a inner join cell as b
            on b.measure_id = a.measure_id and b.item = a.item and b.area_code = a.area_code
            and b.area_type = a.area_type and b.period_start = a.period_start
        where a.period_type = 'strategy_year' and b.period_type = 'rolling_12m'
            and a.method in ('count', 'proportion')
    """,
    "wards of the city": """
        with part as (
            select t.var as total, w.var
            from cell as t inner join cell as w
                on w.measure_id = t.measure_id and w.item = t.item and w.period_type = t.period_type
                and w.period_start = t.period_start and w.area_type = 'ward'
            where t.area_type = 'city' and t.period_type = 'strategy_year'
        ),
        whole as (
            select total from part group by total
            having count(*) = (select count(distinct area_code) from cell where area_type = 'ward')
        )
        select 'wards ' || total, '=', 0, var, 1 from part semi join whole using (total)
        union all select 'wards ' || total, '=', 0, total, -1 from whole
    """,
    "LSOAs of a ward": """
        with part as (
            select w.var as total, c.var
            from lsoas as l
            inner join cell as c on c.measure_id = l.measure_id and c.area_type = 'lsoa'
                and c.area_code = l.lsoa_2021_code and c.item = 'count'
            inner join cell as w on w.measure_id = l.measure_id and w.area_type = 'ward'
                and w.area_code = l.ward_code and w.item = 'count'
                and w.period_start = c.period_start and w.period_type = c.period_type
        )
        select 'lsoas ' || total, '=', 0, var, 1 from part
        union all select distinct 'lsoas ' || total, '=', 0, total, -1 from part
    """,
    "values of a profile, the events whose value is known, and all": """
        with part as (
            select v.var, v.item, v.area_code = 'not known' as is_unknown, k.var as known, w.var as whole
            from cell as v
            inner join cell as w on w.measure_id = v.measure_id and w.area_type = 'city'
                and w.period_type = v.period_type and w.period_start = v.period_start and w.item = v.item
            left join cell as k on k.measure_id = v.measure_id and k.area_type = v.area_type
                and k.area_code = '' and v.item = 'count'
            where starts_with(v.area_type, 'profile/') and v.area_code <> ''
        )
        select 'values ' || known, '=', 0, var, 1 from part where item = 'count' and not is_unknown
        union all select distinct 'values ' || known, '=', 0, known, -1
        from part where item = 'count' and not is_unknown
        union all select 'known ' || known, '=', 0, unnest([known, var, whole]), unnest([1, 1, -1])
        from part where item = 'count' and is_unknown
    """,
    "measures of the register": """
        with pair as (
            select r.*, t.var as whole, t.is_open, p.var,
                count(*) over (partition by r.total, r.relation, t.var)
                = count(*) over (partition by r.total, r.relation, t.var, p.name is null)
                and count(*) over (partition by r.total, r.relation, t.var) = wanted as is_whole
            from (
                select *, count(*) over (partition by total, relation) as wanted from relations
            ) as r
            inner join cell as t on t.measure_id = r.total and t.item = 'count'
            inner join cell as p on p.measure_id = r.part
                and p.item = if(r.relation = 'base', 'base', 'count')
                and p.area_type = t.area_type and p.area_code = t.area_code
                and p.period_type = t.period_type and p.period_start = t.period_start
            -- A value means the same in profiles of one feed; bases of two measures may differ by rows.
            where not starts_with(t.area_type, 'profile/') or (
                r.relation <> 'base'
                and (select source_feed from methods where measure_id = r.total)
                = (select source_feed from methods where measure_id = r.part)
            )
        ),
        terms as (
            select 'one ' || relation || ' ' || var || ' ' || whole as name,
                if(relation = 'base', '=', if(is_open, '<~', '<=')) as sense,
                unnest([var, whole]) as var, unnest([1, -1]) as coefficient
            from pair where relation in ('base', 'part', 'cover')
            union all
            select 'all ' || relation || ' ' || whole,
                if(relation = 'sum' and is_whole, if(is_open, '~', '='), if(is_open, '<~', '<=')),
                var, 1
            from pair where relation in ('sum', 'disjoint')
            union all
            select distinct 'all ' || relation || ' ' || whole,
                if(relation = 'sum' and is_whole, if(is_open, '~', '='), if(is_open, '<~', '<=')),
                whole, -1
            from pair where relation in ('sum', 'disjoint')
        )
        select name, sense, 0, var, coefficient from terms
    """,
    "the Home Office's groups": """
        select 'group ' || r.total || ' ' || r.relation || if(r.relation = 'part', c.name, ''),
            '<~', e.their_count, c.var, 1
        from relations as r
        inner join external as e on r.total = 'external/' || e.offence_group
        inner join cell as c on c.measure_id = r.part and c.area_type = 'city' and c.item = 'count'
            and c.period_type = 'strategy_year'
            and c.period_start = (
                select max(period_start) from cell where period_type = 'strategy_year'
            )
        where e.their_count is not null and r.relation in ('sum', 'disjoint', 'part')
    """,
    "a share is of its base": """
        select 'share ' || c.var, '<=', 0, unnest([c.var, b.var]), unnest([1, -1])
        from cell as c inner join cell as b on b.name = c.name and b.item = 'base'
        where c.item = 'count'
    """,
}


def opened(folder: Path) -> duckdb.DuckDBPyConnection:
    """A database with the public edition's tables, the register's rules and relations, and the cells."""
    connection = duckdb.connect()
    for path in sorted(folder.glob("parquet/*.parquet")):
        connection.read_parquet(str(path)).create(path.stem)
    for name, seed in (("rules", "disclosure_rules"), ("relations", "measure_relations")):
        connection.read_csv(str(REGISTER / f"{seed}.csv")).create(name)
    connection.execute(_CELLS)
    return connection


def claims(folder: Path) -> pd.DataFrame:
    """Counts of few that are known too closely: name, low, high, width, allowed, claimed to be 1 to 7.

    `allowed` is the width that the rule asks for, or what the open totals alone leave if that is less.
    """
    with opened(folder) as connection:
        cells = connection.execute("select * from cell order by var").df()
        terms = pd.concat(
            [
                connection.execute(sql)
                .df()
                .set_axis(["relation", "sense", "constant", "var", "coefficient"], axis=1)
                for sql in _EQUATIONS.values()
            ],
            ignore_index=True,
        )
    low, high = _bounds(cells, terms)
    found = cells.assign(low=np.ceil(low - 1e-6), high=np.floor(high + 1e-6))
    found["width"] = found["high"] - found["low"]
    found["allowed"] = np.minimum(found["least_width"], _open_alone(cells, terms))
    few = (found["high"] >= 1) & (found["low"] <= FEW) & ~found["is_open"]
    hidden = found["suppressed"].notna() | (found["low"] < found["high"])
    narrow = found[few & hidden & (found["width"] < found["allowed"])]
    return narrow[["name", "item", "low", "high", "width", "allowed"]].reset_index(drop=True)


def _open_alone(cells: pd.DataFrame, terms: pd.DataFrame) -> np.ndarray:
    """How high a count can be for who has the open totals and nothing of ours."""
    widest = np.full(len(cells), _FAR)
    fixed = cells["is_open"].to_numpy() & (cells["low"] == cells["high"]).to_numpy()
    known = terms[terms["sense"].isin(["~", "<~"])]
    value = cells["high"].to_numpy()[known["var"]]
    of_total = fixed[known["var"]] & (known["coefficient"] < 0).to_numpy()
    totals = (
        known.assign(value=np.where(of_total, value, 0.0))
        .groupby("relation")
        .agg(total=("value", "sum"), constant=("constant", "first"))
    )
    parts = known[(known["coefficient"] > 0).to_numpy()]
    bound = (totals["total"] + totals["constant"]).reindex(parts["relation"]).to_numpy()
    np.minimum.at(widest, parts["var"].to_numpy(), bound)
    return widest


def _bounds(cells: pd.DataFrame, terms: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The interval of every count that could be one of few, by linear programming."""
    low, high = cells["low"].to_numpy(float).copy(), cells["high"].to_numpy(float).copy()
    relation, names = pd.factorize(terms["relation"])
    first = np.unique(relation, return_index=True)[1]
    sense, constant = terms["sense"].to_numpy()[first], terms["constant"].to_numpy(float)[first]
    matrix = coo_matrix(
        (terms["coefficient"].to_numpy(float), (relation, terms["var"].to_numpy(int))),
        shape=(len(names), len(cells)),
    ).tocsr()
    loose = low < high
    linked = abs(matrix[:, loose])
    _, label = connected_components(linked.T @ linked, directed=False)
    members = np.flatnonzero(loose)
    for group in np.unique(label):
        inside = members[label == group]
        rows = np.flatnonzero(np.diff(matrix[:, inside].tocsr().indptr))
        wanted = inside[(low[inside] <= FEW) & ~cells["is_open"].to_numpy()[inside]]
        if len(rows) and len(wanted):
            _solve(matrix[rows], sense[rows], constant[rows], inside, wanted, low, high)
    return low, high


def _solve(matrix, sense, constant, inside, wanted, low, high) -> None:
    """Narrow `low` and `high` of the wanted counts to what the equations of one group allow."""
    outside = np.ones(matrix.shape[1], dtype=bool)
    outside[inside] = False
    rest = constant - matrix[:, outside] @ low[outside]
    part = matrix[:, inside].toarray()
    near = np.char.endswith(sense.astype(str), "~")
    equal = ~np.char.startswith(sense.astype(str), "<")
    # What two publishers disagree about is found first: as little as makes any counts fit.
    slack = len(inside)
    a_ub = np.vstack([part, -part[equal]])
    b_ub = np.concatenate([rest, -rest[equal]])
    loosen = np.vstack([-np.diag(near.astype(float)), -np.diag(near.astype(float))[equal]])
    bounds = [*zip(low[inside], high[inside], strict=True), *[(0, None)] * len(near)]
    cost = np.concatenate([np.zeros(slack), np.ones(len(near))])
    least = linprog(cost, A_ub=np.hstack([a_ub, loosen]), b_ub=b_ub, bounds=bounds, method="highs")
    assert least.status == 0, "no counts fit what is printed"
    allowed = np.ceil(np.where(near, least.x[slack:], 0) - 1e-6)
    # Publishers who are a tenth apart do not count the same things, and neither tells of the other.
    allowed[near & (allowed > np.maximum(FEW, _APART * np.abs(rest)))] = _FAR
    b_ub = b_ub + np.concatenate([allowed, allowed[equal]])
    at = np.searchsorted(inside, wanted)
    # Any two answers far enough apart show that a count is safe; only the others are looked at one by one.
    lowest, highest = np.full(len(at), np.inf), np.full(len(at), -np.inf)

    def see(objective) -> None:
        answer = linprog(objective, A_ub=a_ub, b_ub=b_ub, bounds=bounds[:slack], method="highs")
        assert answer.status == 0, "no counts fit what is printed"
        np.minimum(lowest, answer.x[at], out=lowest)
        np.maximum(highest, answer.x[at], out=highest)

    random = np.random.default_rng(1)
    for _ in range(6):
        objective = np.zeros(slack)
        objective[at] = random.choice([-1.0, 1.0], len(at))
        see(objective)
        see(-objective)
    for place, one in enumerate(at):
        if np.floor(highest[place] + 1e-6) - np.ceil(lowest[place] - 1e-6) < 4:
            objective = np.zeros(slack)
            objective[one] = 1.0
            see(objective)
            see(-objective)
    low[wanted], high[wanted] = lowest, highest


if __name__ == "__main__":
    pinned = claims(Path(sys.argv[1]))
    print(pinned.to_string() if len(pinned) else "nothing is known more closely than allowed")
    sys.exit(1 if len(pinned) else 0)
