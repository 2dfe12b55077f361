"""Nothing that a partner controls is run: no shell, no evaluation, no SQL made of names from files."""

import ast
import io
import re
import sys
from pathlib import Path

import duckdb
import pytest
import yaml

from orchestration.cli import query
from orchestration.core.refusal import Refusal
from orchestration.core.settings import PROJECT
from orchestration.ingest.landing.receipts import Receipt
from orchestration.ingest.readers import parse as parsing
from orchestration.quality import chance, together
from tests.conftest import settings_at
from tests.support.fuzz import NAMES, agreed, is_one_sentence, rows_of
from tests.support.made_up_files import ods, xlsx

SOURCES = sorted((PROJECT / "orchestration").rglob("*.py"))
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "commands", "pty"}
FORBIDDEN_CALLS = {
    "eval", "exec", "compile", "__import__", "os.system", "os.popen", "os.execv", "os.execve",
    "os.execvp", "os.spawnv", "subprocess.getoutput", "subprocess.getstatusoutput",
    "yaml.unsafe_load", "yaml.full_load", "yaml.load_all", "pd.read_pickle", "pandas.read_pickle",
    "tempfile.mktemp",
}  # fmt: skip


def loaders_of(source):
    """Classes of the module that are safe loaders of YAML."""
    return {
        node.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
        and [ast.unparse(base) for base in node.bases] in (["yaml.SafeLoader"], ["SafeLoader"])
    }


