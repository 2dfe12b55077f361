"""The 25 questions of docs/questions.md: one statement each, its answer worked out again with pandas.

Where an answer is of a window, the window is added up from months; where the files of partners say it, from
the files. Nothing of the product's SQL is used.
"""

import re

import numpy as np
import pandas as pd
import pytest

from tests.conftest import PROJECT
from tests.rederivation.figures import City
from tests.rederivation.hot_spots import hot_streets
from tests.support.nights import published

TEXT = (PROJECT / "docs" / "questions.md").read_text(encoding="utf-8")
QUESTIONS = {
    int(number): sql
    for number, sql in re.findall(r"\*\*(\d+)\..*?```sql\n(.*?)```", TEXT, flags=re.DOTALL)
}
STREET = "police/street_crime"
DA = "domestic_abuse_crimes"


class Marts:
    """The published marts as frames, and the figures of the whole area by measure."""

    def __init__(self, connection):
        self._connection = connection
        self.fact = self.table("fct_measure")
        self.change = self.table("priority_change")

    def table(self, name):
        frame = self._connection.execute(f"select * from marts.{name}").df()
        for column in ("period_start", "period_end"):
            if column in frame:
                frame[column] = pd.to_datetime(frame[column])
        return frame

    def rows(self, table, **equal):
        frame = self.fact if table == "fct_measure" else self.table(table)
        for column, value in equal.items():
            wanted = value if isinstance(value, (list, tuple, set)) else [value]
            frame = frame[frame[column].isin(wanted)]
        return frame

    def series(self, measure, period_type="month", area_type="city"):
        """The counts of the whole area by the first day of each period."""
        own = self.rows(
            "fct_measure", measure_id=measure, area_type=area_type, period_type=period_type
        )
        return own.set_index("period_start")["count"].astype(float).sort_index()

    def latest(self, measure):
        """The newest month known, and the twelve months to it added up."""
        months = self.series(measure).dropna()
        return months.index[-1], months.iloc[-12:].sum(), months.iloc[-24:-12].sum()

    def headlines(self):
        return set(self.change.loc[self.change["is_headline"], "measure_id"])


@pytest.fixture(scope="module")
def connection(issued_home):
    """The whole made-up city: the baseline year, two whole strategy years and the year so far."""
    with published(issued_home) as opened:
        yield opened


@pytest.fixture(scope="module")
def marts(connection):
    return Marts(connection)


@pytest.fixture(scope="module")
def city(issued_home):
    return City(issued_home.home / "sample")


@pytest.fixture
def answer(connection, request):
    """What the statement of the question gives: the number stands in the test's name."""
    number = int(re.search(r"_(\d+)_", request.node.name).group(1))
    found = connection.execute(QUESTIONS[number]).df()
    assert len(found), f"question {number} has no answer"
    for column in found.columns.intersection(["period_start", "period_end"]):
        found[column] = pd.to_datetime(found[column])
    return found


def same(answer, expected, columns=None):
    """The same rows in the same order; numbers as numbers, and what is not known equals itself."""
    columns = columns or list(answer.columns)
    expected = expected.reset_index(drop=True)
    assert len(answer) == len(expected)
    for column in columns:
        one, other = answer[column], expected[column]
        if pd.api.types.is_numeric_dtype(one) and not pd.api.types.is_bool_dtype(one):
            assert np.allclose(
                one.to_numpy(dtype=float, na_value=np.nan),
                other.to_numpy(dtype=float, na_value=np.nan),
                equal_nan=True,
            ), column
        else:
            assert one.astype(object).where(one.notna(), None).tolist() == (
                other.astype(object).where(other.notna(), None).tolist()
            ), column


def test_there_are_25_and_each_is_one_statement():
    assert sorted(QUESTIONS) == list(range(1, 26))
    assert all(sql.count(";") == 0 for sql in QUESTIONS.values())


def test_each_priority_appears_and_ten_questions_need_two_partners(marts):
    feeds = marts.table("dim_measure").set_index("measure_id")["feed"]
    priorities, shared = set(), 0
    for sql in QUESTIONS.values():
        named = [word for word in re.findall(r"'([a-z0-9_]+)'", sql) if word in feeds.index]
        shared += len({feeds[measure].split("/")[0] for measure in named}) > 1
        priorities |= set(marts.change.loc[marts.change["measure_id"].isin(named), "priority_id"])
    assert priorities == set(marts.table("dim_priority")["priority_id"])
    assert shared >= 10


