-- One row per measure and month of the year: its usual share of an average month, over whole
-- strategy years up to the assessment's, months of registered events left out. The rules are those
-- of marts.seasonality, which knows later years too.
with
    months as (
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
    )
select
    series as measure_id,
    cast(month_of_year as integer) as month_of_year,
    seasonal_index,
    lowest_index,
    highest_index,
    cast(years as integer) as years
from season_of('months')
order by measure_id, month_of_year
