"""Hot streets once more, from the street files, as the register's thresholds word it."""

from __future__ import annotations

from itertools import combinations
from math import prod

import pandas as pd

from tests.rederivation.figures import REGISTER, RULES, City

STREET = ["unit", "Location"]


def hot_streets(city: City, measure: str, months: list[str]) -> tuple[pd.DataFrame, float]:
    """Streets with their events and quarters among the tenth with most, and how many would be among them in
    three quarters or more if every quarter drew its own by lot. Twelve months, oldest first."""
    feed = REGISTER.loc[measure, "source_feed"]
    every = pd.concat([city.frame(feed, month) for month in city.extracts.periods(feed)])
    streets = every.loc[every["is_in_area"], STREET].drop_duplicates()
    counts = {}
    for quarter in range(4):
        frame = pd.concat([city.frame(feed, m) for m in months[quarter * 3 : quarter * 3 + 3]])
        counted = frame[(RULES[measure](frame)["count"] > 0) & frame["is_in_area"]]
        counts[quarter] = counted.groupby(STREET).size()
    table = pd.DataFrame(counts).fillna(0)
    hot = pd.DataFrame(
        {q: table[q].map(lambda n, q=q: (table[q] >= n).sum()) <= len(streets) / 10 for q in table}
    ) & (table > 0)
    shares = [hot[quarter].sum() / len(streets) for quarter in range(4)]
    lots = sum(
        prod(shares[q] if q in chosen else 1 - shares[q] for q in range(4))
        for size in (3, 4)
        for chosen in combinations(range(4), size)
    )
    found = pd.DataFrame({"count": table.sum(axis=1), "quarters_hot": hot.sum(axis=1)})
    return found[found["quarters_hot"] > 0], lots * len(streets)
