-- Cells that may still be hidden. The least useful is hidden first, the year of the whole area and
-- the base of a question last.
select
    cell,
    measure_id,
    value_count as value,
    case
        when period_type = 'rolling_12m'
        then 0
        when area_type = 'unplaced' or is_profile(area_type)
        then 1
        when area_type = 'lsoa'
        then 2
        when area_type = 'ward'
        then 3
        when period_type = 'month'
        then 4
        when area_type = 'answer' and area_code <> ''
        then 5
        when period_type in ('calendar_year', 'academic_year')
        then 6
        else 9
    end as usefulness
from cell
where reason is null and not is_exact and value_count > 0
