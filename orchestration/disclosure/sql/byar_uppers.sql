-- Byar's upper limits of the counts from 0 upwards.
select byar_upper(cast(n as double), confidence_normal_point()) as upper
from range($numbers) as counts(n)
order by n
