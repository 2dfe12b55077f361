-- The control chart of the months of `city_month`.
with
    months as (
        select given.*, season.seasonal_index
        from month_series as given
        left join
            month_season as season
            on season.series = given.series
            and season.month_of_year = month(given.month_start)
    )
select *
from control_chart('months')
