-- One row per monthly measure and month of the assessment's year and the years of the strategy
-- before it, for the whole area, with the control chart's centre, limits and signal. The rules are
-- those of marts.process_control, which knows the months after the year's end as well: an
-- edition's chart is made of the months that it shows.
with
    months as (
        select
            fact.measure_id,
            fact.measure_id as series,
            fact.period_start as month_start,
            fact.strategy_year,
            fact."count",
            fact.missing_reason,
            fact.is_provisional,
            cast(fact."count" as double) as value,
            false as is_hidden,
            (
                select count(distinct breaks.break_on)
                from marts.dim_break as breaks
                where
                    breaks.effect = 'not_comparable'
                    and breaks.break_on <= fact.period_start
                    and (
                        breaks.measure_id = fact.measure_id
                        or (breaks.measure_id is null and breaks.feed = measure.source_feed)
                    )
            ) as phase
        from marts.fct_measure as fact
        inner join marts.dim_measure as measure on measure.measure_id = fact.measure_id
        where
            fact.area_type = 'city'
            and fact.period_type = 'month'
            and measure.method = 'count'
            and fact.period_start between $baseline_start and $year_end
    )
select
    months.measure_id,
    months.month_start,
    months.strategy_year,
    months."count",
    chart.centre,
    chart.lower_limit,
    chart.upper_limit,
    chart.signal,
    months.missing_reason,
    months.is_provisional
from months
left join
    control_chart('months') as chart
    on chart.series = months.measure_id
    and chart.month_start = months.month_start
order by months.measure_id, months.month_start
