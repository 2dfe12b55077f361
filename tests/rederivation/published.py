"""Values that a publisher gave for the area: taken as they are, for every period there is."""

from __future__ import annotations

import re

import pandas as pd

from tests.rederivation.extracts import Extracts
from tests.rederivation.figures import REGISTER
from tests.rederivation.places import CITY

FEED = "health/public_health_indicators"
PUBLISHED = REGISTER.index[REGISTER["method"] == "published"].tolist()
COLUMNS = {
    "Count": "modelled_count",
    "Denominator": "denominator",
    "Value": "rate",
    "Lower CI 95.0 limit": "rate_lower",
    "Upper CI 95.0 limit": "rate_upper",
}


def values(extracts: Extracts, measure: str) -> pd.DataFrame:
    """The measure's values by period: type, first day, modelled count, denominator, rate, limits."""
    frame = extracts.read(FEED, extracts.periods(FEED)[-1])
    indicator = re.search("“(.+?)”", REGISTER.loc[measure, "numerator"]).group(1)
    age = "10+ yrs" if measure == "suicide_rate" else "All ages"
    own = frame[
        (frame["Indicator Name"] == indicator)
        & (frame["Area Code"] == CITY)
        & (frame["Sex"] == "Persons")
        & (frame["Age"] == age)
        & (frame["Category"] == "")
        & (frame["Value"] != "")
    ]
    once = own.drop_duplicates(["Time period", *COLUMNS])
    numbers = once[list(COLUMNS)].rename(columns=COLUMNS).apply(pd.to_numeric)
    return pd.concat([_periods(once["Time period"]), numbers], axis=1).reset_index(drop=True)


def _periods(labels: pd.Series) -> pd.DataFrame:
    """2022/23 is a strategy year, 2023 a calendar year, 2021 - 23 and 2020/21 - 22/23 three years."""
    kinds = {
        r"^\d{4}/\d{2}$": "strategy_year",
        r"^\d{4}$": "calendar_year",
        r"^\d{4}(/\d{2})? - \d{2}(/\d{2})?$": "pooled_3_years",
    }
    month = labels.str[4:5].map({"/": "-04-01"}).fillna("-01-01")
    found = {
        "period_type": labels.replace(kinds, regex=True),
        "period_start": pd.to_datetime(labels.str[:4] + month),
    }
    return pd.DataFrame(found)
