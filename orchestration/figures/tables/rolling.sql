-- One row per measure and rolling twelve months that end by the end of the year, whole area.
select fact.measure_id, fact.period_end, fact."count", fact.missing_reason
from marts.fct_measure as fact
inner join marts.dim_measure as measure on measure.measure_id = fact.measure_id
where
    fact.area_type = 'city'
    and fact.period_type = 'rolling_12m'
    and measure.method = 'count'
    and fact.period_start >= $baseline_start
    and fact.period_end <= $year_end
order by fact.measure_id, fact.period_end
