-- One row per measure and month of the year: its usual share of an average month, over whole
-- strategy years, registered events left out (formulas/season.sql).
with
    months as (
        select
            fact.measure_id as series,
            fact.period_start as month_start,
            fact.strategy_year as year,
            {{ phase_of("fact.measure_id", "fact.period_start") }} as phase,
            fact."count" as value,
            {{ is_event_month("fact.measure_id", "fact.period_start") }} as is_event
        from {{ ref("fct_measure") }} as fact
        inner join
            {{ ref("measure_register") }} as register on register.measure_id = fact.measure_id
        where fact.area_type = 'city' and fact.period_type = 'month' and register.method = 'count'
    )

select
    cast(season.series as varchar) as measure_id,
    cast(season.month_of_year as integer) as month_of_year,
    cast(season.seasonal_index as double) as seasonal_index,
    cast(season.lowest_index as double) as lowest_index,
    cast(season.highest_index as double) as highest_index,
    cast(season.years as integer) as years,
    cast(season_word(seasonal_index, lowest_index, highest_index) as varchar) as season,
    cast(run.is_synthetic as boolean) as is_synthetic
from season_of('months') as season
cross join {{ source("manifest", "run") }} as run
order by measure_id, month_of_year