def forbidden(source, safe_loaders=frozenset()):
    """What of the module may not be there, as (line, what)."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names]
            for name in names:
                if name.split(".")[0] in FORBIDDEN_MODULES:
                    yield node.lineno, name
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in FORBIDDEN_CALLS:
                yield node.lineno, called
            for keyword in node.keywords:
                if keyword.arg == "shell" and ast.unparse(keyword.value) != "False":
                    yield node.lineno, "shell"
            loaders = [ast.unparse(word.value) for word in node.keywords if word.arg == "Loader"]
            if called == "yaml.load" and not safe_loaders.issuperset(loaders or ["none"]):
                yield node.lineno, "yaml.load"


def test_no_shell_no_evaluation_no_unsafe_loading():
    assert len(SOURCES) > 50
    texts = {str(path.relative_to(PROJECT)): path.read_text(encoding="utf-8") for path in SOURCES}
    loaders = frozenset().union(*map(loaders_of, texts.values()))
    assert "PlainLoader" in loaders
    found = {path: list(forbidden(text, loaders)) for path, text in texts.items()}
    assert {path: what for path, what in found.items() if what} == {}


@pytest.mark.parametrize(
    "source",
    [
        "eval('1')", "exec(text)", "import pickle", "from pickle import loads",
        "subprocess.run('x', shell=True)", "subprocess.run('x', shell=flag)", "os.system('x')",
        "yaml.load(text)", "yaml.load(text, Loader=yaml.Loader)", "yaml.unsafe_load(text)",
        "from marshal import loads", "__import__(name)", "tempfile.mktemp()",
    ],
)  # fmt: skip
def test_the_rule_finds_what_it_forbids(source):
    assert list(forbidden(source))


def test_the_loader_of_contracts_makes_no_objects():
    from orchestration.contracts.odcs import PlainLoader

    assert issubclass(PlainLoader, yaml.constructor.SafeConstructor)
    assert not issubclass(PlainLoader, yaml.constructor.FullConstructor)
    with pytest.raises(yaml.YAMLError):
        yaml.load("!!python/object/apply:os.system ['true']", Loader=PlainLoader)


# --- names from files -----------------------------------------------------------------------------

HOSTILE = [
    '"; drop table delivered; --', "'; drop table delivered; --", "x' or '1'='1", "{batch}",
    "{0.__class__}", "%(x)s", ":name", "$path", "a\nb", "\x1b[2J", "<script>alert(1)</script>",
    "../../etc/passwd", "${HOME}", "`id`", "$(id)", "x" * 5000,
]  # fmt: skip


def _csv(header):
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in header)
    return (quoted + "\n" + ",".join("v" for _ in header) + "\n").encode()


def _json(header):
    import json

    return json.dumps([dict.fromkeys(header, "v")]).encode()


def _geojson(header):
    import json

    feature = {"type": "Feature", "properties": dict.fromkeys(header, "v"), "geometry": None}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


MAKERS = {"csv": _csv, "json": _json, "geojson": _geojson}


@pytest.mark.parametrize("form", MAKERS)
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_header_is_refused_in_a_sentence(tmp_path, form, name):
    with pytest.raises(Refusal) as found:
        rows_of(tmp_path, MAKERS[form]([*NAMES[:3], name]), agreed(form, 4))
    is_one_sentence(found.value)
    assert found.value.rule in {"missing_column", "undeclared_column", "header_not_there"}


@pytest.mark.parametrize("make", [xlsx, ods])
@pytest.mark.parametrize("name", [name for name in HOSTILE if name.isprintable()])
def test_a_hostile_header_of_a_workbook_is_refused_in_a_sentence(tmp_path, make, name):
    with pytest.raises(Refusal) as found:
        rows_of(
            tmp_path, make([[*NAMES[:3], name], ["a", "b", "c", "d"]]), agreed(make.__name__, 4)
        )
    is_one_sentence(found.value)


@pytest.mark.parametrize("value", [value for value in HOSTILE if "\n" not in value])
def test_a_hostile_value_is_only_a_value(tmp_path, value):
    content = _csv(NAMES) + ('"' + value.replace('"', '""') + '",b,c,d\n').encode()
    assert rows_of(tmp_path, content, agreed("csv", 4))[1] == (3, value, "b", "c", "d")


@pytest.mark.parametrize("header", ["it's", 'a"b', "a.b", "a/b", "a~b", "$.x", "{batch}", "0"])
def test_a_contract_may_agree_on_any_header(tmp_path, header):
    from tests.support.made_up import column, load

    columns = [column("one", header), column("two", "geometry")]
    contract = load(tmp_path, columns, format="geojson", dialect={"encoding": "utf-8"})
    assert rows_of(tmp_path, _geojson([header]), contract) == [(1, "v", None)]


@pytest.mark.parametrize("part", ["x' or 1=1 --", "a*b", "[ab]", "{batch}", "it's", "a;b", "?"])
def test_a_part_from_a_hostile_file_name_is_a_literal(tmp_path, part):
    """Contracts say which names a file may have; nothing relies on how narrowly they say it."""
    settings = settings_at(tmp_path / "it's [home]*")
    contract = agreed("csv", 4)
    receipt = Receipt(
        contract.feed, "2025-06", part, 1, "a" * 64, 1, f"boats_{part}.csv", 0.0, "", True, ".csv"
    )
    source = receipt.bytes_path(settings)
    source.parent.mkdir(parents=True)
    source.write_bytes(b"One,Two,Three,Four\na,b,c,d\n")
    import hashlib

    sha256 = hashlib.sha256(source.read_bytes()).hexdigest()
    receipt = Receipt(**{**receipt.__dict__, "sha256": sha256})
    source.rename(receipt.bytes_path(settings))
    assert parsing.parse(settings, contract, receipt).rows == 1
    usual = {receipt.delivery_id: chance.Expected(1.0, 9, 0.0, 9.0, 0.0, 9.0)}
    (outcomes,) = together.judge(settings, contract, [receipt], usual).values()
    assert {outcome.outcome for outcome in outcomes} <= {"passed", "failed"}


def groups_of(pattern):
    """What stands within the named groups of a pattern, brackets within included."""
    for found in re.finditer(r"\(\?P<\w+>", pattern):
        depth, end = 1, found.end()
        while depth:
            depth += {"(": 1, ")": -1}.get(pattern[end], 0)
            end += 1
        yield pattern[found.end() : end - 1]


NARROW = re.compile(r"(?:\\d|[A-Za-z0-9\[\]{},?:()*+-])+")


def test_what_contracts_take_from_file_names_is_narrow():
    """It becomes a folder's name: letters, digits and hyphens, no dot, no slash, no any-character."""
    assert (
        not NARROW.fullmatch(".+") and not NARROW.fullmatch(r"\w+") and NARROW.fullmatch(r"\d{4}")
    )
    seen = 0
    for path in (PROJECT / "expectations" / "feeds").rglob("*.odcs.yaml"):
        custom = yaml.safe_load(path.read_text(encoding="utf-8"))["customProperties"]
        (pattern,) = [entry["value"] for entry in custom if entry["property"] == "filePattern"]
        for group in groups_of(pattern):
            assert NARROW.fullmatch(group), (path.name, group)
            seen += 1
    assert seen > 30


