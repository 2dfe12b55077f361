"""What may reach Dagster's pages and what may not, by the request alone; the real pages are tried in
tests/integration/test_door.py."""

import os

import pytest

from orchestration.defs.guard import LOOPBACK_NAMES, is_of_this_account, refusal

JSON = {"content-type": "application/json"}
PAGE = {"origin": "http://127.0.0.1:3000", "sec-fetch-site": "same-origin"}
LINK = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def asked(method="GET", path="/", query="", kind="http", more=(), **headers):
    """The status that a request is refused with; `None` where it may go on."""
    named = {"host": "127.0.0.1:3000", **headers}
    pairs = [(k.replace("_", "-").encode(), v.encode()) for k, v in [*named.items(), *more]]
    scope = {
        "type": kind, "method": method, "path": path, "query_string": query.encode(),
        "headers": pairs,
    }  # fmt: skip
    found = refusal(scope, LOOPBACK_NAMES)
    return None if found is None else found.status


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"path": "/assets/a/b", "query": "view=partitions"},
        {"path": "/graphql"},
        {"host": "localhost:3000"},
        {"host": "localhost"},
        {"host": "LOCALHOST:3001"},  # through a tunnel from another port
        {"method": "HEAD"},
        {"method": "POST", "path": "/graphql", **JSON},
        {"method": "POST", "path": "/graphql", "query": "op=x", **JSON, **PAGE},
        {"method": "POST", "path": "/graphql", "content-type": "application/json; charset=utf-8"},
        {"kind": "websocket", "path": "/graphql", **PAGE},
        {"path": "/runs/1", **LINK},
        {"path": "/runs/1", "sec-fetch-site": "none"},
    ],
)
def test_the_pages_own_requests_go_on(request_):
    assert asked(**request_) is None


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (405, {"path": "/graphql", "query": "query=mutation"}),
        (405, {"path": "/graphql/", "query": "query=mutation"}),
        (400, {"path": "/graphql\n", "query": "query=mutation"}),
        (405, {"method": "HEAD", "path": "/graphql", "query": "query=mutation"}),
        (405, {"method": "PUT", "path": "/graphql", **JSON}),
        (405, {"method": "OPTIONS", "path": "/graphql"}),
        (415, {"method": "POST", "path": "/graphql"}),
        (415, {"method": "POST", "content-type": "text/plain; a=application/json"}),
        (415, {"method": "POST", "content-type": "application/graphql"}),
        (415, {"method": "POST", "content-type": "application/x-www-form-urlencoded"}),
        (415, {"method": "POST", "path": "/report_asset_materialization/a"}),
        (400, {"method": "POST", "more": [("content-type", "text/plain")], **JSON}),
        (403, {"method": "POST", **JSON, "origin": "https://evil.example"}),
        (403, {"method": "POST", **JSON, "origin": "null"}),
        (403, {"method": "POST", **JSON, "origin": "http://127.0.0.1:8080"}),
        (403, {"method": "POST", **JSON, "origin": "http://127.0.0.1:3000.evil.example"}),
        (403, {"method": "POST", **JSON, "sec-fetch-site": "cross-site"}),
        (403, {"method": "POST", **JSON, "sec-fetch-site": "same-site"}),
        (400, {"method": "POST", **JSON, **PAGE, "more": [("origin", "https://evil.example")]}),
        (403, {"origin": "https://evil.example"}),
        (403, {"kind": "websocket", "path": "/graphql", "origin": "https://evil.example"}),
        (403, {"kind": "websocket", "path": "/graphql", "sec-fetch-site": "cross-site"}),
        (403, {"kind": "websocket", "path": "/graphql", **LINK}),
        (403, {"path": "/graphql", **LINK}),
        (403, {"path": "/runs/1", **LINK, "sec-fetch-dest": "iframe"}),
        (403, {"path": "/logs/1", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}),
        (421, {"host": "evil.example:3000", "origin": "http://evil.example:3000"}),
        (421, {"host": "127.0.0.1.evil.example"}),
        (421, {"host": "evil.example:3000@127.0.0.1"}),
        (421, {"host": ""}),
        (400, {"more": [("host", "evil.example")]}),
        (400, {"kind": "webtransport"}),
    ],
)
def test_what_another_page_could_ask_is_refused(status, request_):
    assert asked(**request_) == status


def test_behind_a_proxy_the_name_is_its_business_and_the_origin_is_not():
    def found(origin):
        headers = [(b"host", b"csp.example:8443"), (b"origin", origin.encode())]
        scope = {"type": "websocket", "path": "/graphql", "headers": headers}
        return refusal(scope, None)

    assert found("https://csp.example:8443") is None
    assert found("https://csp.example").status == 403  # those who may only look


# --- whose account asks ---------------------------------------------------------------------------

ME, OTHER = os.geteuid(), os.geteuid() + 12345
SCOPE = {"client": ("127.0.0.1", 41000), "server": ("127.0.0.1", 3000)}
HEAD = "sl local_address rem_address st tx:rx tr:tm retr uid timeout inode\n"
FROM, TO = "0100007F:A028", "0100007F:0BB8"


def listed(folder, uid, inode=77, local=FROM, remote=TO, name="tcp"):
    line = f"0: {local} {remote} 01 0:0 0:0 0 {uid} 0 {inode} 1\n"
    (folder / name).write_text(HEAD + line, encoding="ascii")
    return is_of_this_account(SCOPE, folder)


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        (True, {"uid": ME}),
        (True, {"uid": 0}),
        (True, {"uid": ME, "name": "tcp6", "local": f"{'0' * 16}FFFF0000{FROM}"}),
        (False, {"uid": OTHER}),
        (False, {"uid": 0, "inode": 0}),  # closed as soon as it was sent
        (False, {"uid": ME, "local": "0100007F:A029"}),  # another connection of ours
        (False, {"uid": ME, "local": TO, "remote": FROM}),  # our own end of it
    ],
)
def test_an_end_of_another_account_is_not_ours(tmp_path, expected, line):
    assert listed(tmp_path, **line) is expected


def test_an_end_that_is_not_known_is_not_ours_and_no_list_knows_nobody(tmp_path):
    assert is_of_this_account(SCOPE, tmp_path)
    (tmp_path / "tcp").write_text(HEAD, encoding="ascii")
    assert not is_of_this_account(SCOPE, tmp_path)
    assert not is_of_this_account({"client": None, "server": None}, tmp_path)
