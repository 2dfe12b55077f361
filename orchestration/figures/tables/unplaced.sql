-- One row per measure and line of rows without a place in the area.
select measure_id, area_code as line_code, area_name as line_name, "count", missing_reason
from marts.fct_measure
where
    area_type = 'unplaced'
    and period_type = 'strategy_year'
    and strategy_year = $year
    and "count" > 0
order by measure_id, area_code
