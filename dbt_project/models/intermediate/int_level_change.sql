-- One row per measure and day from which its figures are recorded otherwise: on another level, or
-- so that they do not compare at all. A chart begins anew there, and a change across it is not
-- judged.
select register.measure_id, breaks.break_on, min(breaks.title) as title
from {{ ref("series_breaks") }} as breaks
inner join
    {{ ref("measure_register") }} as register
    on register.measure_id = breaks.measure_id
    or (breaks.measure_id is null and breaks.feed = register.source_feed)
where breaks.effect in ('not_comparable', 'changes_level')
group by register.measure_id, breaks.break_on
