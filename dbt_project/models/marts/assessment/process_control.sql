-- One row per measure, area (city or ward) and known month: an individuals chart (XmR) with its
-- centre, limits and signals, based anew at every registered break (formulas/control_chart.sql).
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
            concat_ws('|', fact.measure_id, fact.area_type, fact.area_code) as series,
            false as is_hidden,
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
    )

select
    cast(months.measure_id as varchar) as measure_id,
    cast(months.area_type as varchar) as area_type,
    cast(months.area_code as varchar) as area_code,
    cast(months.area_name as varchar) as area_name,
    cast(months.month_start as date) as month_start,
    cast(months.value as double) as value,
    cast(months.phase + 1 as integer) as phase,
    cast(chart.centre as double) as centre,
    cast(chart.lower_limit as double) as lower_limit,
    cast(chart.upper_limit as double) as upper_limit,
    cast(chart.signal as varchar) as signal,
    cast(months.is_provisional as boolean) as is_provisional,
    cast(months.is_synthetic as boolean) as is_synthetic
from months
inner join
    control_chart('months') as chart
    on chart.series = months.series
    and chart.month_start = months.month_start
order by measure_id, area_type, area_code, month_start
