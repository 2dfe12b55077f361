-- One row per kind of delivery period (month, quarter, year kinds) and period of the series.
-- The labels are those of file names: 2025-06, 2025-Q2, 2024-25, 2025.
with
    months as (
        select month_start, year(month_start) as in_year, month(month_start) as in_month
        from {{ ref("int_month") }}
    ),

    last_month as (select max(month_start) as month_start from months)

select
    'month' as period_kind,
    strftime(month_start, '%Y-%m') as period,
    month_start as first_month,
    1 as months
from months
union all
select 'quarter', in_year || '-Q' || cast(quarter(month_start) as varchar), month_start, 3
from months
where in_month in (1, 4, 7, 10)
union all
select
    kinds.period_kind,
    case
        when kinds.period_kind = 'calendar_year'
        then cast(in_year as varchar)
        else in_year || '-' || lpad(cast((in_year + 1) % 100 as varchar), 2, '0')
    end,
    month_start,
    12
from months
inner join
    (values ('financial_year', 4), ('calendar_year', 1), ('academic_year', 9)) as kinds(
        period_kind, first_in_month
    )
    on kinds.first_in_month = months.in_month
where months.month_start + interval 11 month <= (select month_start from last_month)
