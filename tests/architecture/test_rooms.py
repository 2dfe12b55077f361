"""Proves that each room of the code uses only the rooms, doors and libraries that were agreed for it.

The layers themselves stand in `pyproject.toml` (`[tool.importlinter]`); `lint-imports` prints them.
"""

import ast
import re
from collections.abc import Iterator

import pytest
from importlinter.cli import EXIT_STATUS_ERROR, EXIT_STATUS_SUCCESS, lint_imports

from orchestration.core.settings import PROJECT

# Library -> the only rooms (or modules) that may import it.
LIBRARIES = {
    "dagster": {"defs"},
    "dagster_dbt": {"defs"},
    "great_expectations": {"quality.no_rows", "quality.runner"},
    "duckdb_engine": {"quality.dialect"},
    "sqlalchemy": {"quality.dialect"},
    "dbt": {
        "transform.dbt",
        "transform.docs_page",
        "transform.encrypted_candidate",
        "transform.formulas",
        "transform.results",
    },
    "sqlglot": {"transform.column_lineage"},
    "click": {"cli"},
    "botocore": {"ingest.transports"},
    "cryptography": {"ingest.transports", "protection.vault"},
    "paramiko": {"ingest.transports"},
    "requests": {"alerts.webhook", "ingest.transports"},
    "s3fs": {"ingest.transports"},
    "scipy": {"core.formulas", "disclosure.attack", "synthetic.reference"},
    "weasyprint": {"edition.report.pdf"},
    "vl_convert": {"edition.report.svg"},
    "gptables": {"edition.package.workbook"},
    "openpyxl": {"core.office_documents"},
    "odf": {"edition.package.ods", "edition.package.ods_styles", "synthetic.workbooks"},
    "fsspec": {"ingest.transports"},
}
KEYS_ARE_SPELLED_IN = {"defs.asset_keys"}
SETTINGS_ARE_NAMED_IN = {"core.settings", "transform.dbt"}  # transform.dbt: what dbt is told
ENVIRONMENT_IS_TOUCHED_IN = {
    "cli.errors",
    "core.engine",  # the limits of a process
    "core.office_documents",  # openpyxl decides by it how it writes
    "core.one_run",  # what a run passes on to its steps
    "defs.definitions",
    "defs.instance",
    "ingest.transports.credentials",
    "quality.runner",
    "transform.dbt",
}

PACKAGE = PROJECT / "orchestration"
MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in sorted(PACKAGE.rglob("*.py"))
}


def is_in(module: str, place: str) -> bool:
    return module == place or module.startswith(f"{place}.")


def room_of(module: str) -> str:
    """The innermost package that holds the module; a module of the root is a room of its own."""
    return module.rpartition(".")[0] or module


def doors(modules: dict[str, str]) -> dict[str, set[str]]:
    """Package -> what its `__all__` lets other rooms use: modules, or names that it gives itself."""
    return {
        module.removesuffix(".__init__"): {
            element.value
            for node in ast.parse(source).body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
            for element in node.value.elts
        }
        for module, source in modules.items()
        if module.endswith(".__init__")
    }


DOORS = doors(MODULES)


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


def past_the_door(module: str, name: str) -> bool:
    """Whether the import reaches into a room, from outside it, past what its door says."""
    parts = name.split(".")
    for depth in range(1, len(parts)):
        package = ".".join(parts[:depth])
        if package in DOORS and not is_in(module, package) and parts[depth] not in DOORS[package]:
            return True
    return False


def wrong_imports(module: str, source: str) -> list[str]:
    """What the module imports and should not."""
    found = []
    for name in imports_of(source):
        top, _, rest = name.partition(".")
        if top == "":
            found.append(f"{module}: imports must be written in full, not {name}")
        elif top == "orchestration" and past_the_door(module, rest):
            found.append(f"{module} goes past a door: {name}")
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


def package_of(module: str) -> str:
    """`quality` for `quality.__init__`; the root's own `__init__` belongs to no room."""
    return module.removesuffix(".__init__")


@pytest.mark.parametrize("module", sorted(set(MODULES) - {"__init__"}))
def test_a_module_imports_only_what_its_room_may(module):
    assert wrong_imports(package_of(module), MODULES[module]) == []


def test_the_root_holds_nothing():
    assert MODULES["__init__"].strip() == ""


def test_the_layers_hold_and_there_is_no_circle():
    configuration = PROJECT / "pyproject.toml"
    assert lint_imports(config_filename=str(configuration), no_cache=True) == EXIT_STATUS_SUCCESS


def test_a_climb_is_found(tmp_path):
    climbing = tmp_path / "layers.toml"
    climbing.write_text(
        '[tool.importlinter]\nroot_package = "orchestration"\n'
        '[[tool.importlinter.contracts]]\nname = "upside down"\ntype = "layers"\n'
        'containers = ["orchestration"]\nlayers = ["core", "cli"]\n',
        encoding="utf-8",
    )
    assert lint_imports(config_filename=str(climbing), no_cache=True) == EXIT_STATUS_ERROR


def test_every_room_has_a_door_that_says_what_it_is():
    rooms = {room_of(module) for module in MODULES if "." in module}
    assert rooms <= set(DOORS)
    for room in rooms:
        assert ast.get_docstring(ast.parse(MODULES[f"{room}.__init__"])), room


def test_a_door_names_only_what_is_there():
    for room, names in DOORS.items():
        inside = {
            module.removeprefix(f"{room}.").split(".")[0]
            for module in MODULES
            if is_in(module, room)
        }
        given = (
            {n.rpartition(".")[2] for n in imports_of(MODULES[f"{room}.__init__"])}
            if room
            else set()
        )
        assert names <= inside | given, room


@pytest.mark.parametrize(
    ("module", "source", "named"),
    [
        ("night", "import dagster", "imports dagster"),
        ("ingest.landing.pull", "from dagster_dbt import dbt_assets", "imports dagster_dbt"),
        ("quality.gate_two", "import great_expectations.core as g", "imports great_expectations"),
        ("night", "from orchestration.quality import vintage", "goes past a door"),
        ("night", "from orchestration.quality.vintage import rules", "goes past a door"),
        ("cli.main", "def f():\n    import orchestration.edition.gather", "goes past a door"),
        (
            "explain.answer",
            "from orchestration.edition.report.page import fill",
            "goes past a door",
        ),
        ("ingest.readers.parse", "from . import landing", "written in full"),
        ("cli.query", "import importlib\nimportlib.import_module('dagster')", "written in full"),
    ],
)
def test_a_wrong_import_is_found(module, source, named):
    assert named in "; ".join(wrong_imports(module, source))


def test_a_right_import_is_not_found():
    assert wrong_imports("quality.runner", "import great_expectations\nimport json") == []
    assert wrong_imports("night", "from orchestration.release import publish") == []
    assert wrong_imports("quality.gate_one", "from orchestration.quality import vintage") == []


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
