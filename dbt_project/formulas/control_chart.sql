-- The individuals chart (XmR) of counts by month, made of the months that it is given and of no
-- others. One row per series and month that is known or hidden. `months` names a table or a common
-- table expression with series, month_start, phase (of months that compare), value and is_hidden;
-- a phase with a hidden month has no chart.
-- Signals: a month outside the limits, a run on one side of the centre, a run of rises or of
-- falls. Source: Wheeler DJ. Understanding Variation (1993).
create or replace temp macro control_chart(months) as table (
    with
        stepped as (
            select
                series,
                month_start,
                phase,
                value,
                is_hidden,
                value - lag(value) over ordered as step,
                -- A month that is not known parts the runs on either side of it.
                month_start = lag(month_start) over ordered + interval 1 month as follows_on
            from query_table(months)
            where value is not null or is_hidden
            window ordered as (partition by series, phase order by month_start)
        ),

        based as (
            select
                *,
                avg(value) over phase_rows as mean,
                avg(abs(step)) filter (where follows_on) over phase_rows as moving_range,
                sum(if(follows_on, 0, 1)) over (
                    partition by series, phase order by month_start
                ) as stretch,
                -- Rare events are not spread evenly about their mean: no chart is drawn of them.
                count(*) over phase_rows >= minimum_months()
                and avg(value) over phase_rows >= minimum_mean()
                and count(*) filter (where is_hidden) over phase_rows = 0 as is_charted
            from stepped
            window phase_rows as (partition by series, phase)
        ),

        limited as (
            select
                *,
                case when is_charted then mean end as centre,
                case when is_charted then chart_lower(mean, moving_range) end as lower_limit,
                case when is_charted then chart_upper(mean, moving_range) end as upper_limit,
                sign(value - mean) as side,
                if(follows_on, sign(step), 0) as direction
            from based
        ),

        runs as (
            select
                *,
                count(*) filter (where side = 1) over run as above,
                count(*) filter (where side = -1) over run as below,
                count(*) filter (where direction = 1) over trend as rising,
                count(*) filter (where direction = -1) over trend as falling
            from limited
            window
                run as (
                    partition by series, phase, stretch
                    order by month_start
                    rows between cast(run_months() as bigint) - 1 preceding and current row
                ),
                -- Six months in a row rise in five steps.
                trend as (
                    partition by series, phase, stretch
                    order by month_start
                    rows between cast(trend_months() as bigint) - 2 preceding and current row
                )
        )

    select
        series,
        month_start,
        centre,
        lower_limit,
        upper_limit,
        case
            when centre is null
            then null
            when value > upper_limit
            then 'above the limits'
            when value < lower_limit
            then 'below the limits'
            when above = run_months()
            then in_words(run_months()) || ' in a row above'
            when below = run_months()
            then in_words(run_months()) || ' in a row below'
            when rising = trend_months() - 1
            then in_words(trend_months()) || ' in a row rising'
            when falling = trend_months() - 1
            then in_words(trend_months()) || ' in a row falling'
        end as signal
    from runs
)
;
