"""Homes, publications and servers for tests of alerts: small, real and on this machine."""

from __future__ import annotations

import asyncio
import json
import os
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope

from orchestration.contracts.odcs import Contract
from orchestration.core.files import write_json
from orchestration.core.settings import Settings
from orchestration.ingest.landing.deliveries import PASSED, Record, write_record
from orchestration.ingest.landing.pull_record import Problem, Pull, remember
from orchestration.ingest.landing.receipts import Receipt

DAY = "2026-11-23"


def at(settings: Settings, moment: str) -> Settings:
    """The same home at another time."""
    return replace(settings, now=datetime.fromisoformat(f"{moment}+00:00"))


def delivered(
    settings: Settings, contract: Contract, period: str, *, state: str = PASSED, reason: str = "",
    rule: str = "", rules: Sequence[dict[str, Any]] = (), part: str = "", seq: int = 1,
    rejected: dict[str, int] | None = None,
) -> Receipt:  # fmt: skip
    """A delivery as landing and gate 1 leave it, without its bytes."""
    receipt = Receipt(
        contract.feed, period, part, seq, f"{period}{seq}".ljust(64, "0"), 1, "a file", 0.0,
        f"{DAY}T01:00:00+00:00", False, ".csv",
    )  # fmt: skip
    write_json(receipt.receipt_path(settings), asdict(receipt))
    record = Record(
        contract.fingerprint, contract.version, state, 9, reason, rule, tuple(rules), rejected or {}
    )  # fmt: skip
    write_record(settings, receipt, record)
    return receipt


def pulled(settings: Settings, *problems: Problem, **found: Any) -> None:
    """A pull that found these."""
    remember(settings, Pull(problems=list(problems), **found))


FIGURE = (
    "measure_id varchar, area_type varchar, area_code varchar, period_type varchar, "
    'period_start date, "count" bigint, modelled_count double, rate double, missing_reason varchar'
)


def publication(
    settings: Settings, name: str, *, figures: Sequence[tuple[Any, ...]] = (),
    signals: Sequence[tuple[Any, ...]] = (), owed: Sequence[tuple[Any, ...]] = (),
    periods: Sequence[tuple[Any, ...]] = (), synthetic: bool = False,
    rejected: Sequence[tuple[Any, ...]] = (), hidden: Sequence[str] = (),
) -> None:  # fmt: skip
    """A publication that is current now; the earlier ones stay.

    figures: measure, area, month, count. signals: measure, area, month, signal. owed: feed,
    paragraph, quarter, its first day, last day, owed by, state, months. periods: feed, period, its
    first day, due on, state. rejected: feed, delivery, period, reason, rejected rows of 100. hidden:
    months for which too many rows were left out for the measure asb.
    """
    folder = settings.home / ".published" / name
    folder.mkdir(parents=True)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute(f"""
            create schema marts; create schema governance;
            create table marts.fct_measure ({FIGURE});
            create table marts.dim_measure (measure_id varchar, measure_name varchar,
                feed varchar);
            insert into marts.dim_measure
                values ('asb', 'Anti-social behaviour', 'police/recorded_crime');
            create table governance.rejected_rows (feed varchar, delivery_id varchar,
                line_number bigint, reject_reason varchar);
            create table governance.reconciliation (feed varchar, delivery_id varchar,
                period varchar, is_current boolean, rows_staged bigint);
            create table marts.process_control (measure_id varchar, area_type varchar,
                area_code varchar, area_name varchar, period_start date, signal varchar);
            create table governance.prescribed_information (feed varchar, paragraph varchar,
                information varchar, period varchar, period_start date,
                period_end date, due_on date, state varchar, months_delivered integer);
            create table governance.completeness (feed varchar, period varchar, period_start date,
                due_on date, state varchar, is_expected_part boolean);
        """)
        for measure, area, month, count in figures:
            missing = None if count is not None else "not_supplied"
            connection.execute(
                "insert into marts.fct_measure values (?, 'ward', ?, 'month', ?, ?, null, ?, ?)",
                [measure, area, f"{month}-01", count, count and count / 3, missing],
            )
        for month in hidden:
            connection.execute(
                "insert into marts.fct_measure values ('asb', 'city', 'C', 'month', ?, null, null, "
                "null, 'rows_left_out')",
                [f"{month}-01"],
            )
        for feed, delivery, _, reason, rows in rejected:
            connection.execute(
                "insert into governance.rejected_rows select ?, ?, range, ? from range(?)",
                [feed, delivery, reason, rows],
            )
        for feed, delivery, period in {entry[:3] for entry in rejected}:
            connection.execute(
                "insert into governance.reconciliation values (?, ?, ?, true, 100)",
                [feed, delivery, period],
            )
        for measure, area, month, signal in signals:
            connection.execute(
                "insert into marts.process_control values (?, 'ward', ?, 'Ward ' || ?, ?, ?)",
                [measure, area, area, f"{month}-01", signal],
            )
        for feed, paragraph, *rest in owed:
            connection.execute(
                "insert into governance.prescribed_information "
                "values (?, ?, 'Incidents', ?, ?, ?, ?, ?, ?)",
                [feed, paragraph, *rest],
            )
        for row in periods:
            connection.execute(
                "insert into governance.completeness values (?, ?, ?, ?, ?, true)", row
            )
    (folder / "manifest.json").write_text(
        json.dumps(
            {"synthetic": synthetic, "files": {}, "published_at": "", "inputs": name, "tables": {}}
        ),
        encoding="utf-8",
    )
    link = settings.home / "link"
    link.symlink_to(Path(".published") / name)
    os.replace(link, settings.published)


