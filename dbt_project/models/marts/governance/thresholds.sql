-- One row per threshold that a formula, a table or a page uses.
select
    cast(threshold as varchar) as threshold,
    cast(value as double) as value,
    cast(unit as varchar) as unit,
    cast(meaning as varchar) as meaning,
    cast(source as varchar) as source
from {{ ref("threshold_register") }}
order by threshold
