-- One row per measure and month of the year: its usual share of an average month, over whole
-- strategy years up to the assessment's. The rules are those of marts.seasonality, which knows
-- later years too.
with
    months as (
        select
            fact.measure_id,
            month(fact.period_start) as month_of_year,
            fact.strategy_year,
            100
            * cast(fact."count" as double)
            / nullif(avg(fact."count") over whole_year, 0) as share,
            count(fact."count") over whole_year as known
        from marts.fct_measure as fact
        inner join marts.dim_measure as measure on measure.measure_id = fact.measure_id
        where
            fact.area_type = 'city'
            and fact.period_type = 'month'
            and measure.method = 'count'
            and fact.period_end <= $year_end
        window whole_year as (partition by fact.measure_id, fact.strategy_year)
    )
select
    measure_id,
    cast(month_of_year as integer) as month_of_year,
    -- A fixed order of summation: the same bytes every time.
    list_avg(list(share order by strategy_year)) as seasonal_index,
    min(share) as lowest_index,
    max(share) as highest_index,
    cast(count(*) as integer) as years
from months
where known = 12
group by measure_id, month_of_year
order by measure_id, month_of_year
