-- One row per section of the serious violence needs assessment and measure that answers it.
select
    cast(chosen.section as varchar) as section,
    cast(
        case
            chosen.section
            when 'kinds'
            then 1
            when 'causes'
            then 2
            when 'cohorts'
            then 3
            when 'places'
            then 4
            when 'partners'
            then 5
        end as integer
    ) as section_order,
    cast(chosen.sort_order as integer) as sort_order,
    cast(chosen.measure_id as varchar) as measure_id,
    cast(measure.measure_name as varchar) as measure_name,
    cast(chosen.why_here as varchar) as why_here,
    cast(chosen.verified as varchar) as verified
from {{ ref("needs_assessment_measures") }} as chosen
inner join {{ ref("dim_measure") }} as measure on measure.measure_id = chosen.measure_id
order by section_order, sort_order
