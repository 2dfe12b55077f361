"""Proves each rule that turns numbers into a sentence, by a table of cases."""

import pandas as pd
import pytest

from orchestration.edition.report import text
from orchestration.edition.report.sections import priority
from orchestration.edition.report.sentences import measures
from orchestration.edition.report.sentences import months as words_series
from tests.support import report_edition as small

YEAR = small.YEAR
SAME = {"change": 0, "change_percent": 0.0, "previous_count": 1200}
FROM_NONE = {"count": 30, "previous_count": 0, "change": 30, "change_percent": None}
TO_NONE = {"count": 0, "previous_count": 30, "change": -30, "change_percent": -100.0}
UNCLEAR = {"change_is_significant": False, "finding": "no clear change", "verdict": "neither"}
UNKNOWN = {"change_is_significant": None, "finding": "cannot be judged", "verdict": "neither"}
NEUTRAL = {"polarity": "neutral", "verdict": "neither"}
NO_FIGURE = {"count": None, "rate": None, "rate_lower": None, "rate_upper": None, "change": None}
NOT_SUPPLIED = {**NO_FIGURE, **UNKNOWN, "missing_reason": "not_supplied"}
PUBLISHED = {"method": "published", "count": None, "finding": "higher"}


def because(reason):
    """A change that is not judged, for this reason."""
    return {**UNKNOWN, "change_percent": None, "not_judged_because": reason}


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({}, "up 20%, more than usual variation"),
        ({"change": -100, "change_percent": -7.7}, "down 7.7%, more than usual variation"),
        (UNCLEAR, "no clear change (up 20%)"),
        ({**UNCLEAR, **SAME}, "no clear change (the same)"),
        ({**UNCLEAR, "change": 1, "change_percent": 0.01}, "no clear change (up less than 0.1%)"),
        (UNKNOWN, "up 20%, not judged"),
        ({**UNKNOWN, "change": None}, "cannot be compared with the year before"),
        ({**NO_FIGURE, **UNKNOWN, "missing_reason": "not_yet_due"}, "no figure, not yet due"),
        ({"suppressed": "small"}, "not shown, to protect people"),
        ({"previous_suppressed": "linked"}, "change not shown, to protect people"),
        ({"method": "proportion", "finding": "higher"}, "higher, more than usual variation"),
    ],
)
def test_a_title_says_the_finding(other, told):
    assert measures.finding(small.headline_row(**other)) == told


@pytest.mark.parametrize(
    ("other", "expected", "never"),
    [
        ({}, ["1,200 complaints in 2025–26", "up 20% on 2024–25", "for the worse"], "nan"),
        ({"verdict": "better"}, ["more than usual variation", "for the better"], "worse"),
        (NEUTRAL, ["more than usual variation", "neither good nor bad"], "worse"),
        ({"polarity": "neutral", "verdict": "worse"}, ["neither good nor bad"], "for the worse"),
        (UNCLEAR, ["is usual variation", "no clear change"], "for the worse"),
        ({"change_lower": -3.8, "change_upper": 8.4}, ["from down 3.8% to up 8.4%"], "nan"),
        (SAME, ["the same number as in 2024–25"], "up"),
        (because("break_in_series"), ["cannot be judged: the series has a break"], "by chance"),
        (because("base_too_small"), ["up 200 on 2024–25", "there are too few to judge"], "%"),
        (because("earlier_period_refused"), ["the earlier period is refused"], "chance"),
        (NOT_SUPPLIED, ["There is no figure", "not supplied"], "None"),
        ({"suppressed": "geography"}, ["not shown", "too small for this measure"], "1,200"),
        ({"previous_suppressed": "small"}, ["1,200", "no comparison is made"], "1,000"),
        ({"is_rounded": True}, ["about 1,200 complaints", "were about 1,000 complaints"], "nan"),
        ({**FROM_NONE, "is_rounded": True}, ["up 30 on 2024–25, when there were none"], "about 0"),
        ({**TO_NONE, "is_rounded": True}, [": 0 complaints", "down 100%", "about 30 "], "about 0"),
        ({"change": 1199, "previous_count": 1}, ["when there was 1 complaint."], "were 1 "),
        ({"is_rounded": True, **SAME}, ["about the same number as in 2024–25"], "is the same"),
        ({"is_provisional": True}, ["The figure is provisional."], "nan"),
        ({"method": "stock", **UNKNOWN}, ["at the end of 2025–26"], "chance"),
        (PUBLISHED, ["20.0 for every 1,000", "as published"], "None"),
        (
            {"method": "proportion", "finding": "lower"},
            ["20% in 2025–26", "That is lower than in 2024–25."],
            "up",
        ),
    ],
)
def test_a_headline_says_level_direction_size_and_confidence(other, expected, never):
    told = " ".join(measures.headline(small.headline_row(**other), YEAR))
    for part in expected:
        assert part in told
    assert never not in told


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({}, "Up 20% on 2024–25"),
        (SAME, "The same as in 2024–25"),
        ({"method": "proportion", "finding": "lower"}, "Lower than in 2024–25"),
    ],
)
def test_the_strip_reads_as_a_phrase(other, told):
    change = priority.strip(small.headline_row(**other), "residents", YEAR)[-1]
    assert f"{change.value} {change.label}".startswith(told)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({}, "The rate is 20.0 for every 1,000 residents (95% confidence interval 18.9 to 21.2)."),
        ({"rate_lower": None}, "The rate is 20.0 for every 1,000 residents."),
        ({"method": "proportion"}, "The share is 20.0% (95% confidence interval 18.9 to 21.2)."),
        ({"rate": None}, ""),
        ({"suppressed": "small"}, ""),
    ],
)
def test_a_rate_has_its_interval_or_is_not_said(other, told):
    assert measures.rate(small.headline_row(**other), "residents", "95") == told


