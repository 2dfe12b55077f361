-- One row per pair of partners that see the same violence, and year: never added.
select
    fact.measure_id,
    measure.measure_name,
    fact.strategy_year,
    fact."count",
    fact.change_percent,
    fact.change_is_significant,
    fact.missing_reason
from marts.fct_measure as fact
inner join marts.dim_measure as measure on measure.measure_id = fact.measure_id
where
    fact.measure_id in (
        'violence_with_injury',
        'ed_assault_attendances',
        'ambulance_assault_calls',
        'hospital_admissions_assault',
        'victim_support_violence_referrals'
    )
    and fact.area_type = 'city'
    and fact.period_type = 'strategy_year'
    and fact.strategy_year between $baseline and $year
order by fact.measure_id, fact.strategy_year
