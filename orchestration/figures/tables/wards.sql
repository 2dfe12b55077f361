-- One row per measure and ward: the year's count and rate, and the ward's place in the funnel.
select
    fact.measure_id,
    fact.area_code as ward_code,
    fact.area_name as ward_name,
    fact."count",
    fact.denominator,
    fact.rate,
    fact.rate_lower,
    fact.rate_upper,
    funnel.city_rate,
    funnel.lower_95,
    funnel.upper_95,
    funnel.lower_998,
    funnel.upper_998,
    funnel.position,
    funnel.dispersion,
    funnel.differs_throughout,
    funnel.tau_squared,
    fact.missing_reason
from marts.fct_measure as fact
left join
    marts.ward_funnel as funnel
    on funnel.measure_id = fact.measure_id
    and funnel.area_type = fact.area_type
    and funnel.area_code = fact.area_code
    and funnel.period_type = fact.period_type
    and funnel.period_start = fact.period_start
where fact.area_type = 'ward' and fact.period_type = 'strategy_year' and fact.strategy_year = $year
order by fact.measure_id, fact.area_code
