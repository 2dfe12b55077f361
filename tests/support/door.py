"""Dagster's pages of a tiny code location as they are shipped, the door before them, and requests to both."""

from __future__ import annotations

import base64
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme

from orchestration.core.settings import PROJECT
from orchestration.defs import instance
from tests.conftest import settings_at
from tests.support.units import DEPLOY

NAME = "csp.example.gov.uk"
READER, ENGINEER = ("reader", "twelve-otters"), ("engineer", "nine-herons")
_SECONDS = 240  # to start, on a machine that does ten other things
_CODE = """
from dagster import *

@asset
def boats():
    return 1

@asset(partitions_def=StaticPartitionsDefinition(["red"]))
def barges():
    return 1

@sensor(target=[boats])
def watch():
    return SkipReason("nothing is new")

job = define_asset_job("tiny_job", [boats])
night = ScheduleDefinition(
    name="tiny_night", job=job, cron_schedule="0 2 1 1 *",
    default_status=DefaultScheduleStatus.RUNNING,
)
defs = Definitions(assets=[boats, barges], jobs=[job], schedules=[night], sensors=[watch])
"""


def nginx() -> Path | None:
    """The program; `None` where there is none."""
    found = shutil.which("nginx", path=f"/usr/sbin:{PROJECT}/.venv/nginx/usr/sbin")
    return Path(found) if found else None


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@dataclass
class Front:
    """A place where pages answer: a port of loopback, with TLS or without, or a socket."""

    at: int | Path
    name: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None

    @property
    def host(self) -> str:
        return f"{self.name}:{self.at}" if isinstance(self.at, int) else self.name

    @property
    def origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}"

    def ask(
        self, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, str, http.client.HTTPMessage]:
        """One request, with exactly these headers besides Host and the login."""
        sent = {"Host": self.host, **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.login:
            word = base64.b64encode(":".join(self.login).encode()).decode()
            sent.setdefault("Authorization", f"Basic {word}")
        line = http.client.HTTPConnection("127.0.0.1", timeout=_SECONDS)
        line.sock = self._connected()
        line.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in sent.items():
            line.putheader(name, value)
        if body is not None:
            line.putheader("Content-Length", str(len(body)))
        line.endheaders(None if body is None else body.encode())
        answer = line.getresponse()
        if answer.status == 101:  # a websocket: it would go on for ever
            line.sock.close()
            return 101, "", answer.headers
        text = answer.read().decode(errors="replace")
        line.close()
        return answer.status, text, answer.headers

    def _connected(self) -> socket.socket:
        if isinstance(self.at, Path):
            plain = socket.socket(socket.AF_UNIX)
            plain.connect(str(self.at))
            return plain
        plain = socket.create_connection(("127.0.0.1", self.at), timeout=_SECONDS)
        return self.tls.wrap_socket(plain, server_hostname=self.name) if self.tls else plain

    def query(self, text: str, **variables: object) -> dict[str, object]:
        """GraphQL, as the pages themselves ask it."""
        status, answer, _ = self.ask(
            "POST", "/graphql", json.dumps({"query": text, "variables": variables}),
            Content_Type="application/json", Origin=self.origin, Sec_Fetch_Site="same-origin",
        )  # fmt: skip
        assert status in (200, 500), (status, answer)
        found: dict[str, object] = json.loads(answer)
        return found

    def websocket(self, origin: str) -> int:
        """The status with which a websocket is opened: 101 if it is."""
        status, _, _ = self.ask(
            "GET", "/graphql", Origin=origin, Upgrade="websocket", Connection="Upgrade",
            Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ==", Sec_WebSocket_Version="13",
            Sec_WebSocket_Protocol="graphql-ws",
        )  # fmt: skip
        return status


@dataclass
class Pages:
    """Four servers over one Dagster instance; `undefended` is Dagster's own, as it comes."""

    folder: Path
    undefended: Front
    dev: Front
    readers: Front
    engineers: Front


@contextmanager
def pages() -> Iterator[Pages]:
    """Run the pages of one tiny code location."""
    with tempfile.TemporaryDirectory(prefix="csp-door-") as name, ExitStack() as stack:
        folder = Path(name)  # short: the name of a socket may have some hundred characters
        settings = settings_at(folder / "home")
        home = instance.prepare_home(settings)
        (folder / "code.py").write_text(_CODE, encoding="utf-8")
        (folder / "workspace.yaml").write_text(
            f"load_from: [grpc_server: {{socket: {folder}/code.sock, location_name: tiny}}]\n",
            encoding="utf-8",
        )
        ours = ("CSP_", "DAGSTER_")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
        environment |= {
            "CSP_HOME": str(settings.home), "DAGSTER_HOME": str(home), "PYTHONPATH": str(PROJECT),
        }  # fmt: skip

        def start(program: str, *words: object) -> None:
            command = [str(Path(sys.executable).with_name(program)), *map(str, words)]
            log = stack.enter_context((folder / "log").open("ab"))
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
            stack.callback(_end, process)

        found = Pages(
            folder, Front(free_port()), Front(free_port()),
            Front(folder / "pages.sock"), Front(folder / "engineers.sock"),
        )  # fmt: skip
        start("dagster", "api", "grpc", "-f", "code.py", "--socket", "code.sock")
        _wait_for(folder / "code.sock", folder)
        start("dagster-webserver", "-w", "workspace.yaml", "-p", found.undefended.at)
        start("csp", "pages", "--write", "--port", found.dev.at)
        start("csp", "pages", "--socket", found.readers.at)
        start("csp", "pages", "--write", "--socket", found.engineers.at)
        for front in (found.undefended, found.dev, found.readers, found.engineers):
            _wait_for(front, folder)
        yield found


def _wait_for(what: Path | Front, folder: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        try:
            if what.exists() if isinstance(what, Path) else what.ask("GET", "/server_info"):
                return
        except OSError:
            pass
        time.sleep(0.1)
    pytest.fail(f"{what} did not come: {(folder / 'log').read_text('utf-8')[-2000:]}")


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            continue
    process.wait()


@dataclass
class Door:
    """nginx by the shipped files, and the way to its two servers with any login."""

    ports: dict[str, int]
    tls: ssl.SSLContext

    def to(self, audience: str, login: tuple[str, str] | None = None) -> Front:
        return Front(self.ports[audience], NAME, self.tls, login)


@contextmanager
def door(instead: dict[str, str], login: str = "login-basic.conf") -> Iterator[Door]:
    """Run the door as `deploy/door` has it, with other words for some: upstreams, for example."""
    program = nginx()
    if program is None:
        pytest.skip("there is no nginx; sh tests/support/nginx.sh gets one")
    ports = {"readers": free_port(), "engineers": free_port()}
    with tempfile.TemporaryDirectory(prefix="csp-nginx-") as name:
        folder = Path(name)
        words = {
            "listen 443": f"listen 127.0.0.1:{ports['readers']}",
            "listen 8443": f"listen 127.0.0.1:{ports['engineers']}",
            "/etc/csp-door": name, "/run/csp-door": name,
            "access_log syslog:server=unix:/dev/log,nohostname,tag=csp_door":
                f"access_log {name}/access.log",
            **instead,
        }  # fmt: skip
        for path in (DEPLOY / "door").glob("*.conf"):
            text = path.read_text(encoding="utf-8")
            for old, new in words.items():
                text = text.replace(old, new)
            (folder / path.name).write_text(text, encoding="utf-8")
        shutil.copy(folder / login, folder / "login.conf")
        shutil.copy(DEPLOY / "door" / "name.conf.example", folder / "name.conf")
        authority = trustme.CA()
        certificate = authority.issue_cert(NAME)
        certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
        certificate.private_key_pem.write_to_path(folder / "key.pem")
        tls = ssl.create_default_context()
        authority.configure_trust(tls)
        _write_passwords(folder / "readers.htpasswd", READER, ENGINEER)
        _write_passwords(folder / "engineers.htpasswd", ENGINEER)
        more = "daemon off;" + (" user root;" if os.geteuid() == 0 else "")
        command = [program, "-e", "stderr", "-c", folder / "nginx.conf", "-g", more]
        process = subprocess.Popen(command, stderr=subprocess.PIPE)
        try:
            for port in ports.values():
                _wait_for_port(port, process)
            yield Door(ports, tls)
        finally:
            process.terminate()
            process.communicate(timeout=20)


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.02)
    pytest.fail(f"the door did not start: {process.communicate()[1]!r}")


def _write_passwords(path: Path, *logins: tuple[str, str]) -> None:
    """As deploy/README.md says: `openssl passwd -6`."""
    lines = []
    for name, word in logins:
        made = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"], input=word, capture_output=True, text=True,
            check=True,
        )  # fmt: skip
        assert re.fullmatch(r"\$6\$\S+", made.stdout.strip())
        lines.append(f"{name}:{made.stdout.strip()}\n")
    path.write_text("".join(lines), encoding="ascii")
