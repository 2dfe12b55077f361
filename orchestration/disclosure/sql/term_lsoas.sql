-- LSOAs add up to their ward.
with
    lsoa as (select distinct measure_id, lsoa_2021_code, ward_code from lsoas),
    part as (
        select w.cell as total, w.item, l.cell
        from variable as w
        inner join lsoa on lsoa.measure_id = w.measure_id and lsoa.ward_code = w.area_code
        inner join
            variable as l
            on l.measure_id = w.measure_id
            and l.area_type = 'lsoa'
            and l.area_code = lsoa.lsoa_2021_code
            and l.item = w.item
            and l.period_type = w.period_type
            and l.period_start = w.period_start
        where w.area_type = 'ward'
    )
select 'place|' || total || '|' || item, '=', 0.0, cell, item, 1.0
from part
union all
select distinct 'place|' || total || '|' || item, '=', 0.0, total, item, -1.0
from part
