"""Proves that each room of the code uses only the rooms and libraries that were agreed for it."""

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import pytest

from orchestration.settings import PROJECT

# Room -> the rooms it may import. A room is a module or package of `orchestration`, and its modules
# may import each other; a dotted name is one module that is a room of its own within its package.
ROOMS = {
    "files": set(),
    "periods": set(),
    "settings": set(),
    "sql": set(),
    "ingest": {"files", "periods", "settings", "sql"},
    "synthetic": {"files", "ingest", "periods", "settings", "sql"},
    "transform": {"files", "ingest", "settings", "sql"},
    "quality": {"files", "ingest", "periods", "settings", "sql"},
    "quality.contract_check": {"ingest", "settings", "synthetic", "transform"},
    "release": {"files", "ingest", "quality", "settings", "sql"},
    "alerts": {"files", "ingest", "quality", "release", "settings", "sql"},
    "disclosure": set(),
    "edition.facts": {"disclosure"},
    "edition.model": {"edition.facts"},
    "edition.gate": {"edition.facts", "edition.model", "files", "quality"},
    "edition.package": {"edition.facts", "edition.model", "files", "sql"},
    "edition.report": {"edition.facts", "edition.model", "files"},
    "edition": {
        "disclosure", "edition.facts", "edition.gate", "edition.model", "edition.package",
        "edition.report", "files", "ingest", "release", "settings", "sql",
    },
    "explain": {"edition", "edition.facts", "release", "settings", "transform"},
    "query": {"settings"},
    "grid": {"periods"},
    "summary": {"grid", "ingest", "periods", "quality", "release", "settings"},
    "provenance": {"ingest", "settings"},
    "night": {"files", "ingest", "provenance", "quality", "release", "settings", "synthetic", "transform"},
    "assess": {
        "edition", "edition.gate", "edition.model", "files", "ingest", "night", "quality", "settings",
    },
    "keys": {"ingest"},
    "defs": {
        "alerts", "assess", "edition", "edition.gate", "housekeeping", "ingest", "instance", "keys", "night",
        "periods", "quality", "release", "settings", "transform",
    },
    "definitions": {"defs", "edition", "edition.gate", "night", "settings", "transform"},
    "housekeeping": set(),
    "instance": {"files", "settings"},
    "launcher": {"instance", "settings"},
    "running": {"definitions", "instance", "settings"},
    "cli_errors": {
        "alerts",
        "edition", "edition.facts", "edition.gate", "edition.package", "edition.report", "explain",
        "ingest", "night",
        "release", "settings", "synthetic", "transform",
    },
    "cli_assess": {
        "assess", "cli_errors", "edition", "edition.gate", "edition.model", "explain", "night", "query",
        "running", "transform",
    },
    "cli": {
        "alerts",
        "cli_assess", "cli_errors", "ingest", "instance", "night", "quality",
        "quality.contract_check", "query",
        "release", "running", "settings", "summary", "synthetic", "transform",
    },
}  # fmt: skip
# Library -> the only rooms (or modules) that may import it.
LIBRARIES = {
    "dagster": {"definitions", "defs", "housekeeping", "instance", "keys", "launcher"},
    "dagster_dbt": {"defs"},
    "great_expectations": {"quality.runner"},
    "duckdb_engine": {"quality.dialect"},
    "sqlalchemy": {"quality.dialect"},
    "dbt": {"transform.dbt", "transform.encrypted"},
    "click": {"cli", "cli_assess", "cli_errors"},
    "botocore": {"ingest.transports"},
    "cryptography": {"ingest.transports", "ingest.vault"},
    "paramiko": {"ingest.transports"},
    "requests": {"alerts.webhook", "ingest.transports"},
    "s3fs": {"ingest.transports"},
    "scipy": {"disclosure.attack", "synthetic.reference"},
    "weasyprint": {"edition.report.pdf"},
    "vl_convert": {"edition.report.svg"},
    "gptables": {"edition.package.workbook"},
    "fsspec": {"ingest.transports"},
}
KEYS_ARE_SPELLED_IN = {"keys"}
SETTINGS_ARE_NAMED_IN = {"settings", "transform.dbt"}  # transform.dbt: what dbt is told
ENVIRONMENT_IS_TOUCHED_IN = {
    "cli_errors",
    "definitions",
    "edition.package.ods",  # what LibreOffice is told
    "ingest.transports.credentials",
    "instance",
    "quality.runner",
    "transform.dbt",
}
MOST_LINES = 300

PACKAGE = PROJECT / "orchestration"
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in sorted(PACKAGE.rglob("*.py"))
}


def is_in(module: str, place: str) -> bool:
    return module == place or module.startswith(f"{place}.")


def room_of(module: str) -> str | None:
    """The most particular room that holds the module."""
    return max((room for room in ROOMS if is_in(module, room)), key=len, default=None)


def imports_of(source: str) -> Iterator[str]:
    """Every name that is imported anywhere in the source, in full; `.x` for what is not written so."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            place = "." * node.level + (node.module or "")
            yield from (f"{place}.{alias.name}" for alias in node.names)
        elif isinstance(node, (ast.Name, ast.Attribute)):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in ("import_module", "__import__"):
                yield f".{name}"


def wrong_imports(module: str, source: str) -> list[str]:
    """What the module imports and should not."""
    room, found = room_of(module), []
    if room is None:
        return [f"{module} is in no room"]
    for name in imports_of(source):
        top, _, rest = name.partition(".")
        if top == "":
            found.append(f"{module}: imports must be written in full, not {name}")
        elif top == "orchestration":
            other = room_of(rest)
            if other is None or other not in {room, *ROOMS[room]}:
                found.append(f"{module} ({room}) imports {name}")
        elif top in LIBRARIES and not any(is_in(module, place) for place in LIBRARIES[top]):
            found.append(f"{module} imports {top}")
    return found


def spelled_keys(source: str) -> list[str]:
    """The calls that make an asset key out of words."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [
        ast.unparse(call) for call in calls if re.search(r"\bAssetKey\b", ast.unparse(call.func))
    ]


