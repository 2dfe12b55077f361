"""Figures of a measure in one period, by area: count, what it is over, and rate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from tests.rederivation import partners, places, police
from tests.rederivation.extracts import FEEDS, Extracts

REGISTER = pd.read_csv(
    places.SEEDS / "register" / "measure_register.csv", dtype=str, keep_default_na=False
).set_index("measure_id")
RULES = police.RULES | partners.RULES
COLUMNS = ["area_type", "area_code", "count", "denominator", "rate"]


def first_day(periodicity: str, period: str) -> str:
    """The day that a period begins on, as its label says."""
    year, _, rest = period.partition("-")
    if periodicity == "month":
        return f"{period}-01"
    if periodicity == "quarter":
        return f"{year}-{int(rest[1]) * 3 - 2:02}-01"
    return f"{year}-{'04' if periodicity == 'financial_year' else '09'}-01"


@dataclass(frozen=True)
class City:
    """The figures that follow from a folder of extracts."""

    folder: Path

    @cached_property
    def extracts(self) -> Extracts:
        return Extracts(self.folder)

    @cached_property
    def _frames(self) -> dict[tuple[str, str], pd.DataFrame]:
        return {}

    def frame(self, feed: str, period: str) -> pd.DataFrame:
        """The rows that a feed's figures of a period are counted from, with unit and is_in_area.

        A MARAC case is a repeat of a case of any quarter, so all its files are looked at.
        """
        if (feed, period) not in self._frames:
            whole = feed == "partnership/marac_cases"
            found = (
                self.extracts.read_all(feed)
                if whole
                else self.extracts.read(feed, period).assign(period=period)
            )
            self._frames[feed, period] = found.assign(unit=self._units(feed, found)).assign(
                is_in_area=lambda f: f["unit"].isin(places.IN_AREA)
            )
        return self._frames[feed, period]

    def _units(self, feed: str, frame: pd.DataFrame) -> pd.Series | str:
        column = FEEDS[feed].place
        if not column:
            return places.CITY
        if column == "point":
            codes = places.lsoa_of_points(self.folder, frame["Longitude"], frame["Latitude"])
            return places.units_of(codes)
        return places.units_of(frame[column], feed in places.COVERING)

    def figures(self, measure: str, period: str) -> pd.DataFrame:
        """Every area's figure of a measure in a period, by the register's words."""
        register = REGISTER.loc[measure]
        feed, method = register["source_feed"], register["method"]
        frame = self.frame(feed, period)
        tally = RULES[measure](frame)[frame["period"] == period]
        is_placed = bool(FEEDS[feed].place) and method != "distinct"
        units = frame["unit"] if method != "distinct" else places.CITY
        by_unit = tally.assign(unit=units).merge(places.MEMBERS, on="unit")
        # A number that the source withheld makes the sum unknown: NaN, never part of a sum.
        sums = by_unit.groupby(["area_type", "area_code"])[list(tally.columns)].agg(
            lambda values: values.sum(skipna=False)
        )
        areas = places.areas_of(register["lowest_geography"], is_placed)
        # An area without rows has nought; only what the source withheld is not known.
        codes = pd.MultiIndex.from_frame(areas)
        empty = codes.difference(sums.index)
        nought = pd.DataFrame(0.0, index=empty, columns=sums.columns)
        found = pd.concat([sums, nought]).loc[codes].rename_axis(codes.names).reset_index()
        starts_on = first_day(register["periodicity"], period)
        if method == "proportion":
            # A share with a number that is not known is not known at all.
            found["denominator"] = found["base"].where(found["count"].notna())
        elif register["denominator"] == "none" or feed in places.WITHOUT_RATES:
            found["denominator"] = np.nan
        else:
            groups = places.people(self.folder, register["denominator"], starts_on)
            found = found.merge(groups, how="left", on=["area_type", "area_code"])
        over = found["denominator"].where(found["denominator"] != 0)
        found["rate"] = found["count"] * int(register["rate_per"]) / over
        return found[COLUMNS]
