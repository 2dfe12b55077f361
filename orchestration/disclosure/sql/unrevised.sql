-- Public figures of an earlier edition (p) whose true figures (t) equal those of a later edition
-- (f), where it has them.
select p.*
from p
inner join
    t
    on t.measure_id = p.measure_id
    and t.area_type = p.area_type
    and t.area_code = p.area_code
    and t.period_type = p.period_type
    and t.period_start = p.period_start
left join
    f
    on f.measure_id = p.measure_id
    and f.area_type = p.area_type
    and f.area_code = p.area_code
    and f.period_type = p.period_type
    and f.period_start = p.period_start
where
    f.measure_id is null
    or (f."count" = t."count" and f.denominator is not distinct from t.denominator)
order by p.measure_id, p.area_type, p.area_code, p.period_type, p.period_start
