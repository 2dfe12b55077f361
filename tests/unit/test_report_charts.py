"""Proves that charts and maps show gaps as gaps, hide what is hidden, and can be told apart."""

import json
import re
from itertools import pairwise
from xml.etree import ElementTree

import pandas as pd
import pytest

from orchestration.edition.report import charts_series, funnel, maps, svg, theme
from orchestration.edition.report.sections import statement
from tests.support import report_edition as small


def luminance(colour):
    """WCAG 2 relative luminance of #RRGGBB."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other="#FFFFFF"):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colour", [theme.BLUE, theme.PLUM, theme.GREY, theme.OUTLINE])
def test_lines_and_outlines_stand_out_from_the_page(colour):
    assert contrast(colour) >= 3


def test_chart_text_can_be_read_and_classes_get_darker():
    assert contrast(theme.INK) >= 4.5
    tones = [luminance(colour) for colour in theme.CLASSES]
    assert tones == sorted(tones, reverse=True)
    assert theme.MISSING not in theme.CLASSES
    assert theme.HATCH not in theme.CLASSES


def with_gap(column, value):
    months = small.monthly()
    may = months["month_start"] == "2025-05-01"
    months[column] = months[column].astype(object).where(~may, value)
    months["count"] = months["count"].astype(object).where(~may, None)
    return months


@pytest.mark.parametrize(
    ("column", "value", "flag"),
    [("missing_reason", "not_supplied", "missing"), ("suppressed", "small", "hidden")],
)
def test_a_month_without_a_figure_breaks_the_line_and_is_no_zero(column, value, flag):
    spec = charts_series.control_chart(with_gap(column, value), [])
    may = next(row for row in spec["data"]["values"] if row["month"] == "2025-05-01")
    assert may["count"] is None
    assert may[flag]
    band = next(
        layer
        for layer in spec["layer"]
        if layer["mark"].get("type") == "rect" and layer["data"]["values"]
    )
    assert [row["month"] for row in band["data"]["values"]] == ["2025-05-01"]
    drawn = str(svg.static(spec, "one", "Title", "Description", 0))
    whole = str(
        svg.static(
            charts_series.control_chart(small.monthly(), []), "one", "Title", "Description", 0
        )
    )
    lines = [
        re.findall(r'<path d="(M[^"]*)"[^>]*stroke="#12436D"', picture)
        for picture in (drawn, whole)
    ]
    assert [sum(path.count("M") for path in found) for found in lines] == [2, 1]


def test_a_hidden_months_number_is_not_in_the_specification():
    months = small.monthly()
    months["count"] = range(7001, 7037)
    hidden = months.assign(suppressed=["small"] + [None] * 35)
    assert "7001" in json.dumps(charts_series.control_chart(months, []), default=str)
    assert "7001" not in json.dumps(charts_series.control_chart(hidden, []), default=str)


def test_signals_differ_by_shape_not_only_by_colour():
    shapes = {shape for shape, _, _ in charts_series.SHAPES.values()}
    assert len(shapes) == 4
    positions = {name: item[0] for name, item in funnel.POSITIONS.items()}
    assert (
        len(
            {
                positions["above the outer limit"],
                positions["within"],
                positions["below the outer limit"],
            }
        )
        == 3
    )


def test_the_key_has_what_the_chart_has_and_nothing_else():
    plain = [item.label for item in charts_series.control_key(small.monthly(), [])]
    assert plain == [
        "expected of the month",
        "usual range (control limits)",
        "above the usual range",
    ]
    gaps = with_gap("suppressed", "small")
    assert "not shown, to protect people" in [
        item.label for item in charts_series.control_key(gaps, [])
    ]


def test_a_picture_is_deterministic_and_its_ids_are_its_own():
    spec = charts_series.season(small.tables()["seasonality"])
    one = str(svg.static(spec, "figure-1", "T", "D", 0))
    assert one == str(svg.static(spec, "figure-1", "T", "D", 0))
    ids = re.findall(r' id="([^"]+)"', one)
    assert ids
    assert all(found.startswith("figure-1-") for found in ids)
    assert "aria-label=" not in one
    assert one.count("role=") == 1


def test_equal_rates_share_a_class_and_hidden_or_missing_areas_have_none():
    areas = pd.DataFrame({"rate": [1.0, 1.0, 2.0, 3.0, 4.0, 5.0, None, 9.0]})
    areas["suppressed"] = [None] * 7 + ["small"]
    found = maps.classes(areas)
    assert found.tolist() == [1, 1, 2, 3, 4, 5, -1, 0]
    labels = [item.label for item in maps.key(areas, found)]
    assert labels == [
        "5.0",
        "4.0",
        "3.0",
        "2.0",
        "1.0",
        "not shown, to protect people",
        "no figure",
    ]


def area_of(ring):
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))


def test_rings_run_clockwise_and_holes_the_other_way():
    outer = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
    hole = [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]]
    for rings in ([outer, hole], [outer[::-1], hole[::-1]], [outer[::-1], hole]):
        turned = maps.clockwise({"type": "Polygon", "coordinates": rings})["coordinates"]
        assert area_of(turned[0]) < 0
        assert area_of(turned[1]) > 0
    several = maps.clockwise({"type": "MultiPolygon", "coordinates": [[outer], [outer]]})[
        "coordinates"
    ]
    assert all(area_of(polygon[0]) < 0 for polygon in several)
    with pytest.raises(ValueError, match="not a Point"):
        maps.clockwise({"type": "Point", "coordinates": [0, 0]})


def test_an_area_without_a_row_is_drawn_as_missing_and_never_as_the_lowest_class():
    lsoas = small.lsoas().iloc[:3]
    spec = maps.choropleth(lsoas["lsoa_2021_code"], maps.classes(lsoas), small.boundaries())
    colours = [feature["properties"]["colour"] for feature in spec["data"]["values"]["features"]]
    assert colours[3] == theme.MISSING
    assert all(colour in theme.CLASSES for colour in colours[:3])


def test_a_schematic_map_has_one_tile_an_area():
    lsoas = small.lsoas()
    spec = maps.schematic(lsoas["ward_code"], maps.classes(lsoas))
    tiles = [(row["column"], row["line"]) for row in spec["data"]["values"]]
    assert len(set(tiles)) == len(lsoas)


def test_funnel_labels_never_cover_each_other_or_a_mark():
    crowd = pd.concat([small.wards()] * 6, ignore_index=True)
    crowd["ward_name"] = [f"A long name of ward {place}" for place in range(len(crowd))]
    crowd["position"] = "above the outer limit"
    crowd["denominator"] = range(10000, 10000 + 100 * len(crowd), 100)
    crowd["rate"] = [30.0 + place / 10 for place in range(len(crowd))]
    labels = funnel.chart(crowd, "residents")["layer"][-1]["data"]["values"]
    assert len(labels) <= 2
    apart = crowd.head(9).assign(rate=[30.0 * place for place in range(9)])
    assert len(funnel.chart(apart, "residents")["layer"][-1]["data"]["values"]) >= 4


def test_a_hidden_ward_is_not_in_the_funnel():
    wards = small.wards().assign(suppressed=["small", None, None])
    assert "38.9" not in json.dumps(funnel.chart(wards, "residents"), default=str)


@pytest.mark.parametrize(
    ("other", "grade"),
    [
        ({}, statement.GOOD),
        ({"rules_failed": 1}, statement.CARE),
        ({"share_rejected": "1_to_5_percent"}, statement.CARE),
        ({"delivered": 9, "missing": 3, "periods_not_delivered": "2025-04"}, statement.CARE),
        ({"delivered": 8, "missing": 4, "periods_not_delivered": "2025-04"}, statement.WEAK),
        ({"share_rejected": "over_5_percent"}, statement.WEAK),
        ({"rules_errored": 1}, statement.WEAK),
        ({"unexplained": 1.0}, statement.WEAK),
        ({"delivered": 0, "not_due": 12}, statement.NONE),
    ],
)
def test_each_feeds_grade_follows_the_printed_rule(other, grade):
    edition = small.edition()
    for name in ("quality", "completeness"):
        frame = edition.tables[name].copy()
        there = {column: value for column, value in other.items() if column in frame}
        for column, value in there.items():
            frame[column] = frame[column].astype(object)
            frame.loc[0, column] = value
        edition = small.with_table(edition, name, frame)
    assert statement.graded(edition)["grade"].iloc[0] == grade


def test_a_chart_is_the_same_whatever_other_libraries_have_set():
    spec = {"data": {"values": [{"a": 1}]}, "mark": "bar", "encoding": {"x": {"field": "a"}}}
    before = svg.static(spec, "figure-1", "A title", "Words.", 100)
    kept = dict(ElementTree._namespace_map)
    ElementTree.register_namespace("", "http://example.org/another")  # as readers of workbooks do
    try:
        assert svg.static(spec, "figure-1", "A title", "Words.", 100) == before
    finally:
        ElementTree._namespace_map.clear()
        ElementTree._namespace_map.update(kept)
    assert before.startswith("<svg ") and "ns0:" not in before
