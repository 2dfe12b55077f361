-- Upper limits, at the confidence level, of the counts from 0 upwards.
select count_upper(cast(n as double)) as upper from range($numbers) as counts(n) order by n
