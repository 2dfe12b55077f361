-- One row per priority and measure: the year, the year before, the change and whether it is more
-- than chance, for the whole area.
select
    priority.priority_id,
    priority.priority_name,
    priority.sort_order as priority_order,
    change.measure_id,
    change.measure_name,
    change.is_headline,
    measure.unit,
    measure.rate_per,
    measure.method,
    measure.polarity,
    measure.verified,
    fact."count",
    fact.previous_count,
    fact.change,
    fact.change_percent,
    fact.denominator,
    fact.rate,
    fact.rate_lower,
    fact.rate_upper,
    change.change_lower,
    change.change_upper,
    change.dispersion,
    change.change_p_value,
    change.tests_together,
    change.change_is_significant,
    change.finding,
    change.verdict,
    change.change_not_judged as not_judged_because,
    fact.missing_reason,
    fact.comparison_missing_reason,
    fact.rows_left_out,
    fact.warned_deliveries,
    fact.is_provisional
from marts.priority_change as change
inner join marts.dim_priority as priority on priority.priority_id = change.priority_id
inner join marts.dim_measure as measure on measure.measure_id = change.measure_id
inner join
    marts.fct_measure as fact
    on fact.measure_id = change.measure_id
    and fact.strategy_year = change.strategy_year
    and fact.area_type = 'city'
    and fact.period_type = 'strategy_year'
where change.period_type = 'strategy_year' and change.strategy_year = $year
order by priority.sort_order, not change.is_headline, change.measure_id
