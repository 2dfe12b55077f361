-- One row per measure and area that the measure has figures for.
-- A measure that is known by ward has wards and the city; the lines for rows without a place belong
-- to every measure whose rows are placed at all, though its figures may be for the city only.
with
    placed as (
        select distinct counts.measure_id
        from {{ ref("int_measure_count") }} as counts
        inner join {{ ref("unplaced_lines") }} as lines on lines.line_code = counts.unit_code
    ),

    finest as (
        select
            register.measure_id,
            case
                lowest_geography
                when 'lsoa'
                then ['lsoa', 'ward', 'city', 'unplaced']
                when 'ward'
                then ['ward', 'city', 'unplaced']
                when 'postcode_district'
                then ['postcode_district', 'city', 'unplaced']
                else case when placed.measure_id is null then ['city'] else ['city', 'unplaced'] end
            end as area_types
        from {{ ref("measure_register") }} as register
        left join placed on placed.measure_id = register.measure_id
    )

select finest.measure_id, areas.area_type, areas.area_code, areas.area_name
from finest
inner join {{ ref("dim_area") }} as areas on list_contains(finest.area_types, areas.area_type)
