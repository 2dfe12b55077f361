-- One row: the strategy year of the public tables.
select max(cast(period_start as date)) as starts_on
from figures
where period_type = 'strategy_year' and area_type = 'city'
