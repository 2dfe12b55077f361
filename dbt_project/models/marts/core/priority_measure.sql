-- One row per priority and measure that it chose.
select
    cast(chosen.priority_id as varchar) as priority_id,
    cast(chosen.measure_id as varchar) as measure_id,
    cast(chosen.sort_order as integer) as sort_order,
    cast(chosen.sort_order = 1 as boolean) as is_headline
from {{ ref("measure_priorities") }} as chosen
inner join {{ ref("dim_priority") }} as priority on priority.priority_id = chosen.priority_id
order by priority.sort_order, chosen.sort_order, measure_id
