-- Rolling twelve months of the whole area.
select t.* replace (s.shown_count as "count"), s.reason as suppressed, s.is_rounded
from rolling as t
inner join
    shown as s
    on s.measure_id = t.measure_id
    and s.area_type = 'city'
    and s.period_type = 'rolling_12m'
    and s.period_end = t.period_end
order by t.rowid
