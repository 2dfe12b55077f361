"""A file that repeats itself is refused; rows that look alike, and small files, are not."""

import duckdb
import pytest

from orchestration.contracts.content_rules import REPEATED, whole_file_rules
from tests.support import made_up


@pytest.fixture(scope="module")
def query(tmp_path_factory):
    contract = made_up.load(tmp_path_factory.mktemp("contract"), [made_up.column("a", "A")])
    (rule,) = [rule for rule in whole_file_rules(contract.columns) if rule.id == REPEATED]
    assert rule in contract.rules
    assert rule.severity == "critical"
    return rule.kwargs["unexpected_rows_query"]


def refused(query, values):
    rows = (
        f"(select 'd' as _delivery, i as _row, values_[i] as a, 1e-6 as _chance_refused "
        f"from (select {values!r} as values_), range(1, {len(values) + 1}) as numbers(i))"
    )
    return duckdb.sql(query.format(batch=rows)).fetchall() == [("d",)]


A_MONTH = [f"row {i}" for i in range(40)]


@pytest.mark.parametrize(
    "values",
    [
        A_MONTH * 2,
        A_MONTH * 3,
        A_MONTH * 13,
        [value for value in A_MONTH for _ in range(2)],
        A_MONTH + A_MONTH[::-1],
        ["x", "y", "z", "y", "w", "v", "u", "t", "s"] * 2,
        # Rows that look alike are real; a month of them that stands twice is not.
        ["asb here", "asb there", "asb here", *A_MONTH] * 2,
    ],
)
def test_a_file_that_repeats_itself_is_found(query, values):
    assert refused(query, values)


@pytest.mark.parametrize(
    "values",
    [
        A_MONTH,
        ["same"],
        ["same"] * 2,
        ["same"] * 3,
        ["same"] * 200,
        ["x", "y"] * 2,
        ["x", "y", "z"] * 2,
        ["x"] * 12 + ["y"] * 8 + ["z"] * 30,
        [*A_MONTH, *A_MONTH[:-1]],
        [*A_MONTH, *A_MONTH, "one more"],
        ["asb here"] * 50 + A_MONTH,
    ],
)
def test_rows_that_look_alike_are_no_repeated_file(query, values):
    assert not refused(query, values)
