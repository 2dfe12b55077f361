"""Proves that a wheel holds all of the project and runs from an empty folder, installed read-only."""

import json
import os
import subprocess
import sys
import zipfile

import pytest

from orchestration.core.files import sha256_of
from orchestration.core.settings import PROJECT
from tests.architecture.test_repository import tracked, walked
from tests.conftest import NOW, settings_at
from tests.support.containerfile import build_folder

CARRIED = "orchestration/_project"
FOLDERS = {"dbt_project", "expectations", "seeds", "deploy"}
FILES = {"requirements.lock", "workspace.yaml"}
LIBRARIES = [path for path in sys.path if "-packages" in path]
CODE = """
import json, os
from orchestration.core.settings import PROJECT, from_environment
from orchestration.edition import toolchain
print(json.dumps([str(PROJECT), toolchain.code_of(from_environment(os.environ))]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built offline in the folder that the Containerfile builds it in."""
    folder = build_folder(tmp_path_factory.mktemp("wheel") / "source")
    stale = folder / "build" / "lib" / "orchestration" / "attic.py"
    stale.parent.mkdir(parents=True)
    stale.touch()  # of an earlier build
    left = folder / "dbt_project" / "target" / "manifest.json"
    left.parent.mkdir()
    left.touch()
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder.parent, folder)
    (found,) = folder.parent.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel):
    """The folder that the wheel is installed in, which nobody may write to."""
    folder = wheel.parent / "installed"
    pip("install", "--no-deps", "--no-compile", "--target", folder, wheel)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = state_of(folder)
    yield folder
    assert state_of(folder) == before  # where the tests run as root, whom no mode stops
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def pip(*arguments):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    subprocess.run(
        [*command, *map(str, arguments)],
        check=True, capture_output=True, timeout=300, env={**os.environ, "PIP_NO_INDEX": "1"},
    )  # fmt: skip


def state_of(folder):
    return {str(path): sha256_of(path) for path in folder.rglob("*") if path.is_file()}


def python(installed, cwd, *arguments, **more):
    """Run Python in a folder with what is installed there and the libraries, but no checkout."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("CSP_", "DAGSTER_"))}
    environment |= {
        "PYTHONPATH": os.pathsep.join([str(installed), *LIBRARIES]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "CSP_NOW": NOW,
    }
    return subprocess.run(
        [sys.executable, "-S", *map(str, arguments)],  # -S: no .pth file, so no editable install
        cwd=cwd, env=environment | more, check=False, capture_output=True, text=True, timeout=600,
    )  # fmt: skip


def csp(installed, cwd, *arguments):
    finished = python(installed, cwd, "-m", "orchestration.cli", *arguments)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def packed(paths):
    """The names in the wheel of the files that belong into it."""
    for path in paths:
        name = path.relative_to(PROJECT).as_posix()
        if name.startswith("orchestration/"):
            yield name
        elif name.split("/")[0] in FOLDERS or name in FILES:
            yield f"{CARRIED}/{name}"


def test_a_wheel_holds_every_file_of_the_project_and_no_build_product(wheel):
    with zipfile.ZipFile(wheel) as opened:
        found = {name for name in opened.namelist() if ".dist-info/" not in name}
    assert set(packed(tracked())) - found == set()
    assert (
        found - set(packed(walked(PROJECT))) == set()
    )  # what is not yet under version control too


def test_an_installed_package_reads_its_own_files_and_is_the_same_code(installed, tmp_path):
    found = python(installed, tmp_path, "-c", CODE)
    assert found.returncode == 0, found.stderr
    project, code = json.loads(found.stdout)
    assert project == str(installed / CARRIED)
    # The same files by the same names: what a checkout without git says of itself.
    copy = build_folder(tmp_path / "checkout")
    own = python(copy, copy, "-c", CODE)
    assert json.loads(own.stdout)[1] == code == {**code, "commit": None, "is_changed": False}


def test_it_runs_from_an_empty_folder_and_keeps_its_data_there(installed, tmp_path):
    assert csp(installed, tmp_path, "home").strip() == str(tmp_path / "var")
    assert "Published  nothing yet" in csp(installed, tmp_path, "status")
    assert list(tmp_path.iterdir()) == []
    assert "SYNTHETIC" in csp(
        installed, tmp_path, "sample", "extracts", "--months", "1", "--only", "fire/incidents"
    )
    assert "dbt manifest made" in csp(installed, tmp_path, "prepare")
    assert {path.name for path in tmp_path.iterdir()} == {"extracts", "var"}


def test_an_installed_package_does_not_change_its_own_files(installed, tmp_path):
    finished = python(installed, tmp_path, "-m", "orchestration.cli", "contract", "sync")
    assert (finished.returncode, finished.stdout) == (2, "")
    assert finished.stderr.startswith("Error: contracts are changed in a checkout")


def test_a_checkout_keeps_its_data_in_the_checkout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert settings_at("").home == PROJECT / "var"
