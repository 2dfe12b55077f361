"""A rule that is a query is run once where it passes; where it does not, its rows are told as ever."""

import duckdb

from orchestration.contracts.model import Rule
from orchestration.quality.outcomes import ERRORED, FAILED, PASSED
from orchestration.quality.runner import run_suite

ROWS = "select range as _row, range % 7 as a from range(1000)"


def outcome(query):
    """What came of a rule, and how often the database was asked its query."""
    rule = Rule(
        id="r",
        severity="critical",
        expectation="unexpected_rows_expectation",
        kwargs={"unexpected_rows_query": query},
        sentence="it is so",
    )
    with duckdb.connect() as connection:
        connection.execute("call enable_logging('QueryLog')")
        (found,) = run_suite("rows", ROWS, [rule], row_column="_row", connection=connection)
        connection.execute("call disable_logging()")
        condition = query.partition("where ")[2]
        asked = connection.execute(
            "select count(*) from duckdb_logs where type = 'QueryLog' and contains(message, $it)",
            {"it": condition},
        ).fetchone()
    return found, asked[0]


def test_a_query_without_rows_passes_and_was_asked_once():
    found, asked = outcome("select _row from {batch} where a = 8")
    assert (found.outcome, asked) == (PASSED, 1)


def test_one_with_rows_fails_with_their_number_and_the_first_twenty():
    found, _ = outcome("select _row from {batch} where a = 3")
    assert (found.outcome, found.failing_rows) == (FAILED, 143)
    assert found.first_rows == tuple(range(3, 143, 7))


def test_one_that_cannot_be_asked_is_errored():
    assert outcome("select _row from {batch} where no_such_column")[0].outcome == ERRORED
