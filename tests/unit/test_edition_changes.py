"""Changes since the last assessment: every status, what revised a figure, and what is not compared."""

import pandas as pd
import pytest

from orchestration.edition.figures import changes

CITY = "E06000021"
CUT_OFF = "2025-06-30"


def figure(measure="asb", period="month", start="2025-03-01", end="2025-03-31", count=10, **other):
    row = {
        "measure_id": measure, "area_type": "city", "area_code": CITY, "area_name": "Stoke",
        "period_type": period, "period_start": pd.Timestamp(start), "period_end": pd.Timestamp(end),
        "count": count, "modelled_count": None, "denominator": 1000, "rate": None,
    }  # fmt: skip
    return {**row, **other}


def figures(*rows):
    return pd.DataFrame(list(rows))


def revision(feed="police/street_crime", measure="asb", period="2025-03", on="2025-08-01 10:00"):
    dates = ("2025-03-01", "2025-03-31") if period == "2025-03" else (None, None)
    return {
        "feed": feed, "measure_id": measure, "period": period, "replaced_at": pd.Timestamp(on),
        "period_start": pd.Timestamp(dates[0]), "period_end": pd.Timestamp(dates[1]),
    }  # fmt: skip


def revisions(*rows):
    columns = ["feed", "measure_id", "period", "replaced_at", "period_start", "period_end"]
    return pd.DataFrame(list(rows), columns=columns)


def compared(now, before, *revised, cut_off=CUT_OFF):
    return changes.since(now, before, revisions(*revised), cut_off)


def one(now, before, *revised, **other):
    found = compared(figures(now), figures(before), *revised, **other)
    assert len(found) == 1
    return found.iloc[0]


def test_a_first_assessment_is_compared_with_nothing():
    found = compared(figures(figure()), None, cut_off=None)
    assert list(found.columns) == changes.COLUMNS
    assert found.empty
    for column in ("previous", "now", "difference"):
        assert found[column].dtype == "Int64"
    for column in ("period_start", "period_end"):
        assert found[column].dtype == "datetime64[us]"
    assert changes.rates_only(figures(figure()), None, revisions(), None).empty


def test_the_same_figure_is_unchanged():
    found = one(figure(), figure(), revision())
    assert (found.status, found.previous, found.now, found.difference) == ("unchanged", 10, 10, 0)
    assert found.deliveries == ""


def test_a_revised_figure_names_its_delivery_and_by_how_much():
    found = one(figure(count=14), figure(count=10), revision())
    assert (found.status, found.previous, found.now, found.difference) == ("revised", 10, 14, 4)
    assert found.deliveries == "police/street_crime 2025-03"


def test_a_year_is_revised_by_every_delivery_within_it_named_once():
    year = {"period": "strategy_year", "start": "2024-04-01", "end": "2025-03-31"}
    parts = [revision(), revision(), revision(feed="police/other", measure="asb")]
    found = one(figure(count=9, **year), figure(count=10, **year), *parts)
    assert (found.difference, found.deliveries) == (
        -1,
        "police/other 2025-03, police/street_crime 2025-03",
    )


@pytest.mark.parametrize(
    "other",
    [
        revision(measure="hate_crimes"),  # of another measure
        revision(measure=None),  # counts nothing
        revision(on="2025-06-30 23:59"),  # the previous edition knew it
        {**revision(), "period_start": pd.Timestamp("2025-02-01"),
         "period_end": pd.Timestamp("2025-02-28")},
    ],
)  # fmt: skip
def test_a_delivery_that_cannot_have_revised_it_is_not_named(other):
    found = one(figure(count=14), figure(count=10), other)
    assert (found.status, found.deliveries) == ("revised", "")


def test_a_cut_off_with_a_time_is_taken_by_the_second():
    same_day = revision(on="2025-06-30 14:00")
    for cut_off, told in [
        ("2025-06-30", ""),
        ("2025-06-30T15:00:00", ""),
        ("2025-06-30T13:59:59", "police/street_crime 2025-03"),
    ]:
        found = one(figure(count=14), figure(count=10), same_day, cut_off=cut_off)
        assert found.deliveries == told


def test_a_modelled_count_without_a_rate_is_compared_as_a_number():
    """A rate that is in neither edition is no difference between them."""
    then = figure(count=10, modelled_count=10.25)
    assert one({**then, "count": 10}, then).status == "unchanged"
    assert one({**then, "modelled_count": 10.5}, then).status == "revised"
    assert one({**then, "modelled_count": 10.25, "rate": 1.0}, then).status == "revised"


def test_a_delivery_without_months_can_revise_any_period():
    found = one(figure(count=14), figure(count=10), revision(period="2024 edition"))
    assert found.deliveries == "police/street_crime 2024 edition"


