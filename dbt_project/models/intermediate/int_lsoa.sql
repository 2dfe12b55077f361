-- One row per LSOA 2021 of the partnership's area, with its ward (best fit) and where that came
-- from.
with
    area as (select area_code from {{ source("manifest", "run") }}),

    delivered as (
        select lsoa_2021_code, lsoa_2021_name, ward_code, ward_name, district_code
        from {{ ref("stg_reference__lsoa_to_ward") }}
        where district_code in (select area_code from area)
    ),

    shipped as (
        select
            lsoa.lsoa_2021_code,
            lsoa.lsoa_2021_name,
            lsoa.ward_code,
            ward.ward_name,
            lsoa.district_code
        from {{ ref("area_lsoa_2021") }} as lsoa
        inner join {{ ref("area_ward") }} as ward on ward.ward_code = lsoa.ward_code
        where
            lsoa.district_code in (select area_code from area)
            -- A delivered lookup replaces the shipped one whole: two vintages are never mixed.
            and not exists (select 1 from delivered)
    )

select *, 'delivery' as area_source
from delivered
union all
select *, 'seed' as area_source
from shipped
