-- Months of the whole area. The chart is recomputed for stretches whose months are all shown.
with
    months as (
        select
            t.*,
            t.rowid as place,
            m.is_exact,
            s.shown_count,
            s.reason,
            s.is_rounded,
            (
                select count(distinct b.break_on)
                from breaks as b
                where
                    b.measure_id = t.measure_id
                    and b.effect = 'not_comparable'
                    and b.break_on <= t.month_start
            ) as phase
        from monthly as t
        inner join measure as m on m.measure_id = t.measure_id
        inner join
            shown as s
            on s.measure_id = t.measure_id
            and s.area_type = 'city'
            and s.period_type = 'month'
            and s.period_start = t.month_start
    ),
    known as (
        select
            measure_id as series,
            month_start,
            phase,
            cast(shown_count as double) as value,
            reason is not null as is_hidden
        from months
    )
select
    t.* replace (
        months.shown_count as "count",
        case
            when months.is_exact then if(months.reason is null, t.centre, null) else chart.centre
        end as centre,
        case
            when months.is_exact
            then if(months.reason is null, t.lower_limit, null)
            else chart.lower_limit
        end as lower_limit,
        case
            when months.is_exact
            then if(months.reason is null, t.upper_limit, null)
            else chart.upper_limit
        end as upper_limit,
        case
            when months.is_exact then if(months.reason is null, t.signal, null) else chart.signal
        end as signal
    ),
    months.reason as suppressed,
    months.is_rounded
from monthly as t
inner join months on months.place = t.rowid
left join
    control_chart('known') as chart
    on chart.series = t.measure_id
    and chart.month_start = t.month_start
order by t.rowid
