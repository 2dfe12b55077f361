"""The statistics macros, against exact intervals and worked figures from elsewhere."""

import duckdb
import jinja2
import pytest
from scipy.stats import chi2

from orchestration.core.settings import PROJECT

SOURCE = (PROJECT / "dbt_project/macros/statistics.sql").read_text(encoding="utf-8")


def value(call: str) -> object:
    template = jinja2.Environment().from_string(SOURCE + "{{ " + call + " }}")
    sql = template.render(var=lambda name: {"minimum_base": 20}[name])
    row = duckdb.sql(f"select {sql}").fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize("n", [1, 5, 10, 27, 100, 485, 5000])
def test_byar_is_close_to_the_exact_poisson_interval(n):
    """Breslow and Day (1987), p. 69: the approximation is accurate even for small counts."""
    exact_lower, exact_upper = chi2.ppf(0.025, 2 * n) / 2, chi2.ppf(0.975, 2 * n + 2) / 2
    assert value(f"byar_lower({n})") == pytest.approx(exact_lower, rel=0.01, abs=0.02)
    assert value(f"byar_upper({n})") == pytest.approx(exact_upper, rel=0.01)


def test_byar_of_a_known_count():
    """Ten events: 4.79 to 18.39, as printed in tables of Byar's limits."""
    assert value("byar_lower(10)") == pytest.approx(4.79, abs=0.005)
    assert value("byar_upper(10)") == pytest.approx(18.39, abs=0.005)


def test_byar_of_nothing_and_of_the_unknown():
    assert value("byar_lower(0)") == 0
    assert value("byar_upper(0)") == pytest.approx(3.69, abs=0.1)
    assert value("byar_lower('null')") is None


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (100, 130, True),  # z = 30 / sqrt(230) = 1.978
        (100, 129, False),  # z = 29 / sqrt(229) = 1.916
        (130, 100, True),
        (2, 4, None),  # +100 % of almost nothing
        (0, 20, True),
        ("'null'", 100, None),
        (100, "'null'", None),
    ],
)
def test_change_is_more_than_chance(now, before, expected):
    assert value(f"change_is_significant({now}, {before})") is expected
