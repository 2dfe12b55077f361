"""Controlled figures go through the formulas of the marts."""

import pytest

from orchestration.disclosure.control import controlled, rules_in
from tests.support.disclosure_frames import REGISTER, Measure, edition


def test_an_exact_measure_gives_the_marts_chart_from_the_months():
    """The chart of shown months equals the marts' formulas, by hand for a year after one of 100 a month."""
    months = [20] * 12 + [20, 22] * 6
    tables = edition(Measure("x", [5 * n for n in months]))
    chart = controlled(tables, rules_in(REGISTER)).tables["monthly"]
    # Of the first year nothing is expected. Then 0 and 10 more in turn: mean 5, moving range 10,
    # so 105 ± 26.6.
    first, second = chart[:12], chart[12:]
    assert first["centre"].isna().all()
    assert second["centre"].tolist() == [105.0] * 12
    assert second["lower_limit"].tolist() == pytest.approx([78.4] * 12)
    assert second["upper_limit"].tolist() == pytest.approx([131.6] * 12)
    assert chart["signal"].isna().all()
