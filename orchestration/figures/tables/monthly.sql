-- One row per monthly measure and month of the assessment's year and the years of the strategy
-- before it, for the whole area, with what is expected of the month, the control chart's limits and
-- its signal. The rules are those of marts.process_control, which knows the months after the year's
-- end as well: an edition's chart is made of the months that it shows, and its season of the years
-- up to them.
with
    every_month as (
        select
            fact.measure_id as series,
            fact.period_start as month_start,
            fact.strategy_year as year,
            fact."count" as value,
            (
                select count(distinct breaks.break_on)
                from marts.dim_break as breaks
                where
                    breaks.effect in ('not_comparable', 'changes_level')
                    and breaks.break_on <= fact.period_start
                    and (
                        breaks.measure_id = fact.measure_id
                        or (breaks.measure_id is null and breaks.feed = measure.source_feed)
                    )
            ) as phase,
            exists (
                select 1
                from marts.dim_break as breaks
                where
                    breaks.effect = 'event'
                    and fact.period_start in (
                        date_trunc('month', breaks.break_on),
                        date_trunc('month', breaks.break_on) + interval 1 month
                    )
                    and (
                        breaks.measure_id = fact.measure_id
                        or (breaks.measure_id is null and breaks.feed = measure.source_feed)
                    )
            ) as is_event
        from marts.fct_measure as fact
        inner join marts.dim_measure as measure on measure.measure_id = fact.measure_id
        where
            fact.area_type = 'city'
            and fact.period_type = 'month'
            and measure.method = 'count'
            and fact.period_end <= $year_end
    ),
    season as (select * from season_of('every_month')),
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
                    breaks.effect in ('not_comparable', 'changes_level')
                    and breaks.break_on <= fact.period_start
                    and (
                        breaks.measure_id = fact.measure_id
                        or (breaks.measure_id is null and breaks.feed = measure.source_feed)
                    )
            ) as phase,
            season.seasonal_index
        from marts.fct_measure as fact
        inner join marts.dim_measure as measure on measure.measure_id = fact.measure_id
        left join
            season
            on season.series = fact.measure_id
            and season.month_of_year = month(fact.period_start)
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
