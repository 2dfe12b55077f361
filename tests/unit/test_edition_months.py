"""The control chart and the season of an edition: worked by hand, and blind for what comes after its year."""

import duckdb
import pandas as pd
import pytest

from orchestration.figures import warehouse_tables
from tests.support import strategy, thresholds

YEAR = warehouse_tables.year_of("2025-26")
# Of no season: seven steps of eleven, and eleven and twelve have no common part.
UNEVEN = [100 + 4 * (7 * n % 11) for n in range(36)]
STEADY = [20, 22] * 18
CHART = ["centre", "lower_limit", "upper_limit"]


def tables(months, breaks=()):
    """`monthly` and `seasonality` of 2025-26; months are counts from April 2023 (None: not known)."""
    starts = [pd.Timestamp(2023, 4, 1) + pd.DateOffset(months=n) for n in range(len(months))]
    first = [start.year - (start.month < 4) for start in starts]
    fact = pd.DataFrame(
        {
            "measure_id": "asb",
            "area_type": "city",
            "period_type": "month",
            "period_start": starts,
            "period_end": [start + pd.DateOffset(months=1, days=-1) for start in starts],
            "strategy_year": [f"{year}-{year - 1999}" for year in first],
            "count": pd.array(months, dtype="Int64"),
            "missing_reason": [None if count is not None else "not_supplied" for count in months],
            "is_provisional": False,
        }
    )
    with duckdb.connect() as connection:
        thresholds.publish(connection)
        strategy.publish(connection)
        connection.register("fact", fact)
        connection.execute(
            "create table marts.fct_measure as select * replace (period_start::date as period_start,"
            " period_end::date as period_end) from fact"
        )
        connection.execute(
            "create table marts.dim_measure as"
            " select 'asb' as measure_id, 'count' as method, 'police/x' as feed"
        )
        connection.execute(
            "create table marts.dim_break"
            " (measure_id varchar, feed varchar, effect varchar, break_on date)"
        )
        for given in breaks:
            connection.execute("insert into marts.dim_break values (?, ?, ?, ?)", given)
        return [
            warehouse_tables.table(connection, name, YEAR) for name in ("monthly", "seasonality")
        ]


def test_a_chart_is_made_of_the_months_that_it_shows():
    """Season is taken out: what alternates by calendar month in every year is expected. Months after the
    year's end move nothing."""
    chart, season = tables(STEADY)
    assert len(chart) == 36 and chart["signal"].isna().all()
    assert season["seasonal_index"].tolist() == pytest.approx([100 * 22 / 21, 100 * 20 / 21] * 6)
    assert chart["centre"].tolist() == pytest.approx(STEADY)
    later = tables([*STEADY, *[90] * 13])
    pd.testing.assert_frame_equal(later[0], chart)
    pd.testing.assert_frame_equal(later[1], season)


def test_a_month_outside_the_limits_is_a_signal():
    chart, _ = tables([*UNEVEN[:35], 400])
    assert chart["signal"].tolist()[-1] == "above the limits"
    assert "above the limits" not in tables(UNEVEN)[0]["signal"].tolist()


def test_two_years_are_compared_month_by_month():
    """With two years there is no index: each month of the second is expected to be as a year before."""
    chart, season = tables([*[None] * 12, *UNEVEN[:23], 400])
    assert season["seasonal_index"].isna().all()
    second = chart[chart["month_start"] < "2025-04-01"]
    assert second["centre"].isna().all()
    assert chart["signal"].tolist()[-1] == "above the limits"


def test_a_month_that_is_not_known_is_no_zero():
    chart, season = tables([*UNEVEN[:20], None, *UNEVEN[21:]])
    assert chart["missing_reason"].notna().sum() == 1
    gap = chart[chart["missing_reason"].notna()].iloc[0]
    assert pd.isna(gap["count"]) and pd.isna(gap["centre"])
    assert set(season["years"]) == {2}
    assert season["seasonal_index"].isna().all()


def test_a_change_of_recording_begins_anew_and_an_event_does_not():
    steps = [*[n + 500 for n in UNEVEN[:24]], *UNEVEN[24:]]
    event = (None, "police/x", "event", "2025-04-01")
    whole = tables(steps, [event])[0]["centre"].tolist()
    for effect in ("not_comparable", "changes_level"):
        for broken in (("asb", None), (None, "police/x")):
            parted = tables(steps, [event, (*broken, effect, "2025-04-01")])[0]["centre"].tolist()
            assert parted[30] is None or parted[30] < 200 < whole[30]
    other = ("drugs", "police/x", "not_comparable", "2025-04-01")
    assert tables(steps, [event, other])[0]["centre"].tolist() == whole


def test_few_months_or_rare_events_have_no_chart():
    assert tables([4] * 36)[0][CHART].isna().all(axis=None)
    short = ("asb", "police/x", "not_comparable", "2025-05-01")
    chart, _ = tables(UNEVEN, [short])
    assert chart["centre"].isna().tolist()[25:] == [True] * 11
