"""Which queries say of every delivery, of many, what they would say of it alone."""

import duckdb
import pytest

from orchestration.contracts.model import Rule
from orchestration.quality import together
from orchestration.quality.each_delivery import QUERY, is_by_delivery
from orchestration.quality.outcomes import ERRORED, FAILED, PASSED


@pytest.fixture(scope="module")
def engine():
    with duckdb.connect() as connection:
        yield connection


@pytest.mark.parametrize(
    "query",
    [
        "select _delivery, _row from {batch} where a = 1",
        "select _delivery, _row from {batch} where a not in (select a from known)",
        "from {batch}",
        "select distinct _delivery from {batch} group by _delivery, b having count(*) > 1",
        "select _delivery, count(*) from {batch} group by all having count(*) > 1",
        "select _delivery, _row from {batch} qualify count(*) over (partition by b, _delivery) > 1",
        "with w as (select * from {batch}) select w._delivery from w",
        "select files._delivery from (select distinct _delivery from {batch}) as files "
        "cross join known left join (select * from {batch}) as found "
        "on found._delivery = files._delivery and found.a = known.a where found._delivery is null",
        "select _delivery from {batch} union select _delivery from {batch}",
        "select t._delivery, t._row from {batch} as t inner join known on known.a = t.a",
    ],
)
def test_what_stays_within_a_delivery_is_seen_to(engine, query):
    assert is_by_delivery(engine, query)


@pytest.mark.parametrize(
    "query",
    [
        "select count(*) from {batch} having count(*) > 2",
        "select min(_delivery) as _delivery from {batch}",
        "select _row from {batch} where a = 1 and _delivery <> ''",
        "select _delivery, _row from {batch} qualify count(*) over (partition by a) > 1",
        "select _delivery, _row from {batch} qualify row_number() over (order by _delivery) > 1",
        "select _delivery, _row from {batch} where a > (select avg(a) from {batch})",
        "select _delivery from {batch} where exists (select 1 from {batch} as o where o.a = 1)",
        "select any_value(_delivery) as _delivery from {batch} group by a having count(*) > 1",
        "select _delivery, _row from {batch} order by _row limit 1",
        "select distinct on (a) _delivery from {batch}",
        "select _delivery from {batch} group by rollup (_delivery)",
        "select o._delivery from {batch} as t left join {batch} as o on o.a = t.a",
        "select t._delivery from {batch} as t, {batch} as o where o._delivery = t._delivery",
        "select o._delivery from {batch} as t left join {batch} as o on o._delivery = t._delivery",
        "select _delivery from known left join {batch} on true",
        "select a as _delivery, _delivery as b from {batch}",
        "select *, a as _delivery from {batch}",
        "select * replace (a as _delivery) from {batch}",
        "select _delivery, a from {batch} union all select a, _delivery from {batch}",
        "select _delivery from {batch} except select _delivery from {batch} where a = 1",
        "select _delivery from {batch} union select 'another'",
        "select _delivery from {batch} as t(a, _delivery)",
        "with w(a, _delivery) as (select * from {batch}) select _delivery from w",
        "select _delivery from {batch} tablesample 10%",
        "selec _delivery from {batch}",
        "select _delivery from {bach}",
    ],
)
def test_what_may_look_further_is_not(engine, query):
    assert not is_by_delivery(engine, query)


def rule(query, id_="one"):
    return Rule(id_, "critical", QUERY, {"unexpected_rows_query": query}, "it is so")


ROWS = "select * from delivered"


def outcomes(rules):
    """Together, and of each delivery alone; and which rules were asked of one by itself."""
    asked = []
    with duckdb.connect() as connection:
        connection.execute(
            "create table delivered as select *, 'z' as b from (values ('d1', 1, 'x'), ('d1', 2, '3'), "
            "('d2', 1, '4'), ('d2', 2, '4')) as rows(_delivery, _row, a)"
        )

        def alone(name, some):
            rows = f"{ROWS} where _delivery = '{name}'"
            return together.of_one(connection, rows, some)

        def ask(name):
            def answer(some):
                asked.append((name, *(one.id for one in some)))
                return alone(name, some)

            return answer

        names = ("d1", "d2")
        found = together.of_each(connection, ROWS, rules, {name: ask(name) for name in names})
        return found, {name: alone(name, rules) for name in names}, asked


def test_a_rule_across_deliveries_is_asked_of_each_alone():
    """Together it would refuse both, and of each alone it refuses one, or none."""
    across = rule(
        "select _delivery, _row from {batch} where (select count(distinct a) from {batch}) > 2"
    )
    total = rule("select _delivery from {batch} where (select count(*) from {batch}) > 2", "two")
    found, alone, asked = outcomes(
        [across, rule("select _delivery from {batch} where false", "ok"), total]
    )
    assert found == alone
    assert [one.outcome for one in found["d1"]] == [PASSED, PASSED, PASSED]
    assert asked == [("d1", "one", "two"), ("d2", "one", "two")]


def test_a_rule_that_cannot_be_run_errs_only_where_it_cannot():
    numbers = rule("select _delivery, _row from {batch} where a::integer > 3")
    fine = rule("select _delivery, _row from {batch} where a = '4'", "fine")
    found, alone, asked = outcomes([fine, numbers])
    assert found == alone
    assert [one.outcome for one in found["d1"]] == [PASSED, ERRORED]
    assert [one.outcome for one in found["d2"]] == [FAILED, FAILED]
    assert (found["d2"][1].failing_rows, found["d2"][1].first_rows) == (2, (1, 2))
    assert asked == [("d1", "one"), ("d2", "one")]


def test_what_great_expectations_names_no_rows_of_is_told_as_it_is_alone():
    """Of other kinds than queries: one that looks at a row is asked of each delivery, if any breaks it."""
    kinds = [
        Rule("set", "warning", "expect_column_values_to_be_in_set",
             {"column": "a", "value_set": ["x", "3"]}, "it is listed"),
        Rule("unique", "critical", "expect_compound_columns_to_be_unique",
             {"column_list": ["_delivery", "a"]}, "it stands once"),
        Rule("across", "critical", "expect_compound_columns_to_be_unique",
             {"column_list": ["a", "b"]}, "it stands once"),
    ]  # fmt: skip
    found, alone, _ = outcomes(kinds)
    assert found == alone
    assert [one.outcome for one in found["d1"]][:2] == [PASSED, PASSED]
    assert [(one.outcome, one.failing_rows) for one in found["d2"]][:2] == [
        (FAILED, 2),
        (FAILED, 2),
    ]
