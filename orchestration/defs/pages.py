"""Dagster's pages behind `guard.py`: read-only unless asked otherwise, on a socket or on loopback.

`dagster-webserver` can listen neither on a socket nor behind anything, so its application is made here as
its command makes it. There is no other address to choose than 127.0.0.1: what is to be seen from another
machine goes through a proxy with a login (`deploy/door`).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from orchestration.core.settings import Settings, SettingsError
from orchestration.defs import dagster_internals, guard, instance

# As `dagster-webserver` has them: milliseconds for a statement, seconds for a connection, connections.
_STATEMENT, _CONNECTION, _OVERFLOW = 15_000, 3_600, 20
_REFRESH = 2_000  # milliseconds between two looks of a page
_SECONDS_TO_END = 60


def serve(
    settings: Settings,
    workspace: Path,
    *,
    is_writable: bool,
    at: Path | int,
    with_daemon: bool = False,
) -> None:
    """Serve the pages until the process is told to end, at a socket (a path) or a port of 127.0.0.1.

    On a socket, the folder and the mode 0660 say who may ask; on a port, the account of who asks must be
    this one. `with_daemon` runs schedules and sensors beside them.

    Raises:
        SettingsError: something else listens there, or the workspace is no file.
        NotWritable: the home cannot be written, where Dagster keeps what it does.
    """
    import uvicorn
    from dagster_webserver.app import create_app_from_workspace_process_context

    if not workspace.is_file():
        raise SettingsError(f"{workspace} is not a file; name the workspace with --workspace")
    # uvicorn ends at a signal and raises it again; this way what was started is ended as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with (
        _listening(at) as ears,
        instance.connected(settings) as dagster,
        _daemon(workspace, with_daemon) as daemon,
    ):
        dagster.optimize_for_webserver(_STATEMENT, _CONNECTION, _OVERFLOW)
        with dagster_internals.workspace(dagster, workspace, read_only=not is_writable) as context:
            app = create_app_from_workspace_process_context(context, "", _REFRESH)
            server = uvicorn.Server(
                uvicorn.Config(
                    guard.Guard(app, guard.LOOPBACK_NAMES, guard.is_of_this_account)
                    if isinstance(at, int)
                    else guard.Guard(app, None),
                    log_level="warning",
                    access_log=False,
                    proxy_headers=False,  # or a header would say whose account asks
                    server_header=False,
                )
            )
            if daemon is not None:
                threading.Thread(target=_end_with, args=(daemon, server), daemon=True).start()
            with suppress(KeyboardInterrupt):
                server.run(sockets=[ears])


@contextmanager
def _listening(at: Path | int) -> Iterator[socket.socket]:
    if isinstance(at, int):
        try:
            ears = socket.create_server(("127.0.0.1", at))
        except OSError as problem:
            reason = (problem.strerror or "it cannot be used").lower()
            raise SettingsError(
                f"port {at} of 127.0.0.1: {reason}; choose another with --port"
            ) from problem
        with ears:
            yield ears
        return
    with socket.socket(socket.AF_UNIX) as ears:
        if at.is_socket():
            _remove_unless_somebody_listens(at)
        before = os.umask(0o117)  # 0660 from the first moment
        try:
            ears.bind(str(at))
        except OSError as problem:
            reason = (problem.strerror or "it cannot be used").lower()
            raise SettingsError(f"the socket {at}: {reason}") from problem
        finally:
            os.umask(before)
        ears.listen()
        try:
            yield ears
        finally:
            at.unlink(missing_ok=True)


def _remove_unless_somebody_listens(at: Path) -> None:
    """A killed process leaves its socket behind."""
    with socket.socket(socket.AF_UNIX) as caller:
        try:
            caller.connect(str(at))
        except ConnectionRefusedError:
            at.unlink(missing_ok=True)
            return
    raise SettingsError(f"other pages listen on the socket {at}; end them first")


@contextmanager
def _daemon(workspace: Path, is_wanted: bool) -> Iterator[subprocess.Popen[bytes] | None]:
    if not is_wanted:
        yield None
        return
    program = Path(sys.executable).with_name("dagster-daemon")
    process = subprocess.Popen([program, "run", "--workspace", workspace])  # noqa: S603
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _end_with(daemon: subprocess.Popen[bytes], server: object) -> None:
    """Pages whose schedules no longer run would say nothing about it."""
    daemon.wait()
    server.should_exit = True  # type: ignore[attr-defined]
