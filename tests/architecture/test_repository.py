"""Proves that what is shared holds only the project: no machine, no registry, nothing large or stray."""

import ast
import os
import re
import shutil
import subprocess

import pytest

from orchestration.core.settings import PROJECT

TOP_LEVEL = {
    ".ci", ".devcontainer", ".editorconfig", ".github", ".gitignore", ".pre-commit-config.yaml", ".yamllint",
    "CHANGELOG.md", "CONTRIBUTING.md", "Containerfile", "DECISIONLOG.md", "LICENSE", "Makefile", "README.md",
    "SECURITY.md", "benchmarks", "dbt_project", "deploy", "docs", "expectations", "orchestration",
    "pyproject.toml", "requirements-dev.lock", "requirements.lock", "seeds", "setup.py", "tests",
    "workspace.yaml",
}  # fmt: skip
LOCKS = ("requirements.lock", "requirements-dev.lock")
MOST_BYTES = 1_000_000
# Build products and data, for a copy without git; the same as in .gitignore.
NOT_SHARED = {
    ".git", ".venv", "var", "build", "dist", "target", "logs", "__pycache__", ".user.yml",
}  # fmt: skip

# A folder of somebody's machine, at the start of a path and not within one.
ROOTS = "work|root|home|opt|Users|tmp/lab"
MACHINE_PATH = re.compile(rf"(?<![\w.~)}}\]$*-])/(?:{ROOTS})/|\b[A-Z]:\\Users\\")
REGISTRY = re.compile(
    r"https?://|pythonhosted|pypi\.|(?:^|\s)-(?:-\w*-?index-url|-find-links|i|f)\b"
)
# Put together, so that not even this file names it.
PUBLIC_INDEX = ".".join(("pypi", "org"))


def tracked():
    """The files under version control; without git, all but build products and data."""
    git = shutil.which("git")
    if git is not None:
        finished = subprocess.run(
            [git, "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False
        )
        names = [name for name in finished.stdout.split("\0") if name]
        if finished.returncode == 0 and names:
            return [PROJECT / name for name in names if (PROJECT / name).is_file()]
    return walked(PROJECT)


def walked(root):
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if is_shared(name)]
        found += [root / folder / name for name in files if is_shared(name)]
    return found


def is_shared(name):
    return name not in NOT_SHARED and not re.search(
        r"_cache$|^\.hypothesis$|\.egg-info$|^\.tmp_", name
    )


def machine_paths(text):
    """The lines that name a folder of a machine."""
    return [line.strip() for line in text.splitlines() if MACHINE_PATH.search(line)]


def registries(text):
    """The lines that say where packages come from; that is for each machine's own configuration."""
    return [line.strip() for line in text.splitlines() if REGISTRY.search(line)]


def unhashed(lock):
    """The requirements of a lock that are not pinned to a version and held by a hash."""
    joined = re.sub(r"\\\n\s*", " ", lock)
    lines = [
        line for line in joined.splitlines() if line.strip() and not line.startswith((" ", "#"))
    ]
    pinned = re.compile(r"[\w.\[\],-]+==\S+.* --hash=sha256:[0-9a-f]{64}\b")
    return [line.split(" ")[0] for line in lines if not pinned.match(line)]


def text_of(path):
    return path.read_text(encoding="utf-8", errors="replace")


def relative(path):
    return path.relative_to(PROJECT).as_posix()


def test_no_file_names_a_folder_of_a_machine():
    found = {relative(path): machine_paths(text_of(path)) for path in tracked()}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("root", ROOTS.split("|"))
def test_a_folder_of_a_machine_is_found(root):
    assert machine_paths(f"x = '/{root}/me/project'")
    assert machine_paths(f"cd /{root}/me")
    assert not machine_paths(
        f"(settings/{root}/x), $HOME/{root}/x, ./{root}/x and the word {root}/"
    )


