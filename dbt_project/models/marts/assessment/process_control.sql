-- One row per measure, area (city or ward) and known month: an individuals chart (XmR) with what is
-- expected of the month, its limits and its signal (formulas/control_chart.sql). It begins anew
-- at a
-- gap and at every registered change of recording; season is taken out by the whole area's index.
with
    months as (
        select
            fact.measure_id,
            fact.area_type,
            fact.area_code,
            fact.area_name,
            fact.period_type,
            fact.period_start as month_start,
            fact.period_end,
            fact.strategy_year,
            cast(fact."count" as double) as value,
            fact.is_provisional,
            fact.is_synthetic,
            register.polarity,
            {
                'measure_id':fact.measure_id, 'area_type':fact.area_type, 'area_code':fact.area_code
            } as series,
            false as is_hidden,
            season.seasonal_index,
            {{ phase_of("fact.measure_id", "fact.period_start") }} as phase
        from {{ ref("fct_measure") }} as fact
        inner join
            {{ ref("measure_register") }} as register on register.measure_id = fact.measure_id
        left join
            {{ ref("seasonality") }} as season
            on season.measure_id = fact.measure_id
            and season.month_of_year = month(fact.period_start)
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
    cast(months.period_type as varchar) as period_type,
    cast(months.month_start as date) as period_start,
    cast(months.period_end as date) as period_end,
    cast(months.strategy_year as varchar) as strategy_year,
    cast(months.value as bigint) as "count",
    cast(chart.phase as integer) as phase,
    cast(chart.judged_by as varchar) as judged_by,
    cast(chart.centre as double) as centre,
    cast(chart.lower_limit as double) as lower_limit,
    cast(chart.upper_limit as double) as upper_limit,
    cast(chart.signal as varchar) as signal,
    cast(
        is_alarming(chart.signal, months.polarity, months.value, chart.before) as boolean
    ) as is_alarm,
    cast(chart.not_charted_because as varchar) as not_charted_because,
    cast(months.is_provisional as boolean) as is_provisional,
    cast(months.is_synthetic as boolean) as is_synthetic
from months
inner join
    control_chart('months') as chart
    on chart.series = months.series
    and chart.month_start = months.month_start
order by months.measure_id, months.area_type, months.area_code, months.month_start
