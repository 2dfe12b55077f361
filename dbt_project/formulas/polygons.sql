-- Areas as GeoJSON writes them, and which points lie in them. Reading GeoJSON is DuckDB's; the
-- rest is arithmetic over a table of edges, which any engine can do. The rings of a Polygon or
-- MultiPolygon (RFC 7946, 3.1.6 and 3.1.7), outer ones and holes alike: lists of points, x before
-- y. Null for anything else, and where a ring is not closed, or has fewer than four points, or a
-- point fewer than two numbers.
create or replace temp macro polygon_rings(geojson) as
    list_transform(
        [
            case
                when
                    -- What DuckDB would read as a number, JSON may have written as something
                    -- else.
                    regexp_matches(json_extract(try_cast(geojson as json), '$.coordinates'), '["a-df-z]')
                then null
                when json_extract_string(try_cast(geojson as json), '$.type') = 'Polygon'
                then try_cast(json_extract(geojson, '$.coordinates') as double[][][])
                when json_extract_string(try_cast(geojson as json), '$.type') = 'MultiPolygon'
                then flatten(try_cast(json_extract(geojson, '$.coordinates') as double[][][][]))
            end
        ],
        lambda rings: case
            when
                len(rings) > 0
                and list_bool_and(
                    list_transform(
                        rings,
                        lambda ring: coalesce(
                            len(ring) >= 4
                            and ring[1] = ring[-1]
                            and list_bool_and(
                                list_transform(
                                    ring, lambda point: point[1] + point[2] is not null
                                )
                            ),
                            false
                        )
                    )
                )
            then rings
        end
    )[1]
;

-- The edges of all rings: x1, y1 is the southern end. An edge that two areas share is one edge,
-- whichever way round each of them is written, and a point is on the same side of it for both.
create or replace temp macro polygon_edges(geojson) as
    flatten(
        list_transform(
            polygon_rings(geojson),
            lambda ring: list_transform(
                list_zip(ring[:-2], ring[2:]),
                lambda ends: case
                    when ends[1][2] <= ends[2][2]
                    then {'x1': ends[1][1], 'y1': ends[1][2], 'x2': ends[2][1], 'y2': ends[2][2]}
                    else {'x1': ends[2][1], 'y1': ends[2][2], 'x2': ends[1][1], 'y2': ends[1][2]}
                end
            )
        )
    )
;

-- Above 0 to the west of an edge, below 0 to the east, 0 on its line.
create or replace temp macro side_of_edge(x, y, x1, y1, x2, y2) as
    (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
;

-- Whether a point lies in an area, over the edges of the area at the point's latitude: an
-- aggregate. It does where a ray to the east crosses an odd number of edges, so that a hole is
-- outside and the parts of a MultiPolygon are inside (Shimrat M. Algorithm 112. Communications of
-- the ACM 5 (1962) 434). An edge has its southern end and not its northern one, so that a ray
-- through a corner crosses once or not at all (Franklin WR. PNPOLY,
-- https://wrfranklin.org/Research/Short_Notes/pnpoly.html). A point on an edge or a corner lies
-- in every area that has it, as ST_Intersects of the OGC has it.
create or replace temp macro holds_point(x, y, x1, y1, x2, y2) as (
    coalesce(
        bool_or(
            side_of_edge(x, y, x1, y1, x2, y2) = 0
            and y between y1 and y2
            and x between least(x1, x2) and greatest(x1, x2)
        ),
        false
    )
    or count(*) filter (where y1 <= y and y < y2 and side_of_edge(x, y, x1, y1, x2, y2) > 0) % 2 = 1
)
;

-- The same of one area and one point; null where the area is none or the point has no place.
create or replace temp macro polygon_holds(geojson, x, y) as
    case
        when polygon_rings(geojson) is not null and x + y is not null
        then
            (
                select holds_point(x, y, edge.x1, edge.y1, edge.x2, edge.y2)
                from (select unnest(polygon_edges(geojson)) as edge) as edges
            )
    end
;

-- Which points lie in which areas, one row per point and area that has it. `points_of` names a
-- table with x and y, `areas_of` one with area and geojson. A point on the line between two areas
-- has two rows: a caller that wants one place takes the smallest area.
create or replace temp macro points_in_areas(points_of, areas_of) as table (
    with
        -- Each by its name, so that the origin of a column can be followed through them.
        listed as (select area, unnest(polygon_edges(geojson)) as edge from query_table(areas_of)),

        edges as (
            select
                area,
                struct_extract(edge, 'x1') as x1,
                struct_extract(edge, 'y1') as y1,
                struct_extract(edge, 'x2') as x2,
                struct_extract(edge, 'y2') as y2
            from listed
        ),

        boxes as (
            select
                area,
                min(least(x1, x2)) as west,
                max(greatest(x1, x2)) as east,
                min(y1) as south,
                max(y2) as north
            from edges
            group by area
        ),

        points as (
            select distinct cast(x as double) as x, cast(y as double) as y
            from query_table(points_of)
        ),

-- Few areas have the point in their box, and only their edges are looked at.
        near as (
            select points.x, points.y, boxes.area
            from points
            inner join
                boxes
                on points.x between boxes.west and boxes.east
                and points.y between boxes.south and boxes.north
        )

    select near.x, near.y, near.area
    from near
    inner join edges on edges.area = near.area and near.y between edges.y1 and edges.y2
    group by near.x, near.y, near.area
    having holds_point(near.x, near.y, edges.x1, edges.y1, edges.x2, edges.y2)
)
;

-- Whether all of an area lies between two longitudes and two latitudes; null where it is none.
create or replace temp macro polygon_lies_within(geojson, west, south, east, north) as
    list_bool_and(
        list_transform(
            flatten(polygon_rings(geojson)),
            lambda point: point[1] between west and east and point[2] between south and north
        )
    )
;

-- What areas cover more than once, as a share of what they cover together. `areas_of` names a
-- table with family and geojson; one row per family in which something is covered. What is no
-- area covers nothing. Measured along a thousand parallels, which is near enough for a limit of a
-- hundredth.
create or replace temp macro areas_overlap(areas_of) as table (
    with
        areas as (
            select family, row_number() over () as area, polygon_edges(geojson) as edges
            from query_table(areas_of)
        ),

        edges as (select family, area, unnest(edges, recursive := true) from areas),

        box as (select family, min(y1) as south, max(y2) as north from edges group by family),

        parallels as (
            select family, south + (north - south) * (unnest(range(1000)) + 0.5) / 1000 as y
            from box
        ),

        crossings as (
            select
                edges.family,
                edges.area,
                parallels.y,
                edges.x1
                + (edges.x2 - edges.x1) * (parallels.y - edges.y1) / (edges.y2 - edges.y1) as x
            from parallels
            inner join
                edges
                on edges.family = parallels.family
                and edges.y1 <= parallels.y
                and parallels.y < edges.y2
        ),

-- From the first crossing of an area to the second is inside, to the third outside, and so on.
        numbered as (
            select
                family,
                y,
                x as west,
                lead(x) over (partition by family, area, y order by x) as east,
                row_number() over (partition by family, area, y order by x) as number
            from crossings
        ),

        spans as (
            select
                family,
                west,
                east,
                -- How far east those reach that begin further west.
                max(east) over (
                    partition by family, y
                    order by west, east
                    rows between unbounded preceding and 1 preceding
                ) as reached
            from numbered
            where number % 2 = 1
        )

    select
        family,
        sum(east - west) / nullif(sum(greatest(east - greatest(west, reached), 0)), 0)
        - 1 as share
    from spans
    group by family
)
;
