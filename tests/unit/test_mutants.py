"""What is changed in SQL to see whether a test finds it, and that everything to be changed is there."""

import re

import pytest

from benchmarks import mutants
from benchmarks.mutant_judges import BROKEN, KILLED, SURVIVED, CannotJudge, Judged
from benchmarks.mutated_sql import changes
from orchestration.core.settings import PROJECT


def mutants_of(query):
    """Every text that one change makes of a query."""
    return [change.applied(query) for change in changes(query)]


@pytest.mark.parametrize(
    ("query", "becomes"),
    [
        ("select max(a) from t", ["select min(a) from t"]),
        ("select max from t", []),
        ("where a >= b", ["where a > b", "where true"]),
        (
            "order by a desc nulls last",
            ["order by a asc nulls last", "order by a desc nulls first"],
        ),
        ("a + b", ["a - b"]),
        ("select * from t", []),
        ("select a, -1", ["select a, -2"]),
        ("x between 1 and y", ["x between 2 and y"]),
        ("x is not null", ["x is null"]),
        ("from a left join b using (c)", ["from a inner join b using (c)"]),
        ("count(distinct a)", ["count(a)"]),
        ("case when a then false end", ["case when a then true end"]),
        ("when not a", ["when a"]),
        ("limit 10", ["limit 11"]),
    ],
)
def test_one_change_at_a_time(query, becomes):
    assert sorted(mutants_of(query)) == sorted(becomes)


@pytest.mark.parametrize(
    "query",
    [
        "-- at least 1 and >= 2, or max(a)",
        "'1 and 2 > 1, it''s max(a)'",
        '"1 and 2"',
        "{{ max(1) if a >= 1 and b }}",
        "{% if a and 1 > 2 %}",
        "mid_2024, $year, t2.a1, 0.01",
    ],
)
def test_comments_texts_jinja_and_names_are_left_as_they_are(query):
    assert mutants_of(query) == []


def test_a_condition_that_has_a_line_of_its_own_is_left_out():
    query = (
        "select a\nfrom t\nwhere\n    a in (1)\n    and b in (\n        select b from u\n    )\n"
        "    and coalesce(c, d)\n"
    )
    left_out = [change for change in changes(query) if change.told.startswith("left out")]
    assert [change.line for change in left_out] == [4, 8]
    assert [change.applied(query) for change in left_out] == [
        query.replace("a in (1)", "true"),
        query.replace("coalesce(c, d)", "true"),
    ]


def test_every_change_is_another_text_and_names_its_line():
    text = (PROJECT / "dbt_project/models/marts/core/fct_measure.sql").read_text(encoding="utf-8")
    found = changes(text)
    assert len(found) > 20
    for change in found:
        made = change.applied(text)
        assert made != text
        before, after = text.splitlines(), made.splitlines()
        assert before[: change.line - 1] == after[: change.line - 1]
        assert before[change.line - 1] != after[change.line - 1]


def test_every_module_query_and_test_file_of_the_tables_is_there():
    for module, tests in mutants.MODULES.items():
        assert mutants.found(module).suffix == ".py"
        assert len(mutants.test_files(tests)) == len(tests)
    for package, (pattern, tests) in mutants.QUERIES.items():
        assert list(mutants.found(package).glob(pattern))
        assert len(mutants.test_files(tests)) == len(tests)
    with pytest.raises(CannotJudge, match=re.escape("orchestration.attic is not there any more")):
        mutants.found("orchestration.attic")
    with pytest.raises(CannotJudge, match="test_attic is not in tests/"):
        mutants.test_files(["test_attic"])


def test_the_score_is_of_mutants_that_can_run_and_survivors_are_listed_by_line():
    verdicts = [KILLED, KILLED, KILLED, SURVIVED, BROKEN]
    judged = [Judged("a.sql", 9 - n, "+ -> -", verdict) for n, verdict in enumerate(verdicts)]
    assert mutants.score(judged) == 0.75
    assert mutants.report("SQL", judged, 1234, 7).splitlines() == [
        "SQL: 75% killed (3 killed, 1 survived, 5 in all, 1 of them cannot run; a sample of 1,234 by seed 7)",
        "  a.sql:6: + -> -",
    ]
    assert mutants.score([]) == 1
