-- One row per measure and day on which a registered event began: what is counted in its month and
-- in the next is left out of what is usual.
select register.measure_id, breaks.break_on as begins_on, min(breaks.title) as title
from {{ ref("series_breaks") }} as breaks
inner join
    {{ ref("measure_register") }} as register
    on register.measure_id = breaks.measure_id
    or (breaks.measure_id is null and breaks.feed = register.source_feed)
where breaks.effect = 'event'
group by register.measure_id, breaks.break_on
