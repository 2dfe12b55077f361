-- One row per good row of police/street_crime, placed in an LSOA 2021 or on one of the unplaced
-- lines.
with
    events as (
        select
            staged.delivery_id,
            staged.line_number,
            staged.period_month,
            staged.crime_type,
            staged.street,
            staged.last_outcome,
            staged.lsoa_code,
            staged.longitude,
            staged.latitude,
            staged.force_slug is distinct from feeds.expected_part as is_of_another_force
        from {{ ref("stg_police__street_crime") }} as staged
        inner join {{ source("manifest", "feeds") }} as feeds on feeds.feed = 'police/street_crime'
        where
            staged.reject_reason is null
            {{ where_made("and", "staged.delivery_id", "police/street_crime") }}
    ),

    -- What can be said of a code without looking at the row.
    code as (
        select
            codes.lsoa_code,
            max(codes.candidates) as candidates,
            min(codes.lsoa_2021_code) as only_lsoa_2021_code,
            count(lsoa.lsoa_2021_code) as candidates_in_area
        from {{ ref("int_lsoa_code") }} as codes
        left join {{ ref("int_lsoa") }} as lsoa on lsoa.lsoa_2021_code = codes.lsoa_2021_code
        group by codes.lsoa_code
    ),

    has_national_lookup as (
        select count(*) > 0 as is_so
        from {{ ref("int_lsoa_code") }}
        where district_code not in (select area_code from {{ source("manifest", "run") }})
    ),

    coded as (
        select
            events.*,
            code.candidates,
            code.only_lsoa_2021_code,
            case
                -- Kept as a line of its own: the share without a code varies, from 1.4 to 2.6% a
                -- year nationally and up to 15% in single forces, so dropping these rows would
                -- distort trends (annual-deprivation-index issue #58).
                when events.lsoa_code is null
                then 'no_location'
                when code.candidates_in_area > 0
                then 'in_area'
                when code.lsoa_code is not null
                then 'outside_area'
                -- A lookup of the whole country knows every code; the shipped one only the area's.
                when has_national_lookup.is_so
                then 'unknown_code'
                else 'outside_area'
            end as placement
        from events
        cross join has_national_lookup
        left join code on code.lsoa_code = events.lsoa_code
    ),

    split_rows as (select * from coded where placement = 'in_area' and candidates > 1),

    boundary as (
        select lsoa_2021_code as area, boundary_geojson as geojson
        from {{ ref("stg_reference__lsoa_boundaries") }}
        where
            lsoa_2021_code
            in (select lsoa_2021_code from {{ ref("int_lsoa_code") }} where mapping = 'split')
    ),

    point as (
        select longitude as x, latitude as y
        from split_rows
        where longitude is not null and latitude is not null
    ),

    held as (select x, y, area from points_in_areas('point', 'boundary')),

    -- On the line between two areas: in one of them only.
    by_point as (
        select split_rows.delivery_id, split_rows.line_number, min(held.area) as lsoa_2021_code
        from split_rows
        inner join held on held.x = split_rows.longitude and held.y = split_rows.latitude
        inner join
            {{ ref("int_lsoa_code") }} as codes
            on codes.lsoa_code = split_rows.lsoa_code
            and codes.lsoa_2021_code = held.area
        group by split_rows.delivery_id, split_rows.line_number
    ),

    -- Rows of a split with no usable point are shared out in whole rows, by population: the k-th of
    -- the n of a delivery goes to the area in whose cumulated share (k - ½) / n falls.
    unpointed as (
        select
            split_rows.delivery_id,
            split_rows.line_number,
            split_rows.lsoa_code,
            (
                row_number() over (
                    partition by
                        split_rows.lsoa_code, split_rows.period_month, split_rows.delivery_id
                    order by split_rows.crime_type, split_rows.line_number
                )
                - 0.5
            ) / count(*) over (
                partition by split_rows.lsoa_code, split_rows.period_month, split_rows.delivery_id
            ) as position
        from split_rows
        where
            not exists (
                select 1
                from by_point
                where
                    by_point.delivery_id = split_rows.delivery_id
                    and by_point.line_number = split_rows.line_number
            )
    ),

    cumulated as (
        select
            lsoa_code,
            lsoa_2021_code,
            sum(population_share) over (
                partition by lsoa_code
                order by lsoa_2021_code
                rows between unbounded preceding and current row
            ) as share_to,
            row_number() over (partition by lsoa_code order by lsoa_2021_code desc) = 1 as is_last
        from {{ ref("int_lsoa_code") }}
        where mapping = 'split'
    ),

    by_share as (
        select
            unpointed.delivery_id,
            unpointed.line_number,
            min(cumulated.lsoa_2021_code) as lsoa_2021_code
        from unpointed
        inner join
            cumulated
            on cumulated.lsoa_code = unpointed.lsoa_code
            and (unpointed.position <= cumulated.share_to or cumulated.is_last)
        group by unpointed.delivery_id, unpointed.line_number
    ),

    placed as (
        select
            coded.delivery_id,
            coded.line_number,
            coded.period_month,
            coded.crime_type,
            coded.street,
            coded.last_outcome,
            coded.placement,
            coded.is_of_another_force,
            case
                when coded.placement <> 'in_area'
                then null
                when coded.candidates = 1
                then coded.only_lsoa_2021_code
                else coalesce(by_point.lsoa_2021_code, by_share.lsoa_2021_code)
            end as lsoa_2021_code,
            case
                when coded.placement <> 'in_area'
                then null
                when coded.candidates = 1
                then 'code'
                when by_point.lsoa_2021_code is not null
                then 'point_in_boundary'
                else 'population_share'
            end as placed_by
        from coded
        left join
            by_point
            on by_point.delivery_id = coded.delivery_id
            and by_point.line_number = coded.line_number
        left join
            by_share
            on by_share.delivery_id = coded.delivery_id
            and by_share.line_number = coded.line_number
    )

select
    placed.delivery_id,
    placed.line_number,
    placed.period_month,
    placed.crime_type,
    placed.street,
    placed.last_outcome,
    case
        when lsoa.lsoa_2021_code is not null
        then 'in_area'
        -- Another force is delivered for the comparison with its districts: what it could not
        -- place, or
        -- placed elsewhere, is no gap in this area's own figures.
        when placed.is_of_another_force
        then 'other_force'
        -- A code that was split along the border may put a row just outside the area.
        when placed.placement = 'in_area'
        then 'outside_area'
        else placed.placement
    end as placement,
    lsoa.lsoa_2021_code,
    placed.placed_by
from placed
left join
    {{ ref("int_lsoa") }} as lsoa on lsoa.lsoa_2021_code = placed.lsoa_2021_code
    {{ kept_rows(["police/street_crime"]) }}
