-- One row per monthly measure and month of the assessment's year and the years of the strategy
-- before it, for the whole area, with what is expected of the month, the control chart's limits and
-- its signal. The rules are those of marts.process_control, which knows the months after the year's
-- end as well: an edition's chart is made of the months that it shows, and its season of the years
-- up to them.
with
    every_month as (select * from city_months where month_end <= $year_end),
    season as (select * from season_of('every_month')),
    months as (
        select every_month.*, false as is_hidden, season.seasonal_index
        from every_month
        left join
            season
            on season.series = every_month.series
            and season.month_of_year = month(every_month.month_start)
        where every_month.month_start >= $baseline_start
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
