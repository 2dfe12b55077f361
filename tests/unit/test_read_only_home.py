"""A home that cannot be written is told in one sentence by whatever command writes; no traceback."""

import errno
import os
import subprocess

import click
import pytest
from click.testing import CliRunner

from orchestration.cli import csp
from orchestration.cli.errors import OneSentence
from orchestration.core.files import NotWritable, require_writable
from tests.conftest import NOW

WRITING = [
    ("refresh",),
    ("refresh", "--only", "police/street_crime"),
    ("prepare",),
    ("upgrade",),
    ("waive", "completeness", "--scope", "health/ambulance_calls", "--until", "2026-12-31",
     "--by", "Chair of the Partnership", "--reason", "The service moved; figures follow."),
    ("assess", "2025-26", "--sign-off", "Chair of the Partnership"),
    ("pages", "--port", "47113"),
]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A home with something in it on a read-only file system; for others than root, one that is shut."""
    folder = tmp_path_factory.mktemp("read-only") / "home"
    folder.mkdir()
    is_mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "csp", str(folder)], capture_output=True, check=False
        ).returncode
    )
    if os.geteuid() == 0 and not is_mounted:
        pytest.skip("root may not mount here, and no folder is shut to root")
    (folder / "run.lock").touch()
    for name in ("landing", "dagster", "dbt"):
        (folder / name).mkdir()
    if is_mounted:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    else:
        folder.chmod(0o500)
    yield folder
    folder.chmod(0o700) if not is_mounted else subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_what_writes_says_so_in_one_sentence(home, command, tmp_path):
    environment = {"CSP_HOME": str(home), "CSP_NOW": NOW, "CSP_SOURCE": str(tmp_path)}
    answer = CliRunner().invoke(csp, command, env=environment)
    assert answer.exit_code == 2, answer.output
    assert "cannot be written" in answer.output
    assert len(answer.output.strip().splitlines()) == 1
    assert isinstance(answer.exception, SystemExit)


def test_a_home_that_is_not_there_yet_is_no_obstacle(tmp_path, home):
    require_writable(tmp_path / "new")
    require_writable(tmp_path)
    with pytest.raises(NotWritable):
        require_writable(home)


def test_a_file_system_that_becomes_read_only_is_one_sentence_and_a_bug_is_not():
    def failing(number):
        @click.group(cls=OneSentence)
        def program():
            """As csp is."""

        @program.command()
        def write():
            raise OSError(number, os.strerror(number), "landing/x")

        return CliRunner().invoke(program, ["write"])

    answer = failing(errno.EROFS)
    assert answer.exit_code == 2
    assert "landing/x: the file system is read-only" in answer.output
    assert isinstance(failing(errno.EIO).exception, OSError)
