-- One row per period (month, quarter, year kinds, year to date, rolling 12 months) and month of it.
with
    months as (select month_start, month_end, strategy_start_year from {{ ref("int_month") }}),

    quarters as (
        select
            'quarter' as period_type,
            cast(date_trunc('quarter', month_start) as date) as period_start,
            month_start
        from months
    ),

    years as (
        select
            'strategy_year' as period_type,
            make_date(strategy_start_year, 4, 1) as period_start,
            month_start
        from months
    ),

    -- Years that begin in another month; the three kinds of year never join by accident, because
    -- the
    -- kind is part of the key.
    other_years as (
        select
            kinds.period_type,
            cast(
                make_date(
                    year(month_start)
                    - case when month(month_start) < kinds.first_in_month then 1 else 0 end,
                    kinds.first_in_month,
                    1
                ) as date
            ) as period_start,
            month_start
        from months
        cross join
            (values ('calendar_year', 1), ('academic_year', 9)) as kinds(
                period_type, first_in_month
            )
    ),

    whole_years as (
        select period_type, period_start, month_start
        from other_years
        qualify count(*) over (partition by period_type, period_start) = 12
    ),

    -- Only windows that hold twelve months; the first months of the series close no window.
    windows as (
        select
            'rolling_12m' as period_type,
            cast(closing.month_start - interval 11 month as date) as period_start,
            month.month_start
        from months as closing
        inner join
            months as month
            on month.month_start
            between closing.month_start - interval 11 month and closing.month_start
        where closing.month_start - interval 11 month >= (select min(month_start) from months)
    )

select 'month' as period_type, month_start as period_start, month_start
from months
union all
select period_type, period_start, month_start
from quarters
union all
select period_type, period_start, month_start
from years
union all
select period_type, period_start, month_start
from windows
union all
select period_type, period_start, month_start
from whole_years
union all
select 'year_to_date', period_start, month_start
from {{ ref("int_year_to_date") }}
