"""Every window of every count, added up again from its months with pandas: not one figure may differ."""

import numpy as np
import pandas as pd
import pytest

from tests.support.nights import published

KEY = ["measure_id", "area_type", "area_code"]


@pytest.fixture(scope="module")
def fact(issued_home):
    with published(issued_home) as connection:
        frame = connection.execute("""
            select fact.*, measure.periodicity from marts.fct_measure as fact
            inner join marts.dim_measure as measure on measure.measure_id = fact.measure_id
            where measure.method = 'count' and not fact.is_held
        """).df()
    frame["period_start"] = pd.to_datetime(frame["period_start"])
    frame["period_end"] = pd.to_datetime(frame["period_end"])
    frame["count"] = frame["count"].astype(float)
    return frame


@pytest.fixture(scope="module")
def months(fact):
    """Counts by measure and area, with a column a month: not known where a month is not."""
    own = fact[(fact["periodicity"] == "month") & (fact["period_type"] == "month")]
    return own.pivot(index=KEY, columns="period_start", values="count")


def added_up(months, windows):
    """The sums of the months of each window, long; not known where one of its months is not."""
    parts = {
        start: months.loc[:, start:end].sum(axis=1, skipna=False)
        for start, end in windows
        if start in months.columns and end in months.columns
    }
    frame = pd.DataFrame(parts).rename_axis(columns="period_start")
    return frame.stack(future_stack=True).rename("count").reset_index()


@pytest.mark.parametrize(
    "kind", ["quarter", "strategy_year", "calendar_year", "year_to_date", "rolling_12m"]
)
def test_a_window_is_the_sum_of_its_months_in_every_area(fact, months, kind):
    found = fact[(fact["periodicity"] == "month") & (fact["period_type"] == kind)]
    windows = {
        (row.period_start, row.period_end.replace(day=1))
        for row in found[["period_start", "period_end"]].drop_duplicates().itertuples()
    }
    expected = added_up(months, windows)
    both = found.merge(expected, on=[*KEY, "period_start"], how="left", suffixes=("", "_sum"))
    assert len(both) > 1000 and both["count"].notna().sum() > 1000
    # A figure below the whole area may not be known although its months are: rows were left out.
    assert both.loc[both["count"].isna() & both["missing_reason"].isna()].empty
    known = both.dropna(subset=["count"])
    assert np.array_equal(known["count"], known["count_sum"])


def test_the_year_to_date_has_the_same_months_in_every_year(fact):
    years = fact.loc[fact["period_type"] == "year_to_date", ["period_start", "period_end"]]
    ends = years.drop_duplicates()
    assert set(ends["period_start"].dt.month) == {4}
    assert ends["period_end"].dt.month.nunique() == 1 and len(ends) == 4


def test_the_latest_window_is_the_newest_that_the_whole_area_knows(fact):
    city = fact[(fact["area_type"] == "city") & fact["missing_reason"].isna()]
    newest = city.groupby(["measure_id", "period_type"])["period_start"].max()
    marked = fact[fact["is_latest"]].groupby(["measure_id", "period_type"])["period_start"]
    assert (marked.nunique() == 1).all()
    assert marked.first().to_dict() == newest.to_dict()


@pytest.mark.parametrize("kind", ["strategy_year", "calendar_year", "year_to_date", "rolling_12m"])
def test_a_change_is_against_the_same_months_a_year_before(fact, months, kind):
    """With φ and t by the formula of docs/methods.md, for the whole area."""
    judged = fact[
        (fact["periodicity"] == "month")
        & (fact["period_type"] == kind)
        & (fact["area_type"] == "city")
        & fact["change_p_value"].notna()
    ]
    assert len(judged) > 20
    for row in judged.itertuples():
        own = months.loc[(row.measure_id, row.area_type, row.area_code)]
        now = own[row.period_start : row.period_end].to_numpy()
        year = pd.DateOffset(years=1)
        before = own[row.period_start - year : row.period_end - year].to_numpy()
        a, b, n = now.sum(), before.sum(), len(now)
        r = a / b
        both = now + before
        pearson = ((now - r * before) ** 2)[both > 0] / (r * both[both > 0])
        plain = n * ((now - r * before) ** 2).sum() / (r * (a + b))
        phi = max(1, pearson.sum() / (n - 1), plain / (n - 1))
        assert row.dispersion == pytest.approx(phi)
        assert row.change_percent == pytest.approx(100 * (r - 1))
        assert row.change_lower <= row.change_percent <= row.change_upper
