"""Rules of a made-up contract, through the real gate."""

import json

from orchestration.quality.outcomes import FAILED, PASSED, overall
from orchestration.quality.runner import run_suite


def judged(contract, **values):
    """The gate's outcomes over rows of text, by rule; rows are numbered from 2."""
    names = [entry.name for entry in contract.columns]
    rows = zip(*(values[name] for name in names), strict=True)
    lines = ", ".join(
        f"('d', {number}, {', '.join(map(_literal, row))})" for number, row in enumerate(rows, 2)
    )
    query = (
        "select *, 1 as _rejected_share, true as _is_due, 1e-6 as _chance_refused, "
        "1 as _usual_rows, 1 as _fewest_rows, 1 as _most_rows "
        f"from (values {lines}) as rows(_delivery, _row, {', '.join(names)})"
    )
    found = run_suite("rules", query, contract.rules, row_column="_row")
    return found, {outcome.rule: outcome for outcome in found}


def _literal(value):
    return "null::varchar" if value is None else "'" + value.replace("'", "''") + "'"


def assert_found(contract, rule, severity, good, bad):
    """`rule` lets every good value of the only column through and finds every bad one."""
    (name,) = [entry.name for entry in contract.columns]
    assert [known.severity for known in contract.rules if known.id == rule] == [severity]
    found, outcomes = judged(contract, **{name: good})
    assert outcomes[rule].outcome == PASSED, outcomes[rule]
    found, outcomes = judged(contract, **{name: [*good, *bad]})
    outcome = outcomes[rule]
    assert (outcome.outcome, outcome.blocks) == (FAILED, severity == "critical")
    assert outcome.failing_rows == len(bad), outcome
    assert outcome.first_rows == tuple(range(2 + len(good), 2 + len(good) + len(bad)))[:20]
    if severity == "critical":
        assert overall(found) == FAILED
    report = json.dumps([entry.as_json() for entry in found], ensure_ascii=False)
    assert not [value for value in bad if len(value) > 3 and value in report]
