-- One row per LSOA 2021 of the area: its place in the Indices of Deprivation 2025.
-- Decile 1 is the most deprived tenth of England. Editions on other LSOAs do not compare.
select
    cast('lsoa' as varchar) as area_type,
    cast(lsoa.lsoa_2021_code as varchar) as area_code,
    cast(lsoa.lsoa_2021_name as varchar) as area_name,
    cast(lsoa.ward_code as varchar) as ward_code,
    cast(imd.imd_decile as integer) as imd_decile,
    cast(imd.imd_rank as integer) as imd_rank,
    cast(imd.imd_score as double) as imd_score,
    cast(imd.crime_decile as integer) as crime_decile,
    cast(imd.crime_rank as integer) as crime_rank,
    cast(imd.crime_score as double) as crime_score,
    cast(imd.health_decile as integer) as health_decile,
    cast(case when imd.lsoa_2021_code is null then 'not_supplied' end as varchar) as missing_reason,
    cast(run.is_synthetic as boolean) as is_synthetic
from {{ ref("int_lsoa") }} as lsoa
cross join {{ source("manifest", "run") }} as run
left join
    {{ ref("stg_reference__imd_2025") }} as imd
    on imd.lsoa_2021_code = lsoa.lsoa_2021_code
    and imd.reject_reason is null
order by area_code
