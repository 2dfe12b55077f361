-- One row: the strategy year that the public tables are of.
select max(cast(period_start as date)) as starts_on
from figures
where period_type = 'strategy_year' and area_type = 'city'
