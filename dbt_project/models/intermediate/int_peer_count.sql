-- One row per measure, month and district in the public police files, the partnership's own among
-- them: the same rows and the same rules, cut by district.
with
    districts as (
        -- Every LSOA 2011 lies in the district of the LSOAs 2021 that it became.
        select lsoa_code, min(district_code) as district_code
        from {{ ref("int_lsoa_code") }}
        group by lsoa_code
    )

select measures.measure_id, events.period_month, districts.district_code, count(*) as event_count
from {{ ref("stg_police__street_crime") }} as events
inner join districts on districts.lsoa_code = events.lsoa_code
inner join {{ ref("street_crime_measures") }} as measures on measures.crime_type = events.crime_type
where events.reject_reason is null
group by 1, 2, 3