def test_1_hot_streets(answer, city):
    """From the files: the twelve newest months, and the quarters (of three months) with most events."""
    months = city.extracts.periods(STREET)[-12:]
    streets, _ = hot_streets(city, "police_asb_incidents", months)
    expected = (
        streets[streets["quarters_hot"] >= 3]
        .reset_index()
        .rename(columns={"Location": "place_name"})
    )
    expected = expected.sort_values(["count", "unit", "place_name"], ascending=[False, True, True])
    same(answer, expected.head(10), ["place_name", "count", "quarters_hot"])


def test_2_hours_and_days(answer, marts):
    cells = marts.rows(
        "profile", measure_id="public_space_violence", area_type="city", dimension="hour_weekday",
        period_type="rolling_12m",
    )  # fmt: skip
    told = cells[cells["profile_value"] != "not known"]
    expected = told.sort_values(["count", "profile_value"], ascending=[False, True]).head(10)
    same(answer, expected, ["profile_value", "count"])
    assert np.allclose(answer["share"], expected["count"] / told["count"].sum())
    _, twelve, _ = marts.latest("public_space_violence")
    assert cells["count"].sum() == twelve
    assert np.allclose(answer["known_share"], told["count"].sum() / twelve)


def test_3_burglary(answer, marts):
    months = marts.series("police_burglary").dropna()
    sums = months.rolling(12).sum().dropna()
    expected = pd.DataFrame({"period_end": sums.index + pd.offsets.MonthEnd(0), "count": sums})
    expected["previous_count"] = sums.shift(12)
    expected["change_percent"] = 100 * (sums / sums.shift(12) - 1)
    same(answer, expected, ["period_end", "count", "previous_count", "change_percent"])
    judged = answer.dropna(subset=["change_lower"])
    assert (
        len(judged)
        and judged["change_percent"].between(judged["change_lower"], judged["change_upper"]).all()
    )


def test_4_outcomes(answer, marts):
    assert np.allclose(answer["share"], answer["count"] / answer["base"])
    assert (
        answer.groupby("measure_id")["count"].sum() == answer.groupby("measure_id")["base"].first()
    ).all()
    for measure in ("police_robbery", "violence_with_injury"):
        cases = answer.loc[answer["measure_id"] == measure, "base"].iloc[0]
        assert cases == marts.latest(measure)[1]


def test_5_repeat_victims(answer, marts):
    repeats = marts.series("domestic_abuse_repeat_victims")
    crimes = marts.series(DA)
    for row in answer.itertuples():
        first = pd.Timestamp(f"{row.strategy_year[:4]}-04-01")
        year = slice(first, first + pd.DateOffset(months=11))
        assert row.count == repeats[year].sum() and row.denominator == crimes[year].sum()
        assert row.rate == pytest.approx(100 * row.count / row.denominator)


def test_6_school_age(answer, marts):
    own = marts.rows(
        "profile", measure_id="violence_with_injury", area_type="city", period_type="rolling_12m",
        dimension=["age_band", "suspect_age_band"],
    )  # fmt: skip
    known = own[own["profile_value"] != "not known"]
    shares = known["count"] / known.groupby("dimension")["count"].transform("sum")
    expected = known.assign(share=shares)[known["profile_value"].isin(["0-15", "16-17"])]
    same(answer, expected.sort_values(["dimension", "profile_value"]))


def test_7_searches(answer, city, marts):
    months = city.extracts.periods("police/stop_and_search")[-12:]
    rows = pd.concat([city.frame("police/stop_and_search", month) for month in months])
    assert answer["base"].nunique() == 1
    assert answer["base"].iloc[0] == marts.latest("stop_and_searches")[1]
    assert answer["base"].iloc[0] == rows["is_in_area"].sum()
    assert np.allclose(answer["known_share"], answer["count"].sum() / answer["base"])
    assert answer["rate"].isna().all() and set(answer["not_judged_because"]) == {"no_census_table"}


