"""`csp sql` reaches the published database and nothing else: every function, setting, extension, statement.

The attempts are generated from what the engine says it has, so a new release's functions are tried as
well. They go to the engine itself: whether `query.run` would have passed the statement on does not matter.
"""

import io
import re
import subprocess
import sys

import duckdb
import pytest

from orchestration.cli import query
from orchestration.core.sql import literal

SECRET = "canary-5b1f"
STATEMENTS = """
copy (select 42) to '{new}'
copy marts.t to '{new}' (format parquet)
copy marts.t from '{file}'
copy (select 42) to '{database}.wal'
copy (select 42) to '{database}'
copy (select 42) to '/dev/stdout'
copy from database warehouse to memory
explain analyze copy (select 42) to '{new}'
explain copy (select 42) to '{new}'
export database '{new}'
import database '{folder}'
attach '{new}' as other
attach '{database}' as other
attach '{database}' as other (read_only)
attach '{sealed}' as other (encryption_key 'a-key-of-the-warehouse')
attach '{database}' as warehouse2 (read_write)
detach warehouse
install httpfs
force install spatial from '{folder}'
load httpfs
load '{file}'
update extensions
create persistent secret s (type http)
create secret s (type s3, provider credential_chain)
prepare p as copy (select 1) to '{new}'
with x as (from read_text('{file}')) select * from x
select * from '{file}'
select * from '{folder}/*'
select * from '{parquet}'
select * from 'http://127.0.0.1/x.csv'
select * from connection
select * from query
select * from sys
select getenv('HOME')
select * from query('copy (select 1) to ''{new}''')
select * from query_table('{file}')
select * from json_execute_serialized_sql(json_serialize_sql('select * from read_text(''{file}'')'))
create table marts.mine as select 1
create or replace view marts.t as select * from read_text('{file}')
insert into marts.t values ('x')
update marts.t set a = 'x'
delete from marts.t
drop table marts.t
alter table marts.t add column b int
truncate marts.t
comment on table marts.t is 'x'
vacuum
checkpoint warehouse
create macro memory.main.m() as table from read_text('{file}')
create view memory.main.v as from read_text('{file}')
pivot read_csv('{file}') on column0
summarize '{file}'
describe '{file}'
pragma import_database('{folder}')
pragma copy_database('warehouse', 'memory')
call enable_logging(storage = 'file', storage_config = {{'path': '{new}'}})
call enable_profiling(save_location = '{new}')
""".strip().splitlines()


@pytest.fixture
def place(tmp_path):
    """A published database with one table, and files beside it that hold the secret."""
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as made:
        made.execute("create schema marts; create table marts.t as select 'published' as a")
        for name, form in (("x.parquet", "parquet"), ("x.csv", "csv"), ("x.json", "json")):
            made.execute(
                f"copy (select {literal(SECRET)} as a) to {literal(tmp_path / name)} (format {form})"
            )
    with duckdb.connect() as made:
        made.execute(
            "set force_mbedtls_unsafe = true;"
            f"attach {literal(tmp_path / 'sealed.duckdb')} as sealed "
            "(encryption_key 'a-key-of-the-warehouse');"
            f"create table sealed.t as select {literal(SECRET)} as a"
        )
    return tmp_path


def seen(place):
    """Every file with its bytes."""
    return {path: path.read_bytes() for path in place.rglob("*") if path.is_file()}


def try_all(place, statements):
    """Send every statement to the engine itself; return those whose answer holds the secret."""
    connection = query.confined(place / "warehouse.duckdb")
    told = []
    for statement in statements:
        try:
            rows = connection.execute(statement).fetchmany(50)
        except (duckdb.Error, UnicodeDecodeError, OverflowError, ValueError) as problem:
            assert SECRET not in str(problem), statement
            if re.search("TransactionContext|invalidated", str(problem)):
                connection = query.confined(place / "warehouse.duckdb")
            continue
        if SECRET in str(rows):
            told.append(statement)
    connection.close()
    return told


def calls(place, kinds):
    """A call of every function of the engine, with each file of the folder wherever a text is taken."""
    return [
        call
        for (call,) in duckdb.sql(
            f"""
            with files as (select unnest([{
                ", ".join(
                    literal(place / name)
                    for name in (
                        "x.csv",
                        "x.json",
                        "x.parquet",
                        "sealed.duckdb",
                        "warehouse.duckdb",
                        "*",
                        "new",
                    )
                )
            }]) as file),
            functions as (
                select distinct function_name as name, function_type as kind, parameters, parameter_types
                from duckdb_functions() where function_type in {kinds}),
            arguments as (
                select name, kind, file, list_transform(
                    list_filter(list_zip(parameters, parameter_types),
                        lambda one: one[1] is null or regexp_matches(one[1], '^col[0-9]*$')),
                    lambda one: case one[2]
                        when 'VARCHAR' then format('''{{}}''', file)
                        when 'VARCHAR[]' then format('[''{{}}'']', file)
                        when 'ANY' then format('''{{}}''', file)
                        when 'BOOLEAN' then 'true'
                        when 'TABLE' then '(select 1)'
                        else '1' end) as given,
                    list_transform(
                        list_filter(list_zip(parameters, parameter_types),
                            lambda one: one[2] in ('VARCHAR', 'ANY')
                                and not regexp_matches(one[1], '^col[0-9]*$')),
                        lambda one: format('{{}} = ''{{}}''', one[1], file)) as named
                from functions, files)
            select format('select * from "{{}}"({{}})', name, array_to_string(given, ', ')) from arguments
            union
            select format('select * from "{{}}"({{}})', name,
                array_to_string(list_append(given, named_one), ', '))
            from (select *, unnest(named) as named_one from arguments)
            union
            select format('pragma {{}}({{}})', name, array_to_string(given, ', ')) from arguments
            where kind = 'pragma'
            union
            select format('select * from "{{}}"(''{{}}'')', name, file) from arguments
            order by all
            """
        ).fetchall()
        if not re.search(r'"(repeat|repeat_row|test_vector_types|range|generate_series)"', call)
    ]


