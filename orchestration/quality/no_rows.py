"""Great Expectations asked once for what it asks twice: whether a query of unexpected rows has any.

Its own expectation runs every query to count the rows, and again to fetch them. Of the rules that pass, which
are nearly all, the count says everything.
"""

from __future__ import annotations

from typing import Any, ClassVar

from great_expectations.expectations.core.unexpected_rows_expectation import (
    UnexpectedRowsExpectation,
)

_COUNT = "unexpected_rows_query.row_count"


class NoRowsExpectation(UnexpectedRowsExpectation):
    """That a query has no rows. Which rows there are is not said."""

    metric_dependencies: ClassVar[tuple[str, ...]] = (_COUNT,)

    def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
        return {"success": metrics[_COUNT] == 0, "result": {"observed_value": metrics[_COUNT]}}