# --- what people see ------------------------------------------------------------------------------


def answer(sql, form):
    out = io.BytesIO()
    with duckdb.connect() as connection:
        query.run(connection, sql, form, out)
    return out.getvalue().decode()


def test_csv_for_programs_is_exact():
    """A quote before `=` would change the value for every program; people's files are workbooks."""
    assert answer("select '=1+1' as a, '@x' as b, -1 as c", "csv") == "a,b,c\n=1+1,@x,-1\n"


@pytest.mark.parametrize("value", ["[red]x[/red]", "[/]", "[bold", "[link=file:///x]y[/link]"])
def test_a_value_is_no_markup_of_the_terminal(value):
    assert value in answer(f"select '{value}' as a", "table")
    assert value in answer(f'select 1 as "{value}"', "table")


def test_a_value_does_not_steer_the_terminal():
    shown = answer("select 'a' || chr(27) || ']0;x' || chr(7) || chr(8238) as a", "table")
    assert "\x1b" not in shown and "\x07" not in shown and "\u202e" not in shown
    assert r"a\x1b]0;x\x07\u202e" in shown


def test_only_queries_are_answered():
    for statement in ("copy (select 1) to 'x'", "attach 'x'", "install x", "load x", "set x = 1"):
        with pytest.raises(query.QueryError, match="only queries"):
            answer(statement, "csv")


def test_the_ui_is_bound_to_this_machine():
    """There is no option for another address, and what is shipped names none; the door has a login."""
    from orchestration.cli import csp

    options = {name for option in csp.commands["pages"].params for name in option.opts}
    assert options == {"--write", "--port", "--socket", "--daemon", "--workspace"}
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    assert "dagster dev" not in makefile and "dagster-webserver" not in makefile
    shipped = [
        path
        for path in PROJECT.rglob("*")
        if path.suffix in {".service", ".yaml", ".yml", ".toml", ".sh", ".conf"}
        and not {".venv", "target", "var", ".git"}.intersection(path.parts)
    ]
    assert shipped
    for path in shipped:
        text = path.read_text(encoding="utf-8")
        assert "0.0.0.0" not in text, path.name
        assert "dagster-webserver" not in text or path.name == "pyproject.toml", path.name


def test_python_is_new_enough_to_bound_numbers():
    """Texts of digits without end are refused by Python itself; nobody has switched that off."""
    assert 0 < sys.get_int_max_str_digits() <= 4300
    assert Path(sys.executable).exists()


# --- what the notes say ---------------------------------------------------------------------------

NOTES = PROJECT / "docs"


def test_the_note_on_data_protection_names_every_feed_once_under_its_basis():
    from orchestration.contracts.odcs import load_contracts

    note = (NOTES / "data-protection.md").read_text(encoding="utf-8")
    rows = [line for line in note.splitlines() if line.startswith("|") and "`" in line]
    said = {feed: row for row in rows for feed in re.findall(r"`([a-z]+/[a-z0-9_]+)`", row)}
    contracts = load_contracts(PROJECT / "expectations" / "feeds")
    assert set(said) == set(contracts)
    of_feeds = [row for row in rows if any(f"`{feed}`" in row for feed in contracts)]
    assert sum(row.count("`") for row in of_feeds) == 2 * len(contracts)
    for feed, contract in contracts.items():
        words = r"sections? (\d+A?)(?!\d)|(Open Government Licence)|(licence of the scheme)"
        first = re.search(words, contract.lawful_basis)
        assert first is not None, feed
        basis = next(group for group in first.groups() if group)
        assert re.search(rf"\b{re.escape(basis)}\b", said[feed].split("|")[1]), feed


def test_the_notes_name_only_files_that_are_there():
    for note in NOTES.glob("*.md"):
        text = note.read_text(encoding="utf-8")
        named = re.findall(r"`((?:tests|orchestration|expectations|docs)/[^`\s]+)`", text)
        named += [f"docs/{name}" for name in re.findall(r"\]\(([\w.-]+\.md)\)", text)]
        for name in named:
            assert list(PROJECT.glob(name.rstrip("/"))), (note.name, name)
