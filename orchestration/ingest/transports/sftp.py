"""SFTP: the server is known by its pinned key, and we by ours. No passwords, no agent, no guessing.

A changed host key and a refused login are permanent: they have to be investigated. A connection that
is lost, refused or slow is transient.
"""

from __future__ import annotations

import socket
import stat
import struct
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

import paramiko

from orchestration.core.refusal import SourceError
from orchestration.ingest.transports.base import BoundedStream, Source
from orchestration.ingest.transports.credentials import guarded
from orchestration.ingest.transports.failures import (
    FileRefused,
    PermanentFailure,
    TransientFailure,
)
from orchestration.ingest.transports.file_names import fault_of, shown
from orchestration.ingest.transports.folder import not_plain
from orchestration.ingest.transports.own_key import read_key
from orchestration.ingest.transports.pins import fingerprint, read_pin
from orchestration.ingest.transports.terms import Entry, SourceFile

_DEEPEST = 8
# Errors that the library lets through if a server disconnects, or does not speak SFTP.
_ERRORS = (OSError, EOFError, ValueError, IndexError, struct.error, paramiko.SSHException)


class SftpSource(Source):
    """A folder on an SFTP server. Connects when it is first needed, and again after a failure."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.name, entry.max_files, entry.file_seconds)
        address = urlsplit(entry.address)
        self._host, self._port = address.hostname or "", address.port or 22
        self._user = unquote(address.username or "")
        self._root = unquote(address.path).rstrip("/") or "/"
        self._entry = entry
        self._transport: paramiko.Transport | None = None
        self._client: paramiko.SFTPClient | None = None

    def _listing(self) -> Iterator[SourceFile]:
        try:
            yield from self._within(self._connected(), self._root, "", 1)
        except _ERRORS as problem:
            raise self._failure(problem, "its folder") from problem

    def _within(
        self, client: paramiko.SFTPClient, folder: str, prefix: str, depth: int
    ) -> Iterator[SourceFile]:
        if depth > _DEEPEST:
            yield SourceFile(prefix.rstrip("/"), 0, 0.0, refused="lies too deep in folders")
            return
        # One answer at a time: a listing without end is seen to be one, and folders are gone into
        # while no other answer is awaited.
        for found in client.listdir_iter(folder, read_aheads=1):
            path, mode = f"{prefix}{found.filename}", found.st_mode or 0
            fault = fault_of(found.filename) or ("/" in found.filename and "holds a slash") or ""
            if stat.S_ISDIR(mode) and not fault:
                self._look()
                below = f"{folder.rstrip('/')}/{found.filename}"
                yield from self._within(client, below, f"{path}/", depth + 1)
            else:
                why = fault or not_plain(mode)
                modified = float(found.st_mtime or 0)
                yield SourceFile(path, int(found.st_size or 0), modified, refused=why)

    def _open(self, file: SourceFile, limit: int) -> BinaryIO:
        def translate(problem: Exception) -> SourceError | None:
            if isinstance(problem, _ERRORS):
                return self._failure(problem, shown(file.path), of_file=True)
            return None

        try:
            client = self._connected()
            path = f"{self._root.rstrip('/')}/{file.path}"
            if why := not_plain(client.lstat(path).st_mode or 0):
                raise FileRefused(f"{shown(file.path)} {why}")
            handle = client.open(path, "rb", bufsize=0)
        except _ERRORS as problem:
            raise self._failure(problem, shown(file.path), of_file=True) from problem
        return BoundedStream(
            handle.read,
            handle.close,
            name=file.path,
            limit=limit,
            seconds=self._entry.file_seconds,
            translate=translate,
        ).as_binary()

    def close(self) -> None:
        super().close()
        transport, self._transport, self._client = self._transport, None, None
        if transport is not None:
            transport.close()

    def _connected(self) -> paramiko.SFTPClient:
        if self._client is not None and self._transport is not None and self._transport.is_active():
            return self._client
        self.close()
        key = self._own_key()
        seconds = self._entry.timeout_seconds
        connection = socket.create_connection((self._host, self._port), seconds)
        try:
            transport = self._transport = paramiko.Transport(connection)
        except Exception:
            connection.close()
            raise
        transport.banner_timeout = transport.auth_timeout = transport.handshake_timeout = seconds
        pinned = [read_pin(line) for line in self._entry.host_keys]
        if wanted := [kind for pin in pinned for kind in pin.kinds]:
            transport.get_security_options().key_types = wanted
        try:
            transport.start_client(timeout=seconds)
        except paramiko.ssh_exception.IncompatiblePeer as problem:
            raise PermanentFailure(
                f"{self.label}: the server offers no host key of the pinned kind; ask its keeper "
                "whether the key was changed"
            ) from problem
        found = fingerprint(transport.get_remote_server_key().asbytes())
        if found not in {pin.fingerprint for pin in pinned}:
            self.close()
            raise PermanentFailure(
                f"{self.label}: the server's host key is {found}, not the pinned one; nothing was "
                "sent to it; ask its keeper by another way before the pin is changed"
            )
        transport.auth_publickey(self._user, key)
        client = self._client = paramiko.SFTPClient.from_transport(transport)
        assert client is not None
        channel = client.get_channel()
        assert channel is not None
        channel.settimeout(seconds)
        return client

    def _own_key(self) -> paramiko.PKey:
        path, secret = self._entry.private_key, self._entry.passphrase
        assert path is not None
        phrase = secret.read() if secret else None
        try:
            return read_key(guarded(path).read_bytes(), phrase)
        except ValueError as problem:
            raise PermanentFailure(
                f"{self.label}: the private key {path.name} cannot be used; is it a private key, "
                "and is its passphrase set?"
            ) from problem

    def _failure(self, problem: Exception, what: str, *, of_file: bool = False) -> SourceError:
        """The error of a call, by kind; the connection is given up unless it is sound."""
        if isinstance(problem, FileNotFoundError | PermissionError) and self._client is not None:
            reason = "is not there" if isinstance(problem, FileNotFoundError) else "is not for us"
            if of_file:
                return FileRefused(f"{what} {reason}")
            return PermanentFailure(f"{self.label}: {what} {reason}")
        self.close()
        if isinstance(problem, UnicodeDecodeError):
            return PermanentFailure(f"{self.label}: {what} holds a name that is not text in UTF-8")
        text = str(problem)
        is_lost = "saw EOF" in text or "timeout" in text.lower()  # paramiko's wording for both
        if isinstance(problem, paramiko.AuthenticationException) and not is_lost:
            return PermanentFailure(f"{self.label}: the server refused the login with our key")
        return TransientFailure(
            f"{self.label}: the connection failed at {what} ({type(problem).__name__})"
        )
