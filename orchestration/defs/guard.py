"""What Dagster's pages may be asked: an ASGI application in front of Dagster's own.

Dagster answers `GET /graphql?query=mutation…`, takes a form of another site for a query, opens its
websocket to any page, and asks nobody who they are. A page in an engineer's browser could therefore start
and delete runs. Dagster has no switch for any of this, so what is not plainly a request of its own pages,
or of a program of the same account, is refused here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Scope = dict[str, Any]
_JSON = "application/json"
# Names of this machine that no name server decides: a page elsewhere cannot come to have one.
LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost"})
# Named once, or not at all: nobody can say which of two would be read.
_ONCE = ("host", "origin", "content-type", "sec-fetch-site", "sec-fetch-mode", "sec-fetch-dest")
_FOR_THESE_PAGES_ONLY = [
    (b"x-frame-options", b"DENY"),  # not drawn under another page's button
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
]


@dataclass(frozen=True)
class Refused:
    """Why a request goes no further: an HTTP status and one sentence."""

    status: int
    why: str


def refusal(scope: Scope, names: frozenset[str] | None) -> Refused | None:
    """Why a request is refused; `None` if it may reach Dagster.

    `names` are the names that the pages answer to, without a port; `None` behind a proxy, which has
    looked at the name before it passed the request on.
    """
    if scope["type"] not in ("http", "websocket"):
        return Refused(400, "only HTTP and websockets are spoken here")
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key = name.decode("latin-1").lower()
        if key in _ONCE and key in headers:
            return Refused(400, f"the header {key} stands twice")
        headers[key] = value.decode("latin-1").strip()
    host = headers.get("host", "").lower()
    if not host or (names is not None and re.sub(r":\d+$", "", host) not in names):
        return Refused(421, "these pages have another name")
    return _of_elsewhere(scope, headers, host) or _of_no_page(scope, headers)


def _of_elsewhere(scope: Scope, headers: dict[str, str], host: str) -> Refused | None:
    """Refuses what a page of another origin asks, except that a link from there may be followed."""
    origin = headers.get("origin")
    if origin is not None and origin.lower() not in (f"http://{host}", f"https://{host}"):
        return Refused(403, "a page of another origin asked")
    followed = (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and headers.get("sec-fetch-mode") == "navigate"
        and headers.get("sec-fetch-dest") == "document"
        and not _is_graphql(scope["path"])
    )
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin") and not followed:
        return Refused(403, "a page of another origin asked")
    return None


def _of_no_page(scope: Scope, headers: dict[str, str]) -> Refused | None:
    """Refuses the ways to ask that Dagster's pages do not use, and other sites' pages could."""
    path = scope["path"]
    if any(ord(character) < 32 for character in path):
        return Refused(400, "the address has a control character")
    if scope["type"] == "websocket":
        return None
    return _of_no_form(scope["method"], headers) or (
        Refused(405, "queries are asked by POST")
        if scope["method"] != "POST" and _is_graphql(path) and scope.get("query_string")
        else None
    )


def _of_no_form(method: str, headers: dict[str, str]) -> Refused | None:
    if method not in ("GET", "HEAD", "POST"):
        return Refused(405, f"{method} is not used here")
    # Any other type is one that a form may send without being asked for leave first.
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if method == "POST" and kind != _JSON:
        return Refused(415, f"a request by POST is {_JSON}")
    return None


def _is_graphql(path: str) -> bool:
    """Also of what a router might take for `/graphql`, which here refuses too much rather than too little."""
    return path.strip().strip("/").lower().endswith("graphql")


def is_of_this_account(scope: Scope, tables: Path = Path("/proc/net")) -> bool:
    """Whether the other end of a loopback connection belongs to this account, or to root.

    Linux lists the owner of either end. An end that is not listed, or no longer has an owner, is nobody's.
    Where there are no such lists (another system), it cannot be told, and every account may ask.
    """
    lists = [path for path in (tables / "tcp", tables / "tcp6") if path.is_file()]
    if not lists:
        return True
    client, server = scope.get("client"), scope.get("server")
    if not client or not server:
        return False
    ends = (_as_listed(*client), _as_listed(*server))
    for path in lists:
        for line in path.read_text(encoding="ascii").splitlines()[1:]:
            words = line.split()
            is_it = words[1].endswith(ends[0]) and words[2].endswith(ends[1])
            # Without an inode the end is closed, and the owner listed is 0 whoever had it.
            if is_it and words[9] != "0":
                return int(words[7]) in (os.geteuid(), 0)
    return False


def _as_listed(host: str, port: int) -> str:
    """`127.0.0.1`, 3000 as `0100007F:0BB8`, which is also how its IPv6 form ends."""
    octets = [int(octet) for octet in host.rpartition(":")[2].split(".")]
    return "".join(f"{octet:02X}" for octet in reversed(octets)) + f":{port:04X}"


class Guard:
    """Dagster's application, reached only by requests that are not refused.

    `names` as in `refusal`; `is_known` says whether the account at the other end may ask at all.
    """

    def __init__(
        self,
        app: Any,
        names: frozenset[str] | None,
        is_known: Callable[[Scope], bool] = lambda scope: True,
    ) -> None:
        self._app, self._names, self._is_known = app, names, is_known

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer one connection, as ASGI has it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        found = refusal(scope, self._names)
        if found is None and not self._is_known(scope):
            found = Refused(403, "another account of this machine asked")
        if found is None:
            await self._app(scope, receive, _marking(send))
        elif scope["type"] == "http":
            await _answer(send, found)
        else:  # before it is accepted: the other end sees HTTP's 403
            await send({"type": "websocket.close", "code": 1008, "reason": found.why})


def _marking(send: Any) -> Any:
    async def marked(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *_FOR_THESE_PAGES_ONLY]}
        await send(message)

    return marked


async def _answer(send: Any, refused: Refused) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": f"Refused: {refused.why}.\n".encode()})
