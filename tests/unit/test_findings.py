"""What is called a finding: tests of change, funnels, concentration and ranks, on series of known truth."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, kendalltau, poisson
from scipy.stats import t as student

from benchmarks import change
from tests.support.thresholds import judging


@pytest.fixture(scope="module")
def connection():
    with judging() as made:
        yield made


def asked(connection, query, **frames):
    for name, frame in frames.items():
        connection.register(name, frame)
    return connection.execute(query).df()


def paired(connection, now, before):
    given = pd.DataFrame({"series": "x", "now": now, "before": before})
    return asked(connection, "select * from paired_change('given')", given=given).iloc[0]


def test_a_change_worked_out_with_scipy(connection):
    """φ by Pearson's sum over the pairs about their common ratio, t with 11 degrees of freedom, and limits
    that the same test just does not reject."""
    draw = np.random.default_rng(1)
    before, now = draw.negative_binomial(50, 0.1, 12), draw.negative_binomial(55, 0.1, 12)
    found = paired(connection, now, before)
    a, b = now.sum(), before.sum()
    r = a / b
    phi = ((now - r * before) ** 2 / (r * (now + before))).sum() / 11
    plain = 12 * ((now - r * before) ** 2).sum() / 11 / (r * (a + b))
    phi = max(1, phi, plain)
    assert found["dispersion"] == pytest.approx(phi)
    wanted = 2 * student.sf(abs(a - b) / np.sqrt(phi * (a + b)), 11)
    assert found["p_value"] == pytest.approx(wanted, abs=1e-9)
    point = student.ppf(0.975, 11)
    for limit in (found["change_lower"], found["change_upper"]):
        ratio = 1 + limit / 100
        assert abs(a - ratio * b) / np.sqrt(phi * ratio * (a + b)) == pytest.approx(point)


def test_the_limits_of_a_change_agree_with_its_verdict(connection):
    draw = np.random.default_rng(2)
    given = change.pairs(draw, 100, 3, 1.08, 12, 200)
    found = asked(connection, "select * from paired_change('given')", given=given)
    is_outside = (found["change_lower"] > 0) | (found["change_upper"] < 0)
    assert (is_outside == (found["p_value"] < 0.05)).all()
    assert 0 < is_outside.mean() < 1


@pytest.mark.parametrize(
    ("now", "before", "because"),
    [
        ([100] * 3, [100] * 3, "too_few_pairs"),
        ([4] * 12, [6] * 12, "base_too_small"),
        ([0] * 12, [0] * 12, "base_too_small"),
    ],
)
def test_what_the_base_does_not_allow_is_not_judged(connection, now, before, because):
    found = paired(connection, now, before)
    assert found["not_judged_because"] == because
    assert pd.isna(found["p_value"]) and pd.isna(found["change_lower"])


def test_a_rise_from_nothing_and_a_fall_to_nothing_are_judged(connection):
    steady = paired(connection, [0] * 12, [20, 24] * 6)
    assert steady["p_value"] < 0.001 and steady["change_upper"] < 0
    assert paired(connection, [20, 24] * 6, [0] * 12)["p_value"] < 0.001
    # All of it in one month: a burst, not a fall.
    assert paired(connection, [0] * 12, [264] + [0] * 11)["p_value"] > 0.2


@pytest.mark.parametrize("dispersion", change.DISPERSIONS)
@pytest.mark.parametrize(("mean", "months"), [(12, 12), (100, 12), (100, 4)])
def test_false_alarms_are_no_more_than_is_said(connection, mean, months, dispersion):
    """At most 1.3 times 5 %, with two standard errors of 1,200 repeats, wherever the base is sufficient."""
    draw = np.random.default_rng([mean, months, dispersion])
    given = change.pairs(draw, mean, dispersion, 1, months, 1200)
    found, _ = change.share_found(connection, given)
    assert found <= 0.065 + 2 * np.sqrt(0.065 / 1200)


@pytest.mark.parametrize(
    ("rise", "dispersion", "least"),
    [(1.1, 1, 0.95), (1.1, 5, 0.5), (1.2, 10, 0.7), (1.4, 10, 0.98)],
)
def test_a_true_rise_is_found(connection, rise, dispersion, least):
    draw = np.random.default_rng(7)
    found, _ = change.share_found(connection, change.pairs(draw, 600, dispersion, rise, 12, 400))
    assert found >= least


def test_many_tests_are_adjusted_as_scipy_does(connection):
    p = np.random.default_rng(3).beta(0.3, 1, 40)
    p[5] = p[6]
    tests = pd.DataFrame({"family": "a", "test": range(40), "p_value": p})
    tests = pd.concat(
        [tests, pd.DataFrame({"family": ["b", "a"], "test": [0, 99], "p_value": [0.04, None]})]
    )
    found = asked(
        connection, "select * from adjusted_for_many('tests') order by family, test", tests=tests
    )
    assert found["tests"].tolist() == [40] * 40 + [1]
    assert found["adjusted"].tolist()[:40] == pytest.approx(false_discovery_control(p).tolist())
    assert found["adjusted"].iloc[-1] == 0.04


def funnel(connection, n, expected):
    """Among thirty places that have just what is expected of them."""
    given = {"n": [*n, *[100] * 30], "expected": [*expected, *[100] * 30]}
    points = pd.DataFrame({"family": "x", "place": range(len(n) + 30), **given})
    return asked(connection, "select * from funnel('points') order by place", points=points)


def test_a_funnel_judges_as_the_exact_interval_of_the_count_does(connection):
    """PHEindicatormethods, testdata_funnel_ratio_outputs: the expected count at which an observed one is just
    significant. A little more expected and it is not too high any more, a little less and it is."""
    published = [  # observed, expected at its lower 95 %, upper 95 %, lower 99.8 %, upper 99.8 % limit
        (1, 5.571644585, 0.025317898, 9.233410143, 0.001000547),
        (5, 11.6683331, 1.623486324, 16.45474478, 0.739371928),
        (20, 30.88838097, 12.21651877, 38.04188668, 8.958211233),
        (100, 121.6268111, 81.36400699, 134.9243187, 71.92139974),
    ]
    for observed, low, high, lowest, highest in published:
        for expected, column, sign in (
            (low, "low_95", -1), (high, "high_95", 1), (lowest, "low_998", -1), (highest, "high_998", 1),
        ):  # fmt: skip
            inside, outside = expected * (1 + sign * 1e-3), expected * (1 - sign * 1e-3)
            found = funnel(connection, [observed, observed], [inside, outside])
            assert sign * (observed - found[column][0]) <= 1e-6, (observed, column)
            assert sign * (observed - found[column][1]) > -1e-6, (observed, column)


def test_of_few_expected_none_is_not_too_few(connection):
    """1.3 are expected: none comes by chance in 27 % of places, and five or more in 1.1 %."""
    found = funnel(connection, [0, 5], [1.3] * 2)
    assert found["position"].tolist()[:2] == ["within", "above the inner limit"]
    assert found["low_95"].tolist()[:2] == [0.0] * 2
    assert found["p_value"][0] == pytest.approx(2 * poisson.cdf(0, 1.3))


def test_wards_that_differ_by_chance_alone_are_left_alone(connection):
    draw = np.random.default_rng(5)
    points = pd.DataFrame({"family": np.repeat(range(100), 34), "place": list(range(34)) * 100})
    points["expected"] = draw.uniform(1, 200, len(points))
    points["n"] = draw.poisson(points["expected"])
    found = asked(connection, "select * from funnel('points')", points=points)
    assert found["position"].str.endswith("outer limit").mean() < 0.002 * 1.3
    assert found.groupby("family")["differs_throughout"].first().mean() < 0.25
    assert found["dispersion"].mean() == pytest.approx(1, abs=0.1)


def test_where_all_differ_only_what_stands_out_from_that_is_named(connection):
    """Rates that scatter by 30 %: τ² says so, few are named; one of three times the rate is."""
    draw = np.random.default_rng(6)
    points = pd.DataFrame({"family": np.repeat(range(100), 34), "place": list(range(34)) * 100})
    points["expected"] = draw.uniform(40, 300, len(points))
    points["n"] = draw.poisson(points["expected"] * np.exp(draw.normal(0, 0.3, len(points))))
    points.loc[points["place"] == 0, "n"] = (points["expected"] * 5).round().astype(int)
    found = asked(connection, "select * from funnel('points')", points=points)
    others = found[found["place"] > 0]
    assert others["differs_throughout"].all()
    assert others["tau_squared"].mean() == pytest.approx(0.15**2, rel=0.2)
    assert others["position"].str.endswith("outer limit").mean() < 0.01
    assert (found.loc[found["place"] == 0, "position"] == "above the outer limit").mean() > 0.95


def test_concentration_is_compared_with_chance(connection):
    """90 events on 163 places of one size: chance alone puts about 41 % of them into a tenth."""
    draw = np.random.default_rng(8)
    top = (
        np.sort(draw.multinomial(90, np.ones(163) / 163, 4000), axis=1)[:, -17:].sum(1).mean() / 90
    )
    spread = draw.multinomial(90, np.ones(163) / 163)
    places = pd.DataFrame({"family": "x", "place": range(163), "n": spread, "expected": 90 / 163})
    found = asked(connection, "select * from concentrated_by_chance('places')", places=places).iloc[
        0
    ]
    assert found["chance_share"] == pytest.approx(top, abs=0.01)
    assert not found["is_more_than_chance"]
    heaped = places.assign(n=np.where(np.arange(163) < 10, 9, 0))
    assert asked(connection, "select * from concentrated_by_chance('heaped')", heaped=heaped)[
        "is_more_than_chance"
    ].all()
    few = places.assign(n=np.where(np.arange(163) < 10, 1, 0))
    told = asked(connection, "select * from concentrated_by_chance('few')", few=few).iloc[0]
    assert told["not_judged_because"] == "base_too_small"
    unknown = places.assign(expected=np.nan)
    told = asked(
        connection, "select * from concentrated_by_chance('unknown')", unknown=unknown
    ).iloc[0]
    assert told["not_judged_because"] == "no_people" and pd.isna(told["chance_share"])


def agreement(connection, first, second):
    orders = pd.DataFrame(
        {"family": "x", "item": range(len(first)), "first": first, "second": second}
    )
    return asked(connection, "select * from rank_agreement('orders')", orders=orders).iloc[0]


def test_two_orders_agree_are_opposed_or_cannot_be_judged(connection):
    rough = [2, 1, 4, 3, 5, 7, 6, 8, 10, 9]
    found = agreement(connection, range(10), rough)
    assert found["kendall_tau"] == pytest.approx(kendalltau(range(10), rough).statistic)
    assert found["finding"] == "the orders agree"
    assert found["kendall_lower"] > 0
    assert agreement(connection, range(10), rough[::-1])["finding"] == "the orders are opposed"
    assert (
        agreement(connection, range(10), [5, 1, 9, 3, 7, 2, 8, 6, 4, 10])["finding"]
        == "no clear agreement"
    )
    tied = agreement(connection, range(10), [1, *[2] * 9])
    assert tied["finding"].startswith("cannot be judged: ties")


def season(connection, values, events=()):
    months = pd.DataFrame(
        {
            "series": "x",
            "month_start": pd.date_range("2022-04-01", periods=len(values), freq="MS").date,
            "year": np.arange(len(values)) // 12,
            "phase": 1,
            "value": values,
            "is_event": [place in events for place in range(len(values))],
        }
    )
    return asked(
        connection, "select * from season_of('months') order by month_of_year", months=months
    )


def test_one_august_with_an_event_is_no_season(connection):
    values = [100] * 36
    values[16] = 400  # August of the second year
    with_it = season(connection, values)
    assert with_it["seasonal_index"][7] > 130
    without = season(connection, values, events=(16,))
    assert without["seasonal_index"].tolist() == pytest.approx([100] * 12)
    assert without["years"][7] == 2


def test_two_years_are_no_season(connection):
    assert season(connection, [100] * 24)["seasonal_index"].isna().all()
