"""What any reader can derive by addition: the relations between an edition's cells, as equations.

A row of `term` is a coefficient of one variable in one relation; a relation is `= constant` or
`<= constant`. A variable is an item of a cell (`cell` and `item`), printed or not: the months or quarters
of a year that are not printed are variables too, and so is the remainder of a base.
"""

from __future__ import annotations

import duckdb

from orchestration.disclosure.queries import make, query

_TERMS = (
    "term_sum_of_months",
    "term_stock_of_last_month",
    "term_profiles",
    "term_wards",
    "term_lsoas",
    "term_measures",
    "term_external",
    "term_pooled",
    "term_rest",
    "term_first",
    "term_answers",
    "term_changes",
    "term_centres",
)


def relate(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables `variable`, `term` and `open_relation` of a workspace with the table `item`.

    `item` is one row per cell and item that is printed or known, with the five columns of its key.
    """
    make(connection, "variable")
    connection.execute(
        "create table term (relation varchar, sense varchar, constant double, cell varchar,"
        " item varchar, coefficient double)"
    )
    for name in _TERMS:
        connection.execute(f"insert into term {query(name)}")
    make(connection, "open_relation")
