-- The year's rows without a place.
select t.* replace (s.shown_count as "count"), s.reason as suppressed, s.is_rounded
from unplaced as t
cross join edition_year as y
inner join
    shown as s
    on s.measure_id = t.measure_id
    and s.area_type = 'unplaced'
    and s.area_code = t.line_code
    and s.period_type = 'strategy_year'
    and s.period_start = y.starts_on
order by t.rowid
