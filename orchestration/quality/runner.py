"""The only module that runs Great Expectations: rules in, outcomes out.

GX is imported inside the function (it costs seconds) and is given a SQL query, so it runs inside
DuckDB over Parquet or over the read-only candidate. Its results are stripped here to counts and
line numbers: values that a rule found never leave this module.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import duckdb

from orchestration.contracts.odcs import ROW, Rule
from orchestration.quality.each_delivery import QUERY
from orchestration.quality.outcomes import ERRORED, FAILED, PASSED, RuleOutcome

IN_MEMORY = "duckdb+readonly:///:memory:"
ROWS_SHOWN = 20
_IS_GX = re.compile(r"great_expectations(\..*)?").fullmatch


def run_suite(
    name: str,
    query: str,
    rules: Sequence[Rule],
    database: str = IN_MEMORY,
    row_column: str | None = None,
    prepare: Callable[[duckdb.DuckDBPyConnection], None] | None = None,
    connection: duckdb.DuckDBPyConnection | None = None,
) -> list[RuleOutcome]:
    """Run every rule over the rows of `query`; one outcome per rule, in the order of `rules`.

    `row_column` names the column that holds a row's line number, where there is one; `prepare` is done
    to every connection before a query is run in it. With a `connection`, the query is run on its database
    as it is, and no other is opened.

    A rule that raises, or that GX gives no result for, is ERRORED: that is not the same as failed
    and always blocks.
    """
    from orchestration.quality import dialect

    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    with warnings.catch_warnings(), dialect.preparing(prepare, connection):
        warnings.simplefilter("ignore", DeprecationWarning)
        results = _validate(name, query, rules, database, row_column, is_counted_only=True)
        broken = [rule for rule in rules if _is_broken(rule, results.get(rule.id))]
        if broken:
            results |= _validate(name, query, broken, database, row_column)
    return [_outcome(rule, results.get(rule.id), row_column) for rule in rules]


def _is_broken(rule: Rule, entry: Any) -> bool:
    """Whether a query was counted, and has rows that are not known yet."""
    if rule.expectation != QUERY or entry is None:
        return False
    return not entry.success and not _raised(entry.exception_info)


def _validate(
    name: str,
    query: str,
    rules: Sequence[Rule],
    database: str,
    row_column: str | None,
    *,
    is_counted_only: bool = False,
) -> dict[str, Any]:
    """What Great Expectations says of each rule. `is_counted_only`: the rows of a query are not fetched."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
    from great_expectations.expectations.metadata_types import FailureSeverity

    from orchestration.quality import dialect, no_rows

    _quieten()
    dialect.register()
    counted = {QUERY: no_rows.NoRowsExpectation.expectation_type} if is_counted_only else {}
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    source = context.data_sources.add_sql(name, connection_string=database, create_temp_table=False)
    batch = source.add_query_asset(name, query=query).add_batch_definition_whole_table(name)
    # Expectations go in as objects: GX takes two configurations of one type and no column for the
    # same rule and keeps only the last.
    suite = context.suites.add(
        gx.ExpectationSuite(
            name,
            expectations=[
                ExpectationConfiguration(
                    type=counted.get(rule.expectation, rule.expectation),
                    kwargs=dict(rule.kwargs),
                    severity=FailureSeverity("warning" if rule.severity == ROW else rule.severity),
                    meta={"rule": rule.id},
                ).to_domain_obj()
                for rule in rules
            ],
        )
    )
    validation = gx.ValidationDefinition(name=name, data=batch, suite=suite)
    try:
        result = _run(validation, row_column)
    finally:
        # GX keeps two engines; an open one would hold the candidate against every later connection
        # of this process.
        source.get_execution_engine().close()
        source.get_engine().dispose()
    return {
        entry.expectation_config.meta["rule"]: entry
        for entry in result.results
        if entry.expectation_config and entry.expectation_config.meta
    }


def _quieten() -> None:
    """Have GX log errors only. Its modules set levels of their own as they are imported."""
    for name in [name for name in logging.root.manager.loggerDict if _IS_GX(name)]:
        logging.getLogger(name).setLevel(logging.ERROR)


def _run(validation: Any, row_column: str | None) -> Any:
    return validation.run(
        result_format={
            "result_format": "COMPLETE",
            **({"unexpected_index_column_names": [row_column]} if row_column else {}),
            "include_unexpected_rows": False,
        }
    )


def _outcome(rule: Rule, entry: Any, row_column: str | None) -> RuleOutcome:
    if entry is None or _raised(entry.exception_info):
        return RuleOutcome(
            rule.id, rule.severity, ERRORED, f"could not be checked whether {rule.sentence}"
        )
    if entry.success:
        return RuleOutcome(rule.id, rule.severity, PASSED, rule.sentence)
    detail = entry.result
    if "unexpected_count" in detail:
        count: int | None = int(detail["unexpected_count"])
        positions = [row.get(row_column) for row in detail.get("unexpected_index_list") or []]
    else:
        found = (detail.get("details") or {}).get("unexpected_rows") or []
        positions = [row.get(row_column) for row in found]
        count = int(detail["observed_value"]) if any(p is not None for p in positions) else None
    rows = sorted({int(position) for position in positions if position is not None})
    return RuleOutcome(
        rule.id, rule.severity, FAILED, f"not so: {rule.sentence}", count, tuple(rows[:ROWS_SHOWN])
    )


def _raised(information: Any) -> bool:
    """GX reports `success=False` also if a rule crashed; only `exception_info` shows the difference."""
    if not information:
        return False
    if "raised_exception" in information:
        return bool(information["raised_exception"])
    return any(bool(entry.get("raised_exception")) for entry in information.values())
