-- Months of the whole area; the chart is made anew from the months of a stretch that are all shown.
with
    months as (
        select t.*, t.rowid as place, m.is_exact, s.shown_count, s.reason, s.is_rounded,
            (
                select count(distinct b.break_on) from breaks as b
                where b.measure_id = t.measure_id and b.effect = 'not_comparable'
                    and b.break_on <= t.month_start
            ) as phase,
            cast(s.shown_count as double) as value
        from monthly as t
        inner join measure as m on m.measure_id = t.measure_id
        inner join shown as s
            on s.measure_id = t.measure_id and s.area_type = 'city' and s.period_type = 'month'
            and s.period_start = t.month_start
    ),
    stepped as (
        select *, value - lag(value) over series as step,
            month_start = lag(month_start) over series + interval 1 month as follows_on
        from months
        -- A month that is not known parts the runs on either side of it.
        where value is not null or reason is not null
        window series as (partition by measure_id, phase order by month_start)
    ),
    based as (
        select *, avg(value) over phase_rows as mean,
            avg(abs(step)) filter (where follows_on) over phase_rows as moving_range,
            sum(if(follows_on, 0, 1)) over (partition by measure_id, phase order by month_start)
            as stretch,
            count(*) over phase_rows >= 12 and avg(value) over phase_rows >= 5
            and count(reason) over phase_rows = 0 as is_charted
        from stepped
        window phase_rows as (partition by measure_id, phase)
    ),
    limited as (
        select *, case when is_charted then mean end as new_centre,
            case when is_charted then greatest(0, mean - 2.66 * moving_range) end as new_lower,
            case when is_charted then mean + 2.66 * moving_range end as new_upper,
            sign(value - mean) as side, if(follows_on, sign(step), 0) as direction
        from based
    ),
    runs as (
        select *, count(*) filter (where side = 1) over eight as above,
            count(*) filter (where side = -1) over eight as below,
            count(*) filter (where direction = 1) over five as rising,
            count(*) filter (where direction = -1) over five as falling
        from limited
        window
            eight as (partition by measure_id, phase, stretch order by month_start
                rows between 7 preceding and current row),
            five as (partition by measure_id, phase, stretch order by month_start
                rows between 4 preceding and current row)
    )
select t.* replace (
        months.shown_count as "count",
        case when months.is_exact then if(months.reason is null, t.centre, null)
            else runs.new_centre end as centre,
        case when months.is_exact then if(months.reason is null, t.lower_limit, null)
            else runs.new_lower end as lower_limit,
        case when months.is_exact then if(months.reason is null, t.upper_limit, null)
            else runs.new_upper end as upper_limit,
        case
            when months.is_exact then if(months.reason is null, t.signal, null)
            when runs.new_centre is null then null
            when runs.value > new_upper then 'above the limits'
            when runs.value < new_lower then 'below the limits'
            when above = 8 then 'eight in a row above'
            when below = 8 then 'eight in a row below'
            when rising = 5 then 'six in a row rising'
            when falling = 5 then 'six in a row falling'
        end as signal
    ), months.reason as suppressed, months.is_rounded
from monthly as t
inner join months on months.place = t.rowid
left join runs on runs.place = t.rowid
order by t.rowid
