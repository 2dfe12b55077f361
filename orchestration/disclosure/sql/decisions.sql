-- One row per cell: whether it is shown, and why not.
select
    cell,
    measure_id,
    area_type,
    area_code,
    period_type,
    period_start,
    reason as suppressed,
    is_rounded
from shown
order by cell
