"""A PostgreSQL server of the tests' own, from the system's package: a socket in a folder, no port."""

from __future__ import annotations

import getpass
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

NOBODY = ("postgres", "nobody")  # whom root may start the server as: it refuses to run as root


def programs() -> Path | None:
    """The folder of the newest server's programs; `None` where there is none."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3])
    )
    if versions:
        return versions[-1].parent
    found = shutil.which("postgres")
    return Path(found).resolve().parent if found else None


def there_or_skip() -> Path:
    """The server's programs; where there are none, the test is skipped with a sentence."""
    found = programs()
    if found is None:
        pytest.skip("there is no PostgreSQL server; sh tests/support/postgres.sh installs one")
    return found


@contextmanager
def postgresql() -> Iterator[str]:
    """Run a server with an empty database `csp`; give its address, as CSP_DATABASE has it."""
    bin_folder = there_or_skip()
    # A short path: the name of a socket may have some hundred characters.
    with tempfile.TemporaryDirectory(prefix="csp-pg-") as name:
        folder = Path(name)
        account = _account()
        if account is not None:
            shutil.chown(folder, account)
        as_them = ["setpriv", f"--reuid={account}", "--clear-groups"] if account else []
        user = getpass.getuser()

        def run(program: str, *arguments: str) -> None:
            _run([*as_them, str(bin_folder / program), *arguments], folder)

        data = folder / "data"
        # Nobody but root and the server's account gets to the socket, so it asks for no password.
        run("initdb", "--pgdata", str(data), "--username", user, "--auth", "trust",
            "--encoding", "UTF8", "--no-locale", "--no-sync")  # fmt: skip
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
        run("pg_ctl", "--pgdata", str(data), "--wait", "--log", str(folder / "log"),
            "--options", options, "start")  # fmt: skip
        try:
            run("createdb", "--host", str(folder), "--username", user, "csp")
            yield f"postgresql://{user}@/csp?host={folder}"
        finally:
            run("pg_ctl", "--pgdata", str(data), "--mode", "immediate", "stop")


def restart(address: str) -> None:
    """Restart the server of an address at once, as an upgrade of its package does: connections break."""
    folder = Path(address.partition("host=")[2])
    account = _account()
    as_them = ["setpriv", f"--reuid={account}", "--clear-groups"] if account else []
    program = there_or_skip() / "pg_ctl"
    data = str(folder / "data")
    _run([*as_them, str(program), "--pgdata", data, "--mode", "fast", "--wait",
          "--log", str(folder / "log"), "restart"], folder)  # fmt: skip


def _run(command: list[str], folder: Path) -> None:
    finished = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert finished.returncode == 0, f"{command}: {finished.stderr or finished.stdout}"


def _account() -> str | None:
    """The account to run the server as, where this process may not run it itself."""
    if os.geteuid() != 0:
        return None
    for name in NOBODY:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise AssertionError("root has no account to start PostgreSQL as")
