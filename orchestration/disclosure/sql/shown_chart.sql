-- The control chart of the months that are shown.
with
    months as (
        select given.*, season.seasonal_index
        from shown_months as given
        left join
            shown_season as season
            on season.series = given.series
            and season.month_of_year = month(given.month_start)
    )
select *
from control_chart('months')
