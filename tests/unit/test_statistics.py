"""The formulas, against exact intervals and worked figures from elsewhere, by every way that calls them."""

import duckdb
import pytest
from scipy.stats import chi2, norm
from scipy.stats import t as student

from orchestration.core import formulas
from orchestration.core.settings import PROJECT
from orchestration.disclosure import publish
from orchestration.disclosure.control import cells_of, rules_in
from orchestration.transform.formulas import Plugin
from tests.support.disclosure_frames import REGISTER, Measure, edition
from tests.support.thresholds import THRESHOLDS, judging

SEED = PROJECT / "seeds" / "register" / formulas.SEED


def of_dbt():
    """A cursor as a model of dbt has it."""
    connection, plugin = duckdb.connect(), Plugin("formulas", {"thresholds": str(SEED)})
    plugin.configure_connection(connection)
    cursor = connection.cursor()
    plugin.configure_cursor(cursor)
    return cursor


def of_disclosure():
    """The workspace in which controlled figures are made."""
    tables = edition(Measure("x", [20] * 24))
    return cells_of(publish.without_marks(tables), rules_in(REGISTER))


@pytest.fixture(scope="module", params=[judging, of_dbt, of_disclosure])
def connection(request):
    with request.param() as made:
        yield made


@pytest.fixture(scope="module")
def value(connection):
    return lambda call: connection.execute(f"select {call}").fetchone()[0]


@pytest.mark.parametrize("n", [1, 5, 10, 27, 100, 485, 5000])
def test_byar_is_close_to_the_exact_poisson_interval(value, n):
    """Breslow and Day (1987), p. 69: the approximation is accurate even for small counts."""
    points = {0.05: ("confidence_normal_point()", 0.02), 0.002: ("outer_normal_point()", 0.1)}
    for level, (z, near) in points.items():
        lower, upper = chi2.ppf(level / 2, 2 * n) / 2, chi2.ppf(1 - level / 2, 2 * n + 2) / 2
        assert value(f"byar_lower({n}, {z})") == pytest.approx(lower, rel=0.01, abs=near)
        assert value(f"byar_upper({n}, {z})") == pytest.approx(upper, rel=0.02)


def test_byar_of_a_known_count(value):
    """Ten events: 4.79 to 18.39, as printed in tables of Byar's limits."""
    assert value("byar_lower(10, confidence_normal_point())") == pytest.approx(4.79, abs=0.005)
    assert value("byar_upper(10, confidence_normal_point())") == pytest.approx(18.39, abs=0.005)


def test_byar_of_nothing_and_of_the_unknown(value):
    assert value("byar_lower(0, confidence_normal_point())") == 0
    assert value("byar_upper(0, confidence_normal_point())") == pytest.approx(3.69, abs=0.1)
    assert value("byar_lower(null, confidence_normal_point())") is None


@pytest.mark.parametrize("n", range(12))
def test_limits_of_a_small_count_are_exact(value, n):
    """As in PHEindicatormethods; from ten events on they are Byar's."""
    lower, upper = chi2.ppf(0.025, 2 * n) / 2 if n else 0, chi2.ppf(0.975, 2 * n + 2) / 2
    near = 1e-9 if n < 10 else 0.01
    assert value(f"count_lower({n})") == pytest.approx(lower, abs=near)
    assert value(f"count_upper({n})") == pytest.approx(upper, abs=near)


def test_limits_of_a_count_as_published(value):
    """1 of 100: 0.0253 to 5.572 (PHEindicatormethods, testdata_funnel_ratio_outputs)."""
    assert value("count_lower(1)") == pytest.approx(0.025317898, abs=1e-6)
    assert value("count_upper(1)") == pytest.approx(5.571644585, abs=2e-6)
    assert value("count_lower(null)") is None


@pytest.mark.parametrize(
    ("x", "n", "lower", "upper"),
    [
        # Newcombe RG. Stat Med 17 (1998) 857–872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
        ("null", 29, None, None),
        (0, 0, None, None),
    ],
)
def test_wilson_of_published_examples(value, x, n, lower, upper):
    wanted = lower if lower is None else pytest.approx(lower, abs=5e-5)
    assert value(f"wilson_lower({x}, {n})") == wanted
    wanted = upper if upper is None else pytest.approx(upper, abs=5e-5)
    assert value(f"wilson_upper({x}, {n})") == wanted


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (100, 130, True),  # z = 30 / sqrt(230) = 1.978
        (100, 129, False),  # z = 29 / sqrt(229) = 1.916
        (130, 100, True),
        (2, 4, None),  # +100 % of almost nothing
        (9, 10, None),
        (0, 20, True),
        ("null", 100, None),
        (100, "null", None),
    ],
)
def test_counts_differ_by_more_than_chance(value, now, before, expected):
    assert value(f"counts_differ({now}, {before})") is expected


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [(110, 100, 10.0), (10, 10, 0.0), (9, 10, None), (20, 0, None), (0, 20, -100.0)],
)
def test_a_change_in_per_cent_needs_a_base(value, now, before, expected):
    assert value(f"change_percent_of({now}, {before})") == expected


