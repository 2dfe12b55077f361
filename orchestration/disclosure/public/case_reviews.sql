-- Figures published by law: exact, by their rule.
select t.* replace (s.shown_count as "count"), s.reason as suppressed, s.is_rounded
from case_reviews as t
inner join
    shown as s
    on s.measure_id = t.measure_id
    and s.area_type = 'city'
    and s.period_type = 'strategy_year'
    and s.period_start = year_starts(t.strategy_year)
order by t.rowid
