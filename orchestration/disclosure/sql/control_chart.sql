-- The control chart of counts by month (the rules and their source: marts.process_control), made of the
-- months that it is given and of no others. One row per measure and month that is known or hidden.
-- `months` names a table with measure_id, month_start, phase (of months that compare), value and
-- is_hidden; a phase with a hidden month has no chart.
create or replace temp macro control_chart(months) as table (
    with
        stepped as (
            select measure_id, month_start, phase, value, is_hidden,
                value - lag(value) over series as step,
                -- A month that is not known parts the runs on either side of it.
                month_start = lag(month_start) over series + interval 1 month as follows_on
            from query_table(months)
            where value is not null or is_hidden
            window series as (partition by measure_id, phase order by month_start)
        ),
        based as (
            select *, avg(value) over phase_rows as mean,
                avg(abs(step)) filter (where follows_on) over phase_rows as moving_range,
                sum(if(follows_on, 0, 1)) over (partition by measure_id, phase order by month_start)
                as stretch,
                count(*) over phase_rows >= 12 and avg(value) over phase_rows >= 5
                and count(*) filter (where is_hidden) over phase_rows = 0 as is_charted
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
    select measure_id, month_start, centre, lower_limit, upper_limit,
        case
            when centre is null then null
            when value > upper_limit then 'above the limits'
            when value < lower_limit then 'below the limits'
            when above = 8 then 'eight in a row above'
            when below = 8 then 'eight in a row below'
            when rising = 5 then 'six in a row rising'
            when falling = 5 then 'six in a row falling'
        end as signal
    from runs
);
