-- One row per measure, area and period: the one long fact that all priority marts are cut from.
-- A measure that is held has its last published figures, and none for periods that had none.
with
    held as (select measure_id from {{ ref("int_held_measure") }} where state = 'held'),

    figures_before as (
        select * exclude (state) from {{ ref("int_figure_before") }} where state = 'held'
    ),

    -- The same period a year earlier, unless a break in the series lies between.
    paired as (
        select
            figures.*,
            before.event_count as before_count,
            before.people as before_people,
            before.rate_lower as before_rate_lower,
            before.rate_upper as before_rate_upper,
            before.missing_reason as before_missing_reason,
            before.measure_id is not null as has_before,
            window_12m.event_count as rolling_12m,
            exists (
                select 1
                from {{ ref("int_series_break") }} as breaks
                where
                    breaks.measure_id = figures.measure_id
                    and breaks.break_on > cast(figures.period_start - interval 1 year as date)
                    and breaks.break_on <= figures.period_end
            ) as is_across_a_break
        from {{ ref("int_measure_figure") }} as figures
        left join
            {{ ref("int_measure_figure") }} as before
            on before.measure_id = figures.measure_id
            and before.area_type = figures.area_type
            and before.area_code = figures.area_code
            and before.period_type = figures.period_type
            and before.period_start = cast(figures.period_start - interval 1 year as date)
        left join
            {{ ref("int_measure_figure") }} as window_12m
            on window_12m.measure_id = figures.measure_id
            and window_12m.area_type = figures.area_type
            and window_12m.area_code = figures.area_code
            and window_12m.period_type = 'rolling_12m'
            and window_12m.period_end = figures.period_end
    ),

    compared as (
        select
            * exclude (before_count, before_people, before_rate_lower, before_rate_upper),
            case
                when missing_reason is not null
                then missing_reason
                when is_across_a_break
                then 'break_in_series'
                when not has_before
                then 'no_earlier_period'
                when before_missing_reason is not null
                then 'earlier_period_' || before_missing_reason
            end as comparison_missing_reason,
            before_count,
            before_people,
            before_rate_lower,
            before_rate_upper
        from paired
    ),

    -- Counts of months and quarters are judged by how far their pairs scatter; of feeds that come
    -- once a year nobody knows.
    cleared as (
        select
            compared.* exclude (before_count),
            case
                when compared.comparison_missing_reason is null then compared.before_count
            end as previous_count,
            tested.dispersion,
            tested.change_lower,
            tested.change_upper,
            tested.not_judged_because,
            register.periodicity in ('month', 'quarter')
            and compared.method in ('count', 'distinct') as has_pairs,
            case
                when compared.method = 'proportion'
                then
                    shares_tail(
                        compared.event_count,
                        compared.people,
                        compared.before_count,
                        compared.before_people
                    )
                -- The same people stand in a stock of both years: no test of independent counts
                -- holds.
                when compared.method not in ('count', 'distinct')
                then null
                when register.periodicity in ('month', 'quarter')
                then tested.p_value
                else counts_tail(compared.event_count, compared.before_count)
            end as p_value
        from compared
        inner join
            {{ ref("measure_register") }} as register on register.measure_id = compared.measure_id
        left join
            {{ ref("int_measure_change") }} as tested
            on tested.measure_id = compared.measure_id
            and tested.area_type = compared.area_type
            and tested.area_code = compared.area_code
            and tested.period_type = compared.period_type
            and tested.period_start = compared.period_start
    ),

    shown as (
        select
            cast(cleared.measure_id as varchar) as measure_id,
            cast(cleared.area_type as varchar) as area_type,
            cast(cleared.area_code as varchar) as area_code,
            cast(cleared.area_name as varchar) as area_name,
            cast(cleared.period_type as varchar) as period_type,
            cast(cleared.period_start as date) as period_start,
            cast(cleared.period_end as date) as period_end,
            cast(periods.strategy_year as varchar) as strategy_year,
            cast(round(cleared.event_count) as bigint) as "count",
            cast(
                case when cleared.method = 'published' then cleared.event_count end as double
            ) as modelled_count,
            cast(round(cleared.people) as bigint) as denominator,
            cast(cleared.mid_year as integer) as denominator_year,
            cast(
                case
                    when cleared.method = 'published'
                    then cleared.rate
                    else rate_of(cleared.event_count, cleared.people, register.rate_per)
                end as double
            ) as rate,
            cast(
                case
                    when cleared.method = 'published'
                    then cleared.rate_lower
                    else
                        rate_lower_of(
                            cleared.event_count,
                            cleared.people,
                            register.rate_per,
                            cleared.method = 'proportion'
                        )
                end as double
            ) as rate_lower,
            cast(
                case
                    when cleared.method = 'published'
                    then cleared.rate_upper
                    else
                        rate_upper_of(
                            cleared.event_count,
                            cleared.people,
                            register.rate_per,
                            cleared.method = 'proportion'
                        )
                end as double
            ) as rate_upper,
            cast(round(cleared.previous_count) as bigint) as previous_count,
            cast(round(cleared.event_count - cleared.previous_count) as bigint) as change,
            change_percent_of(cleared.event_count, cleared.previous_count) as change_percent,
            cast(
                case
                    when cleared.comparison_missing_reason is not null
                    then null
                    when cleared.method = 'published'
                    -- Limits that do not overlap: stricter than a test at 5 %.
                    then
                        cleared.rate_lower > cleared.before_rate_upper
                        or cleared.rate_upper < cleared.before_rate_lower
                    else cleared.p_value < significance()
                end as boolean
            ) as change_is_significant,
            cast(
                case
                    when cleared.comparison_missing_reason is null then cleared.p_value
                end as double
            ) as change_p_value,
            cast(
                case
                    when cleared.comparison_missing_reason is null then cleared.change_lower
                end as double
            ) as change_lower,
            cast(
                case
                    when cleared.comparison_missing_reason is null then cleared.change_upper
                end as double
            ) as change_upper,
            cast(
                case
                    when cleared.comparison_missing_reason is null then cleared.dispersion
                end as double
            ) as dispersion,
            cast(
                case
                    when cleared.comparison_missing_reason is not null
                    then cleared.comparison_missing_reason
                    when cleared.method = 'published' or cleared.p_value is not null
                    then null
                    when cleared.method = 'stock'
                    then 'stock_has_no_test'
                    when cleared.not_judged_because is not null
                    then cleared.not_judged_because
                    when cleared.has_pairs
                    then 'too_few_pairs'
                    else 'base_too_small'
                end as varchar
            ) as change_not_judged,
            cast(cleared.comparison_missing_reason as varchar) as comparison_missing_reason,
            cast(round(cleared.rolling_12m) as bigint) as rolling_12m,
            cast(cleared.missing_reason as varchar) as missing_reason,
            cast(cleared.rows_left_out as bigint) as rows_left_out,
            cast(
                coalesce(
                    cleared.missing_reason is null
                    and date_trunc('month', cleared.period_end)
                    > feeds.newest_month - to_months(feeds.provisional_months),
                    false
                ) as boolean
            ) as is_provisional,
            cast(feeds.data_as_at as date) as data_as_at,
            cast(register.definition_version as integer) as definition_version,
            cast(run.is_synthetic as boolean) as is_synthetic,
            cast(false as boolean) as is_held
        from cleared
        inner join
            {{ ref("measure_register") }} as register on register.measure_id = cleared.measure_id
        inner join {{ ref("int_feed_newest") }} as feeds on feeds.feed = register.source_feed
        inner join
            {{ ref("dim_period") }} as periods
            on periods.period_type = cleared.period_type
            and periods.period_start = cleared.period_start
        cross join {{ source("manifest", "run") }} as run
        where cleared.measure_id not in (select measure_id from held)
        union all
        select *, true as is_held
        from figures_before
        union all
        select
            cleared.measure_id,
            cleared.area_type,
            cleared.area_code,
            cleared.area_name,
            cleared.period_type,
            cleared.period_start,
            cleared.period_end,
            periods.strategy_year,
            null as "count",
            null as modelled_count,
            null as denominator,
            null as denominator_year,
            null as rate,
            null as rate_lower,
            null as rate_upper,
            null as previous_count,
            null as change,
            null as change_percent,
            null as change_is_significant,
            null as change_p_value,
            null as change_lower,
            null as change_upper,
            null as dispersion,
            coalesce(cleared.missing_reason, 'held') as change_not_judged,
            coalesce(cleared.missing_reason, 'held') as comparison_missing_reason,
            null as rolling_12m,
            coalesce(cleared.missing_reason, 'held') as missing_reason,
            cast(cleared.rows_left_out as bigint) as rows_left_out,
            false as is_provisional,
            null as data_as_at,
            register.definition_version,
            run.is_synthetic,
            true as is_held
        from cleared
        inner join held on held.measure_id = cleared.measure_id
        inner join
            {{ ref("measure_register") }} as register on register.measure_id = cleared.measure_id
        inner join
            {{ ref("dim_period") }} as periods
            on periods.period_type = cleared.period_type
            and periods.period_start = cleared.period_start
        cross join {{ source("manifest", "run") }} as run
        where
            not exists (
                select 1
                from figures_before as before
                where
                    before.measure_id = cleared.measure_id
                    and before.period_type = cleared.period_type
                    and before.period_start = cleared.period_start
            )
    ),

    -- The whole area says when: a smaller one may have no figure of the newest period.
    -- Joined, where other marts have the window of is_latest(): that would sort every row here.
    newest as (
        select measure_id, period_type, max(period_start) as period_start
        from shown
        where area_type = 'city' and missing_reason is null
        group by measure_id, period_type
    )

select
    shown.*,
    coalesce(shown.period_start = newest.period_start, false) as is_latest,
    -- Held figures are made from other deliveries than those that were warned of.
    cast(
        case when not shown.is_held then coalesce(warned.warned_deliveries, 0) end as bigint
    ) as warned_deliveries
from shown
left join newest on newest.measure_id = shown.measure_id and newest.period_type = shown.period_type
left join
    {{ ref("int_warned_period") }} as warned
    on warned.measure_id = shown.measure_id
    and warned.period_type = shown.period_type
    and warned.period_start = shown.period_start
order by shown.measure_id, shown.area_type, shown.area_code, shown.period_type, shown.period_start
