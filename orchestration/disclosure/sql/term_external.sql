-- The Home Office's table: its offence groups are sums of codes, ours are printed beside them.
with
    our_group as (
        select
            e.offence_group,
            cast(e.their_count as double) as theirs,
            external_cell(e.offence_group) as cell
        from external as e
    ),
    part as (
        select
            g.offence_group,
            g.cell as total_cell,
            g.theirs,
            r.relation as kind,
            r.tolerance,
            v.measure_id,
            v.cell
        from relations as r
        inner join our_group as g on r.total = 'external/' || g.offence_group
        cross join year as y
        inner join
            variable as v
            on v.measure_id = r.part
            and v.item = 'count'
            and v.period_type = 'strategy_year'
            and v.period_start = y.starts_on
            -- Rows without a place count in the group; they may belong to the area.
            and (v.area_type = 'city' or (v.area_type = 'unplaced' and v.area_code = 'NO_LOCATION'))
        where r.relation in ('sum', 'disjoint') or (r.relation = 'part' and v.area_type = 'city')
    ),
    numbered as (
        select
            *,
            kind = 'sum'
            and count(distinct measure_id) over (partition by kind, offence_group) = (
                select count(*)
                from relations as r
                where r.total = 'external/' || part.offence_group and r.relation = 'sum'
            ) as is_whole,
            concat_ws('|', kind, offence_group, if(kind = 'part', cell, '')) as name
        from part
    )
-- Our group is of the same extract as the parts; theirs may differ by the tolerance.
select 'ours|' || name, if(is_whole, '=', '<='), 0.0, cell, 'count', 1.0
from numbered
union all
select distinct 'ours|' || name, if(is_whole, '=', '<='), 0.0, total_cell, 'count', -1.0
from numbered
union all
select 'theirs|most|' || name, '<=', theirs + tolerance, cell, 'count', 1.0
from numbered
where theirs is not null
union all
select 'theirs|least|' || name, '<=', tolerance - theirs, cell, 'count', -1.0
from numbered
where theirs is not null and is_whole
union all
select 'theirs|own|' || g.cell, '=', g.theirs, g.cell, 'count', 1.0
from our_group as g
inner join variable as v on v.cell = g.cell and v.item = 'count'
where g.theirs is not null
