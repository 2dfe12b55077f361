-- One row: the strategy year of the edition.
select max(cast(period_start as date)) as starts_on, max(strategy_year) as label
from figures
where period_type = 'strategy_year' and area_type = 'city'
