"""Where a priority's headline measure happens: wards, neighbourhoods, concentration, peers."""

from __future__ import annotations

import pandas as pd

from orchestration.edition.model import Edition
from orchestration.edition.report import funnel, maps, rows, text, words_places
from orchestration.edition.report.blocks import Heading, Section, sentences
from orchestration.edition.report.book import Book, Column, Figure, Table, figure_column

_HIGHEST = 10


def add(edition: Edition, book: Book, found: Section, row: rows.Row) -> None:
    """Add what is known of places; says so where nothing is."""
    measure = row["measure_id"]
    wards = rows.where(rows.table(edition, "wards"), measure_id=measure)
    lsoas = rows.where(rows.table(edition, "lsoas"), measure_id=measure)
    found.add(Heading("Where"))
    if wards.empty and lsoas.empty:
        found.say("This measure is known for the whole area only.")
    found.add(sentences([words_places.hidden_wards(wards)]))
    if funnel.can_be_drawn(wards):
        found.add(_funnel(book, wards, row, edition))
    found.add(*_map(edition, book, row, wards, lsoas))
    found.add(sentences(_concentration(edition, measure, row["unit"])))
    found.add(_highest(book, edition, wards, row))
    group = rows.where(rows.table(edition, "peers"), measure_id=measure)
    told = words_places.peers(group)
    compared = (
        _peers(book, group, row, edition) if told and len(rows.shown(group, "rate")) > 1 else None
    )
    found.head("Beside its peers", sentences([told]), compared)


def _funnel(book: Book, wards: pd.DataFrame, row: rows.Row, edition: Edition) -> Figure:
    title = words_places.funnel(wards)
    about = f"{row['measure_name']}: rate for every {row['rate_per']:,} by ward, {text.label(edition.year.label)}"
    note = "Limits widen for smaller wards, because chance moves small numbers more."
    source = f"Each mark is a ward. {note}"
    return book.figure(funnel.chart(wards), title, about, f"{title}. {note}", source, funnel.key(wards),
                       narrowest=540)  # fmt: skip


def _map(
    edition: Edition, book: Book, row: rows.Row, wards: pd.DataFrame, lsoas: pd.DataFrame
) -> list[Figure]:
    if not lsoas.empty and "rate" in lsoas:
        names = dict(zip(wards["ward_code"], wards["ward_name"], strict=True)) if len(wards) else {}
        ward = lsoas["ward_code"].map(lambda code: names.get(code, ""))
        named = lsoas["lsoa_2021_name"].where(
            ward == "", lsoas["lsoa_2021_name"] + " (" + ward + ")"
        )
        areas, kind, code, group = lsoas.assign(named=named), "lsoa", "lsoa_2021_code", "ward_code"
        unit = "LSOA (neighbourhood of about 1,600 people)"
    elif not wards.empty and "rate" in wards:
        areas, kind, code, group = (
            wards.assign(named=wards["ward_name"]),
            "ward",
            "ward_code",
            "ward_code",
        )
        unit = "ward"
    else:
        return []
    found = maps.classes(areas)
    shapes = edition.boundaries
    shapes = shapes[shapes["area_type"] == kind] if "area_type" in shapes else shapes
    title = words_places.map_title(areas, "named")
    year = text.label(edition.year.label)
    about = f"{row['measure_name']}: rate for every {row['rate_per']:,} by {unit}, {year}"
    key = maps.key(areas, found)
    described = f"{title}. Colours: {'; '.join(item.label for item in key)}"
    if shapes.empty:
        spec = maps.schematic(areas[group], found)
        source = "Schematic: one tile an area, in order of its ward. Places of tiles are not places on the ground."
        about += ". Schematic map, since no boundaries were supplied"
    else:
        spec = maps.choropleth(areas[code], found, shapes)
        source = "Five classes of as many areas each. Darker is higher."
    return [book.figure(spec, title, about, described, source, key)]


def _concentration(edition: Edition, measure: str, unit: str) -> list[str]:
    frame = rows.where(rows.table(edition, "concentration"), measure_id=measure,
                       strategy_year=edition.year.label)  # fmt: skip
    row = rows.first(frame)
    return words_places.concentration(row, unit) if row else []


def _highest(book: Book, edition: Edition, wards: pd.DataFrame, row: rows.Row) -> Table | None:
    order = ["rate", "ward_name"] if "rate" in wards else ["ward_name"]
    if wards.empty:
        return None
    highest = wards.sort_values(
        order, ascending=[name == "ward_name" for name in order], kind="stable"
    )
    columns = [
        Column("ward_name", "Ward"),
        figure_column("count", row["unit"].capitalize(), text.count),
        figure_column("rate", f"Rate for every {row['rate_per']:,}", text.rate, absent="no rate"),
        figure_column("rate_lower", "95% interval from", text.rate, absent="no rate"),
        figure_column("rate_upper", "to", text.rate, absent="no rate"),
        Column(
            "position", "Beside the whole area", absent="not judged", suppressed_by="suppressed"
        ),
    ]
    year = text.label(edition.year.label)
    caption = f"{row['measure_name']}: the {_HIGHEST} wards with the highest rates, {year}"
    return book.table(highest.head(_HIGHEST), caption, columns)


def _peers(book: Book, group: pd.DataFrame, row: rows.Row, edition: Edition) -> Table | None:
    ranked = group.sort_values("rank_in_group") if "rank_in_group" in group else group
    columns = [
        Column("area_name", "District"),
        figure_column("count", row["unit"].capitalize(), text.count),
        figure_column("rate", f"Rate for every {row['rate_per']:,}", text.rate, absent="no rate"),
        figure_column("rate_lower", "95% interval from", text.rate, absent="no rate"),
        figure_column("rate_upper", "to", text.rate, absent="no rate"),
        figure_column("rank_in_group", "Rank", text.count, absent="not ranked"),
    ]
    caption = (
        f"{row['measure_name']}: districts of the peer group, {text.label(edition.year.label)}"
    )
    return book.table(ranked, caption, columns)
