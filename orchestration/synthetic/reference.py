"""Synthetic reference extracts, in the publishers' own layouts.

Codes, names and populations are the area's real ones (from the seeds); boundaries are schematic:
each LSOA is the part of the plane that is nearest to its point (a Voronoi cell).
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from orchestration.synthetic.city import City

PARTNER = "reference"
FEEDS = tuple(
    f"{PARTNER}/{name}"
    for name in (
        "lsoa_2011_to_2021", "lsoa_boundaries", "lsoa_to_ward", "population", "ward_boundaries",
    )
)  # fmt: skip
_YEARS = range(2011, 2023)


def write(folder: Path, city: City) -> None:
    """Write lookups, population and schematic boundaries into `folder`: every feed of `FEEDS`."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_csv(
        _changes(city),
        folder
        / "LSOA_(2011)_to_LSOA_(2021)_to_Local_Authority_District_(2022)_Exact_Fit_Lookup_for_EW_(V3).csv",
    )
    _write_csv(
        _wards(city),
        folder / "LSOA_(2021)_to_Electoral_Ward_(2024)_to_LAD_(2024)_Best_Fit_Lookup_in_EW.csv",
    )
    _write_csv(_population(city), folder / "sape_lsoa21_population_density_mid2011_2022.csv")
    cells = _cells(city.lsoa)
    _write_geojson(folder / f"lsoa_{city.area_code}.geojson", _lsoa_features(city, cells))
    _write_geojson(folder / f"ward_{city.area_code}.geojson", _ward_features(city, cells))


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\n")


def _changes(city: City) -> pd.DataFrame:
    names = city.lsoa.set_index("lsoa_2021_code")["lsoa_2021_name"]
    return pd.DataFrame(
        {
            "LSOA11CD": city.change["lsoa_2011_code"],
            "LSOA11NM": city.change["lsoa_2021_code"].map(names),
            "LSOA21CD": city.change["lsoa_2021_code"],
            "LSOA21NM": city.change["lsoa_2021_code"].map(names),
            "CHGIND": city.change["change_indicator"],
            "LAD22CD": city.area_code,
            "LAD22NM": city.area_name,
            "LAD22NMW": "",
            "ObjectId": range(1, len(city.change) + 1),
        }
    )


def _wards(city: City) -> pd.DataFrame:
    names = city.ward.set_index("ward_code")["ward_name"]
    return pd.DataFrame(
        {
            "LSOA21CD": city.lsoa["lsoa_2021_code"],
            "LSOA21NM": city.lsoa["lsoa_2021_name"],
            "LSOA21NMW": "",
            "WD24CD": city.lsoa["ward_code"],
            "WD24NM": city.lsoa["ward_code"].map(names),
            "WD24NMW": "",
            "LAD24CD": city.area_code,
            "LAD24NM": city.area_name,
            "LAD24NMW": "",
            "ObjectId": range(1, len(city.lsoa) + 1),
        }
    )


def _population(city: City) -> pd.DataFrame:
    wide = city.population.pivot(index="lsoa_2021_code", columns="mid_year", values="population")
    table = city.lsoa[["lsoa_2021_code", "lsoa_2021_name"]].copy()
    table.columns = pd.Index(["LSOA 2021 Code", "LSOA 2021 Name"])
    table["Area Sq Km"] = 0.5
    for year in _YEARS:
        residents = table["LSOA 2021 Code"].map(wide[year])
        table[f"Mid-{year}: Population"] = residents
        table[f"Mid-{year}: People per Sq Km"] = residents * 2
    return table


def _cells(lsoa: pd.DataFrame) -> dict[str, list[list[float]]]:
    """A closed ring of coordinates by LSOA. Points far outside close the outer cells."""
    points = lsoa[["longitude", "latitude"]].to_numpy(dtype=float)
    # Two LSOAs whose rounded points coincide would share a cell; a tiny offset separates them.
    points = points + np.arange(len(points))[:, None] * np.array([1e-6, 7e-7])
    middle, reach = points.mean(axis=0), 0.12
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    frame = middle + reach * np.column_stack([np.cos(angles), np.sin(angles)])
    from scipy.spatial import Voronoi  # slow to load, and a deployment makes nothing up

    diagram = Voronoi(np.vstack([points, frame]))
    cells = {}
    for index, code in enumerate(lsoa["lsoa_2021_code"]):
        corners = diagram.vertices[diagram.regions[diagram.point_region[index]]]
        around = np.argsort(np.arctan2(*(corners - points[index]).T[::-1]))
        ring = [[round(float(x), 6), round(float(y), 6)] for x, y in corners[around]]
        cells[code] = [*ring, ring[0]]
    return cells


def _lsoa_features(city: City, cells: dict[str, list[list[float]]]) -> list[dict[str, object]]:
    return [
        {
            "type": "Feature",
            "properties": {
                "FID": number,
                "LSOA21CD": code,
                "LSOA21NM": name,
                "GlobalID": f"synthetic-{code}",
                "LADCD_ACTIVE": city.area_code,
                "UTLACD": city.area_code,
                "CAUTHCD": None,
                "RGNCD": None,
            },
            "geometry": {"type": "Polygon", "coordinates": [cells[code]]},
        }
        for number, (code, name) in enumerate(
            city.lsoa[["lsoa_2021_code", "lsoa_2021_name"]].itertuples(index=False), start=1
        )
    ]


def _ward_features(city: City, cells: dict[str, list[list[float]]]) -> list[dict[str, object]]:
    members = city.lsoa.groupby("ward_code")["lsoa_2021_code"].apply(list)
    return [
        {
            "type": "Feature",
            "properties": {
                "FID": number,
                "WD25CD": code,
                "WD25NM": name,
                "WD25NMW": "",
                "LAD25CD": city.area_code,
                "LAD25NM": city.area_name,
                "BNG_E": None,
                "BNG_N": None,
                "LONG": None,
                "LAT": None,
                "GlobalID": f"synthetic-{code}",
                "LADCD_ACTIVE": city.area_code,
                "UTLACD": city.area_code,
                "CAUTHCD": None,
                "RGNCD": None,
            },
            "geometry": {
                "type": "MultiPolygon",
                "coordinates": [[cells[lsoa]] for lsoa in members[code]],
            },
        }
        for number, (code, name) in enumerate(
            city.ward[["ward_code", "ward_name"]].itertuples(index=False), start=1
        )
    ]


def _write_geojson(path: Path, features: list[dict[str, object]]) -> None:
    collection = {"type": "FeatureCollection", "synthetic": True, "features": features}
    path.write_text(json.dumps(collection), encoding="utf-8")