@dataclass
class Authority:
    """A certificate authority of the test's own."""

    folder: Path
    ca: trustme.CA = field(default_factory=trustme.CA)

    @property
    def file(self) -> Path:
        path = self.folder / "ca.pem"
        self.ca.cert_pem.write_to_path(str(path))
        return path

    def context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert("localhost", "127.0.0.1").configure_cert(context)
        return context


@dataclass
class Inbox:
    """A mail server: what it took, and how it behaves. `refuses` answers every recipient with no."""

    port: int = 0
    messages: list[Envelope] = field(default_factory=list)
    logins: list[tuple[bytes, bytes]] = field(default_factory=list)
    refuses: bool = False

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: Any
    ) -> str:
        if self.refuses:
            return f"550 no such mailbox {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        self.messages.append(envelope)
        return "250 OK"


@contextmanager
def mail_server(
    authority: Authority, security: str = "starttls", password: str = ""
) -> Iterator[Inbox]:
    """A real mail server on loopback: with STARTTLS, with TLS from the start, or with neither."""
    inbox = Inbox()

    def let_in(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        inbox.logins.append((data.login, data.password))
        # Not handled here: the server itself answers.
        return AuthResult(success=data.password == password.encode(), handled=False)

    options: dict[str, Any] = {}
    if password:
        options = {"authenticator": let_in, "auth_required": True}
    if security == "starttls":
        options |= {"tls_context": authority.context(), "require_starttls": True}

    loop = asyncio.new_event_loop()

    async def listen() -> asyncio.Server:
        return await loop.create_server(
            lambda: SMTP(inbox, loop=loop, **options),
            host="127.0.0.1",
            ssl=authority.context() if security == "tls" else None,
        )

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = asyncio.run_coroutine_threadsafe(listen(), loop).result(5)
    inbox.port = server.sockets[0].getsockname()[1]
    try:
        yield inbox
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


@dataclass
class Hooked:
    """A web server for hooks: what was posted, and the answers it has still to give (then 200).

    With `endless`, an answer has a body that ends when the other side hangs up.
    """

    url: str = ""
    posts: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    endless: bool = False


@contextmanager
def hook_server(authority: Authority | None) -> Iterator[Hooked]:
    """A real web server on loopback, with TLS where there is an authority."""
    hooked = Hooked()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hooked.posts.append(json.loads(body))
            self.send_response(hooked.answers.pop(0) if hooked.answers else 200)
            for name, value in hooked.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "9" * 15 if hooked.endless else "0")
            self.end_headers()
            with suppress(OSError):
                while hooked.endless:
                    self.wfile.write(b"x" * 1000)
                    time.sleep(0.001)

        def log_message(self, format: str, *args: Any) -> None:
            return None

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        scheme = "http"
        if authority is not None:
            server.socket = authority.context().wrap_socket(server.socket, server_side=True)
            scheme = "https"
        hooked.url = f"{scheme}://127.0.0.1:{server.server_address[1]}/services/T0/very-secret"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield hooked
        finally:
            server.shutdown()
            thread.join(5)
