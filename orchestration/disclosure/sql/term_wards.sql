-- Wards, and the lines of rows that lie in the area by a place nobody knows, add up to the whole
-- area, provided that every ward is a variable. A line that has no rows is no variable.
with
    ward as (
        select distinct ward_code
        from wards
        union
        select distinct ward_code
        from lsoas
    ),
    total as (
        select c.*, (select count(*) from ward) as wards
        from variable as c
        where
            c.area_type = 'city' and c.period_type = 'strategy_year' and c.item in ('count', 'base')
    ),
    part as (
        select total.cell as total, total.item, total.wards, p.cell
        from total
        inner join
            variable as p
            on p.measure_id = total.measure_id
            and p.area_type = 'ward'
            and p.item = total.item
            and p.period_type = 'strategy_year'
            and p.period_start = total.period_start
    ),
    line as (
        select total.cell as total, total.item, p.cell
        from total
        inner join
            variable as p
            on p.measure_id = total.measure_id
            and p.area_type = 'unplaced'
            and starts_with(p.area_code, 'WITHIN_')
            and p.item = total.item
            and p.period_type = 'strategy_year'
            and p.period_start = total.period_start
    ),
    whole as (select total, item from part group by all having count(*) = any_value(wards))
select 'place|' || total || '|' || item, '=', 0.0, cell, item, 1.0
from part
semi join whole using (total, item)
union all
select 'place|' || total || '|' || item, '=', 0.0, cell, item, 1.0
from line
semi join whole using (total, item)
union all
select 'place|' || total || '|' || item, '=', 0.0, total, item, -1.0
from whole
