"""Which points lie in which areas: answers that can be checked by eye on squared paper."""

import json

import duckdb
import pytest

from orchestration.core import formulas

# A square of side 6 with a square hole from 2 to 4.
RING = [[0, 0], [6, 0], [6, 6], [0, 6], [0, 0]]
HOLE = [[2, 2], [2, 4], [4, 4], [4, 2], [2, 2]]
DIAMOND = [[3, 0], [6, 3], [3, 6], [0, 3], [3, 0]]
# A comb with two teeth, whose tips and notch have corners of the same latitudes.
COMB = [[0, 0], [8, 0], [8, 4], [6, 2], [4, 4], [2, 2], [0, 4], [0, 0]]
SECOND = [[10, 0], [12, 0], [12, 2], [10, 2], [10, 0]]


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as found:
        formulas.define_polygons(found)
        yield found


def polygon(*rings):
    return json.dumps({"type": "Polygon", "coordinates": rings})


def multipolygon(*polygons):
    return json.dumps({"type": "MultiPolygon", "coordinates": polygons})


def holds(connection, area, x, y):
    ask = "select polygon_holds($area, $x, $y)"
    return connection.execute(ask, {"area": area, "x": x, "y": y}).fetchone()[0]


@pytest.mark.parametrize(
    ("area", "x", "y", "expected"),
    [
        pytest.param(polygon(RING), 1, 1, True, id="inside"),
        pytest.param(polygon(RING), 7, 1, False, id="to the east"),
        pytest.param(polygon(RING), -1, 1, False, id="to the west, two edges to cross"),
        pytest.param(polygon(RING), 1, 7, False, id="to the north"),
        pytest.param(polygon(RING, HOLE), 1, 3, True, id="beside a hole"),
        pytest.param(polygon(RING, HOLE), 3, 3, False, id="in a hole"),
        pytest.param(polygon(RING, HOLE[::-1]), 3, 3, False, id="in a hole written the other way"),
        pytest.param(polygon(RING, HOLE), 2, 3, True, id="on the edge of a hole"),
        pytest.param(multipolygon([RING, HOLE], [SECOND]), 1, 1, True, id="in the first part"),
        pytest.param(multipolygon([RING, HOLE], [SECOND]), 11, 1, True, id="in the second part"),
        pytest.param(multipolygon([RING, HOLE], [SECOND]), 8, 1, False, id="between the parts"),
        pytest.param(multipolygon([RING, HOLE], [SECOND]), 3, 3, False, id="in a part's hole"),
        pytest.param(polygon(RING), 6, 3, True, id="on an eastern edge"),
        pytest.param(polygon(RING), 0, 3, True, id="on a western edge"),
        pytest.param(polygon(RING), 3, 6, True, id="on a northern edge"),
        pytest.param(polygon(RING), 3, 0, True, id="on a southern edge"),
        pytest.param(polygon(DIAMOND), 1.5, 1.5, True, id="on a slanting edge"),
        pytest.param(polygon(DIAMOND), 1.5, 1.4, False, id="just off a slanting edge"),
        pytest.param(polygon(RING), 6, 6, True, id="on a corner"),
        pytest.param(polygon(RING), 9, 6, False, id="on the line of an edge, beyond it"),
        pytest.param(polygon(RING), -2, 6, False, id="west of an edge, on its line"),
        pytest.param(polygon(DIAMOND), 3, 3, True, id="level with a corner, inside"),
        pytest.param(polygon(DIAMOND), -1, 3, False, id="level with two corners, outside"),
        pytest.param(polygon(DIAMOND), -1, 6, False, id="level with the northern tip"),
        pytest.param(polygon(DIAMOND), -1, 0, False, id="level with the southern tip"),
        pytest.param(polygon(COMB), 1, 2, True, id="level with two notches, inside"),
        pytest.param(polygon(COMB), -1, 2, False, id="level with two notches, outside"),
        pytest.param(polygon(COMB), 2, 3, False, id="in a notch"),
        pytest.param(polygon(COMB), 2, 4, False, id="between two tips"),
        pytest.param(polygon(RING), None, 1, None, id="without a place"),
    ],
)
def test_a_point_lies_in_an_area_or_does_not(connection, area, x, y, expected):
    assert holds(connection, area, x, y) is expected


def test_points_and_areas_together(connection):
    """Two areas side by side and a comb above both, at every half unit: the same as one by one."""
    side = polygon([[6, 0], [9, 0], [9, 6], [6, 6], [6, 0]])
    comb = polygon([[x, y + 6] for x, y in COMB])
    found = connection.execute(
        """
        with
            area as (
                select area, geojson
                from (values ('a', $square), ('b', $side), ('c', $comb), ('d', null)) as t(area, geojson)
            ),
            point as (
                select x / 2 as x, y / 2 as y from range(-2, 20) as a(x), range(-2, 24) as b(y)
                union all
                select null, 1
            ),
            together as (select * from points_in_areas('point', 'area')),
            apart as (
                select point.x, point.y, area.area
                from point, area
                where polygon_holds(area.geojson, point.x, point.y)
            )
        select
            (select count(*) from (from together except all from apart)),
            (select count(*) from (from apart except all from together)),
            (select string_agg(area, '' order by area) from together where x = 6 and y = 3),
            (select string_agg(area, '' order by area) from together where x = 6 and y = 6),
            (select string_agg(area, '' order by area) from together where x = 2 and y = 3)
        """,
        {"square": polygon(RING, HOLE), "side": side, "comb": comb},
    ).fetchone()
    assert found == (0, 0, "ab", "abc", "a")


