-- The values of a profile add up to the events whose value is known; with those whose value is not,
-- they add up to the figure, and so do the bases of a share.
with
    part as (
        select
            v.*,
            cell_of(v.measure_id, v.area_type, '', v.period_type, v.period_start) as known,
            cell_of(v.measure_id, 'city', city.area_code, v.period_type, v.period_start) as whole
        from variable as v
        cross join city
        where is_profile(v.area_type) and v.area_code <> '' and v.item in ('count', 'base')
    ),
    value as (select * from part where area_code <> 'not known'),
    term as (
        select 'values|' || known as relation, cell, item, 1.0 as coefficient
        from value
        where item = 'count'
        union all
        select distinct 'values|' || known, known, 'count', -1.0
        from value
        union all
        select 'known|' || known, unnest([known, cell, whole]), 'count', unnest([1.0, 1.0, -1.0])
        from part
        where area_code = 'not known' and item = 'count'
        union all
        select 'bases|' || known, cell, 'base', 1.0
        from part
        where item = 'base'
        union all
        select distinct 'bases|' || known, whole, 'base', -1.0
        from part
        where item = 'base'
    )
select relation, '=' as sense, 0.0 as constant, cell, item, coefficient
from term
