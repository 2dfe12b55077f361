"""Tables and columns that leave, and those that never do."""

import pandas as pd
import pytest

from orchestration.disclosure import allow_list, publish
from orchestration.disclosure.cells import UnknownMeasure
from orchestration.disclosure.control import controlled, rules_in, unmarked
from tests.support.disclosure_frames import NEVER_LEAVES, REGISTER, Measure, edition, frame

RULES = rules_in(REGISTER)
YEAR = [20, 30, 25, 19, 28, 22, 31, 27, 24, 20, 23, 26]


def test_only_listed_columns_leave():
    tables = edition(Measure("x", YEAR * 2, {"W1": 150, "W2": 145}))
    tables["wards"] = tables["wards"].assign(officer="Jane")
    tables["victims"] = pd.DataFrame({"name": ["Anna"]})
    tables["sources"] = frame("sources", [{"feed": "f", "sha256": "ab", "row_count": 3}])
    public = controlled(tables, RULES).tables
    assert {name: list(table.columns) for name, table in public.items()} == dict(
        allow_list.columns()
    )
    assert not any(
        column in public[name] for name, columns in NEVER_LEAVES.items() for column in columns
    )


def test_a_listed_column_that_is_not_there_is_an_error():
    tables = edition(Measure("x", YEAR * 2))
    with pytest.raises(allow_list.MissingColumn, match="plan lacks rag"):
        controlled(tables | {"plan": tables["plan"].drop(columns="rag")}, RULES)
    with pytest.raises(allow_list.MissingColumn, match="lists the table plan"):
        controlled({name: table for name, table in tables.items() if name != "plan"}, RULES)


def test_a_figure_without_a_registered_measure_is_an_error():
    tables = edition(Measure("x", YEAR * 2))
    with pytest.raises(UnknownMeasure, match="figures of x"):
        controlled(tables | {"methods": tables["methods"].head(0)}, RULES)


def test_a_row_without_a_cell_is_an_error():
    tables = edition(Measure("x", YEAR * 2, {"W1": 150, "W2": 145}))
    figures = tables["figures"]
    with pytest.raises(publish.RowsLost, match="public table wards has 1 rows and not 2"):
        controlled(tables | {"figures": figures[figures["area_code"] != "W2"]}, RULES)


def test_the_sensitive_edition_has_the_same_marks():
    tables = edition(Measure("x", YEAR * 2))
    marked = unmarked(tables)
    public = controlled(marked, RULES).tables
    for name in publish.marked():
        assert set(public[name].columns) <= set(marked[name].columns), name
        assert marked[name]["suppressed"].isna().all()
        assert not marked[name]["is_rounded"].any()
    assert marked["headline"]["previous_suppressed"].isna().all()
    assert "suppressed" not in tables["wards"]
