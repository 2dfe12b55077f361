-- One row per area (LSOA, ward, city, postcode district) and per line for rows without a place.
with
    members as (select area_type, area_code, unit_code from {{ ref("int_area_member") }}),

    population as (
        select
            members.area_type,
            members.area_code,
            population.mid_year,
            sum(population.population) as residents
        from members
        inner join
            {{ ref("int_population") }} as population
            on population.lsoa_2021_code = members.unit_code
        where members.area_type in ('lsoa', 'ward', 'city')
        group by 1, 2, 3
    ),

    newest as (
        select area_type, area_code, mid_year, residents
        from population
        where mid_year = (select max(mid_year) from population)
    ),

    wards as (select distinct ward_code, ward_name, area_source from {{ ref("int_lsoa") }}),

    -- Since when the wards of today are in force, where the shipped list of wards knows it.
    in_force as (
        select max(ward.in_force_from) as since
        from {{ ref("area_ward") }} as ward
        inner join {{ source("manifest", "run") }} as run on run.area_code = ward.district_code
        where ward.in_force_to is null
    ),

    areas as (
        select
            'lsoa' as area_type,
            lsoa_2021_code as area_code,
            lsoa_2021_name as area_name,
            ward_code,
            'LSOA 2021' as vintage,
            area_source
        from {{ ref("int_lsoa") }}
        union all
        select
            'ward',
            ward_code,
            ward_name,
            ward_code,
            'ward'
            || coalesce(' of ' || strftime(in_force.since, '%B %Y'), '')
            || ', best fit of LSOA 2021',
            area_source
        from wards
        cross join in_force
        union all
        select
            'city',
            partnership.area_code,
            partnership.area_name,
            null,
            'district',
            (select min(area_source) from {{ ref("int_lsoa") }})
        from {{ source("manifest", "run") }} as run
        inner join {{ ref("partnerships") }} as partnership on partnership.area_code = run.area_code
        union all
        select
            'postcode_district',
            postcode_district,
            postcode_district || ' ' || place,
            null,
            'outward postcode; crosses the area''s boundary',
            'seed'
        from {{ ref("postcode_districts") }}
        union all
        select 'unplaced', line_code, line_name, null, 'none', 'seed'
        from {{ ref("unplaced_lines") }}
    )

select
    cast(areas.area_type as varchar) as area_type,
    cast(areas.area_code as varchar) as area_code,
    cast(areas.area_name as varchar) as area_name,
    cast(areas.ward_code as varchar) as ward_code,
    cast(areas.vintage as varchar) as vintage,
    cast(newest.residents as bigint) as residents,
    cast(newest.mid_year as integer) as residents_year,
    cast(areas.area_source as varchar) as area_source
from areas
left join newest on newest.area_type = areas.area_type and newest.area_code = areas.area_code
order by area_type, area_code
