-- One row per measure and month of the year: its usual share of an average month.
select measure_id, month_of_year, seasonal_index, lowest_index, highest_index, years
from marts.seasonality order by measure_id, month_of_year
