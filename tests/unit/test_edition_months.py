"""The control chart and the season of an edition: worked by hand, and blind for what comes after its year."""

import duckdb
import pandas as pd
import pytest

from orchestration.figures import warehouse_tables
from tests.support import strategy, thresholds

YEAR = warehouse_tables.year_of("2025-26")
STEADY = [20, 22] * 18
LOW, HIGH = [17, 21] * 9, [23, 27] * 9
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
            " select 'asb' as measure_id, 'count' as method, 'police/x' as source_feed"
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
    """Mean 21, moving range 2: limits 21 ± 5.32. Five months after the year's end move nothing."""
    chart, season = tables(STEADY)
    assert len(chart) == 36 and chart["signal"].isna().all()
    assert chart[CHART].drop_duplicates().to_numpy().tolist() == [
        pytest.approx([21.0, 15.68, 26.32])
    ]
    assert season["seasonal_index"].tolist() == pytest.approx([100 * 22 / 21, 100 * 20 / 21] * 6)
    later = tables([*STEADY, *[90] * 13])
    pd.testing.assert_frame_equal(later[0], chart)
    pd.testing.assert_frame_equal(later[1], season)


def test_a_month_outside_the_limits_and_runs_are_signals():
    chart, _ = tables([*([20, 24] * 18)[:35], 60])
    assert chart["signal"].dropna().tolist() == ["above the limits"]
    chart, _ = tables(LOW + HIGH)
    assert chart["signal"].dropna().unique().tolist() == [
        "eight in a row below",
        "eight in a row above",
    ]
    chart, _ = tables([*STEADY[:30], 17, 18, 20, 22, 24, 26])
    assert chart["signal"].tolist()[-1] == "six in a row rising"


def test_a_month_that_is_not_known_parts_a_run_and_is_no_zero():
    chart, season = tables([*LOW, *HIGH[:7], None, *HIGH[7:17]])
    assert chart["missing_reason"].notna().sum() == 1
    gap = chart[chart["missing_reason"].notna()].iloc[0]
    assert pd.isna(gap["count"]) and pd.isna(gap["centre"])
    assert chart["signal"].eq("eight in a row above").sum() == 3
    assert set(season["years"]) == {2}


def test_a_registered_break_begins_anew_and_an_event_does_not():
    steps = [100, 104] * 12 + [20, 22] * 6
    event = (None, "police/x", "event", "2025-04-01")
    assert tables(steps, [event])[0]["centre"].nunique() == 1
    for broken in (("asb", None), (None, "police/x")):
        chart, _ = tables(steps, [event, (*broken, "not_comparable", "2025-04-01")])
        assert chart["centre"].unique().tolist() == [102.0, 21.0]
    other = ("drugs", "police/x", "not_comparable", "2025-04-01")
    assert tables(steps, [other])[0]["centre"].nunique() == 1


def test_few_months_or_rare_events_have_no_chart():
    assert tables([4] * 36)[0][CHART].isna().all(axis=None)
    short = ("asb", "police/x", "not_comparable", "2025-05-01")
    chart, _ = tables(STEADY, [short])
    assert chart["centre"].isna().tolist() == [False] * 25 + [True] * 11
