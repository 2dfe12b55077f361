-- One row per LSOA or ward of the area with its boundary as delivered (GeoJSON, WGS 84).
select
    cast('lsoa' as varchar) as area_type,
    cast(lsoa.lsoa_2021_code as varchar) as area_code,
    cast(boundaries.boundary_geojson as varchar) as boundary_geojson
from {{ ref("int_lsoa") }} as lsoa
inner join
    {{ ref("stg_reference__lsoa_boundaries") }} as boundaries
    on boundaries.lsoa_2021_code = lsoa.lsoa_2021_code
where boundaries.reject_reason is null
union all
select distinct
    cast('ward' as varchar) as area_type,
    cast(boundaries.ward_code as varchar) as area_code,
    cast(boundaries.boundary_geojson as varchar) as boundary_geojson
from {{ ref("stg_reference__ward_boundaries") }} as boundaries
where
    boundaries.reject_reason is null
    and boundaries.ward_code in (select ward_code from {{ ref("int_lsoa") }})
order by area_type, area_code
