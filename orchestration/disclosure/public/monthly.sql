-- Months of the whole area. The chart is recomputed for stretches whose months are all shown.
select
    t.* replace (
        s.shown_count as "count",
        case
            when m.is_exact then if(s.reason is null, t.centre, null) else chart.centre
        end as centre,
        case
            when m.is_exact then if(s.reason is null, t.lower_limit, null) else chart.lower_limit
        end as lower_limit,
        case
            when m.is_exact then if(s.reason is null, t.upper_limit, null) else chart.upper_limit
        end as upper_limit,
        case
            when m.is_exact then if(s.reason is null, t.signal, null) else chart.signal
        end as signal
    ),
    s.reason as suppressed,
    s.is_rounded
from monthly as t
inner join measure as m on m.measure_id = t.measure_id
inner join
    shown as s
    on s.measure_id = t.measure_id
    and s.area_type = 'city'
    and s.period_type = 'month'
    and s.period_start = t.month_start
left join month_chart as chart on chart.series = t.measure_id and chart.month_start = t.month_start
order by t.rowid