def test_a_figure_that_was_missing_or_ended_later_is_new():
    before = figures(figure(count=None), figure(measure="hate"))
    now = figures(figure(), figure(measure="hate"), figure(start="2025-04-01", end="2025-04-30"))
    found = compared(now, before)
    assert found.status.tolist() == ["new", "new", "unchanged"]
    assert found.previous.isna().tolist() == [True, True, False]
    assert found.difference.isna().tolist() == [True, True, False]


def test_a_period_that_its_publisher_made_later_is_new():
    late = figure(measure="deaths", period="calendar_year", start="2024-01-01", end="2024-12-31")
    found = compared(figures(figure(), late), figures(figure()))
    assert found.set_index("measure_id").status["deaths"] == "new"


@pytest.mark.parametrize("gone", [[], [figure(count=None)]])
def test_a_figure_that_is_missing_or_gone_is_withdrawn(gone):
    kept = figure(measure="hate")
    found = compared(figures(kept, *gone), figures(kept, figure()), revision())
    withdrawn = found.set_index("measure_id").loc["asb"]
    assert withdrawn.status == "withdrawn"
    assert withdrawn.previous == 10
    assert pd.isna(withdrawn.now)
    assert pd.isna(withdrawn.difference)
    assert withdrawn.deliveries == "police/street_crime 2025-03"
    assert (withdrawn.area_name, withdrawn.period_end) == ("Stoke", pd.Timestamp("2025-03-31"))


def test_a_city_figure_is_withdrawn_though_nothing_of_its_period_is_left():
    found = compared(figures(figure(start="2025-04-01", end="2025-04-30")), figures(figure()))
    assert found.status.tolist() == ["withdrawn", "new"]


def test_a_cell_that_neither_has_is_not_compared():
    assert compared(figures(figure(count=None)), figures(figure(count=None))).empty


def test_wards_of_the_year_before_are_not_withdrawn_unless_this_edition_prints_that_year():
    ward = {"period": "strategy_year", "area_type": "ward", "area_code": "E05"}
    last = figure(start="2024-04-01", end="2025-03-31", **ward)
    this = figure(start="2025-04-01", end="2026-03-31", **ward)
    assert compared(figures(this), figures(last)).status.tolist() == ["new"]
    other = {**last, "area_code": "E06"}
    found = compared(figures(this, other), figures(last, other))
    assert found.status.tolist() == ["withdrawn", "new", "unchanged"]


@pytest.mark.parametrize("kept_back", [(None, "small"), ("linked", None), ("small", "small")])
def test_what_disclosure_control_keeps_back_is_not_compared(kept_back):
    def controlled(reason):
        return figure(count=None if reason else 10, suppressed=reason)

    now, before = (controlled(reason) for reason in kept_back)
    shown = figure(measure="hate", suppressed=None)
    found = compared(figures(now, shown), figures(before, shown))
    assert found.measure_id.tolist() == ["hate"]


def test_a_published_figure_is_compared_as_the_number_it_is():
    modelled = figure(count=1890, modelled_count=1889.97, rate=726.8892)
    last_bit = {**modelled, "modelled_count": 1889.9700000000003, "rate": 726.8892000000001}
    assert one(last_bit, modelled).status == "unchanged"
    moved = {**modelled, "modelled_count": 1889.6}
    found = one(moved, modelled)
    assert (found.status, found.difference) == ("revised", 0)
    assert one({**modelled, "rate": 730.0}, modelled).status == "revised"


def test_a_published_rate_without_a_count_is_a_figure_too():
    rate = figure(count=None, rate=12.5)
    assert one(rate, rate).status == "unchanged"
    assert one({**rate, "rate": 12.6}, rate).status == "revised"
    assert one(rate, figure(count=None)).status == "new"
    assert one(figure(count=None), rate).status == "withdrawn"


def test_another_population_revises_no_count_and_is_told_apart():
    before, now = figures(figure()), figures(figure(denominator=1100))
    population = revision(feed="reference/population", measure=None, period="2024 edition")
    assert compared(now, before, population).status.tolist() == ["unchanged"]
    found = changes.rates_only(now, before, revisions(population), CUT_OFF)
    assert found.to_dict("records") == [
        {"measure_id": "asb", "figures": 1, "deliveries": "reference/population 2024 edition"}
    ]
    assert changes.rates_only(before, before, revisions(population), CUT_OFF).empty
    revised = figures(figure(count=11, denominator=1100))
    assert changes.rates_only(revised, before, revisions(population), CUT_OFF).empty


def test_the_base_of_a_share_is_revised_by_the_measures_own_feed():
    before, now = figures(figure()), figures(figure(denominator=None))
    general = revision(feed="reference/population", measure=None)
    found = changes.rates_only(now, before, revisions(revision(), general), CUT_OFF)
    assert found.deliveries.tolist() == ["police/street_crime 2025-03"]


def test_a_cell_that_is_there_twice_is_refused():
    doubled = figures(figure(), figure(count=12))
    with pytest.raises(changes.DoubledCell, match="asb of E06000021 for the month from 2025-03-01"):
        compared(doubled, figures(figure()))
