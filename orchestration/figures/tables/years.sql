-- One row per measure and year (strategy, calendar, academic or pooled) up to the assessment's,
-- for the whole area.
select
    fact.measure_id,
    fact.period_type,
    fact.period_start,
    fact.period_end,
    fact.strategy_year,
    fact."count",
    fact.modelled_count,
    fact.denominator,
    fact.rate,
    fact.rate_lower,
    fact.rate_upper,
    fact.missing_reason
from marts.fct_measure as fact
where
    fact.area_type = 'city'
    and fact.period_type in ('strategy_year', 'calendar_year', 'academic_year', 'pooled_3_years')
    and fact.period_end <= $year_end
    -- A measure with strategy years has calendar years as well, for analysts.
    and not (
        fact.period_type = 'calendar_year'
        and fact.measure_id
        in (select measure_id from marts.fct_measure where period_type = 'strategy_year')
    )
order by fact.measure_id, fact.period_type, fact.period_start
