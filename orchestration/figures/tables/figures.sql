-- One row per measure, area and period that any table of the edition prints a count of: the cells
-- that disclosure control decides about once, and that the next assessment is compared with.
select
    fact.measure_id,
    fact.area_type,
    fact.area_code,
    fact.area_name,
    fact.period_type,
    fact.period_start,
    fact.period_end,
    fact.strategy_year,
    fact."count",
    fact.modelled_count,
    fact.denominator,
    fact.rate,
    fact.missing_reason,
    fact.is_provisional
from marts.fct_measure as fact
inner join marts.dim_measure as measure on measure.measure_id = fact.measure_id
where
    fact.period_end <= $year_end
    and not (
        fact.period_type = 'calendar_year'
        and fact.measure_id
        in (select measure_id from marts.fct_measure where period_type = 'strategy_year')
    )
    and (fact.period_start >= $baseline_start or fact.period_type not in ('month', 'rolling_12m'))
    and (
        (
            fact.area_type = 'city'
            and fact.period_type in (
                'month',
                'strategy_year',
                'calendar_year',
                'academic_year',
                'pooled_3_years',
                'rolling_12m'
            )
        )
        or (
            fact.area_type in ('ward', 'unplaced')
            and fact.period_type = 'strategy_year'
            and fact.strategy_year = $year
        )
        or (
            fact.area_type = 'lsoa'
            and fact.period_type = 'strategy_year'
            and fact.strategy_year = $year
            and fact.measure_id in (select measure_id from marts.priority_change where is_headline)
        )
    )
order by fact.measure_id, fact.area_type, fact.area_code, fact.period_type, fact.period_start
