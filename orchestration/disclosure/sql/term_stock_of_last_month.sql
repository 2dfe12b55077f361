-- A stock measure's year has the value of its last month.
select 'stock|' || v.cell, '=', 0.0, unnest([v.cell, l.cell]), v.item, unnest([-1.0, 1.0])
from variable as v
inner join measure as m on m.measure_id = v.measure_id and m.method = 'stock'
inner join
    variable as l
    on l.measure_id = v.measure_id
    and l.area_code = v.area_code
    and l.item = v.item
    and l.area_type = v.area_type
    and l.period_type = 'month'
    and l.period_start = cast(v.period_start + interval 11 month as date)
where v.period_type = 'strategy_year' and v.area_type = 'city'
