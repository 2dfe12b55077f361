-- The months of `city_month`, as the formulas of season and control chart take them.
select
    t.measure_id as series,
    t.month_start,
    t.strategy_year as year,
    t.n as value,
    t.is_hidden,
    (
        select count(distinct b.break_on)
        from breaks as b
        where
            b.measure_id = t.measure_id
            and b.effect in ('not_comparable', 'changes_level')
            and b.break_on <= t.month_start
    ) as phase,
    exists (
        select 1
        from breaks as b
        where
            b.effect = 'event'
            and b.measure_id = t.measure_id
            and t.month_start
            in (date_trunc('month', b.break_on), date_trunc('month', b.break_on) + interval 1 month)
    ) as is_event
from city_month as t
