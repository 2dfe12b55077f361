"""Where a priority's headline measure happens: wards, neighbourhoods, concentration, peers."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from orchestration.edition.figures.contents import Edition
from orchestration.edition.report import funnel, maps, rows, text
from orchestration.edition.report.blocks import Heading, Pair, Section, sentences
from orchestration.edition.report.book import Book, Column, Figure, Table, figure_column
from orchestration.edition.report.sections.chart_sources import source
from orchestration.edition.report.sentences import measures, places

_HIGHEST = 10


_BESIDE = {
    "above the outer limit": "higher than chance explains",
    "above the inner limit": "possibly higher",
    "within": "within the limits",
    "below the inner limit": "possibly lower",
    "below the outer limit": "lower than chance explains",
}


@dataclass(frozen=True)
class _Areas:
    """The areas of a map: LSOAs where the measure has them, else wards."""

    frame: pd.DataFrame  # with the columns `code`, `named` and `ward`
    kind: str
    called: str


def add(edition: Edition, book: Book, found: Section, row: rows.Row, over: str | None) -> None:
    """Add what is known about places, or say that nothing is. `over` is the rate's denominator."""
    measure = row["measure_id"]
    wards = rows.where(rows.table(edition, "wards"), measure_id=measure)
    lsoas = rows.where(rows.table(edition, "lsoas"), measure_id=measure)
    found.add(Heading("Where"))
    hidden = places.hidden_wards(wards)
    if not hidden and rows.shown(wards).empty and rows.shown(lsoas).empty:
        found.say(_no_places(edition, measure))
    found.add(sentences([hidden]))
    if funnel.can_be_drawn(wards):
        found.add(_funnel(book, wards, row, edition, over))
    areas = _areas(wards, lsoas)
    if areas is not None and _has_rates(areas):
        halves = [_map(edition, book, row, areas), _highest(book, edition, areas, row)]
        found.add(Pair([half for half in halves if half is not None]))
    elif areas is not None and not rows.shown(areas.frame).empty:
        group = measures.group(over) or "people"
        found.say(
            f"How many {group} live in each {areas.called} is not known, so there is no rate to map."
        )
        found.add(_most(book, edition, areas, row))
    found.add(sentences(_concentration(edition, measure, row["unit"])))
    group = rows.where(rows.table(edition, "peers"), measure_id=measure)
    sentence = places.peers(group)
    compared = (
        _peers(book, group, row, edition)
        if sentence and len(rows.shown(group, "rate")) > 1
        else None
    )
    found.head("Beside its peers", sentences([sentence]), compared)


def _no_places(edition: Edition, measure: str) -> str:
    """Why there are no wards or neighbourhoods: the register allows none, or none were supplied."""
    method = rows.first(rows.where(rows.table(edition, "methods"), measure_id=measure))
    if method and method.get("lowest_publishable_geography") in ("ward", "lsoa"):
        return f"No figure by ward is there for {text.label(edition.year.label)}."
    return "This measure is known for the whole area only."


def _funnel(
    book: Book, wards: pd.DataFrame, row: rows.Row, edition: Edition, over: str | None
) -> Figure:
    title = places.funnel(wards)
    year = text.label(edition.year.label)
    about = f"{row['measure_name']}: rate for every {measures.per(row, over)} by ward, {year}"
    note = "Limits widen for smaller wards, because chance moves small numbers more."
    return book.figure(
        funnel.chart(wards, measures.group(over)),
        title,
        about,
        f"{title}. {note}",
        f"Each mark is a ward. {note} {source(edition, row['measure_id'])}",
        funnel.key(wards, edition.in_words),
        narrowest=600,
    )


def _areas(wards: pd.DataFrame, lsoas: pd.DataFrame) -> _Areas | None:
    if not lsoas.empty and "rate" in lsoas:
        names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True)) if len(wards) else {}
        ward = lsoas["ward_code"].map(lambda code: names.get(code, ""))
        own = lsoas["lsoa_2021_name"]
        named = own.where(ward == "", own + " (" + ward + ")")
        frame = lsoas.assign(code=lsoas["lsoa_2021_code"], named=named, ward=lsoas["ward_code"])
        return _Areas(frame, "lsoa", "neighbourhood (LSOA)")
    if not wards.empty and "rate" in wards:
        frame = wards.assign(
            code=wards["ward_code"], named=wards["ward_name"], ward=wards["ward_code"]
        )
        return _Areas(frame, "ward", "ward")
    return None


