-- One row per registered break or event in a series, and measure it touches (null for all of
-- them).
select
    breaks.break_id,
    breaks.break_on,
    breaks.effect,
    breaks.title,
    breaks.description,
    breaks.verified,
    measure.measure_id
from marts.dim_break as breaks
left join
    marts.dim_measure as measure
    on measure.measure_id = breaks.measure_id
    or (breaks.measure_id is null and measure.feed = breaks.feed)
where breaks.break_on <= $year_end
order by breaks.break_on, breaks.break_id, measure.measure_id
