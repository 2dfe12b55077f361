-- One row per monthly measure and month of the assessment's year and the years of the strategy before
-- it, for the whole area, with the control chart's centre, limits and signal.
-- The rules are those of marts.process_control, which knows the months after the year's end as well: an
-- edition's chart is made of the months that it shows.
with
    months as (
        select fact.measure_id, fact.period_start as month_start, fact.strategy_year, fact."count",
            fact.missing_reason, fact.is_provisional, cast(fact."count" as double) as value,
            (
                select count(distinct breaks.break_on) from marts.dim_break as breaks
                where breaks.effect = 'not_comparable' and breaks.break_on <= fact.period_start
                    and (breaks.measure_id = fact.measure_id
                        or (breaks.measure_id is null and breaks.feed = measure.source_feed))
            ) as phase
        from marts.fct_measure as fact
        inner join marts.dim_measure as measure on measure.measure_id = fact.measure_id
        where fact.area_type = 'city' and fact.period_type = 'month' and measure.method = 'count'
            and fact.period_start between date '2023-04-01' and $year_end
    ),
    stepped as (
        select *, value - lag(value) over series as step,
            -- A month that is not known parts the runs on either side of it.
            month_start = lag(month_start) over series + interval 1 month as follows_on
        from months where value is not null
        window series as (partition by measure_id, phase order by month_start)
    ),
    based as (
        select *, avg(value) over phase_rows as mean,
            avg(abs(step)) filter (where follows_on) over phase_rows as moving_range,
            sum(if(follows_on, 0, 1)) over (partition by measure_id, phase order by month_start) as stretch,
            count(*) over phase_rows >= 12 and avg(value) over phase_rows >= 5 as is_charted
        from stepped
        window phase_rows as (partition by measure_id, phase)
    ),
    limited as (
        select *, case when is_charted then mean end as centre,
            case when is_charted then greatest(0, mean - 2.66 * moving_range) end as lower_limit,
            case when is_charted then mean + 2.66 * moving_range end as upper_limit,
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
select months.measure_id, months.month_start, months.strategy_year, months."count",
    runs.centre, runs.lower_limit, runs.upper_limit,
    case
        when runs.centre is null then null
        when runs.value > runs.upper_limit then 'above the limits'
        when runs.value < runs.lower_limit then 'below the limits'
        when runs.above = 8 then 'eight in a row above'
        when runs.below = 8 then 'eight in a row below'
        when runs.rising = 5 then 'six in a row rising'
        when runs.falling = 5 then 'six in a row falling'
    end as signal,
    months.missing_reason, months.is_provisional
from months
left join runs on runs.measure_id = months.measure_id and runs.month_start = months.month_start
order by months.measure_id, months.month_start
