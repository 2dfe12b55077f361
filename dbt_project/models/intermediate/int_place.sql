-- One row per code of a place that partners use, with the smallest unit that its rows count in.
-- LSOA 2021 codes (and codes of 2011 that became one LSOA), wards in force, postcode districts.
with
    lsoa_codes as (
        select
            codes.lsoa_code as place_code,
            -- A code that was split needs a point, which only the public police file has. If every
            -- part lies in the area, so does the row.
            case
                when max(codes.candidates) > 1 and count(lsoa.lsoa_2021_code) = count(*)
                then 'WITHIN_OLD_CODE'
                when max(codes.candidates) > 1 and count(lsoa.lsoa_2021_code) > 0
                then 'UNKNOWN_CODE'
                when count(lsoa.lsoa_2021_code) = 0
                then 'OUTSIDE_AREA'
                else min(lsoa.lsoa_2021_code)
            end as unit_code
        from {{ ref("int_lsoa_code") }} as codes
        left join {{ ref("int_lsoa") }} as lsoa on lsoa.lsoa_2021_code = codes.lsoa_2021_code
        group by codes.lsoa_code
    )

select place_code, unit_code
from lsoa_codes
union all
select distinct ward_code as place_code, ward_code as unit_code
from {{ ref("int_lsoa") }}
union all
-- A ward that is no longer in force lies in the area, but nobody can say in which ward of today.
select ward_code as place_code, 'WITHIN_OLD_CODE' as unit_code
from {{ ref("area_ward") }}
where
    in_force_to is not null
    and district_code in (select area_code from {{ source("manifest", "run") }})
    and ward_code not in (select ward_code from {{ ref("int_lsoa") }})
union all
select postcode_district as place_code, postcode_district as unit_code
from {{ ref("postcode_districts") }}
