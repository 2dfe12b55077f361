-- One row: the code of the whole area.
select min(area_code) as area_code from figures where area_type = 'city'
