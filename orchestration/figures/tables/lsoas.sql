-- One row per headline measure and LSOA: the year's count and rate, for the map.
select
    fact.measure_id,
    fact.area_code as lsoa_2021_code,
    fact.area_name as lsoa_2021_name,
    area.ward_code,
    fact."count",
    fact.denominator,
    fact.rate,
    fact.missing_reason
from marts.fct_measure as fact
inner join marts.dim_area as area on area.area_type = 'lsoa' and area.area_code = fact.area_code
where
    fact.area_type = 'lsoa'
    and fact.period_type = 'strategy_year'
    and fact.strategy_year = $year
    and fact.measure_id in (select measure_id from marts.priority_change where is_headline)
order by fact.measure_id, fact.area_code