def test_the_full_baseline_is_compared_only_where_both_may_be_shown():
    years = {YEAR: {"count": 12}, "2023-24": {"count": 10}}
    assert "there were 10 visits: there are now 2 more" in measures.since_baseline(
        years, YEAR, "2023-24", "visits"
    )
    rounded = {YEAR: {"count": 15, "is_rounded": True}, "2023-24": {"count": 0}}
    assert "there were 0 visits: there are now about 15 more" in measures.since_baseline(
        rounded, YEAR, "2023-24", "visits"
    )
    assert (
        measures.since_baseline({**years, "2024-25": {"count": 9}}, YEAR, "2024-25", "visits") == ""
    )
    hidden = {**years, "2023-24": {"count": None, "suppressed": "small"}}
    assert measures.since_baseline(hidden, YEAR, "2023-24", "visits") == ""


def test_the_control_chart_names_months():
    months = small.monthly()
    assert words_series.control_title(months, YEAR) == "July 2025 was above the usual range"
    told = " ".join(words_series.control(months, YEAR))
    assert "with the season allowed for" in told
    pair = months["signal"].where(months["signal"].isna(), "two of three near the upper limit")
    told = words_series.control_title(months.assign(signal=pair), YEAR)
    assert told.startswith("Two months of three were near the upper end of the usual range")


def test_a_run_is_the_title_only_when_no_month_is_outside():
    months = small.monthly()
    run = months["signal"].where(months["month_start"] != "2025-09-01", "eight in a row above")
    told = words_series.control_title(months.assign(signal=run), YEAR)
    assert told == "July 2025 was above the usual range"
    only = run.where(run != "above the limits", None)
    told = words_series.control_title(months.assign(signal=only), YEAR)
    assert told == "Eight months in a row were above the average, up to September 2025"


def test_quiet_months_missing_months_and_hidden_months_are_told_apart():
    months = small.monthly().assign(signal=None)
    assert (
        words_series.control_title(months, YEAR)
        == "Every month of 2025–26 lay within the usual range"
    )
    may = months["month_start"] == "2025-05-01"
    late = months.assign(missing_reason=months["missing_reason"].where(~may, "not_supplied"))
    late.loc[may, "count"] = pd.NA
    told = " ".join(words_series.control(late, YEAR))
    assert "There is no figure for May 2025: not supplied." in told
    assert "Every month with a figure" in told
    hidden = months.assign(suppressed=months["suppressed"].where(~may, "small"))
    told = " ".join(words_series.control(hidden, YEAR))
    assert "Not shown, to protect people: May 2025." in told
    assert words_series.control_title(months.assign(suppressed="small"), YEAR).startswith(
        "No month of 2025–26"
    )


def test_a_series_without_limits_says_so():
    months = small.monthly().assign(upper_limit=None)
    assert words_series.control_title(months, YEAR).startswith("There are too few events")


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([5, 6, 9], "The twelve months to March 2026 are the highest of the series (9 visits)"),
        ([5, 6, 4], "The twelve months to March 2026 are the lowest of the series (4 visits)"),
        ([5, 9, 6], "Twelve-month totals lay between 5 and 9; the newest is 6"),
        ([5, 5, 5], "Every twelve months hold 5 visits"),
        ([5], ""),
    ],
)
def test_rolling_totals_say_where_the_newest_stands(counts, told):
    ends = pd.to_datetime(["2026-01-31", "2026-02-28", "2026-03-31"])[-len(counts) :]
    frame = pd.DataFrame({"period_end": ends, "count": counts, "suppressed": None})
    assert words_series.rolling(frame, "visits") == told


def test_the_season_names_months_that_were_so_in_every_year():
    index = small.tables()["seasonality"]
    told = "July is usually highest, 30% above average; January lowest, 20% below"
    assert words_series.season(index, 10) == told
    assert words_series.season(index.assign(seasonal_index=100.0), 10).startswith(
        "There is no marked season"
    )
    once = index.assign(lowest_index=90.0)
    assert words_series.season(once, 10) == "January is usually lowest, 20% below average"
    assert words_series.season(index.iloc[:0], 10) == ""


@pytest.mark.parametrize(
    ("written", "told"),
    [
        (text.count(14296), "14,296"),
        (text.rate(1234.56), "1,234.6"),
        (text.percent(2.893), "2.9%"),
        (text.percent(16.09), "16%"),
        (text.percent(3.0), "3%"),
        (text.share(0.055), "5.5%"),
        (text.units(1, "enquiries"), "1 enquiry"),
        (text.units(1, "people"), "1 person"),
        (text.units(2, "people"), "2 people"),
        (text.day("2026-11-25"), "25 November 2026"),
        (
            text.period(pd.Timestamp("2025-04-01"), pd.Timestamp("2026-03-31")),
            "April 2025 to March 2026",
        ),
        (text.label("2025-26"), "2025–26"),
        (text.label("2025-04 to 2026-03"), "2025-04 to 2026-03"),
        (text.listed(["A", "B", "C", "D"], 2), "A, B and two more"),
        (text.listed(["Hill, Dale & Brook", "Moor"]), "Hill, Dale & Brook; and Moor"),
        (text.previous_year("2000-01"), "1999-00"),
        (text.lower_first("MARAC cases"), "MARAC cases"),
        (text.lower_first("Hate crimes"), "hate crimes"),
    ],
)
def test_numbers_dates_and_names_are_written_one_way(written, told):
    assert written == told
