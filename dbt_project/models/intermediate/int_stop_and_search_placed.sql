-- One row per good row of police/stop_and_search, placed by its point in an LSOA boundary.
with
    searches as (
        select *
        from {{ ref("stg_police__stop_and_search") }}
        where reject_reason is null {{ where_made("and", "delivery_id", "police/stop_and_search") }}
    ),

    boundary as (
        select boundaries.lsoa_2021_code as area, boundaries.boundary_geojson as geojson
        from {{ ref("stg_reference__lsoa_boundaries") }} as boundaries
        inner join {{ ref("int_lsoa") }} as lsoa on lsoa.lsoa_2021_code = boundaries.lsoa_2021_code
    ),

    -- A point in no boundary lies outside only where every LSOA of the area has its boundary.
    area as (
        select count(distinct boundary.area) = count(distinct lsoa.lsoa_2021_code) as is_whole
        from {{ ref("int_lsoa") }} as lsoa
        left join boundary on boundary.area = lsoa.lsoa_2021_code
    ),

    point as (
        select longitude as x, latitude as y
        from searches
        where longitude is not null and latitude is not null
    ),

    -- On the line between two areas: in one of them only.
    placed as (
        select x, y, min(area) as lsoa_2021_code
        from points_in_areas('point', 'boundary')
        group by x, y
    )

select
    searches.delivery_id,
    searches.line_number,
    searches.period_month,
    searches.object_of_search,
    searches.is_outcome_linked_to_object,
    searches.searched_at,
    searches.is_time_known,
    searches.search_type,
    searches.gender,
    searches.age_range,
    searches.officer_defined_ethnicity,
    searches.self_defined_ethnicity,
    searches.outcome,
    case
        when searches.longitude is null or searches.latitude is null
        then null
        when placed.lsoa_2021_code is not null
        then placed.lsoa_2021_code
        -- No code of a place: the row goes to the line of rows outside the area.
        when area.is_whole
        then 'OUTSIDE_AREA'
    end as place_code,
    searches.reject_reason
from searches
cross join area
left join
    placed on placed.x = searches.longitude and placed.y = searches.latitude
    {{ kept_rows(["police/stop_and_search"]) }}
