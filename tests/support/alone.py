"""What every rule says of one delivery by itself, row by row as the engine finds it: to hold gate 1 to."""

from orchestration.contracts.rules import plain_query
from orchestration.quality.outcomes import FAILED, PASSED, RuleOutcome


def outcomes_alone(connection, rows, rules):
    """The outcomes of rules over `rows` (a query), which are of one delivery."""
    return [_outcome(rule, *_found(connection, rows, rule)) for rule in rules]


def _found(connection, rows, rule):
    """The rows that break a rule: how many, and their line numbers where they have any."""
    if rule.expectation == "unexpected_rows_expectation":
        query = plain_query(rule.kwargs["unexpected_rows_query"], f"({rows})")
    else:
        assert rule.expectation == "expect_compound_columns_to_be_unique"
        names = rule.kwargs["column_list"]
        same = " and ".join(f'one."{name}" = other."{name}"' for name in names)
        query = (
            f"select distinct one._row from ({rows}) as one, ({rows}) as other "
            f"where {same} and one._row <> other._row"
        )
    found = connection.execute(query)
    names = [column[0] for column in found.description]
    lines = found.fetchall()
    if rule.expectation != "unexpected_rows_expectation":
        return len(lines), []  # Great Expectations gives no line numbers for it
    if "_row" not in names:
        return len(lines), None
    return len(lines), sorted({line[names.index("_row")] for line in lines})


def _outcome(rule, count, positions):
    if not count:
        return RuleOutcome(rule.id, rule.severity, PASSED, rule.sentence)
    said = f"not so: {rule.sentence}"
    if positions is None:
        return RuleOutcome(rule.id, rule.severity, FAILED, said)
    return RuleOutcome(rule.id, rule.severity, FAILED, said, count, tuple(positions[:20]))
