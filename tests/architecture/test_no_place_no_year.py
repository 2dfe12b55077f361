"""Nothing in a query or in Python knows a place or a year: both are the partnership's to decide."""

import ast
import re

import pytest
import yaml

from orchestration.core.settings import PROJECT

SHIPPED = PROJECT / "seeds" / "partnerships" / "E06000021" / "partnership.yaml"
YEAR_OR_DAY = re.compile(r"20[2-9]\d(-\d\d){1,2}")  # 2024-25, 2024-04, 2024-04-01
IN_SQL = re.compile(r"'(20[2-9]\d(?:-\d\d){1,2})'")
# What is made up may fall on a day of its own: spoiled cells, and one summer's unrest in every city.
MADE_UP = ("orchestration/synthetic/faults/", "orchestration/synthetic/city.sql")


def code(*patterns):
    found = [path for pattern in patterns for path in PROJECT.glob(pattern)]
    names = {path: path.relative_to(PROJECT).as_posix() for path in sorted(found)}
    return {path: name for path, name in names.items() if not name.startswith(MADE_UP)}


PYTHON = code("orchestration/**/*.py")
SQL = code("orchestration/**/*.sql", "dbt_project/models/**/*.sql", "dbt_project/macros/*.sql")


def names_of_the_shipped_place():
    document = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    keys = ("area_code", "area_name", "csp_code", "police_force_code", "police_force_slug")
    return {document[key].lower() for key in keys}


def texts_in(source):
    """The texts of a module: its docstrings say what texts look like, and are no part of what it does."""
    tree = ast.parse(source)
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told
    ]


def literals_in(sql):
    return IN_SQL.findall(re.sub(r"--.*|\{#.*?#\}", "", sql))


def test_a_year_in_python_is_found():
    assert [t for t in texts_in('"""As 2024-25."""\nX = "2024-25"') if YEAR_OR_DAY.fullmatch(t)]
    assert literals_in("select 1 -- '2024-25'\nwhere day >= date '2024-04-01'") == ["2024-04-01"]


@pytest.mark.parametrize("path", PYTHON, ids=PYTHON.values())
def test_no_module_knows_a_year_or_a_place(path):
    texts = texts_in(path.read_text(encoding="utf-8"))
    assert [text for text in texts if YEAR_OR_DAY.fullmatch(text)] == []
    places = names_of_the_shipped_place()
    assert [text for text in texts if any(place in text.lower() for place in places)] == []


@pytest.mark.parametrize("path", SQL, ids=SQL.values())
def test_no_query_knows_a_year_or_a_place(path):
    text = path.read_text(encoding="utf-8")
    assert literals_in(text) == []
    assert [place for place in names_of_the_shipped_place() if place in text.lower()] == []