def _map(edition: Edition, book: Book, row: rows.Row, areas: _Areas) -> Figure:
    found = maps.classes(areas.frame)
    shapes = edition.boundaries
    shapes = shapes if shapes.empty else shapes[shapes["area_type"] == areas.kind]
    title = places.map_title(areas.frame, "named")
    year = text.label(edition.year.label)
    about = f"{row['measure_name']}: rate for every {row['rate_per']:,} by {areas.called}, {year}"
    key = maps.key(areas.frame, found)
    described = f"{title}. Colours: {'; '.join(item.label for item in key)}"
    if shapes.empty:
        spec = maps.schematic(areas.frame["ward"], found)
        about += ". Schematic: no boundaries were supplied"
        note = (
            "One tile an area, in order of its ward. A tile’s place is not a place on the ground."
        )
    else:
        spec = maps.choropleth(areas.frame["code"], found, shapes)
        note = "Classes hold about as many areas each; darker is higher."
    note += f" {source(edition, row['measure_id'])}"
    return book.figure(spec, title, about, described, note, key, shape="half")


def _concentration(edition: Edition, measure: str, unit: str) -> list[str]:
    frame = rows.where(
        rows.table(edition, "concentration"), measure_id=measure, strategy_year=edition.year.label
    )
    row = rows.first(frame)
    return places.concentration(row, unit) if row else []


def _has_rates(areas: _Areas) -> bool:
    """Whether a map has anything to show, namely a rate that is not hidden."""
    return not rows.shown(areas.frame, "rate").empty


def _most(book: Book, edition: Edition, areas: _Areas, row: rows.Row) -> Table | None:
    ranked = areas.frame.sort_values(
        ["count", "named"], ascending=[False, True], na_position="last", kind="stable"
    )
    columns = [
        Column("named", areas.called[0].upper() + areas.called[1:]),
        figure_column("count", row["unit"].capitalize(), text.count),
    ]
    year = text.label(edition.year.label)
    caption = f"{row['measure_name']}: the ten {_plural(areas)} with the most, {year}"
    return book.table(ranked.head(_HIGHEST), caption, columns)


def _plural(areas: _Areas) -> str:
    return "neighbourhoods" if areas.kind == "lsoa" else "wards"


def _highest(book: Book, edition: Edition, areas: _Areas, row: rows.Row) -> Table | None:
    ranked = areas.frame.sort_values(
        ["rate", "named"], ascending=[False, True], na_position="last", kind="stable"
    )
    columns = [
        Column("named", areas.called[0].upper() + areas.called[1:]),
        figure_column("count", row["unit"].capitalize(), text.count),
        figure_column("rate", "Rate", text.rate, absent="no rate"),
        Column(
            "position",
            "Beside the whole area",
            lambda one: _BESIDE.get(one, one),
            absent="not judged",
            suppressed_by="suppressed",
        ),
    ]
    year = text.label(edition.year.label)
    caption = f"{row['measure_name']}: the ten {_plural(areas)} with the highest rates, {year}"
    note = f"Rates are for every {row['rate_per']:,}."
    return book.table(ranked.head(_HIGHEST), caption, columns, [note])


def _peers(book: Book, group: pd.DataFrame, row: rows.Row, edition: Edition) -> Table | None:
    level = edition.in_words["confidence_percent"]
    ranked = group.sort_values("rank_in_group") if "rank_in_group" in group else group
    columns = [
        Column("area_name", "District"),
        figure_column("count", row["unit"].capitalize(), text.count),
        figure_column("rate", f"Rate for every {row['rate_per']:,}", text.rate, absent="no rate"),
        figure_column("rate_lower", f"{level}% interval from", text.rate, absent="no rate"),
        figure_column("rate_upper", "to", text.rate, absent="no rate"),
        figure_column("rank_in_group", "Rank", text.count, absent="not ranked"),
    ]
    caption = (
        f"{row['measure_name']}: districts of the peer group, {text.label(edition.year.label)}"
    )
    return book.table(ranked, caption, columns)
