-- What is usual for each month of the year, from the months that are shown.
select * from season_of('shown_months')
