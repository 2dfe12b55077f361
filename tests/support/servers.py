"""Real servers on loopback that behave as partners' servers do, on good nights and on bad ones."""

from __future__ import annotations

import asyncio
import itertools
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncssh
import trustme

_CLOSE_WITHIN = 5


@dataclass
class SftpServer:
    """An SFTP server over `root`. The faults may be changed while it runs.

    `drops`: so many reads end the connection, after `drop_at` bytes of a file. `stalls`: reads are
    never answered. `strange_names`: names that the listing of the top folder claims beside the real
    ones; with `endless`, it claims files without end. `logins`: how many were tried.
    """

    root: Path
    port: int = 0
    host_key: asyncssh.SSHKey = field(
        default_factory=lambda: asyncssh.generate_private_key("ssh-ed25519")
    )
    drops: int = 0
    drop_at: int = 0
    stalls: bool = False
    strange_names: list[str] = field(default_factory=list)
    endless: bool = False
    logins: int = 0
    reads: int = 0

    @property
    def known_hosts_line(self) -> str:
        return f"127.0.0.1 {self.host_key.export_public_key().decode().strip()}"

    @property
    def fingerprint(self) -> str:
        return self.host_key.get_fingerprint("sha256")


@contextmanager
def sftp_server(root: Path, client_key: asyncssh.SSHKey, **options: Any) -> Iterator[SftpServer]:
    """Run an SFTP server that lets in the user `csp` with `client_key`, and nobody else."""
    server = SftpServer(root, **options)
    authorized = asyncssh.import_authorized_keys(client_key.export_public_key().decode())

    connections: list[asyncssh.SSHServerConnection] = []
    opened: list[Any] = []

    class Login(asyncssh.SSHServer):
        def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
            connections.append(conn)

        def begin_auth(self, username: str) -> bool:
            server.logins += 1
            return True

        def password_auth_supported(self) -> bool:
            return True  # a server that would take a password: ours must never be offered

        def validate_password(self, username: str, password: str) -> bool:
            raise AssertionError("a password was sent")

    class Files(asyncssh.SFTPServer):
        def __init__(self, channel: Any) -> None:
            super().__init__(channel, chroot=str(server.root))

        def open(self, *arguments: Any) -> Any:
            opened.append(super().open(*arguments))
            return opened[-1]

        async def read(self, file_obj: Any, offset: int, size: int) -> bytes:
            server.reads += 1
            while server.stalls:
                await asyncio.sleep(0.05)
            if server.drops and offset + size > server.drop_at:
                server.drops -= 1
                self.channel.get_connection().abort()
                return b""
            data: bytes = super().read(file_obj, offset, size)  # type: ignore[assignment]
            return data

        async def scandir(self, path: bytes) -> Any:
            async for entry in super().scandir(path):
                yield entry
            endless = map("{}.csv".format, itertools.count()) if server.endless else []
            for name in itertools.chain(endless, server.strange_names) if path == b"/" else []:
                attributes = asyncssh.SFTPAttrs(size=1, permissions=0o100644, mtime=0, atime=0)
                yield asyncssh.SFTPName(name.encode("utf-8", "surrogateescape"), attrs=attributes)

    async def listen() -> Any:
        return await asyncssh.create_server(
            Login, "127.0.0.1", server.port, server_host_keys=[server.host_key],
            authorized_client_keys=authorized, sftp_factory=Files, login_timeout=10,
        )  # fmt: skip

    async def shut(listening: Any) -> None:
        listening.close()
        for connection in connections:
            connection.abort()
        await asyncio.gather(*(connection.wait_closed() for connection in connections))
        for file in opened:  # whoever gave up never closed it
            file.close()

    with _event_loop() as loop:
        listening = asyncio.run_coroutine_threadsafe(listen(), loop).result(_CLOSE_WITHIN)
        server.port = listening.get_port()
        try:
            yield server
        finally:
            server.stalls = False
            asyncio.run_coroutine_threadsafe(shut(listening), loop).result(_CLOSE_WITHIN)


@contextmanager
def _event_loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # connections that a test cut are no news
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_CLOSE_WITHIN)
        loop.close()


@dataclass
class Request:
    """What came in at a web server."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]


@dataclass
class Answer:
    """What goes out.

    `cut_at` ends the connection after so many bytes; `delay` holds it back; with
    `trickle` it comes in pieces, so many seconds apart.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    delay: float = 0.0
    trickle: float = 0.0


@dataclass
class WebServer:
    """A web server whose answers are made by `respond`; `requests` are all that came in."""

    respond: Callable[[Request], Answer]
    address: str = ""
    requests: list[Request] = field(default_factory=list)


@contextmanager
def web_server(
    respond: Callable[[Request], Answer], certificate: trustme.LeafCert | None = None
) -> Iterator[WebServer]:
    """Run a web server on loopback, with TLS where there is a certificate."""
    server = WebServer(respond)
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body together: apart, each answer takes forty milliseconds
        timeout = 10

        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length", 0))
            sent = self.rfile.read(length).decode() if length else ""
            request = Request(
                self.command, parts.path, _first(parts.query), _first(sent), dict(self.headers)
            )
            server.requests.append(request)
            answer = server.respond(request)
            stopped.wait(answer.delay)
            self.send_response(answer.status)
            for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self._write(answer.body[: answer.cut_at], answer.trickle)
            if answer.cut_at is not None:
                self.close_connection = True

        def _write(self, body: bytes, apart: float) -> None:
            step = 1000 if apart else max(len(body), 1)
            for start in range(0, len(body), step):
                self.wfile.write(body[start : start + step])
                self.wfile.flush()
                stopped.wait(apart)

        do_GET = do_HEAD = do_POST = handle_any  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Nothing: tests read `requests`."""

    class Listener(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """A client that goes away in the middle is what some tests are about."""

    listener = Listener(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        listener.socket = context.wrap_socket(
            listener.socket, server_side=True, do_handshake_on_connect=False
        )
        scheme = "https"
    server.address = f"{scheme}://127.0.0.1:{listener.server_address[1]}"
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        stopped.set()
        listener.shutdown()
        listener.server_close()
        thread.join(_CLOSE_WITHIN)


def ranged(request: Request, body: bytes, **headers: str) -> Answer:
    """The part of `body` that the request asks for, as servers of large files give it."""
    asked = request.headers.get("Range", "")
    if not asked.startswith("bytes="):
        return Answer(body, headers=headers)
    first, last = (int(number) for number in asked.removeprefix("bytes=").split("-"))
    piece = body[first : last + 1]
    said = f"bytes {first}-{first + len(piece) - 1}/{len(body)}"
    return Answer(piece, 206, {"Content-Range": said, **headers})


def folder(root: Path) -> Callable[[Request], Answer]:
    """Answers with the files of a folder; 404 where there is none."""

    def respond(request: Request) -> Answer:
        path = root / request.path.lstrip("/")
        return Answer(path.read_bytes()) if path.is_file() else Answer(status=404)

    return respond


def _first(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}
