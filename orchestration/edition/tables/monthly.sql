-- One row per monthly measure and month of the assessment's year and the years of the strategy before
-- it, for the whole area, with the control chart's centre, limits and signal.
select fact.measure_id, fact.period_start as month_start, fact.strategy_year, fact."count",
    control.centre, control.lower_limit, control.upper_limit, control.signal,
    fact.missing_reason, fact.is_provisional
from marts.fct_measure as fact
inner join marts.dim_measure as measure on measure.measure_id = fact.measure_id
left join marts.process_control as control
    on control.measure_id = fact.measure_id and control.area_type = 'city'
    and control.month_start = fact.period_start
where fact.area_type = 'city' and fact.period_type = 'month' and measure.method = 'count'
    and fact.period_start between date '2023-04-01' and $year_end
order by fact.measure_id, fact.period_start
