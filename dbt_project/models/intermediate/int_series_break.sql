-- One row per measure and day from which its figures do not compare with those before.
select register.measure_id, breaks.break_on, min(breaks.title) as title
from {{ ref("series_breaks") }} as breaks
inner join
    {{ ref("measure_register") }} as register
    on register.measure_id = breaks.measure_id
    or (breaks.measure_id is null and breaks.feed = register.source_feed)
where breaks.effect = 'not_comparable'
group by register.measure_id, breaks.break_on