@pytest.mark.parametrize(
    ("x1", "n1", "x2", "n2", "expected"),
    [
        (60, 100, 45, 100, True),  # z = 0.15 / sqrt(0.525 × 0.475 × 0.02) = 2.124
        (60, 100, 47, 100, False),  # z = 0.13 / sqrt(0.535 × 0.465 × 0.02) = 1.843
        (5, 19, 30, 40, None),
        (5, 20, 30, 40, True),
        (0, 30, 0, 40, False),
        (30, 30, 40, 40, False),
        (5, "null", 3, 25, None),
    ],
)
def test_shares_differ_by_more_than_chance(value, x1, n1, x2, n2, expected):
    assert value(f"shares_differ({x1}, {n1}, {x2}, {n2})") is expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [(1050, 1000, True), (1051, 1000, False), (949, 1000, False), (60, 50, True), (61, 50, False),
     (126, 120, True), (189, 180, True), ("null", 50, None)],
)  # fmt: skip
def test_two_sources_agree_within_a_share_or_a_few(value, ours, theirs, expected):
    assert value(f"counts_agree({ours}, {theirs})") is expected


def test_a_rate_has_the_limits_of_its_kind(value):
    """10 events over 2,000 people; 5 of 20 in a share."""
    assert value("rate_of(10, 2000, 1000)") == 5.0
    assert value("rate_of(10, 0, 1000)") is None
    assert value("rate_lower_of(10, 2000, 1000, false)") == pytest.approx(4.79 / 2, abs=0.005)
    assert value("rate_upper_of(10, 2000, 1000, false)") == pytest.approx(18.39 / 2, abs=0.005)
    assert value("rate_lower_of(5, 20, 100, true)") == pytest.approx(11.19, abs=0.005)
    assert value("rate_upper_of(5, 20, 100, true)") == pytest.approx(46.87, abs=0.005)


def chart(connection, months):
    """Centre, limits and signal of counts from January 2024 on (None: not known)."""
    rows = ", ".join(
        f"(date '2024-01-01' + interval {n} month, {'null' if count is None else count})"
        for n, count in enumerate(months)
    )
    return connection.execute(
        "with months as (select 'x' as series, cast(starts as date) as month_start, 1 as phase,"
        " cast(n as double) as value, false as is_hidden, 100.0 as seasonal_index"
        f" from (values {rows}) as t(starts, n))"
        " select centre, lower_limit, upper_limit, signal from control_chart('months')"
        " order by month_start"
    ).fetchall()


def test_a_control_chart_worked_by_hand(connection):
    """Mean 21, mean moving range 2: limits 21 ± 2.66 × 2."""
    found = chart(connection, [20, 22] * 6)
    assert [row[3] for row in found] == [None] * 12
    assert found[0][:3] == pytest.approx((21.0, 15.68, 26.32))


def signals(connection, months):
    return [row[3] for row in chart(connection, months)]


def test_signals_of_a_control_chart(connection):
    """The rules of NHSRplotthedots: seven on one side, and seven that rise; every month of them is marked."""
    level = signals(connection, [20, 24] * 4 + [28, 32] * 4)
    assert set(level[:8]) == {"seven in a row below"}
    assert set(level[8:]) == {"seven in a row above"}
    six = signals(connection, [20, 24, 20, 24, 28, 32] * 3)
    assert set(six) == {None}
    rising = signals(connection, [20, 26] * 6 + [20, 21, 22, 23, 24, 25, 26])
    assert rising[12:] == ["seven in a row rising"] * 7
    assert rising[:12] == [None] * 12
    assert set(signals(connection, [20, 26] * 6 + [20, 21, 22, 23, 23, 24, 25])) == {None}
    assert signals(connection, [20, 21] * 8 + [60])[-1] == "above the limits"


def test_two_of_three_near_a_limit_are_a_signal_on_one_side_only(connection):
    """As NHSRplotthedots has it: beyond two thirds of the way, and both on the same side of the mean."""
    near = signals(connection, [100, 98] * 8 + [100, 103.6, 103.6, 98])
    assert near[-4:] == [None, *["two of three near the upper limit"] * 2, None]
    opposite = signals(connection, [100, 98] * 8 + [103.5, 94.5])
    assert set(opposite) == {None}


