"""The tables of a small edition of a made-up town: noise by ward and LSOA, reports by quarter."""

from __future__ import annotations

import pandas as pd

from tests.support import thresholds

NOISE = "noise_complaints"  # monthly, with wards and LSOAs; more is worse
REPORTS = "slavery_reports"  # quarterly, whole area only; neutral
PRIORITIES = [("quiet_streets", "Quiet streets", 1), ("modern_slavery", "Modern slavery", 2)]
YEAR = "2025-26"


def _months() -> pd.DatetimeIndex:
    return pd.date_range("2023-04-01", "2026-03-01", freq="MS")


def _years_of(months: pd.Series) -> pd.Series:
    first = months.dt.year - (months.dt.month < 4)
    return first.astype(str) + "-" + ((first + 1) % 100).astype(str).str.zfill(2)


def headline_row(**other) -> dict:
    """A row of `headline`: 1,200 complaints, 1,000 the year before, more than usual variation."""
    usual = {
        "priority_id": "quiet_streets",
        "priority_name": "Quiet streets",
        "priority_order": 1,
        "measure_id": NOISE,
        "measure_name": "Noise complaints",
        "is_headline": True,
        "unit": "complaints",
        "rate_per": 1000,
        "method": "count",
        "polarity": "down",
        "verified": "verified",
        "count": 1200,
        "previous_count": 1000,
        "change": 200,
        "change_percent": 20.0,
        "change_lower": None,
        "change_upper": None,
        "dispersion": None,
        "change_p_value": None,
        "tests_together": None,
        "denominator": 60000,
        "rate": 20.0,
        "rate_lower": 18.9,
        "rate_upper": 21.2,
        "change_is_significant": True,
        "finding": "more",
        "verdict": "worse",
        "not_judged_because": None,
        "missing_reason": None,
        "comparison_missing_reason": None,
        "is_provisional": False,
        "suppressed": None,
        "is_rounded": False,
        "previous_suppressed": None,
    }
    return {**usual, **other}


def slavery_row(**other) -> dict:
    """The headline row of the second priority: no clear change, neutral."""
    return headline_row(
        priority_id="modern_slavery",
        priority_name="Modern slavery",
        priority_order=2,
        measure_id=REPORTS,
        measure_name="Reports of modern slavery",
        unit="reports",
        polarity="neutral",
        count=40,
        previous_count=38,
        change=2,
        change_percent=5.3,
        rate=0.7,
        rate_lower=0.5,
        rate_upper=0.9,
        change_is_significant=False,
        finding="no clear change",
        verdict="neither",
        **other,
    )


def monthly() -> pd.DataFrame:
    """Three years of months of noise: 100 a month, but 160 in July 2025."""
    months = pd.Series(_months())
    frame = pd.DataFrame({"measure_id": NOISE, "month_start": months})
    frame["strategy_year"] = _years_of(months)
    frame["count"] = pd.Series(100, index=frame.index, dtype="Int64")
    july = frame["month_start"] == "2025-07-01"
    frame.loc[july, "count"] = 160
    frame = frame.assign(centre=100.0, lower_limit=70.0, upper_limit=130.0, signal=None)
    frame["signal"] = frame["signal"].astype(object).where(~july, "above the limits")
    return frame.assign(
        missing_reason=None, is_provisional=False, suppressed=None, is_rounded=False
    )


def wards() -> pd.DataFrame:
    """Three wards of noise: one above the funnel, one within, one below."""
    return pd.DataFrame(
        {
            "measure_id": NOISE,
            "ward_code": ["W1", "W2", "W3"],
            "ward_name": ["Hill", "Dale", "Brook"],
            "count": pd.Series([700, 400, 100], dtype="Int64"),
            "denominator": [18000, 22000, 20000],
            "rate": [38.9, 18.2, 5.0],
            "rate_lower": [36.1, 16.4, 4.1],
            "rate_upper": [41.9, 20.0, 6.1],
            "city_rate": 20.0,
            "lower_95": 18.0,
            "upper_95": 22.0,
            "lower_998": 17.0,
            "upper_998": 23.0,
            "position": ["above the outer limit", "within", "below the outer limit"],
            "dispersion": 1.2,
            "differs_throughout": False,
            "tau_squared": 0.0,
            "missing_reason": None,
            "suppressed": None,
            "is_rounded": False,
        }
    )


def lsoas() -> pd.DataFrame:
    """Four LSOAs of noise."""
    return pd.DataFrame(
        {
            "measure_id": NOISE,
            "lsoa_2021_code": ["L1", "L2", "L3", "L4"],
            "lsoa_2021_name": ["Town 001A", "Town 001B", "Town 002A", "Town 002B"],
            "ward_code": ["W1", "W1", "W2", "W3"],
            "count": pd.Series([400, 300, 400, 100], dtype="Int64"),
            "denominator": 15000,
            "rate": [26.7, 20.0, 26.7, 6.7],
            "missing_reason": None,
            "suppressed": None,
            "is_rounded": False,
        }
    )


