"""The values of a source's keys, each read strictly: in the agreed form, or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from orchestration.core.errors import WarehouseError
from orchestration.core.settings import PREFIX
from orchestration.ingest.transports.credentials import Secret
from orchestration.ingest.transports.file_names import LOOPBACK
from orchestration.ingest.transports.pins import read_pin

__all__ = ["NAME", "Wrong", "read"]

NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HOST = re.compile(r"[A-Za-z0-9.-]+")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
_MARKER = re.compile(r"\.[a-z0-9]+")
_POINT = r"-?\d+(\.\d+)?,-?\d+(\.\d+)?"
_POLYGON = re.compile(rf"{_POINT}(:{_POINT}){{2,}}")


class Wrong(WarehouseError):
    """A value is not as agreed. The message says what was expected, and never what was found."""


def read(key: str, value: Any, kind: str, folder: Path) -> Any:
    """The value of a key of a source; paths are relative to `folder`.

    Raises:
        Wrong: it is not in the agreed form.
    """
    if key == "address":
        return _address(kind, value)
    if key in _FILES:
        return _path(value, folder)
    if key in _SECRET_KEYS:
        return _secret(value, folder)
    return _READERS[key](value)


def _address(kind: str, value: Any) -> str:
    text = _text(value)
    if kind == "folder":
        if not Path(text).is_absolute():
            raise Wrong("the full path of a folder")
        return text
    address = _split(text)
    if kind == "sftp":
        if not (address.scheme == "sftp" and address.hostname and address.username):
            raise Wrong("like sftp://user@host/folder")
        if address.password:
            raise Wrong("without a password: logins are by key")
    elif kind == "s3":
        if address.scheme != "s3" or not address.netloc or "@" in address.netloc:
            raise Wrong("like s3://bucket/prefix")
    elif not _is_encrypted(address):
        raise Wrong("an https address without a user name")
    if address.query or address.fragment:
        raise Wrong("an address without ? and #")
    return text


def _is_encrypted(address: SplitResult) -> bool:
    """Whether an address is https, or stays on this machine; a login in it is refused."""
    if address.username or not address.hostname:
        return False
    return address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK)


def _split(text: str) -> SplitResult:
    try:
        address = urlsplit(text)
        _ = address.port
    except ValueError:
        raise Wrong("an address") from None
    return address


def _path(value: Any, folder: Path) -> Path:
    return folder / Path(_text(value)).expanduser()


def _secret(value: Any, folder: Path) -> Secret:
    if isinstance(value, dict) and len(value) == 1:
        (where, name), *_ = value.items()
        if where == "file" and isinstance(name, str) and name:
            return Secret(file=_path(name, folder))
        # With the prefix of settings, it would be a setting, and an unknown one.
        if where == "env" and isinstance(name, str) and _VARIABLE.fullmatch(name):
            if name.startswith(PREFIX):
                raise Wrong(f"a variable whose name does not begin with {PREFIX}")
            return Secret(variable=name)
    raise Wrong("{env: NAME} or {file: PATH}, never the secret itself")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value or value != value.strip():
        raise Wrong("text")
    return value


def _like(pattern: re.Pattern[str], words: str) -> Callable[[Any], str]:
    def reader(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise Wrong(words)
        return value

    return reader


def _number(least: float, most: float) -> Callable[[Any], float]:
    def reader(value: Any) -> float:
        if type(value) not in (int, float) or not least <= value <= most:
            raise Wrong(f"a number from {least:g} to {most:g}")
        return float(value)

    return reader


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def reader(value: Any) -> int:
        if type(value) is not int or not least <= value <= most:
            raise Wrong(f"a whole number from {least} to {most}")
        return value

    return reader


def _list(reader: Callable[[Any], Any]) -> Callable[[Any], tuple[Any, ...]]:
    """One value or a list of values, none twice."""

    def read_list(value: Any) -> tuple[Any, ...]:
        found = tuple(reader(item) for item in (value if isinstance(value, list) else [value]))
        if not found or len(set(found)) < len(found):
            raise Wrong("a list of at least one, none of them twice")
        return found

    return read_list


def _pin(value: Any) -> str:
    try:
        read_pin(_text(value))
    except ValueError:
        raise Wrong("a SHA256 fingerprint or a line of known_hosts") from None
    return _text(value)


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Wrong("true or false")
    return value


def _sizes(value: Any) -> dict[str, int]:
    if not isinstance(value, dict):
        raise Wrong("a size in bytes for each feed")
    return {_text(feed): _BYTES(size) for feed, size in value.items()}


def _proxy(value: Any) -> str:
    address = _split(_text(value))
    if address.scheme not in ("http", "https") or not address.hostname or address.username:
        raise Wrong("like http://host:port, without a user name")
    return _text(value)


def _endpoint(value: Any) -> str:
    if not _is_encrypted(_split(_text(value))):
        raise Wrong("an https address without a user name")
    return _text(value)


_BYTES = _whole(1, 1 << 40)
_SLUG = _like(NAME, "short names of lower-case letters, digits and hyphens")
_FILES = ("private_key", "ca_file", "boundaries")
_SECRET_KEYS = ("passphrase", "token", "access_key", "secret_key")
_READERS: dict[str, Callable[[Any], Any]] = {
    "name": _SLUG,
    "kind": _text,
    "feeds": _list(_text),
    "timeout_seconds": _number(0.1, 600),
    "file_seconds": _number(0.1, 86_400),
    "retries": _whole(0, 10),
    "backoff_seconds": _number(0, 60),
    "settle_seconds": _number(0, 600),
    "marker": _like(_MARKER, "an ending such as .done"),
    "max_bytes": _BYTES,
    "max_bytes_by_feed": _sizes,
    "max_files": _whole(1, 1_000_000),
    "reread": _switch,
    "host_key": _list(_pin),
    "proxy": _proxy,
    "redirects_to": _list(_like(_HOST, "names of hosts")),
    "endpoint": _endpoint,
    "region": _SLUG,
    "forces": _list(_SLUG),
    "force": lambda value: (_SLUG(value),),
    "polygons": _list(_like(_POLYGON, "outlines as latitude,longitude:latitude,longitude:…")),
    "boundary_code": _text,
    "boundary_name": _text,
    "months": _whole(1, 600),
    "requests_a_second": _number(0.01, 15),
}