def test_limits_of_a_published_chart(connection):
    """NHSRplotthedots, snapshot of ptd_spc_standard: mean 0.142, limits −3.01 and 3.29 (here 100 more)."""
    values = [
        -0.560, -0.230, 1.56, 0.0705, 0.129, 1.72, 0.461, -1.27, -0.687, -0.446,
        1.22, 0.360, 0.401, 0.111, -0.556, 1.79, 0.498, -1.97, 0.701, -0.473,
    ]  # fmt: skip
    found = chart(connection, [100 + one for one in values])
    assert found[0][:3] == pytest.approx((100.142, 96.99, 103.29), abs=0.01)


def test_a_range_that_is_out_of_all_proportion_is_left_out_of_the_limits(connection):
    """Ranges of 2 and one of 40: with it the limits would be 21 ± 9, without it they are ± 2.66 × 2."""
    centre, low, high, _ = chart(connection, [20, 22] * 8 + [60])[0]
    assert (centre - low, high - centre) == pytest.approx((5.32, 5.32))


def test_a_chart_needs_months_and_events(connection):
    assert chart(connection, [20] * 11)[0][0] is None
    assert chart(connection, [20] * 12)[0][0] == 20
    assert chart(connection, [5] * 11 + [4])[0][0] is None
    assert chart(connection, [5] * 12)[0][0] == 5


@pytest.mark.parametrize("freedom", [1, 2, 3, 6, 11, 24])
@pytest.mark.parametrize("score", [0, 0.7, 2.2, -3.1, 9])
def test_tails_are_those_of_the_distributions(value, freedom, score):
    wanted = 2 * student.sf(abs(score), freedom)
    assert value(f"student_tail({score}, {freedom})") == pytest.approx(wanted, abs=1e-12)
    assert value(f"normal_tail({score})") == pytest.approx(2 * norm.sf(abs(score)), rel=2e-7)


def test_a_normal_point_is_that_of_its_level():
    for name in ("confidence", "outer"):
        level = THRESHOLDS[f"{name}_percent"] / 100
        point = THRESHOLDS[f"{name}_normal_point"]
        assert point == pytest.approx(norm.ppf((1 + level) / 2), abs=1e-9)


def test_a_threshold_is_what_decides():
    """Another register, another judgement: nothing else holds the number."""
    with duckdb.connect() as connection:
        formulas.define(connection, {**THRESHOLDS, "minimum_base": 7.0, "run_months": 7.0})
        judged = connection.execute("select counts_differ(7, 0), counts_differ(6, 0)").fetchone()
        assert judged == (True, None)
    with duckdb.connect() as connection:
        formulas.define(connection, {**THRESHOLDS, "run_months": 6.0})
        level = chart(connection, [20, 24] * 3 + [28, 32] * 3)
        assert level[5][3] == "six in a row below"


def test_no_formula_is_left_in_a_database(tmp_path):
    """Analysts get tables: a macro of ours could stand in the way of one of theirs."""
    with duckdb.connect(str(tmp_path / "made.duckdb")) as connection:
        formulas.define(connection, THRESHOLDS)
        assert connection.execute("select minimum_base()").fetchone() == (20.0,)
    with duckdb.connect(str(tmp_path / "made.duckdb"), read_only=True) as connection:
        own = "select count(*) from duckdb_functions() where not internal"
        assert connection.execute(own).fetchone() == (0,)
        formulas.define(connection, THRESHOLDS)
        assert connection.execute("select minimum_base()").fetchone() == (20.0,)


def test_what_cursors_share_is_not_in_the_database_that_they_write(tmp_path):
    """What a cursor makes goes into its own database, and nothing of ours is there afterwards."""
    path = str(tmp_path / "made.duckdb")
    with duckdb.connect(path) as connection:
        formulas.share(connection, THRESHOLDS)
        for name in ("one", "two"):
            with connection.cursor() as cursor:
                formulas.find(cursor)
                cursor.execute(f"create table {name} as select minimum_base() as least")
    with duckdb.connect(path, read_only=True) as connection:
        assert connection.execute("from one union all from two").fetchall() == [(20.0,), (20.0,)]
        own = "select count(*) from duckdb_functions() where not internal"
        assert connection.execute(own).fetchone() == (0,)


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ("minimum_base,twenty", "minimum_base"),
        ("minimum_base,nan", "minimum_base"),
        ("x() as 1; drop,1", "no name"),
        ("a,1\na,2", "or there twice"),
    ],
)
def test_a_threshold_that_cannot_be_used_is_named(tmp_path, row, named):
    path = tmp_path / "thresholds.csv"
    path.write_text(f"threshold,value\n{row}\n", encoding="utf-8")
    with pytest.raises(formulas.BadThreshold, match=named):
        formulas.read_thresholds(path)
