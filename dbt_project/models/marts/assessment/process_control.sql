-- One row per measure, area (city or ward) and known month: an individuals chart (XmR) with its
-- centre, limits and signals, based anew at every registered break.
-- Source: Wheeler DJ. Understanding Variation (1993): limits are the mean ± 2.66 mean moving
-- ranges;
-- signals: a month outside the limits, eight in a row on one side, six in a row rising or falling.
with
    months as (
        select
            fact.measure_id,
            fact.area_type,
            fact.area_code,
            fact.area_name,
            fact.period_start as month_start,
            cast(fact."count" as double) as value,
            fact.is_provisional,
            fact.is_synthetic,
            (
                select count(*)
                from {{ ref("int_series_break") }} as breaks
                where breaks.measure_id = fact.measure_id and breaks.break_on <= fact.period_start
            ) as phase
        from {{ ref("fct_measure") }} as fact
        inner join
            {{ ref("measure_register") }} as register on register.measure_id = fact.measure_id
        where
            fact.period_type = 'month'
            and fact.area_type in ('city', 'ward')
            and fact."count" is not null
            and register.method = 'count'
    ),

    stepped as (
        select
            *,
            value - lag(value) over series as step,
            -- A month that is not known parts the runs on either side of it.
            month_start
            = cast(lag(month_start) over series + interval 1 month as date) as follows_on
        from months
        window series as (partition by measure_id, area_type, area_code, phase order by month_start)
    ),

    based as (
        select
            *,
            avg(value) over phase_rows as centre,
            avg(abs(step)) filter (where follows_on) over phase_rows as moving_range,
            count(*) over phase_rows as months_in_phase,
            sum(case when follows_on then 0 else 1 end) over (
                partition by measure_id, area_type, area_code, phase order by month_start
            ) as stretch,
            count(*) over phase_rows >= {{ var("minimum_months") }}
            and avg(value) over phase_rows >= {{ var("minimum_mean") }} as is_charted
        from stepped
        window phase_rows as (partition by measure_id, area_type, area_code, phase)
    ),

    limited as (
        select
            *,
            -- Rare events are not spread evenly about their mean: no chart is drawn of them.
            case when is_charted then centre end as centre_line,
            case when is_charted then greatest(0, centre - 2.66 * moving_range) end as lower_limit,
            case when is_charted then centre + 2.66 * moving_range end as upper_limit,
            sign(value - centre) as side,
            case when follows_on then sign(step) else 0 end as direction
        from based
    ),

    runs as (
        select
            *,
            count(*) filter (where side = 1) over eight as above,
            count(*) filter (where side = -1) over eight as below,
            count(*) filter (where direction = 1) over five as rising,
            count(*) filter (where direction = -1) over five as falling
        from limited
        window
            eight as (
                partition by measure_id, area_type, area_code, phase, stretch
                order by month_start
                rows between 7 preceding and current row
            ),
            -- Six months in a row rise in five steps.
            five as (
                partition by measure_id, area_type, area_code, phase, stretch
                order by month_start
                rows between 4 preceding and current row
            )
    )

select
    cast(measure_id as varchar) as measure_id,
    cast(area_type as varchar) as area_type,
    cast(area_code as varchar) as area_code,
    cast(area_name as varchar) as area_name,
    cast(month_start as date) as month_start,
    cast(value as double) as value,
    cast(phase + 1 as integer) as phase,
    cast(centre_line as double) as centre,
    cast(lower_limit as double) as lower_limit,
    cast(upper_limit as double) as upper_limit,
    cast(
        case
            when centre_line is null
            then null
            when value > upper_limit
            then 'above the limits'
            when value < lower_limit
            then 'below the limits'
            when above = 8
            then 'eight in a row above'
            when below = 8
            then 'eight in a row below'
            when rising = 5
            then 'six in a row rising'
            when falling = 5
            then 'six in a row falling'
        end as varchar
    ) as signal,
    cast(is_provisional as boolean) as is_provisional,
    cast(is_synthetic as boolean) as is_synthetic
from runs
order by measure_id, area_type, area_code, month_start