def boundaries() -> pd.DataFrame:
    """Squares for the four LSOAs, rings anticlockwise as GeoJSON has them."""
    square = '{{"type":"Polygon","coordinates":[[[{0},0],[{1},0],[{1},1],[{0},1],[{0},0]]]}}'
    return pd.DataFrame(
        {
            "area_type": "lsoa",
            "area_code": ["L1", "L2", "L3", "L4"],
            "boundary_geojson": [square.format(place, place + 1) for place in range(4)],
        }
    )


def _rolling() -> pd.DataFrame:
    ends = pd.Series(pd.date_range("2024-03-31", "2026-03-31", freq="ME"))
    noise = pd.DataFrame({"measure_id": NOISE, "period_end": ends, "count": range(1176, 1201)})
    quarters = pd.Series(pd.date_range("2024-03-31", "2026-03-31", freq="QE"))
    slow = pd.DataFrame({"measure_id": REPORTS, "period_end": quarters, "count": range(32, 41)})
    frame = pd.concat([noise, slow], ignore_index=True)
    return frame.assign(missing_reason=None, suppressed=None, is_rounded=False)


def _seasonality() -> pd.DataFrame:
    frame = pd.DataFrame({"measure_id": NOISE, "month_of_year": range(1, 13), "years": 3})
    frame["seasonal_index"] = [80.0, 85, 90, 95, 100, 120, 130, 120, 100, 95, 95, 90]
    return frame.assign(
        lowest_index=frame["seasonal_index"] - 5, highest_index=frame["seasonal_index"] + 5
    )


def _methods() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "measure_id": [NOISE, REPORTS],
            "measure_name": ["Noise complaints", "Reports of modern slavery"],
            "definition": ["Complaints to the council.", "Reports to the national office."],
            "denominator": "residents",
            "verified": "verified",
            "periodicity": ["month", "quarter"],
            "source_feed": ["council/noise", "national/slavery"],
        }
    )


def _feeds() -> dict[str, pd.DataFrame]:
    feeds = ["council/noise", "national/slavery"]
    titles = ["Noise complaints of the council", "Reports of modern slavery"]
    quality = pd.DataFrame(
        {
            "feed": feeds,
            "title": titles,
            "owner": "Council",
            "deliveries": [36, 12],
            "set_aside": 0,
            "row_count": [3600.0, 120.0],
            "rules_run": [360, 120],
            "rules_failed": 0,
            "rules_errored": 0,
            "rows_rejected": [3, 0],
            "unexplained": 0.0,
            "share_rejected": ["under_1_percent", "none"],
        }
    )
    complete = pd.DataFrame(
        {
            "feed": feeds,
            "title": titles,
            "cadence": ["month", "quarter"],
            "periods": [12, 4],
            "delivered": [12, 4],
            "refused": 0,
            "missing": 0,
            "not_due": 0,
            "periods_not_delivered": None,
        }
    )
    sources = pd.DataFrame(
        {
            "feed": feeds,
            "period": ["2025-04", "2025-Q2"],
            "part": "",
            "sha256": ["a" * 64, "b" * 64],
            "row_count": [100, 10],
            "contract_version": "1.0.0",
        }
    )
    return {"quality": quality, "completeness": complete, "sources": sources}


def tables() -> dict[str, pd.DataFrame]:
    """The tables that the report cannot do without, and some that it can."""
    head = pd.DataFrame([headline_row(), slavery_row()])
    whole = ("count", "previous_count", "change")
    head = head.astype(dict.fromkeys(whole, "Int64"))
    years = pd.DataFrame(
        [
            {
                "measure_id": NOISE,
                "period_type": "strategy_year",
                "strategy_year": year,
                "count": count,
                "suppressed": None,
                "is_rounded": False,
                "missing_reason": None,
            }
            for year, count in (("2023-24", 1100), ("2024-25", 1000), (YEAR, 1200))
        ]
    )
    reviews = pd.DataFrame(
        [
            {
                "measure_id": "reviews",
                "measure_name": "Case reviews: applications received",
                "strategy_year": year,
                "count": count,
                "missing_reason": None,
                "suppressed": None,
                "is_rounded": False,
            }
            for year, count in (("2024-25", 3), (YEAR, 0))
        ]
    )
    profile = pd.DataFrame(
        {
            "sort_order": [1, 2],
            "fact": ["Residents", "Areas in the most deprived tenth"],
            "value": ["60000", None],
            "unit": ["usual residents", "Indices of Deprivation"],
        }
    )
    return {
        "headline": head,
        "monthly": monthly(),
        "rolling": _rolling(),
        "seasonality": _seasonality(),
        "wards": wards(),
        "lsoas": lsoas(),
        "years": years,
        "methods": _methods(),
        "case_reviews": reviews,
        "area_profile": profile,
        "thresholds": thresholds.frame(),
        **_feeds(),
    }
