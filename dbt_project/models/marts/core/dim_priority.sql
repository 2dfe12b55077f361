-- One row per priority of the strategy.
select
    cast(priority_id as varchar) as priority_id,
    cast(priority_name as varchar) as priority_name,
    cast(led_by as varchar) as led_by,
    cast(sort_order as integer) as sort_order
from {{ ref("priorities") }}
order by sort_order