def test_a_point_near_a_shared_edge_lies_in_one_of_the_two_areas(connection):
    """Whichever way round each area is written, with coordinates that no binary number holds exactly."""
    a, b = [-2.1428077, 53.0378719], [-2.1395696, 53.0574839]
    west = polygon([[-2.2, 53.0], a, b, [-2.2, 53.1], [-2.2, 53.0]])
    east = polygon([[-2.1, 53.0], [-2.1, 53.1], b, a, [-2.1, 53.0]])
    counts = connection.execute(
        """
        with point as (
            select
                $a[2] + ($b[2] - $a[2]) * k / 1000 as y,
                -- On the edge as near as a double can be, and a few steps to each side.
                $a[1] + ($b[1] - $a[1]) * k / 1000 + step * 4.4e-16 as x
            from range(1, 1000) as of_k(k), range(-3, 4) as of_step(step)
        )
        select
            count(*) filter (not polygon_holds($west, x, y) and not polygon_holds($east, x, y)),
            count(*) filter (polygon_holds($west, x, y)) between 2000 and 5000
        from point
        """,
        {"a": a, "b": b, "west": west, "east": east},
    ).fetchone()
    assert counts == (0, True)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "nothing",
        '{"type": "Point", "coordinates": [1, 2]}',
        '{"type": "Polygon"}',
        '{"type": "Polygon", "coordinates": []}',
        polygon(RING[:-1]),
        polygon(RING, HOLE[:-1]),
        polygon([[0, 0], [1, 1], [0, 0]]),
        polygon([[0], [1, 0], [1, 1], [0]]),
        polygon([["0", 0], [1, 0], [1, 1], ["0", 0]]),
        polygon([[None, 0], [1, 0], [1, 1], [None, 0]]),
        multipolygon(RING),
        polygon([RING]),
    ],
)
def test_what_is_no_polygon_is_none(connection, text):
    found = connection.execute(
        "select polygon_rings($g), polygon_edges($g), polygon_holds($g, 1, 1), "
        "polygon_lies_within($g, -9, -9, 9, 9)",
        {"g": text},
    ).fetchone()
    assert found == (None, None, None, None)


def test_heights_are_let_through(connection):
    assert holds(connection, polygon([[*point, 120.5] for point in RING]), 1, 1) is True


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [((0, 0, 6, 6), True), ((1, 0, 6, 6), False), ((0, 0, 6, 5), False), ((0, 0, 5, 6), False)],
)
def test_an_area_within_bounds(connection, bounds, expected):
    ask = "select polygon_lies_within($1, $2, $3, $4, $5)"
    assert connection.execute(ask, [polygon(RING, HOLE), *bounds]).fetchone() == (expected,)


@pytest.mark.parametrize(
    ("areas", "expected"),
    [
        pytest.param([RING, [[6, 0], [8, 0], [8, 6], [6, 6], [6, 0]]], 0.0, id="side by side"),
        pytest.param([RING, RING], 1.0, id="the same twice"),
        pytest.param([RING, HOLE], 4 / 36, id="one within another"),
        pytest.param([RING, [[x + 3, y] for x, y in RING]], 18 / 54, id="half over another"),
        pytest.param([RING, RING, RING], 2.0, id="three times"),
        pytest.param([DIAMOND, RING], 0.5, id="slanting"),
    ],
)
def test_how_much_areas_overlap(connection, areas, expected):
    """Two families at once: the second is one square, and covers nothing twice."""
    connection.execute("create or replace table areas (family varchar, geojson varchar)")
    rows = [("first", polygon(area)) for area in areas] + [("second", polygon(RING))]
    connection.executemany("insert into areas values (?, ?)", rows)
    found = dict(connection.sql("select * from areas_overlap('areas')").fetchall())
    assert found == {"first": pytest.approx(expected, abs=1e-3), "second": pytest.approx(0)}


def test_a_hole_that_another_area_fills_is_no_overlap(connection):
    connection.execute("create or replace table areas (family varchar, geojson varchar)")
    rows = [("a", polygon(RING, HOLE)), ("a", polygon(HOLE)), ("a", "nothing")]
    connection.executemany("insert into areas values (?, ?)", rows)
    assert connection.sql("select * from areas_overlap('areas')").fetchall() == [
        ("a", pytest.approx(0, abs=1e-12))
    ]