def named_settings(source: str) -> list[str]:
    """The `CSP_` variables that the source names outside of sentences."""
    return [
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"CSP_\w*", node.value)
    ]


def touches_the_environment(source: str) -> bool:
    words = {"environ", "environb", "getenv", "putenv"}
    return any(
        (isinstance(node, ast.Attribute) and node.attr in words)
        or (isinstance(node, ast.alias) and node.name in words)
        for node in ast.walk(ast.parse(source))
    )


def undocumented(module: str, source: str) -> list[str]:
    """The public module, classes and functions without a docstring; an empty module says nothing."""
    tree = ast.parse(source)
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = [n for n in tree.body if isinstance(n, kinds) and not n.name.startswith("_")]
    is_bare = bool(tree.body) and ast.get_docstring(tree) is None
    return [module] * is_bare + [
        f"{module}.{node.name}" for node in public if ast.get_docstring(node) is None
    ]


def too_long(text: str) -> bool:
    return len(text.splitlines()) > MOST_LINES


def package_of(module: str) -> str:
    """`quality` for `quality.__init__`; the root's own `__init__` belongs to no room."""
    return module.removesuffix(".__init__")


@pytest.mark.parametrize("module", sorted(set(MODULES) - {"__init__"}))
def test_a_module_imports_only_what_its_room_may(module):
    assert wrong_imports(package_of(module), MODULES[module]) == []


def test_the_root_holds_nothing():
    assert MODULES["__init__"].strip() == ""


def test_every_room_exists_and_no_two_need_each_other():
    modules = {package_of(module) for module in MODULES}
    assert [room for room in ROOMS if not any(is_in(module, room) for module in modules)] == []
    assert {other for others in ROOMS.values() for other in others} <= set(ROOMS)
    assert list(TopologicalSorter(ROOMS).static_order())[-1] == "cli"
    with pytest.raises(CycleError):
        TopologicalSorter({**ROOMS, "files": {"cli"}}).prepare()


@pytest.mark.parametrize(
    ("module", "source", "named"),
    [
        ("night", "import dagster", "imports dagster"),
        ("ingest.landing", "from dagster_dbt import dbt_assets", "imports dagster_dbt"),
        ("quality.gate_two", "import great_expectations.core as g", "imports great_expectations"),
        ("ingest.parse", "from orchestration.quality import outcomes", "(ingest) imports"),
        ("quality.gate_one", "from orchestration.transform import dbt", "(quality) imports"),
        ("release.publish", "def f():\n    import orchestration.night", "(release) imports"),
        ("quality.runner", "from orchestration.quality.contract_check import x", "(quality)"),
        ("summary", "from orchestration import cli", "(summary) imports orchestration.cli"),
        ("query", "from orchestration import *", "(query) imports orchestration.*"),
        ("ingest.parse", "from . import landing", "written in full"),
        ("query", "import importlib\nimportlib.import_module('dagster')", "written in full"),
        ("attic.box", "", "is in no room"),
    ],
)
def test_a_wrong_import_is_found(module, source, named):
    assert named in "; ".join(wrong_imports(module, source))


def test_a_right_import_is_not_found():
    assert wrong_imports("quality.runner", "import great_expectations\nimport json") == []
    assert wrong_imports("night", "from orchestration.release import publish") == []


def test_asset_keys_are_spelled_in_one_place():
    spelled = {module for module, source in MODULES.items() if spelled_keys(source)}
    assert spelled <= KEYS_ARE_SPELLED_IN
    assert spelled_keys("import dagster as dg\nx = dg.AssetKey(['marts', 'x'])")
    assert spelled_keys("AssetKey.from_user_string('marts/x')")
    assert not spelled_keys("def key() -> AssetKey: ...\nkey()")


def test_settings_are_read_in_one_place():
    named = {module for module, source in MODULES.items() if named_settings(source)}
    assert named == SETTINGS_ARE_NAMED_IN
    assert named_settings("home = environment['CSP_HOME']")
    assert not named_settings('"""The folder is CSP_HOME."""')
    touching = {module for module, source in MODULES.items() if touches_the_environment(source)}
    assert touching <= ENVIRONMENT_IS_TOUCHED_IN
    assert touches_the_environment("import os\nos.environ.get('HOME')")
    assert touches_the_environment("from os import getenv")
    assert not touches_the_environment("environment = {}")


def test_everything_public_is_documented():
    found = [name for module, source in MODULES.items() for name in undocumented(module, source)]
    assert found == []
    bare = "def told():\n    'Words.'\n\ndef untold(): ...\n\nclass _Own: ...\n"
    assert undocumented("made_up", bare) == ["made_up", "made_up.untold"]
    assert undocumented("empty", "") == []


def test_files_stay_short_enough_to_read():
    files = [
        path
        for folder in ("orchestration", "dbt_project", "tests", "benchmarks")
        for path in sorted((PROJECT / folder).rglob("*"))
        if path.suffix in (".py", ".sql") and not {"target", "generated"} & set(path.parts)
    ]
    assert [path.name for path in files if too_long(path.read_text(encoding="utf-8"))] == []
    assert too_long("x\n" * (MOST_LINES + 1))
    assert not too_long("x\n" * MOST_LINES)
