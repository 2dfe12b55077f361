"""What dbt tells of its nodes: as it happens, in full where it fails, and no further once it is stopped."""

import threading
from types import SimpleNamespace

import duckdb
import pytest
from dbt_common.exceptions import DbtRuntimeError

from orchestration.defs import dbt_checks
from orchestration.defs.dbt import streamed
from orchestration.transform import results
from orchestration.transform.results import NodeResult, Watch


def node(name, status="pass", **more):
    return NodeResult(f"test.community_safety.{name}", status, 0.1, None, "", **more)


def event(name, **data):
    return SimpleNamespace(info=SimpleNamespace(name=name), data=SimpleNamespace(**data))


def test_what_passes_is_told_as_it_happens_and_what_fails_when_all_is_known():
    begun, waiting = [], threading.Event()

    def build(watch):
        watch.tell(node("first"))
        begun.append("first")
        waiting.wait(10)
        watch.tell(node("second", "fail"))
        return [node("first"), node("second", "fail", query="select 1")]

    told = []
    stream = streamed(build, told)
    assert next(stream).name == "first"
    assert told == []  # the build is still on
    waiting.set()
    (last,) = stream
    assert (last.name, last.query) == ("second", "select 1")
    assert [one.name for one in told] == ["first", "second"]


def test_an_error_of_the_build_reaches_whoever_reads_its_stream():
    def build(watch):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        list(streamed(build, []))


def test_a_caller_that_goes_away_stops_the_build_and_waits_for_it():
    ended = []

    def build(watch):
        watch.tell(node("first"))
        for _ in range(1000):
            try:
                watch.hear(event("NodeCompiling"))
            except DbtRuntimeError:
                ended.append("stopped")
                return []
            threading.Event().wait(0.01)
        ended.append("never stopped")
        return []

    stream = streamed(build, [])
    next(stream)
    with pytest.raises(KeyboardInterrupt):
        stream.throw(KeyboardInterrupt)
    assert ended == ["stopped"]


def test_only_a_node_that_is_not_begun_is_stopped():
    watch = Watch(lambda result: None)
    watch.hear(event("NodeCompiling"))
    watch.stop()
    watch.hear(event("NodeStart"))
    with pytest.raises(DbtRuntimeError, match="the run was stopped"):
        watch.hear(event("NodeCompiling"))


def test_a_reason_keeps_its_lines_and_shows_query_and_rows():
    failed = NodeResult(
        "test.p.unique", "fail", 0.1, 2, "Got 2 results\n  at x.sql", query="select 1"
    )
    with duckdb.connect() as connection:
        shown = results.with_rows(failed, connection)
    lines = results.why(shown).splitlines()
    assert lines[:4] == ["unique: fail (2 rows)", "  Got 2 results", "    at x.sql", "  select 1"]
    assert any("1" in line and "│" in line for line in lines[4:])


def test_rows_are_shown_of_published_tables_alone():
    def reads(*tables):
        return SimpleNamespace(depends_on=SimpleNamespace(nodes=list(tables)))

    nodes = {
        "mart": SimpleNamespace(schema="marts"),
        "staged": SimpleNamespace(schema="staging"),
        "open": reads("mart"),
        "closed": reads("mart", "staged"),
        "of_a_source": reads("mart", "source.x"),
        "of_nothing": reads(),
    }
    assert [name for name in nodes if hasattr(nodes[name], "depends_on")
            and results.is_open(name, nodes)] == ["open"]  # fmt: skip


def test_a_test_has_a_short_name_and_a_sentence():
    def made(kind, column=None, description="", **arguments):
        return {
            "resource_type": "test", "name": f"{kind}_with_a_long_name", "column_name": column,
            "attached_node": "model.p.mart", "package_name": "p", "description": description,
            "test_metadata": {"name": kind, "kwargs": {"column_name": column, **arguments}},
        }  # fmt: skip

    manifest = {
        "nodes": {
            "test.p.a": made("not_null", "area_code"),
            "test.p.b": made("holds", expression="x > 0"),
            "test.p.c": made("holds", expression="y > 0"),
            "test.p.d": made("accepted_values", "kind", values=["a", "b"]),
            "test.p.e": made("relationships", "id", field="id", to="ref('dim')"),
            "test.p.f": made("one_city", description="As it stands."),
            "model.p.mart": {"resource_type": "model"},
        },
        "macros": {"macro.p.test_holds": {"description": "Holds in every row: {expression}."}},
    }
    assert dbt_checks.short_names(manifest) == {
        "test.p.a": "not_null_area_code",
        "test.p.b": "holds",
        "test.p.c": "holds_2",
        "test.p.d": "accepted_values_kind",
        "test.p.e": "relationships_id",
        "test.p.f": "one_city",
    }
    assert [dbt_checks.sentence(manifest, f"test.p.{letter}") for letter in "abdef"] == [
        "area_code is never empty.",
        "Holds in every row: x > 0.",
        "kind is one of a, b.",
        "Every id is among id of dim.",
        "As it stands.",
    ]
