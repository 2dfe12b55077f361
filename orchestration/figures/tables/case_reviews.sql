-- One row per statutory figure of anti-social behaviour case reviews and year. Published by law,
-- exact.
select fact.measure_id, measure.measure_name, fact.strategy_year, fact."count", fact.missing_reason
from marts.fct_measure as fact
inner join marts.dim_measure as measure on measure.measure_id = fact.measure_id
where
    measure.published_by_law
    and fact.period_type = 'strategy_year'
    and fact.area_type = 'city'
    and fact.strategy_year between $baseline and $year
order by fact.measure_id, fact.strategy_year