def test_locks_name_no_registry():
    for name in LOCKS:
        assert registries(text_of(PROJECT / name)) == []
    addresses = ["--index-url https://example.org/simple", "--extra-index-url x", "-i x", "-f x"]
    addresses += ["wheel @ https://example.org/wheel", f"# from {PUBLIC_INDEX}", "--find-links x"]
    assert registries("\n".join(addresses)) == addresses
    assert registries("pip==1.0 \\\n    --hash=sha256:00\n    # via -r x") == []


def test_every_locked_requirement_has_a_hash():
    for name in LOCKS:
        text = text_of(PROJECT / name)
        assert text.count("==") > 50
        assert unhashed(text) == []
    sound = "a==1 ; python_version > '3' \\\n    --hash=sha256:" + "0" * 64 + "\n    # via b\n"
    assert unhashed(sound) == []
    assert unhashed(sound + "b==2\n" + "c>=3 \\\n    --hash=sha256:" + "0" * 64) == ["b==2", "c>=3"]


def test_nothing_is_large():
    assert [relative(path) for path in tracked() if path.stat().st_size > MOST_BYTES] == []


def test_the_top_level_holds_only_what_was_agreed():
    found = {relative(path).split("/")[0] for path in tracked()}
    assert found <= TOP_LEVEL
    assert {"orchestration", "dbt_project", "tests", "pyproject.toml"} <= found


def test_without_git_the_same_files_are_looked_at(tmp_path):
    for name in ("kept.py", "tests/kept.py", ".venv/x", "var/x", "a/__pycache__/x", ".x_cache/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", encoding="utf-8")
    assert sorted(path.relative_to(tmp_path).as_posix() for path in walked(tmp_path)) == [
        "kept.py",
        "tests/kept.py",
    ]


def test_what_runs_the_suite_can_be_run():
    assert os.access(PROJECT / ".ci" / "run", os.X_OK)
    assert "exec make test" in text_of(PROJECT / ".ci" / "run")


@pytest.mark.parametrize(("has_browser", "code"), [(True, 0), (False, 1)])
def test_a_missing_browser_is_one_clear_sentence(has_browser, code, tmp_path):
    if has_browser:
        (tmp_path / "chromium").write_text("#!/bin/sh\n", encoding="utf-8")
        (tmp_path / "chromium").chmod(0o755)
    finished = subprocess.run(
        [shutil.which("sh"), "tests/support/browser.sh"],
        cwd=PROJECT,
        env={"PATH": str(tmp_path)},  # no apt-get either: nothing is installed
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == code
    assert finished.stdout == ""
    assert len(finished.stderr.splitlines()) == code
    assert code == 0 or "Chromium" in finished.stderr


def test_one_function_opens_duckdb():
    """Every other connection would have no limits (dbt's has them from its profile)."""
    found = [
        f"{path.relative_to(PROJECT)}:{node.lineno}"
        for path in sorted((PROJECT / "orchestration").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if is_opening_duckdb(node) and path.name != "engine.py"
    ]
    assert found == []


def is_opening_duckdb(node):
    """Whether code calls `duckdb.connect`, or takes it, or DuckDB's shared connection, to call later."""
    opening = {
        "connect",
        "default_connection",
        "sql",
        "query",
        "execute",
        "read_csv",
        "read_parquet",
    }
    if isinstance(node, ast.ImportFrom):
        return node.module == "duckdb" and bool(opening & {alias.name for alias in node.names})
    return (
        isinstance(node, ast.Attribute)
        and node.attr in opening
        and isinstance(node.value, ast.Name)
        and node.value.id == "duckdb"
    )


@pytest.mark.parametrize(
    "code",
    [
        "duckdb.connect()",
        "from duckdb import connect",
        "f = duckdb.connect",
        "duckdb.sql('select 1')",
    ],
)
def test_an_opened_duckdb_would_be_seen(code):
    assert any(is_opening_duckdb(node) for node in ast.walk(ast.parse(code)))
