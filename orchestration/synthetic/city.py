"""The shape of the synthetic city: the area's own codes and populations, from the seeds."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from orchestration.core import register
from orchestration.core.settings import Settings


@dataclass(frozen=True)
class City:
    """Codes and populations of the area. `lsoa` has a row per LSOA 2021, `ward` per ward in force,
    `change` per pair of LSOA 2011 and 2021, `population` per LSOA 2021 and year.
    """

    area_code: str
    area_name: str
    force_name: str
    force_slug: str
    lsoa: pd.DataFrame
    ward: pd.DataFrame
    change: pd.DataFrame
    population: pd.DataFrame


def load(settings: Settings) -> City:
    """Read the seeds of the configured area."""
    folder, area = register.assemble(settings), settings.partnership.area_code
    lsoa = pd.read_csv(folder / "area_lsoa_2021.csv")
    ward = pd.read_csv(folder / "area_ward.csv")
    change = pd.read_csv(folder / "area_lsoa_2011_to_2021.csv")
    lsoa = lsoa[lsoa["district_code"] == area].reset_index(drop=True)
    population = pd.read_csv(folder / "area_population.csv")
    return City(
        area_code=area,
        area_name=settings.partnership.area_name,
        force_name=f"{settings.partnership.police_force_name} Police",
        force_slug=settings.partnership.police_force_slug,
        lsoa=lsoa,
        ward=ward[(ward["district_code"] == area) & ward["in_force_to"].isna()].reset_index(
            drop=True
        ),
        change=change[change["district_code"] == area].reset_index(drop=True),
        population=population[population["lsoa_2021_code"].isin(lsoa["lsoa_2021_code"])],
    )
