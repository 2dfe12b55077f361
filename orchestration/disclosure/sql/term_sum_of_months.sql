-- Months or quarters within the periods that they add up to, for the whole area.
with
    total as (
        select distinct
            v.cell,
            v.item,
            v.measure_id,
            v.area_code,
            v.period_type,
            v.period_start,
            case m.periodicity when 'month' then 'month' else 'quarter' end as part_type
        from variable as v
        inner join measure as m on m.measure_id = v.measure_id
        where
            v.area_type = 'city'
            and m.method in ('count', 'proportion')
            and (
                m.periodicity = 'month'
                or (m.periodicity = 'quarter' and month(v.period_start) in (1, 4, 7, 10))
            )
            and v.period_type in ('strategy_year', 'calendar_year', 'academic_year', 'rolling_12m')
            and v.item in ('count', 'base')
    ),
    part as (
        select
            total.*,
            unnest(
                generate_series(
                    period_start,
                    cast(period_start + interval 11 month as date),
                    if(part_type = 'month', interval 1 month, interval 3 month)
                )
            ) as part_start
        from total
    ),
    terms as (
        select 'time|' || cell || '|' || item as relation, cell, item, -1.0 as coefficient
        from total
        union all
        select
            'time|' || cell || '|' || item,
            cell_of(measure_id, 'city', area_code, part_type, part_start),
            item,
            1.0
        from part
    )
select relation, '=' as sense, 0.0 as constant, cell, item, coefficient
from terms
