-- The individuals chart (XmR) of counts by month, made of the months that it is given and of no
-- others. One row per series and month that is known or hidden. `months` names a table or a common
-- table expression with series, month_start, phase (of months that compare), value, is_hidden and
-- seasonal_index (of the month of the year; 100 is an average month, null where it is not known).
-- A gap of more months than gap_months begins a phase, and so does a change of `phase`; a phase
-- with
-- a hidden month has no chart.
-- Season is taken out before a month is judged: by the index where it is known; else each month is
-- judged by its difference from the same month of the year before, and with less than two years of
-- it there is no chart. `centre` and the limits are what is expected of that very month.
-- Signals are those of "Making data count" (NHS England; NHSRplotthedots): a month outside three
-- sigma limits, run_months in a row on one side, trend_months in a row rising or falling, two of
-- three beyond two thirds of the way to a limit. Every month of a run is marked. Moving ranges
-- above
-- 3.267 times their mean are left out of it. Source: Wheeler DJ. Understanding Variation (1993).
create or replace temp macro control_chart(months) as table (
    with
        spaced as (
            select
                series,
                month_start,
                phase,
                cast(value as double) as value,
                is_hidden,
                seasonal_index,
                coalesce(
                    date_diff('month', lag(month_start) over in_order, month_start) - 1 > gap_months()
                    or phase <> lag(phase) over in_order,
                    false
                ) as begins
            from query_table(months)
            where value is not null or is_hidden
            window in_order as (partition by series order by month_start)
        ),

        phased as (
            select
                * exclude (phase, begins),
                1 + sum(if(begins, 1, 0)) over (
                    partition by series order by month_start rows unbounded preceding
                ) as phase
            from spaced
        ),

        compared as (
            select
                phased.*,
                before.value as before,
                count(seasonal_index) over whole = count(*) over whole as has_season,
                count(*) filter (where phased.is_hidden) over whole > 0 as is_veiled,
                count(*) over whole as months_known,
                avg(phased.value) over whole as mean_count
            from phased
            left join
                (select series, phase, month_start, value from phased) as before
                on before.series = phased.series
                and before.phase = phased.phase
                and before.month_start = cast(phased.month_start - interval 1 year as date)
            window whole as (partition by phased.series, phased.phase)
        ),

        measured as (
            select
                *,
                case
                    when has_season then 100 * value / nullif(seasonal_index, 0) else value - before
                end as measured
            from compared
        ),

        stepped as (
            select
                *,
                measured - lag(measured) over in_order as step,
                -- A month that is not known parts the runs on either side of it.
                month_start = lag(month_start) over in_order + interval 1 month as follows_on,
                count(measured) over whole as judged_months,
                avg(steady(measured)) over whole as centre_of_measured
            from measured
            window
                in_order as (partition by series, phase order by month_start),
                whole as (partition by series, phase)
        ),

        screened as (
            select
                *,
                avg(steady(abs(step))) filter (
                    where follows_on and abs(step) <= 3.267 * mean_step
                ) over (partition by series, phase) as moving_range
            from
                (
                    select
                        *,
                        avg(steady(abs(step))) filter (where follows_on) over (
                            partition by series, phase
                        ) as mean_step
                    from stepped
                )
        ),

        based as (
            select
                *,
                sum(if(follows_on, 0, 1)) over (
                    partition by series, phase order by month_start
                ) as stretch,
                case
                    when is_veiled
                    then 'suppressed'
                    -- Rare events are not spread evenly about their mean: no chart is drawn of
                    -- them.
                    when mean_count < minimum_mean()
                    then 'base_too_small'
                    when months_known < minimum_months() or judged_months < minimum_months()
                    then 'too_few_months'
                end as not_charted_because
            from screened
        ),

        limited as (
            select
                *,
                not_charted_because is null and measured is not null as is_charted,
                sign(measured - centre_of_measured) as side,
                centre_of_measured - chart_width() * moving_range as low,
                centre_of_measured + chart_width() * moving_range as high,
                if(follows_on, sign(step), 0) as direction,
                case
                    when
                        abs(measured - centre_of_measured)
                        > chart_width() * moving_range * 2 / 3
                        and abs(measured - centre_of_measured) <= chart_width() * moving_range
                    then sign(measured - centre_of_measured)
                    else 0
                end as near
            from based
        ),

        runs as (
            select
                *,
                count(*) filter (where side = 1) over run as above,
                count(*) filter (where side = -1) over run as below,
                count(*) filter (where direction = 1) over trend as rising,
                count(*) filter (where direction = -1) over trend as falling,
                count(*) filter (where near = 1) over three as near_high,
                count(*) filter (where near = -1) over three as near_low,
                count(*) filter (where side = 1) over three as three_above,
                count(*) filter (where side = -1) over three as three_below
            from limited
            window
                run as (
                    partition by series, phase, stretch
                    order by month_start
                    rows between cast(run_months() as bigint) - 1 preceding and current row
                ),
                -- Seven months in a row rise in six steps.
                trend as (
                    partition by series, phase, stretch
                    order by month_start
                    rows between cast(trend_months() as bigint) - 2 preceding and current row
                ),
                three as (
                    partition by series, phase, stretch
                    order by month_start
                    rows between 2 preceding and current row
                )
        ),

        marked as (
            select
                *,
                bool_or(above = run_months()) over run as in_run_above,
                bool_or(below = run_months()) over run as in_run_below,
                bool_or(rising = trend_months() - 1) over trend as in_rise,
                bool_or(falling = trend_months() - 1) over trend as in_fall,
                bool_or(near_high >= 2 and three_above = 3) over three as in_high_pair,
                bool_or(near_low >= 2 and three_below = 3) over three as in_low_pair
            from runs
            window
                run as (
                    partition by series, phase, stretch
                    order by month_start
                    rows between current row and cast(run_months() as bigint) - 1 following
                ),
                trend as (
                    partition by series, phase, stretch
                    order by month_start
                    rows between current row and cast(trend_months() as bigint) - 1 following
                ),
                three as (
                    partition by series, phase, stretch
                    order by month_start
                    rows between current row and 2 following
                )
        )

    select
        series,
        month_start,
        cast(phase as integer) as phase,
        before,
        if(has_season, 'season', 'year before') as judged_by,
        coalesce(not_charted_because, if(measured is null, 'no_earlier_period', null))
        as not_charted_because,
        case when is_charted then of_the_month(centre_of_measured, has_season, seasonal_index, before) end
        as centre,
        case
            when is_charted
            then greatest(0, of_the_month(low, has_season, seasonal_index, before))
        end as lower_limit,
        case when is_charted then of_the_month(high, has_season, seasonal_index, before) end
        as upper_limit,
        case
            when not is_charted
            then null
            when measured > high
            then 'above the limits'
            when measured < low
            then 'below the limits'
            when in_run_above
            then in_words(run_months()) || ' in a row above'
            when in_run_below
            then in_words(run_months()) || ' in a row below'
            when in_rise
            then in_words(trend_months()) || ' in a row rising'
            when in_fall
            then in_words(trend_months()) || ' in a row falling'
            when in_high_pair and near = 1
            then 'two of three near the upper limit'
            when in_low_pair and near = -1
            then 'two of three near the lower limit'
        end as signal
    from marked
)
;

-- What is measured of a month, turned back into a count of that month.
create or replace temp macro of_the_month(measured, has_season, seasonal_index, before) as
    if(has_season, measured * seasonal_index / 100, before + measured)
;

-- Whether a signal is one of too many (or of too few, where more is better): an alarm. The same
-- month
-- of the year before explains it where that was as bad.
create or replace temp macro is_alarming(signal, polarity, value, before) as
    signal is not null
    and case
        polarity
        when 'down'
        then
            (signal like '%above%' or signal like '%rising' or signal like '%upper limit')
            and (before is null or value > before)
        when 'up'
        then
            (signal like '%below%' or signal like '%falling' or signal like '%lower limit')
            and (before is null or value < before)
        else false
    end
;
