-- What is usual for each month of the year, from the months that are printed.
select * from season_of('read_months')
