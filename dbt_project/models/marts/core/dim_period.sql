-- One row per period: month, quarter, one of the year kinds, rolling 12 months, or as published.
with
    periods as (
        select
            period_type,
            period_start,
            count(*) as months,
            cast(max(month_start) + interval 1 month - interval 1 day as date) as period_end
        from {{ ref("int_period_month") }}
        group by period_type, period_start
    ),

    -- Periods that only a publisher's own series has, such as years long past or three years
    -- pooled.
    published as (
        select distinct
            period_type,
            period_start,
            date_diff('month', period_start, period_end) + 1 as months,
            period_end
        from {{ ref("int_measure_value") }} as values_given
        where
            not exists (
                select 1
                from periods
                where
                    periods.period_type = values_given.period_type
                    and periods.period_start = values_given.period_start
            )
    ),

    every_period as (
        select period_type, period_start, months, period_end
        from periods
        union all
        select period_type, period_start, months, period_end
        from published
    ),

    named as (
        select
            period_type,
            period_start,
            period_end,
            months,
            -- The strategy year that the period ends in.
            {{ strategy_year_of("period_end") }} as strategy_year
        from every_period
    )

select
    cast(named.period_type as varchar) as period_type,
    cast(named.period_start as date) as period_start,
    cast(named.period_end as date) as period_end,
    cast(named.strategy_year as varchar) as strategy_year,
    cast(
        case
            named.period_type
            when 'month'
            then strftime(named.period_start, '%B %Y')
            when 'quarter'
            then
                'Q'
                || cast(quarter(named.period_start - interval 3 month) as varchar)
                || ' '
                || named.strategy_year
            when 'strategy_year'
            then named.strategy_year
            when 'calendar_year'
            then strftime(named.period_start, '%Y')
            when 'year_to_date'
            then named.strategy_year || ' to ' || strftime(named.period_end, '%B')
            when 'academic_year'
            then
                'School year '
                || strftime(named.period_start, '%Y')
                || '/'
                || strftime(named.period_end, '%y')
            when 'pooled_3_years'
            then
                strftime(named.period_start, '%Y')
                || '–'
                || strftime(named.period_end, '%y')
                || ' pooled'
            else 'Year to ' || strftime(named.period_end, '%B %Y')
        end as varchar
    ) as period_name,
    cast(named.months as integer) as months,
    cast(coalesce(strategy_year.role, 'before_baseline') as varchar) as strategy_role
from named
left join
    {{ ref("strategy_years") }} as strategy_year
    on strategy_year.strategy_year = named.strategy_year
order by period_type, period_start
