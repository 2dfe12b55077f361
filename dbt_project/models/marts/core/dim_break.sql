-- One row per registered break or event in a series.
select
    cast(break_id as varchar) as break_id,
    cast(feed as varchar) as feed,
    cast(measure_id as varchar) as measure_id,
    cast(break_on as date) as break_on,
    cast(effect as varchar) as effect,
    cast(title as varchar) as title,
    cast(description as varchar) as description,
    cast(verified as varchar) as verified
from {{ ref("series_breaks") }}
order by break_on, break_id
