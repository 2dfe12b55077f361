-- Relations between measures that the register declares: sums, parts, bases.
with
    -- A value of a profile has a name of its own as well, in the whole area. In the
    -- profiles of one feed a value means the same for every measure, so that what relates
    -- measures relates each value.
    named as (
        select v.*, if(is_profile(v.area_type), m.source_feed, null) as within_feed
        from variable as v
        left join measure as m on m.measure_id = v.measure_id
        union all
        select
            v.* replace (
                concat_ws(
                    '/', 'profile', v.measure_id, replace(v.area_type, 'profile/', ''), v.area_code
                ) as measure_id,
                'city' as area_type,
                city.area_code as area_code
            ),
            null
        from variable as v
        cross join city
        where is_profile(v.area_type)
    ),
    pair as (
        select
            r.relation as kind,
            r.total,
            r.tolerance,
            t.cell as total_cell,
            p.cell as part_cell,
            if(r.relation = 'base', 'base', 'count') as part_item
        from relations as r
        inner join named as t on t.measure_id = r.total and t.item = 'count'
        inner join
            named as p
            on p.measure_id = r.part
            and p.item = if(r.relation = 'base', 'base', 'count')
            and p.area_type = t.area_type
            and p.area_code = t.area_code
            and p.period_type = t.period_type
            and p.period_start = t.period_start
            and p.within_feed is not distinct from t.within_feed
    ),
    numbered as (
        select
            *,
            count(*) over (partition by kind, total, total_cell) as parts,
            (
                select count(*)
                from relations as r
                where r.total = pair.total and r.relation = pair.kind
            ) as wanted
        from pair
    ),
    terms as (
        -- One equation per part.
        select
            if(kind = 'base', '=', '<=') as sense,
            kind || '|' || part_cell || '|' || total_cell as relation,
            unnest([part_cell, total_cell]) as cell,
            unnest([part_item, 'count']) as item,
            unnest([1.0, -1.0]) as coefficient,
            tolerance
        from numbered
        where kind in ('base', 'part', 'cover')
        union all
        -- One over all parts; where one of a sum is missing, the others are at most the total.
        select
            if(kind = 'sum' and parts = wanted, '=', '<='),
            kind || '*|' || total_cell,
            part_cell,
            'count',
            if(kind = 'cover', -1.0, 1.0),
            tolerance
        from numbered
        where kind in ('sum', 'disjoint') or (kind = 'cover' and parts = wanted)
        union all
        select distinct
            if(kind = 'sum' and parts = wanted, '=', '<='),
            kind || '*|' || total_cell,
            total_cell,
            'count',
            if(kind = 'cover', 1.0, -1.0),
            tolerance
        from numbered
        where kind in ('sum', 'disjoint') or (kind = 'cover' and parts = wanted)
    )
select relation, sense, if(sense = '=', 0.0, tolerance), cell, item, coefficient
from terms
where sense = '<=' or tolerance = 0
union all
-- Known to be equal within a tolerance only.
select relation || '|most', '<=', tolerance, cell, item, coefficient
from terms
where sense = '=' and tolerance > 0
union all
select relation || '|least', '<=', tolerance, cell, item, - coefficient
from terms
where sense = '=' and tolerance > 0
