-- The variables of the equations.
select
    cell,
    item,
    measure_id,
    area_type,
    area_code,
    period_type,
    cast(period_start as date) as period_start
from item
