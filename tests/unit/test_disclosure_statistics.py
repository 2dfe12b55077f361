"""Controlled figures go through the formulas of the marts."""

import pytest

from orchestration.disclosure.control import controlled, rules_in
from tests.support.disclosure_frames import REGISTER, Measure, edition


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
