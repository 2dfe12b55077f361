-- One row per measure and month of the year: its usual share of an average month, over whole
-- strategy years up to the assessment's, months of registered events left out. The rules are those
-- of marts.seasonality, which knows later years too.
with months as (select * from city_months where month_end <= $year_end)
select
    series as measure_id,
    cast(month_of_year as integer) as month_of_year,
    seasonal_index,
    lowest_index,
    highest_index,
    cast(years as integer) as years
from season_of('months')
order by measure_id, month_of_year
