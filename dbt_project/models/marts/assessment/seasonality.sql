-- One row per measure and month of the year: its usual share of an average month, over whole
-- strategy years.
with
    months as (
        select
            measure_id,
            month(period_start) as month_of_year,
            cast("count" as double) as event_count,
            avg("count") over (partition by measure_id, strategy_year) as year_mean,
            count("count") over (partition by measure_id, strategy_year) as known_months,
            strategy_year,
            is_synthetic
        from {{ ref("fct_measure") }}
        where area_type = 'city' and period_type = 'month'
    )

select
    cast(months.measure_id as varchar) as measure_id,
    cast(month_of_year as integer) as month_of_year,
    cast(avg(100 * event_count / nullif(year_mean, 0)) as double) as seasonal_index,
    cast(min(100 * event_count / nullif(year_mean, 0)) as double) as lowest_index,
    cast(max(100 * event_count / nullif(year_mean, 0)) as double) as highest_index,
    cast(count(*) as integer) as years,
    cast(bool_or(months.is_synthetic) as boolean) as is_synthetic
from months
inner join {{ ref("measure_register") }} as register on register.measure_id = months.measure_id
where known_months = 12 and register.method = 'count'
group by months.measure_id, month_of_year
order by measure_id, month_of_year