def test_no_function_reads_or_writes_a_file(place):
    before = seen(place)
    attempts = calls(place, "('table', 'table_macro', 'pragma')")
    assert len(attempts) > 1_000 and any("read_csv" in attempt for attempt in attempts)
    assert try_all(place, attempts) == []
    assert seen(place) == before


def test_the_attempts_succeed_where_nothing_confines_them(place, monkeypatch):
    """The counter-example: the same attempts on an ordinary connection read the secret."""
    monkeypatch.setattr(
        query, "confined", lambda database: duckdb.connect(str(database), read_only=True)
    )
    attempts = [
        call for call in calls(place, "('table',)") if re.search('"read_(text|parquet)"', call)
    ]
    assert len(try_all(place, attempts)) > 2


def test_no_statement_reads_or_writes_a_file(place):
    before = seen(place)
    names = {
        "new": place / "new", "file": place / "x.csv", "folder": place, "parquet": place / "x.parquet",
        "database": place / "warehouse.duckdb", "sealed": place / "sealed.duckdb",
    }  # fmt: skip
    assert try_all(place, [statement.format(**names) for statement in STATEMENTS]) == []
    assert seen(place) == before


def test_no_setting_can_be_changed(place):
    connection = query.confined(place / "warehouse.duckdb")
    # Which schema a name without one means is the reader's own matter.
    own = "('schema', 'search_path')"
    every = f"select name, value from duckdb_settings() where name not in {own} order by name"
    before = connection.execute(every).fetchall()
    refused = 0
    for name, _ in before:
        for statement in (
            f"set {name} = '{place}/new'", f"set global {name} = true", f"set session {name} = '1'",
            f"reset {name}", f"pragma {name} = '{place}/new'",
        ):  # fmt: skip
            try:
                connection.execute(statement)
            except duckdb.Error:
                refused += 1
    assert refused >= 4 * len(before)
    assert connection.execute(every).fetchall() == before
    assert not (place / "new").exists()


def test_no_extension_is_installed_or_loaded(place):
    connection = query.confined(place / "warehouse.duckdb")
    known = duckdb.sql("select extension_name, loaded from duckdb_extensions()").fetchall()
    assert len(known) > 15
    for name, loaded in known:
        for statement in (
            f"install {name}",
            f"force install {name} from community",
            f"load {name}",
        ):
            if loaded:
                continue
            with pytest.raises(duckdb.Error):
                connection.execute(statement)


def test_a_query_too_large_for_memory_leaves_nothing_on_disk(place):
    before = seen(place)
    connection = query.confined(place / "warehouse.duckdb")
    assert connection.execute("select current_setting('temp_directory')").fetchone() == ("",)
    connection.execute("select count(*) from (select distinct range from range(100_000))")
    assert seen(place) == before


@pytest.mark.parametrize("form", ["table", "csv", "json", "parquet"])
def test_the_published_table_is_answered_in_every_format(place, form):
    out = io.BytesIO()
    query.run(query.confined(place / "warehouse.duckdb"), "from marts.t", form, out)
    if form == "parquet":
        (place / "answer").write_bytes(out.getvalue())
        assert duckdb.sql(f"from read_parquet('{place}/answer')").fetchall() == [("published",)]
    else:
        assert b"published" in out.getvalue()


def test_the_refusal_is_one_sentence(place):
    with pytest.raises(query.QueryError, match="reads the published database and nothing else"):
        query.run(
            query.confined(place / "warehouse.duckdb"),
            f"explain analyze copy (select 42) to '{place}/new'",
            "csv",
            io.BytesIO(),
        )
    assert not (place / "new").exists()


def test_parquet_keeps_types(place):
    asked = (
        "select 1::tinyint as i, 1.50::decimal(9, 2) as d, date '2026-01-02' as day, [1, 2] as l, "
        "{'a': 'b'} as s, true as b, null::date as n, uuid() as u, timestamp '2026-01-02 03:04:05' as t"
    )
    out = io.BytesIO()
    query.run(query.confined(place / "warehouse.duckdb"), asked, "parquet", out)
    (place / "answer").write_bytes(out.getvalue())
    described = f"select column_type from (describe from read_parquet('{place}/answer'))"
    assert (
        duckdb.sql(described).fetchall()
        == duckdb.sql(f"select column_type from (describe {asked})").fetchall()
    )


def test_the_prompt_has_no_command_but_leaving(place, monkeypatch, capsysbinary):
    lines = [
        ".read x.csv",
        ".shell ls",
        ".output new",
        ".help",
        f"from read_text('{place}/x.csv');",
        ".quit",
    ]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))
    before = seen(place)
    query.prompt(query.confined(place / "warehouse.duckdb"))
    shown = capsysbinary.readouterr().out.decode()
    assert shown.count("there is no such command here") == 4
    assert SECRET not in shown and "read-only" not in shown
    assert seen(place) == before


def test_the_prompt_keeps_no_history():
    """`input` only keeps one, and reads a start-up file, where readline is loaded."""
    asked = (
        "import sys; import orchestration.cli.main, orchestration.cli.query; print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True).stdout
    assert b"readline" not in loaded.split()