def test_8_wards(answer, marts):
    funnel = marts.rows("ward_funnel", period_type="rolling_12m", is_outside=True)
    wards = marts.rows("fct_measure", area_type="ward", period_type="month")
    for row in answer.itertuples():
        months = wards[
            (wards["measure_id"] == row.measure_id) & (wards["area_name"] == row.area_name)
        ]
        known = months.dropna(subset=["count"]).sort_values("period_start")
        newest = marts.series(row.measure_id).dropna().index[-1]
        twelve = known[known["period_start"] > newest - pd.DateOffset(months=12)]
        assert row.count == twelve["count"].sum()
        assert (row.rate > row.city_rate) == row.position.startswith("above")
    assert len(answer) == funnel["measure_id"].isin(marts.headlines()).sum()


def test_9_since_the_baseline(answer, marts):
    headline = (
        marts.change[marts.change["is_headline"]].groupby("priority_id")["measure_id"].first()
    )
    for row in answer.itertuples():
        years = marts.series(headline[row.priority_id], "strategy_year").dropna()
        assert (row.count, row.baseline_count) == (years.iloc[-1], years["2023-04-01"])
        assert row.since_baseline_percent == pytest.approx(
            100 * (row.count / row.baseline_count - 1)
        )
        slope = np.polyfit(years.index.year, np.log(years), 1)[0]
        assert row.trend_percent_a_year == pytest.approx(100 * (np.exp(slope) - 1))
    assert len(answer) == 10


def test_10_what_no_priority_covers(answer, marts):
    assert not set(answer["measure_id"]) & set(marts.change["measure_id"])
    for row in answer.itertuples():
        assert row.count == marts.series(row.measure_id, "strategy_year")["2025-04-01"]
    assert (answer.groupby("level")["volume_rank"].diff().dropna() >= 0).all()


def test_11_hospital_and_police(answer, marts):
    both = pd.DataFrame({
        "attendances": marts.series("ed_assault_attendances"),
        "violence_with_injury": marts.series("violence_with_injury"),
    })  # fmt: skip
    both.index.name = "period_start"
    same(answer, both.reset_index())


def test_12_alcohol(answer, marts):
    measures = [
        "alcohol_flagged_violence",
        "ambulance_alcohol_calls",
        "hospital_admissions_alcohol",
    ]
    for row, measure in zip(answer.itertuples(), measures, strict=True):
        if measure == "hospital_admissions_alcohol":
            quarters = marts.series(measure, "quarter").dropna()
            now, before = quarters.iloc[-4:].sum(), quarters.iloc[-8:-4].sum()
        else:
            _, now, before = marts.latest(measure)
        assert row.measure_id == measure and row.count == now
        assert row.change_percent == pytest.approx(100 * (now / before - 1))


def test_13_places(answer, marts):
    year = marts.rows(
        "fct_measure", area_type="ward", period_type="month", strategy_year="2025-26",
        measure_id=["fire_deliberate_secondary", "fly_tipping_reports", "police_asb_incidents"],
    )  # fmt: skip
    sums = year.pivot_table(index="area_name", columns="measure_id", values="count", aggfunc="sum")
    expected = sums.reset_index().set_axis(
        ["area_name", "fires", "fly_tipping", "incidents"], axis=1
    )
    same(answer, expected)


def test_14_modern_slavery(answer, marts):
    measures = ["exploitation_support_people", "nrm_referrals", "police_modern_slavery_offences"]
    parts = [
        marts.series(measure, "quarter")
        .dropna()
        .rename("count")
        .reset_index()
        .assign(measure_id=measure)
        for measure in measures
    ]
    expected = pd.concat(parts).sort_values(["period_start", "measure_id"])
    same(answer, expected, ["period_start", "measure_id", "count"])
    months = marts.series("police_modern_slavery_offences")
    police = answer[answer["measure_id"] == "police_modern_slavery_offences"]
    for row in police.itertuples():
        assert (
            row.count == months[row.period_start : row.period_start + pd.DateOffset(months=2)].sum()
        )


def test_15_county_lines(answer, marts):
    for row in answer.itertuples():
        base = "month" if row.measure_id.startswith("drug_") else "quarter"
        first = pd.Timestamp(f"{row.strategy_year[:4]}-04-01")
        parts = marts.series(row.measure_id, base)
        assert row.count == parts[first : first + pd.DateOffset(months=11)].sum()
    assert answer["strategy_year"].nunique() == 3


def test_16_domestic_abuse(answer, marts):
    for row in answer.itertuples():
        base = "month" if row.measure_id == DA else "quarter"
        parts = marts.series(row.measure_id, base)[
            f"{row.calendar_year}-01" : f"{row.calendar_year}-12"
        ]
        assert row.count == parts.sum()
        assert len(parts.dropna()) == (12 if base == "month" else 4)
    assert set(answer["calendar_year"]) == {2024, 2025}


