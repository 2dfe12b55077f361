"""What anybody can add up: the relations between the cells of an edition, as equations.

A row of `term` is a coefficient of one variable in one relation; a relation is `= constant` or
`<= constant`. A variable is an item of a cell (`cell` and `item`), printed or not: the months or quarters
of a year that are not printed are variables too, and so is the rest of a base.
"""

from __future__ import annotations

import duckdb

# Months or quarters within the periods that are sums of them, for the whole area.
_TIME = """
insert into term
with
    total as (
        select distinct v.cell, v.item, v.measure_id, v.area_code, v.period_type, v.period_start,
            case m.periodicity when 'month' then 'month' else 'quarter' end as part_type
        from variable as v inner join measure as m on m.measure_id = v.measure_id
        where v.area_type = 'city' and m.method in ('count', 'proportion')
            and (
                m.periodicity = 'month'
                or (m.periodicity = 'quarter' and month(v.period_start) in (1, 4, 7, 10))
            )
            and v.period_type in ('strategy_year', 'calendar_year', 'academic_year', 'rolling_12m')
            and v.item in ('count', 'base')
    ),
    part as (
        select total.*, unnest(generate_series(period_start,
            cast(period_start + interval 11 month as date),
            if(part_type = 'month', interval 1 month, interval 3 month))) as part_start
        from total
    ),
    terms as (
        select 'time|' || cell || '|' || item as relation, cell, item, -1.0 as coefficient from total
        union all
        select 'time|' || cell || '|' || item,
            concat_ws('|', measure_id, 'city', area_code, part_type, strftime(part_start, '%Y-%m-%d')),
            item, 1.0
        from part
    )
select relation, '=' as sense, 0.0 as constant, cell, item, coefficient from terms;
-- A stock of a year is that of its last month.
insert into term
select 'stock|' || v.cell, '=', 0.0, unnest([v.cell, l.cell]), v.item, unnest([-1.0, 1.0])
from variable as v
inner join measure as m on m.measure_id = v.measure_id and m.method = 'stock'
inner join variable as l
    on l.measure_id = v.measure_id and l.area_code = v.area_code and l.item = v.item
    and l.area_type = v.area_type and l.period_type = 'month'
    and l.period_start = cast(v.period_start + interval 11 month as date)
where v.period_type = 'strategy_year' and v.area_type = 'city';
"""

# Wards add up to the city, LSOAs to their ward; only where every ward (LSOA) is a variable.
_PLACE = """
insert into term
with
    ward as (select distinct ward_code from wards union select distinct ward_code from lsoas),
    total as (
        select c.*, (select count(*) from ward) as wards from variable as c
        where c.area_type = 'city' and c.period_type = 'strategy_year' and c.item in ('count', 'base')
    ),
    part as (
        select total.cell as total, total.item, total.wards, p.cell
        from total inner join variable as p
            on p.measure_id = total.measure_id and p.area_type = 'ward' and p.item = total.item
            and p.period_type = 'strategy_year' and p.period_start = total.period_start
    ),
    whole as (select total, item from part group by all having count(*) = any_value(wards))
select 'place|' || total || '|' || item, '=', 0.0, cell, item, 1.0
from part semi join whole using (total, item)
union all
select 'place|' || total || '|' || item, '=', 0.0, total, item, -1.0 from whole;
insert into term
with
    lsoa as (select distinct measure_id, lsoa_2021_code, ward_code from lsoas),
    part as (
        select w.cell as total, w.item, l.cell
        from variable as w
        inner join lsoa on lsoa.measure_id = w.measure_id and lsoa.ward_code = w.area_code
        inner join variable as l
            on l.measure_id = w.measure_id and l.area_type = 'lsoa' and l.area_code = lsoa.lsoa_2021_code
            and l.item = w.item and l.period_type = w.period_type and l.period_start = w.period_start
        where w.area_type = 'ward'
    )
select 'place|' || total || '|' || item, '=', 0.0, cell, item, 1.0 from part
union all
select distinct 'place|' || total || '|' || item, '=', 0.0, total, item, -1.0 from part;
"""

_MEASURES = """
insert into term
with
    pair as (
        select r.relation as kind, r.total, t.cell as total_cell, p.cell as part_cell,
            if(r.relation = 'base', 'base', 'count') as part_item
        from relations as r
        inner join variable as t on t.measure_id = r.total and t.item = 'count'
        inner join variable as p
            on p.measure_id = r.part and p.item = if(r.relation = 'base', 'base', 'count')
            and p.area_type = t.area_type and p.area_code = t.area_code
            and p.period_type = t.period_type and p.period_start = t.period_start
    ),
    numbered as (
        select *, count(*) over (partition by kind, total, total_cell) as parts,
            (select count(*) from relations as r where r.total = pair.total and r.relation = pair.kind)
            as wanted
        from pair
    ),
    terms as (
        -- One equation a part.
        select if(kind = 'base', '=', '<=') as sense,
            kind || '|' || part_cell || '|' || total_cell as relation,
            unnest([part_cell, total_cell]) as cell, unnest([part_item, 'count']) as item,
            unnest([1.0, -1.0]) as coefficient
        from numbered where kind in ('base', 'part', 'cover')
        union all
        -- One over all parts, which have to be all there unless they only stay below.
        select case kind when 'sum' then '=' else '<=' end, kind || '*|' || total_cell, part_cell, 'count',
            if(kind = 'cover', -1.0, 1.0)
        from numbered where kind = 'disjoint' or (kind in ('sum', 'cover') and parts = wanted)
        union all
        select distinct case kind when 'sum' then '=' else '<=' end, kind || '*|' || total_cell, total_cell,
            'count', if(kind = 'cover', 1.0, -1.0)
        from numbered where kind = 'disjoint' or (kind in ('sum', 'cover') and parts = wanted)
    )
select relation, sense, 0.0, cell, item, coefficient from terms;
"""

