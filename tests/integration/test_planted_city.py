"""A made-up city in which five things were planted: the findings name those and nothing else.

One measure rises by a third in the latest year, one street is hot, one hour of one weekday is, one month
has an event that nobody registered, and one measure is recorded otherwise from a registered month on.
Everything else comes by chance, about a level that never changes.

Of what comes by chance some stands out by chance: one in three charts of three steady years has a signal. So
the city that is published is one of the few in which no steady series has one, and what the formulas find in
other cities, drawn by other seeds, is counted beside it: the rise and the event in nearly all, and in steady
series no more than is said.
"""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, poisson

from orchestration.core.settings import from_environment
from orchestration.edition import candidate, gather, issue
from orchestration.edition.report.sections import decisions, main_points, priority
from orchestration.edition.report.sentences import months as words
from tests.conftest import of_the_session
from tests.support import editions
from tests.support import planted_city as city
from tests.support.nights import published
from tests.support.thresholds import judging

SEED, OTHERS = 6, range(100, 140)
HEADLINES = {measures[0] for measures in city.PRIORITIES.values()}
CHANGED = ("more", "fewer", "higher", "lower")
OUTSIDE = ("above the limits", "below the limits")
# All crimes together hold the rise and the event of two of their kinds.
TOTAL = "police_recorded_crime"
ALLOWED = 0.05  # the share of what is named that may be chance


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The city, published by a whole night; made once for all workers. Read only."""
    folder = of_the_session(tmp_path_factory)
    source = folder / "planted-source"
    settings = from_environment(
        {
            "CSP_HOME": str(folder / "planted"),
            "CSP_SOURCE": str(source),
            "CSP_PARTNERSHIP": str(city.decide(tmp_path_factory.mktemp("decided") / "partnership")),
            "CSP_NOW": city.NOW,
            "CSP_WAIT_SECONDS": "0",
        }
    )

    def make(settings):
        city.write(source, SEED)
        editions.publish(settings)
        issue.prepare(settings, city.LATEST)

    return editions.once(settings, make)


@pytest.fixture(scope="module")
def asked(home):
    """The answer of the published database to a query, with months as such."""

    def answer(query, *values):
        with published(home) as connection:
            found = connection.execute(query, list(values)).df()
        for column in found.columns.intersection(["period_start"]):
            found[column] = pd.to_datetime(found[column]).dt.strftime("%Y-%m")
        return found

    return answer


@pytest.fixture(scope="module")
def edition(home):
    """What the assessment of the latest year holds, before gate 3 says whether it may be issued."""
    gathered = gather.gather(home, candidate.make(home, city.LATEST))
    gates = pd.DataFrame(columns=["check", "scope", "outcome", "detail"])
    return gather.edition_of(
        home, gathered, editions.SENSITIVE, gates, waivers=(), reasons=(), is_draft=True
    )


@pytest.fixture(scope="module")
def formulas():
    with judging() as connection:
        yield connection


def test_the_rise_is_named_in_its_year_and_no_other_change_in_any_window(asked):
    found = asked("select * from marts.priority_change")
    assert set(found["measure_id"]) == set(city.KINDS)
    named = found[found["finding"].isin(CHANGED)]
    assert set(named["measure_id"]) == {city.RISEN}
    assert set(named["finding"]) == {"more"} and set(named["verdict"]) == {"worse"}
    # Windows that begin before the rise are named for the months of it that they hold.
    assert set(named.loc[named["is_latest"], "period_type"]) == {
        "strategy_year", "calendar_year", "year_to_date", "rolling_12m",
    }  # fmt: skip
    year = named[(named["period_type"] == "strategy_year") & named["is_latest"]].iloc[0]
    assert year["strategy_year"] == city.LATEST
    assert year["change_lower"] < 100 * city.RISE_SHARE < year["change_upper"]
    assert year["tests_together"] == len(HEADLINES) - 1  # one is recorded otherwise
    since = found[found["since_baseline_finding"].isin(CHANGED)]
    assert since[["measure_id", "strategy_year"]].to_numpy().tolist() == [[city.RISEN, city.LATEST]]


def test_every_other_measure_is_judged_and_called_steady(asked):
    """Silence is no answer: in both years that have one before, each was tested."""
    years = asked("select * from marts.priority_change where period_type = 'strategy_year'")
    for year, changed in (("2024-25", set()), (city.LATEST, {city.RISEN})):
        own = years[years["strategy_year"] == year].set_index("measure_id")
        steady = set(own.index[own["finding"] == "no clear change"])
        untold = {city.REDEFINED} if year == city.LATEST else set()
        assert steady == set(city.KINDS) - changed - untold


def test_no_ward_changed(asked):
    wards = asked(
        "select measure_id, area_code, period_start, change_p_value from marts.fct_measure "
        "where area_type = 'ward' and period_type = 'strategy_year' and change_p_value is not null"
    )
    assert len(wards) > 30
    for _, together in wards.groupby(["measure_id", "period_start"]):
        assert (false_discovery_control(together["change_p_value"]) > ALLOWED).all()


def test_one_street_is_hot(asked):
    hot = asked(
        "select * from marts.hot_spot where place_type = 'street' and period_type = 'strategy_year' "
        "and is_persistent"
    )
    is_own = hot["place_name"] == city.HOT_LABEL
    own, others = hot[is_own], hot[~is_own]
    street = [city.HOT, city.hot_street()]
    assert own[["measure_id", "area_code"]].to_numpy().tolist() == [street] * len(city.YEARS)
    assert (own["quarters_hot"] == 4).all() and (own["place_rank"] == 1).all()
    assert (own["count"] > 10 * own["even_count"]).all()
    # Of others, as many as the lot would make persistent; of its own measure in the latest year, none.
    assert others[(others["measure_id"] == city.HOT) & others["is_latest"]].empty
    for (measure, _), streets in others.groupby(["measure_id", "period_start"]):
        assert len(streets) <= poisson.ppf(0.999, streets["persistent_by_chance"].iloc[0]), measure


def test_its_ward_is_outside_the_funnel_and_no_other(asked):
    funnel = asked("select * from marts.ward_funnel where period_type = 'strategy_year'")
    outside = funnel[funnel["is_outside"]]
    assert outside[["measure_id", "area_code", "strategy_year"]].to_numpy().tolist() == [
        [city.HOT, city.hot_ward(), year] for year in city.YEARS
    ]
    assert set(outside["position"]) == {"above the outer limit"}
    judged = funnel.dropna(subset=["adjusted_p_value"]).groupby("measure_id")["area_code"].nunique()
    assert set(judged[judged == 34].index) >= set(city.KINDS)


def test_its_measure_is_concentrated_and_no_other(asked):
    found = asked("select * from marts.concentration where period_type = 'strategy_year'")
    judged = found[found["finding"] != "cannot be judged"]
    assert set(judged["measure_id"]) >= {kind.measure for kind in city.STREET_CRIME}
    more = judged[judged["finding"] == "more concentrated than chance"]
    assert set(more.loc[more["is_latest"], "measure_id"]) == {city.HOT}
    assert set(more.loc[more["measure_id"] == city.HOT, "strategy_year"]) == set(city.YEARS)
    # Each measure and year is tested for itself: in two earlier years one in twenty may be by chance.
    assert len(more) - len(city.YEARS) <= poisson.ppf(
        0.99, ALLOWED * (len(judged) - len(city.YEARS))
    )


def test_the_scan_of_all_kinds_is_moved_by_the_rise_and_the_hot_street_alone(asked):
    scan = asked('select * from marts.scan where strategy_year = ? and "count" > 0', city.LATEST)
    assert len(scan) == len(city.STREET_CRIME)
    assert scan.loc[scan["change_is_significant"].eq(True), "measure_id"].tolist() == [city.RISEN]
    for rank, first in (("change_rank", city.RISEN), ("concentration_rank", city.HOT)):
        ranks = scan.set_index("measure_id")[rank].to_dict()
        assert ranks == {measure: 1 if measure == first else 2 for measure in ranks}, rank


def test_one_hour_of_one_weekday_stands_out(asked):
    """Beside what its hour and its weekday lead one to expect: evenings are busier, and so are Fridays."""
    found = asked(
        'select measure_id, dimension, profile_value, "count", share, share_lower from marts.profile '
        "where area_type = 'city' and period_type = 'strategy_year' and is_latest "
        "and dimension in ('hour', 'weekday', 'hour_weekday') and \"count\" > 0"
    )
    assert "not known" not in set(found["profile_value"])
    shares = found.set_index(["measure_id", "dimension", "profile_value"])["share"]
    named = []
    for measure in (kind.measure for kind in city.INCIDENTS):
        cells = found[(found["measure_id"] == measure) & (found["dimension"] == "hour_weekday")]
        usual = cells["profile_value"].map(
            lambda cell, own=shares[measure]: own["weekday", cell[:-3]] * own["hour", cell[-2:]]
        )
        chance = poisson.sf(cells["count"] - 1, usual * cells["count"].sum())
        stands_out = cells[false_discovery_control(chance) <= ALLOWED]
        named += [(measure, cell) for cell in stands_out["profile_value"]]
    assert named == [(city.TIMED, city.TIMED_NAME)]
    # As an analyst asks (docs/questions.md, 2): first of all hours, and by far.
    cells = found[(found["measure_id"] == city.TIMED) & (found["dimension"] == "hour_weekday")]
    first, second = cells.sort_values("count", ascending=False).head(2).itertuples()
    assert first.profile_value == city.TIMED_NAME and first.share_lower > second.share


def test_the_month_of_the_event_has_a_signal_and_no_other_month(asked):
    """The rise is a signal in its own chart, and in that of all crimes, which hold it."""
    charts = asked("select * from marts.process_control where area_type = 'city'")
    drawn = charts.dropna(subset=["centre"])
    assert drawn.groupby("measure_id")["period_start"].nunique().to_dict() == {
        measure: len(city.MONTHS) for measure in (*city.KINDS, TOTAL)
    }
    signals = drawn[drawn["signal"].notna() & ~drawn["measure_id"].isin([city.RISEN, TOTAL])]
    named = signals[["measure_id", "period_start", "signal"]].to_numpy().tolist()
    assert named == [[city.EVENTFUL, city.EVENT_MONTH, "above the limits"]]
    assert signals["is_alarm"].all()


def test_the_chart_of_what_rose_turns_with_the_rise(asked):
    chart = asked(
        "select period_start, signal, is_alarm from marts.process_control "
        "where area_type = 'city' and measure_id = ? and signal is not null", city.RISEN,
    )  # fmt: skip
    is_after = chart["period_start"] >= city.RISE_FROM
    assert is_after.sum() > 6
    assert chart["signal"].str.contains("below").equals(~is_after)
    assert set(chart.loc[chart["is_alarm"], "period_start"]) <= set(city.MONTHS[-12:])


def test_across_the_change_of_recording_nothing_is_told(asked, formulas):
    found = asked("select * from marts.priority_change where measure_id = ?", city.REDEFINED)
    assert not set(found["finding"]) & set(CHANGED)
    # A single month is judged of no measure.
    is_across = (found["period_start"] >= city.REDEFINED_FROM) & (found["period_type"] != "month")
    across = found[is_across & found["previous_count"].notna()]
    assert (across["change_not_judged"] == "recording_changed").all()
    year = across[across["period_type"] == "strategy_year"].iloc[0]
    assert year["since_baseline_finding"] == "cannot be judged"
    chart = asked(
        "select * from marts.process_control where area_type = 'city' and measure_id = ? "
        "order by period_start", city.REDEFINED,
    )  # fmt: skip
    begins = chart.groupby("phase")["period_start"].min().to_dict()
    assert begins == {1: city.MONTHS[0], 2: city.REDEFINED_FROM}
    assert chart["centre"].notna().all() and chart["signal"].isna().all()
    # The two levels are told apart, and had nobody registered it, it would be a rise like the other.
    level = chart.groupby("phase")["centre"].mean()
    assert level[2] / level[1] == pytest.approx(1 + city.REDEFINED_SHARE, rel=0.1)
    pairs = pd.DataFrame(
        {
            "series": "x",
            "now": chart["count"].iloc[-12:].to_numpy(),
            "before": chart["count"].iloc[-24:-12].to_numpy(),
        }
    )
    formulas.register("pairs", pairs)
    (chance,) = formulas.execute("select p_value from paired_change('pairs')").fetchone()
    assert chance < 0.001


def test_the_assessment_says_those_and_nothing_else(edition):
    heads = priority.headlines(edition)
    points = main_points.points(edition, heads)
    about = [line for line in points if "Regulation 7" not in line and "feeds" not in line]
    assert about[0].startswith("Vehicles: police-recorded vehicle crime up ")
    assert about[0].endswith("more than usual variation and for the worse.")
    assert about[1:] == [
        "The headline measures of four of six priorities show no change that is more than usual variation.",
        "No change can be judged for vulnerable people.",
        "One of 34 wards is above the outer limit of at least one headline measure; "
        f"{city.hot_ward_name()} of one headline measure.",
    ]
    asked_for = [line for line in decisions.asked(edition, heads) if "change" in line]
    assert asked_for == [
        "What to do about the change for the worse: police-recorded vehicle crime."
    ]


def test_the_assessments_charts_say_those_and_nothing_else(edition):
    monthly = edition.tables["monthly"]

    def title(measure, year):
        return words.control_title(monthly[monthly["measure_id"] == measure], year)

    told = {(m, year): title(m, year) for m in city.KINDS for year in city.YEARS if m != city.RISEN}
    assert told.pop((city.EVENTFUL, "2024-25")) == "November 2024 was above the usual range"
    for (_, year), said in told.items():
        assert said == f"Every month of {year.replace('-', '–')} lay within the usual range"
    assert "above" in title(city.RISEN, city.LATEST)


# --- other cities ---------------------------------------------------------------------------------


def long(plants, *, is_registered=True, is_event_registered=False):
    """The months of every other city, a row each; a registered change of recording begins a phase."""
    parts = []
    for seed in OTHERS:
        months = city.counts(seed, plants).rename_axis(columns="measure")
        parts.append(months.stack().rename("value").reset_index().assign(seed=seed))
    found = pd.concat(parts, ignore_index=True)
    found["series"] = found["seed"].astype(str) + "|" + found["measure"]
    found["year"] = found["month"].dt.asfreq("Y-MAR").astype(str)
    is_new = (found["measure"] == city.REDEFINED) & (found["month"] >= city.REDEFINED_FROM)
    found["phase"] = (is_new & is_registered).astype(int)
    found["month_start"] = found["month"].dt.to_timestamp().dt.date
    found["month"] = found["month"].astype(str)
    is_event = (found["measure"] == city.EVENTFUL) & (found["month"] == city.EVENT_MONTH)
    return found.assign(is_event=is_event & is_event_registered, is_hidden=False)


def changes(formulas, months):
    """How often each measure is named as changed in the latest year, judged as marts.priority_change does."""
    years = months.pivot(index="series", columns="month", values="value")
    pairs = pd.DataFrame(
        {
            "series": np.repeat(years.index, 12),
            "now": years.iloc[:, -12:].to_numpy().ravel(),
            "before": years.iloc[:, -24:-12].to_numpy().ravel(),
        }
    )
    is_told = ~pairs["series"].isin(months.loc[months["phase"] > 0, "series"])
    formulas.register("pairs", pairs[is_told])
    found = formulas.execute("select series, p_value from paired_change('pairs')").df()
    found[["seed", "test"]] = found["series"].str.split("|", expand=True)
    found["family"] = found["seed"] + found["test"].isin(HEADLINES).astype(str)
    formulas.register("tests", found[["family", "test", "p_value"]])
    judged = formulas.execute("select * from adjusted_for_many('tests')").df()
    assert len(judged) == len(found)
    return judged.loc[judged["adjusted"] <= ALLOWED, "test"].value_counts().to_dict()


def charted(formulas, months):
    """Every month with its signal, as marts.process_control gives it."""
    formulas.register("of_cities", months.drop(columns="seed"))
    formulas.execute(
        "create or replace temp table months as select given.*, season.seasonal_index "
        "from of_cities as given left join (select * from season_of('of_cities')) as season "
        "on season.series = given.series and season.month_of_year = month(given.month_start)"
    )
    found = formulas.execute(
        "select months.measure, months.series, months.month, chart.signal from months "
        "inner join control_chart('months') as chart "
        "on chart.series = months.series and chart.month_start = months.month_start"
    ).df()
    assert len(found) == len(months)
    return found


def test_in_other_cities_the_rise_is_named_and_little_else(formulas):
    named = changes(formulas, long(city.PLANTS))
    assert named.pop(city.RISEN) >= 0.95 * len(OTHERS)
    assert sum(named.values()) <= ALLOWED * len(OTHERS)


def test_where_nothing_is_planted_little_is_named(formulas):
    """Two families of tests a city; in one of twenty something may be."""
    named = changes(formulas, long(()))
    assert sum(named.values()) <= ALLOWED * 2 * len(OTHERS)


def test_a_change_of_recording_that_nobody_registered_is_named_as_a_rise(formulas):
    named = changes(formulas, long(city.PLANTS, is_registered=False))
    assert named[city.REDEFINED] >= 0.95 * len(OTHERS)


def test_in_other_cities_the_month_of_the_event_is_beyond_the_limits(formulas):
    found = charted(formulas, long(city.PLANTS))
    event = found[(found["measure"] == city.EVENTFUL) & (found["month"] == city.EVENT_MONTH)]
    assert event["signal"].eq("above the limits").mean() >= 0.9
    # The change of recording makes no signal, whichever way it is drawn.
    new = found[found["measure"] == city.REDEFINED]
    assert new["signal"].isin(OUTSIDE).mean() < 0.015


def test_once_registered_the_event_bends_no_season(formulas):
    """It is still beyond the limits, and the same month of the other years is as usual."""
    found = charted(formulas, long(city.PLANTS, is_event_registered=True))
    own = found[(found["measure"] == city.EVENTFUL) & found["month"].str.endswith("-11")]
    is_event = own["month"] == city.EVENT_MONTH
    assert own.loc[is_event, "signal"].eq("above the limits").mean() >= 0.9
    assert own.loc[~is_event, "signal"].isin(OUTSIDE).mean() < 0.03


def test_steady_months_have_as_many_signals_as_is_said(formulas):
    """docs/methods.md, control charts: how many months of steady series are marked."""
    found = charted(formulas, long(()))
    assert found["signal"].isin(OUTSIDE).mean() < 0.01
    assert found["signal"].notna().mean() < 0.08
    assert found.groupby("series")["signal"].any().mean() < 0.4
