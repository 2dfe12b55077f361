-- One row per variable of the equations, numbered.
with
    every as (
        select cell, item, low, high, is_target as target, least_width
        from item
        union all
        -- Not printed at all but part of a sum: nothing is known about it.
        select distinct h.cell, h.item, 0, null, false, 0
        from held as h
        anti join item using (cell, item)
    )
select
    row_number() over (order by cell, item) - 1 as var,
    cell,
    item,
    cast(low as double) as low,
    cast(high as double) as high,
    target,
    coalesce(least_width, 0) as least_width
from every
order by var
