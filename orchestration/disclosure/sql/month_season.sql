-- What is usual for each month of the year, from the months of `city_month`.
select * from season_of('month_series')
