"""The area as the register knows it, for rules of gate 1 that hold reference data to it.

A rule that names one of these tables, or a formula of `dbt_project/formulas/polygons.sql`, finds it on its
connection:

    known_lsoa          lsoa_code (2021), ward_code, longitude, latitude
    known_lsoa_2011     lsoa_2011_code, lsoa_2021_code
    known_ward          ward_code of the wards in force
    known_population    lsoa_code, mid_year, population
    known_area          area_code: one row

They hold the partnership's own area; where the register knows nothing of it they are empty, and a rule
has nothing to hold a delivery to.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from orchestration.contracts.odcs import Rule
from orchestration.core import formulas, register
from orchestration.core.settings import Settings
from orchestration.core.sql import literal
from orchestration.protection import encryption

_TABLES = {
    "known_lsoa": (
        "area_lsoa_2021",
        "lsoa_2021_code as lsoa_code, ward_code, longitude::double as longitude, "
        "latitude::double as latitude",
        "district_code = $area",
    ),
    "known_lsoa_2011": (
        "area_lsoa_2011_to_2021",
        "lsoa_2011_code, lsoa_2021_code",
        "district_code = $area",
    ),
    "known_ward": ("area_ward", "ward_code", "district_code = $area and in_force_to is null"),
    "known_population": (
        "area_population",
        "lsoa_2021_code as lsoa_code, mid_year::integer as mid_year, population::double as population",
        "lsoa_2021_code in (select lsoa_code from known_lsoa) and $area <> ''",
    ),
}


def prepare(
    settings: Settings, rules: Sequence[Rule], connection: duckdb.DuckDBPyConnection
) -> None:
    """Prepare a connection of gate 1: keys, and what the rules name.

    Raises:
        SettingsError: the register cannot be read.
    """
    encryption.prepare(settings, connection)
    texts = str([rule.kwargs for rule in rules])
    if "polygon_" in texts or "areas_overlap" in texts:
        formulas.define_polygons(connection)
    if "known_" not in texts:
        return
    area = settings.partnership.area_code
    connection.execute(f"create table known_area as select {literal(area)} as area_code")
    for name, (table, columns, condition) in _TABLES.items():
        path = literal(register.table(settings, table))
        connection.execute(
            f"create table {name} as select distinct {columns} "
            f"from read_csv({path}, header = true, all_varchar = true) where {condition}",
            {"area": area},
        )