# A share: the count and the rest make the base. Answers: the rest of those who answered.
_REST = """
insert into term
select 'rest|' || c.cell, '=', 0.0, unnest([c.cell, c.cell, c.cell]), unnest(['count', 'rest', 'base']),
    unnest([1.0, 1.0, -1.0])
from variable as c inner join variable as b on b.cell = c.cell and b.item = 'base'
where c.item = 'count';
insert into term
select 'first|' || c.cell, '<=', 0.0, unnest([c.cell, c.cell]), unnest(['first', 'count']),
    unnest([1.0, -1.0])
from variable as c inner join variable as f on f.cell = c.cell and f.item = 'first'
where c.item = 'count';
insert into term
with
    answer as (
        select v.*, concat_ws('|', v.measure_id, 'answer', '', 'edition', '') as base_cell
        from variable as v where v.area_type = 'answer' and v.area_code <> ''
    ),
    is_ranked as (select distinct measure_id from answer where item = 'first')
-- The base of every answer is the base of the question.
select 'asked|' || cell, '=', 0.0, unnest([cell, base_cell]), unnest(['base', 'count']), unnest([1.0, -1.0])
from answer where item = 'base'
union all
-- One answer each: they add up to the base. Three ranked ones each: first choices do.
select 'answers|' || base_cell, '=', 0.0, cell, item, 1.0
from answer where item = if(measure_id in (select measure_id from is_ranked), 'first', 'count')
union all
select distinct 'answers|' || base_cell, '=', 0.0, base_cell, 'count', -1.0 from answer;
"""

# Differences, percentages and centres that are not made from what is shown are made from the truth.
_DERIVED = """
insert into term
with
    city_year as (
        select f.measure_id, f.period_start,
            concat_ws('|', f.measure_id, f.area_type, f.area_code, f.period_type,
                strftime(f.period_start, '%Y-%m-%d')) as cell
        from figures as f where f.area_type = 'city' and f.period_type = 'strategy_year'
    ),
    pair as (
        select h.*, a.cell as now_cell, b.cell as before_cell
        from headline as h cross join year as y
        inner join measure as m on m.measure_id = h.measure_id and m.method <> 'published'
        inner join city_year as a on a.measure_id = h.measure_id and a.period_start = y.starts_on
        inner join city_year as b
            on b.measure_id = h.measure_id and b.period_start = y.starts_on - interval 1 year
    )
select distinct 'change|' || now_cell, '=', cast(change as double), unnest([now_cell, before_cell]), 'count',
    unnest([1.0, -1.0])
from pair where change is not null and change is distinct from "count" - previous_count
union all
select distinct 'percent|' || now_cell, '=', 0.0, unnest([now_cell, before_cell]), 'count',
    unnest([1.0, -1 - change_percent / 100])
from pair
where change_percent is not null
    and coalesce(abs(change_percent - 100.0 * ("count" - previous_count) / nullif(previous_count, 0)) > 1e-6,
        true);
insert into term
with
    series as (
        select t.measure_id, t.centre, count(*) as months, avg(t."count") as mean,
            count(*) - count(t."count") as hidden,
            list(concat_ws('|', t.measure_id, 'city', (select area_code from city), 'month',
                strftime(t.month_start, '%Y-%m-%d'))) as cells
        from monthly as t inner join measure as m on m.measure_id = t.measure_id and not m.is_exact
        where t.centre is not null group by t.measure_id, t.centre
    )
select 'centre|' || measure_id || '|' || centre, '=', round(centre * months), unnest(cells), 'count', 1.0
from series where hidden > 0 or abs(mean - centre) > 1e-6;
"""


def relate(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables `variable` and `term` of a workspace that has the table `item`.

    `item` is one row per cell and item that is printed or known, with the five columns of its key.
    """
    connection.execute(
        "create table variable as select cell, item, measure_id, area_type, area_code, period_type,"
        " cast(period_start as date) as period_start from item"
    )
    connection.execute(
        "create table term (relation varchar, sense varchar, constant double, cell varchar,"
        " item varchar, coefficient double)"
    )
    for statements in (_TIME, _PLACE, _MEASURES, _REST, _DERIVED):
        connection.execute(statements)
