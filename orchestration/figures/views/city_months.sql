-- One row per count and month of the whole area, as the formulas of season and control chart take
-- it:
-- on which level it was recorded (`phase`), and whether a registered event lies in it.
select
    fact.measure_id,
    fact.measure_id as series,
    fact.period_start as month_start,
    fact.period_end as month_end,
    fact.strategy_year,
    fact.strategy_year as year,
    fact."count",
    cast(fact."count" as double) as value,
    fact.missing_reason,
    fact.is_provisional,
    (
        select count(distinct breaks.break_on)
        from marts.dim_break as breaks
        where
            breaks.effect in ('not_comparable', 'changes_level')
            and breaks.break_on <= fact.period_start
            and (
                breaks.measure_id = fact.measure_id
                or (breaks.measure_id is null and breaks.feed = measure.feed)
            )
    ) as phase,
    exists (
        select 1
        from marts.dim_break as breaks
        where
            breaks.effect = 'event'
            and fact.period_start in (
                date_trunc('month', breaks.break_on),
                date_trunc('month', breaks.break_on) + interval 1 month
            )
            and (
                breaks.measure_id = fact.measure_id
                or (breaks.measure_id is null and breaks.feed = measure.feed)
            )
    ) as is_event
from marts.fct_measure as fact
inner join marts.dim_measure as measure on measure.measure_id = fact.measure_id
where fact.area_type = 'city' and fact.period_type = 'month' and measure.method = 'count'
