"""Controlled figures go through the formulas of the marts: the two texts agree on every number."""

import jinja2
import pytest

from orchestration.core.settings import PROJECT
from orchestration.disclosure import publish
from orchestration.disclosure.control import cells_of, controlled, rules_in
from tests.support.disclosure_frames import REGISTER, Measure, edition

SOURCE = (PROJECT / "dbt_project/macros/statistics.sql").read_text(encoding="utf-8")
PROJECT_FILE = (PROJECT / "dbt_project/dbt_project.yml").read_text(encoding="utf-8")
COUNTS = "(values (0), (1), (7), (19), (20), (45), (485), (5000), (null)) as a(n)"
PAIRS = (
    "(select 5.0 * i as x1, 40.0 as n1, 3.0 * i as x2, 25.0 as n2 from range(9) as r(i)"
    " union all select 5, 19, 3, 40 union all select 0, 30, 0, 40 union all select 30, 30, 40, 40"
    " union all select null, null, 3, 25) as p"
)


@pytest.fixture(scope="module")
def workspace():
    tables = edition(Measure("x", [20] * 24))
    with cells_of(publish.without_marks(tables), rules_in(REGISTER)) as connection:
        yield connection


def of_the_marts(call):
    template = jinja2.Environment().from_string(SOURCE + "{{ " + call + " }}")
    return template.render(var=lambda name: {"minimum_base": 20}[name])


@pytest.mark.parametrize(
    ("ours", "theirs", "rows"),
    [
        ("byar_lower(n, z_95())", "byar_lower('n')", COUNTS),
        ("byar_lower(n, z_998())", "byar_lower('n', z_998())", COUNTS),
        ("byar_upper(n, z_95())", "byar_upper('n')", COUNTS),
        ("byar_upper(n, z_998())", "byar_upper('n', z_998())", COUNTS),
        ("wilson_lower(x1, n1)", "wilson_lower('x1', 'n1')", PAIRS),
        ("wilson_upper(x1, n1)", "wilson_upper('x1', 'n1')", PAIRS),
        ("counts_differ(x1, x2)", "change_is_significant('x1', 'x2')", PAIRS),
        (
            "shares_differ(x1, n1, x2, n2)",
            "proportion_change_is_significant('x1', 'n1', 'x2', 'n2')",
            PAIRS,
        ),
    ],
)
def test_a_formula_is_that_of_the_marts(workspace, ours, theirs, rows):
    found = workspace.execute(f"select {ours}, {of_the_marts(theirs)} from {rows}").fetchall()
    assert len(found) >= 9
    assert any(value is not None for value, _ in found)
    for mine, other in found:
        assert mine == (other if other is None else pytest.approx(other, rel=1e-12)), found


def test_the_thresholds_are_those_of_the_marts():
    """The least base of a comparison, of a chart, and how far apart two sources may be."""
    for said in ("minimum_base: 20", "minimum_months: 12", "minimum_mean: 5",
                 "external_tolerance_percent: 5"):  # fmt: skip
        assert said in PROJECT_FILE
    folder = PROJECT / "orchestration/disclosure"
    chart = (folder / "sql/control_chart.sql").read_text(encoding="utf-8")
    assert ">= 12 and avg(value) over phase_rows >= 5" in chart
    for months in (
        folder / "public/monthly.sql",
        folder.parent / "edition/figures/tables/monthly.sql",
    ):
        assert "join control_chart(" in months.read_text(encoding="utf-8")
    external = (folder / "public/external.sql").read_text(encoding="utf-8")
    assert "greatest(0.05 * their_count, 10)" in external


def test_an_exact_measure_gives_the_marts_chart_from_the_months():
    """The chart of shown months equals the marts' formulas, worked by hand for two levels."""
    months = [20, 22] * 12
    tables = edition(Measure("x", [5 * n for n in months]))
    chart = controlled(tables, rules_in(REGISTER)).tables["monthly"]
    # Mean 105, moving range 10: limits 105 ± 26.6.
    assert chart["centre"].tolist() == [105.0] * 24
    assert chart["lower_limit"].tolist() == pytest.approx([78.4] * 24)
    assert chart["upper_limit"].tolist() == pytest.approx([131.6] * 24)
    assert chart["signal"].isna().all()