def test_17_the_year_so_far(answer, marts):
    for row in answer.itertuples():
        months = marts.series(row.measure_id)
        first = pd.Timestamp(year=row.period_end.year, month=4, day=1)
        now = months[first : row.period_end]
        before = months[first - pd.DateOffset(years=1) : row.period_end - pd.DateOffset(years=1)]
        assert len(now) == len(before) < 12
        assert (row.count, row.previous_count) == (now.sum(), before.sum())


def test_18_hate(answer, marts):
    both = pd.DataFrame({
        "police": marts.series("hate_crimes"), "council": marts.series("hate_incidents_council"),
    }).dropna()  # fmt: skip
    ranks = both.rank()
    assert answer["months"].iloc[0] == len(both)
    assert answer["spearman"].iloc[0] == pytest.approx(ranks["police"].corr(ranks["council"]))


def test_19_mental_health(answer, marts):
    calls = marts.series("ambulance_mental_health_calls")
    quarters = marts.series("section_136_detentions", "quarter")
    for row in answer.itertuples():
        months = calls[row.period_start : row.period_start + pd.DateOffset(months=2)]
        whole = months.sum() if months.notna().all() else np.nan
        wanted = np.array([whole, quarters[row.period_start]])
        found = pd.Series([row.calls, row.detentions]).to_numpy(dtype=float, na_value=np.nan)
        assert np.allclose(wanted, found, equal_nan=True)


def test_20_children(answer, marts):
    for row in answer.itertuples():
        years = marts.series(row.measure_id, row.period_type).dropna()
        assert (row.period_start, row.count) == (years.index[-1], years.iloc[-1])
    assert set(answer["period_type"]) == {"strategy_year", "academic_year"}


def test_21_deprivation(answer, marts):
    year = marts.rows(
        "fct_measure", measure_id="police_asb_incidents", area_type="lsoa", period_type="strategy_year",
        strategy_year="2025-26",
    )  # fmt: skip
    places = marts.table("area_deprivation").set_index("area_code")["crime_decile"]
    sums = year.groupby(year["area_code"].map(places))[["count", "denominator"]].sum()
    assert answer["crime_decile"].tolist() == sums.index.tolist()
    assert np.allclose(answer["incidents"], sums["count"])
    assert np.allclose(answer["rate"], 1000 * sums["count"] / sums["denominator"])


def test_22_residents_and_the_record(answer, marts):
    answers = marts.rows(
        "consultation_answer", question_id="rank_priorities", strand="adult", mode="all"
    )
    newest = answers[answers["edition"] == answers["edition"].max()].set_index("answer_code")
    ranks = newest["respondents"].astype(float).rank(ascending=False, method="min")
    assert len(answer) == 10
    for row in answer.dropna(subset=["public_rank"]).itertuples():
        assert row.public_rank == ranks[row.priority_id]


def test_23_peers(answer, marts):
    peers = marts.rows("peer_comparison", period_type="rolling_12m", is_latest=True)
    for row in answer.itertuples():
        group = peers[
            (peers["measure_id"] == row.measure_id) & (peers["peer_group"] == row.peer_group)
        ]
        assert row.rank_in_group == 1 + (group["rate"] > row.rate).sum()
        own = group[group["is_own_area"]].iloc[0]
        assert own["count"] == marts.latest(row.measure_id)[1]


def test_24_out_of_the_ordinary(answer, marts):
    polarity = marts.table("dim_measure").set_index("measure_id")["polarity"]
    for row in answer.itertuples():
        assert row.count == marts.series(row.measure_id)[row.period_start]
        assert polarity[row.measure_id] != "neutral" and row.signal
    assert len(answer) < 0.05 * marts.rows("process_control", area_type="city")["count"].count()


def test_25_what_is_not_known(answer, marts):
    missing = marts.rows(
        "fct_measure", area_type="city", period_type="month", strategy_year="2026-27"
    ).dropna(subset=["missing_reason"])
    feeds = marts.table("dim_measure").set_index("measure_id")["feed"]
    keys = [missing["measure_id"].map(feeds).rename("feed"), "missing_reason"]
    expected = missing.groupby(keys)["measure_id"].nunique().rename("measures").reset_index()
    same(answer, expected.sort_values(["feed", "missing_reason", "measures"]))
