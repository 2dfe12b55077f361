-- One row per measure and month of the whole area: its count as it is shown, and whether it is
-- hidden.
select
    t.measure_id,
    t.month_start,
    t.strategy_year,
    s.shown_count as n,
    s.reason is not null as is_hidden
from monthly as t
inner join
    shown as s
    on s.measure_id = t.measure_id
    and s.area_type = 'city'
    and s.period_type = 'month'
    and s.period_start = t.month_start
