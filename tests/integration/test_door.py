"""Proves that Dagster's pages can be changed by nobody but whom the door lets in, and by no page of
another site: against real servers, and against Dagster's own, which shows that the attacks are ones."""

import itertools
import json
import os
import sqlite3
import ssl
import subprocess
import sys
import urllib.parse
from contextlib import closing
from dataclasses import replace

import pytest

from orchestration.core.settings import SettingsError
from orchestration.defs import pages as served
from tests.conftest import settings_at
from tests.support import door
from tests.support.door import ENGINEER, READER
from tests.support.servers import Answer, web_server

ELSEWHERE = "https://evil.example"
CHANGE = 'mutation {setConcurrencyLimit(concurrencyKey: "KEY", limit: 1)}'
CHANGED = "{instance {concurrencyLimits {concurrencyKey}}}"
numbers = itertools.count()
needs_nginx = pytest.mark.skipif(
    door.nginx() is None, reason="there is no nginx; sh tests/support/nginx.sh gets one"
)


def asked(text):
    return "?query=" + urllib.parse.quote(text)


def by_address(front, text):
    return front.ask("GET", "/graphql" + asked(text))


def by_an_address_spelt_otherwise(front, text):
    return front.ask("GET", "/graphql%0A" + asked(text))


def by_a_link(front, text):
    return front.ask(
        "GET", "/graphql" + asked(text), Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate",
        Sec_Fetch_Dest="document",
    )  # fmt: skip


def by_a_form(front, text):
    return front.ask(
        "POST", "/graphql" + asked(text), "", Origin=ELSEWHERE,
        Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip


def by_text_that_dagster_takes_for_json(front, text):
    return front.ask(
        "POST", "/graphql", json.dumps({"query": text}), Origin=ELSEWHERE,
        Content_Type="text/plain; application/json",
    )  # fmt: skip


def by_json(front, text, **headers):
    return front.ask(
        "POST", "/graphql", json.dumps({"query": text}), Content_Type="application/json", **headers
    )


def by_another_origin(front, text):
    return by_json(front, text, Origin=ELSEWHERE)


def by_the_same_machine(front, text):
    return by_json(front, text, Origin=f"http://{front.name}:1")


def by_a_frame_without_an_origin(front, text):
    return by_json(front, text, Origin="null")


def by_another_name_for_this_address(front, text):
    return by_json(front, text, Host="evil.example", Origin="http://evil.example")


ATTACKS = [
    by_address, by_an_address_spelt_otherwise, by_a_link, by_a_form,
    by_text_that_dagster_takes_for_json, by_another_origin, by_the_same_machine,
    by_a_frame_without_an_origin, by_another_name_for_this_address,
]  # fmt: skip


@pytest.fixture(scope="module")
def pages():
    with door.pages() as found:
        yield found


@pytest.fixture(scope="module")
def shut(pages):
    """The door as it is shipped, before the pages as they are shipped."""
    with door.door({"/run/csp": str(pages.folder)}) as found:
        yield found


@pytest.fixture(scope="module")
def shut_before_nothing(pages):
    """The door before Dagster's own server, so that only the door can refuse."""
    with door.door(dict.fromkeys(
        ("unix:/run/csp/pages.sock", "unix:/run/csp/engineers.sock"), pages.undefended.host
    )) as found:  # fmt: skip
        yield found


def changed(pages, attack, front):
    """Whether an attack on a front changes anything, and with which status it is answered."""
    key = f"key-{next(numbers)}"
    status, _, _ = attack(front, CHANGE.replace("KEY", key))
    limits = pages.undefended.query(CHANGED)["data"]["instance"]["concurrencyLimits"]
    return key in {limit["concurrencyKey"] for limit in limits}, status


@pytest.mark.parametrize("attack", ATTACKS)
def test_dagsters_own_server_is_changed_by_every_attack(pages, attack):
    """The counter-example: each of these requests does what the tests below say that it cannot."""
    assert changed(pages, attack, pages.undefended) == (True, 200)


@pytest.mark.parametrize("attack", ATTACKS)
def test_on_loopback_nothing_is_changed(pages, attack):
    is_changed, status = changed(pages, attack, pages.dev)
    assert not is_changed
    assert status in (400, 403, 405, 415, 421)


@needs_nginx
@pytest.mark.parametrize("attack", ATTACKS)
def test_through_the_door_nothing_is_changed_even_with_an_engineers_login(pages, shut, attack):
    is_changed, status = changed(pages, attack, shut.to("engineers", ENGINEER))
    assert not is_changed
    assert status in (400, 403, 405, 415, 421)


@needs_nginx
@pytest.mark.parametrize("attack", ATTACKS)
def test_the_door_alone_refuses_as_well(pages, shut_before_nothing, attack):
    front = shut_before_nothing.to("engineers", ENGINEER)
    assert changed(pages, by_json, front) == (True, 200)
    is_changed, status = changed(pages, attack, front)
    assert not is_changed
    assert status in (403, 405, 421)


def test_the_schedule_of_the_report_cannot_be_stopped_by_an_address(pages):
    stop = """mutation {stopRunningSchedule(id: "ID") {__typename}}"""
    find = """{scheduleOrError(scheduleSelector: {repositoryLocationName: "tiny",
        repositoryName: "__repository__", scheduleName: "tiny_night"}) {
        ... on Schedule {id scheduleState {status}}}}"""

    def state():
        return pages.undefended.query(find)["data"]["scheduleOrError"]

    stop = stop.replace("ID", state()["id"])
    assert by_address(pages.dev, stop)[0] == 405
    assert state()["scheduleState"]["status"] == "RUNNING"
    assert by_address(pages.undefended, stop)[0] == 200
    assert state()["scheduleState"]["status"] == "STOPPED"


def test_an_event_cannot_be_forged_from_another_page(pages):
    path = "/report_asset_materialization/boats?description=forged"
    assert pages.undefended.ask("POST", path, Origin=ELSEWHERE)[0] == 200
    assert pages.dev.ask("POST", path, Origin=ELSEWHERE)[0] == 403
    assert pages.dev.ask("POST", path)[0] == 415
    body = {"body": "{}", "Content_Type": "application/json"}
    assert pages.readers.ask("POST", path, **body)[0] == 401
    assert pages.engineers.ask("POST", path, **body)[0] == 200


def test_a_websocket_is_not_opened_to_another_page(pages):
    assert pages.undefended.websocket(ELSEWHERE) == 101
    for front in (pages.dev, pages.readers, pages.engineers):
        assert front.websocket(ELSEWHERE) == 403
        assert front.websocket(front.origin) == 101


def test_another_page_reads_nothing(pages):
    for front in (pages.dev, pages.readers):
        for path in ("/", "/server_info", "/graphql?query={version}", "/logs/x"):
            assert front.ask("GET", path, Origin=ELSEWHERE)[0] == 403
        assert front.ask("OPTIONS", "/graphql", Origin=ELSEWHERE)[0] == 403


def test_the_pages_themselves_work_and_may_not_be_framed(pages):
    for front in (pages.dev, pages.readers, pages.engineers):
        assert "version" in front.query("{version}")["data"]
        status, text, headers = front.ask("GET", "/runs", Sec_Fetch_Site="none")
        assert (status, "<html" in text, headers["X-Frame-Options"]) == (200, True, "DENY")
    for front in (pages.dev, pages.engineers):
        assert changed(pages, by_json, front) == (True, 200)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask as another account")
def test_another_account_of_the_machine_changes_nothing(pages):
    def as_nobody(front, text):
        program = (
            "import sys, urllib.request as r; r.urlopen(r.Request(sys.argv[1], "
            "sys.argv[2].encode(), {'Content-Type': 'application/json'}), timeout=60)"
        )
        finished = subprocess.run(
            ["setpriv", "--reuid=nobody", "--clear-groups", sys.executable, "-I", "-c", program,
             f"{front.origin}/graphql", json.dumps({"query": text})],
            capture_output=True, text=True, check=False, cwd="/",
        )  # fmt: skip
        return finished.returncode, finished.stderr, None

    assert changed(pages, as_nobody, pages.undefended) == (True, 0)
    assert changed(pages, as_nobody, pages.dev) == (False, 1)
    for front in (pages.readers, pages.engineers):
        found = front.at.stat()
        assert (found.st_mode & 0o777, found.st_uid) == (0o660, os.geteuid())


# --- read-only ------------------------------------------------------------------------------------

MUTATIONS = """{__schema {mutationType {fields {name type {...T} args {name type {...T}}}}
    types {name kind inputFields {name type {...T}} enumValues {name}}}}
    fragment T on __Type {kind name ofType {kind name ofType {kind name ofType {kind name}}}}"""
NAMES = {
    "repositoryLocationName": "tiny", "locationName": "tiny", "repositoryName": "__repository__",
    "pipelineName": "tiny_job", "jobName": "tiny_job", "scheduleName": "tiny_night",
}  # fmt: skip
# What `--read-only` lets pass: neither touches a run, a schedule or an asset. The first remembers that
# the welcome was shown, the second writes a line of telemetry, which is switched off.
PASSED = {"setNuxSeen", "logTelemetry"}


def literal(name, kind, types):
    """A value of a type, as GraphQL writes it; `None` where it may be left out."""
    if kind["kind"] != "NON_NULL":
        return None
    inner = kind["ofType"]
    if inner["kind"] == "LIST":
        element = inner["ofType"]
        element = (
            element if element["kind"] == "NON_NULL" else {"kind": "NON_NULL", "ofType": element}
        )
        return f"[{literal(name, element, types)}]"
    found = types[inner["name"]]
    if found["kind"] == "ENUM":
        return found["enumValues"][0]["name"]
    if found["kind"] == "INPUT_OBJECT":
        fields = {f["name"]: literal(f["name"], f["type"], types) for f in found["inputFields"]}
        fields |= {n: json.dumps(v) for n, v in NAMES.items() if n in fields}
        if inner["name"] == "ExecutionParams":
            fields |= {"selector": selector(types)}
        inside = ", ".join(f"{n}: {v}" for n, v in fields.items() if v is not None)
        return f"{{{inside}}}"
    if inner["name"] in ("Int", "Boolean"):
        return {"Int": "1", "Boolean": "true"}[inner["name"]]
    return json.dumps(NAMES.get(name, "none"))


def selector(types):
    kind = {"kind": "NON_NULL", "ofType": {"kind": "INPUT_OBJECT", "name": "JobOrPipelineSelector"}}
    return literal("selector", kind, types)


PLACE = 'repositoryLocationName: "tiny", repositoryName: "__repository__"'
STARTED = """mutation {launchPartitionBackfill(backfillParams: {
    assetSelection: [{path: ["barges"]}], partitionNames: ["red"]}) {
    ... on LaunchBackfillSuccess {backfillId}}}"""
IDS = f"""{{scheduleOrError(scheduleSelector: {{{PLACE}, scheduleName: "tiny_night"}}) {{
    ... on Schedule {{id}}}} sensorOrError(sensorSelector: {{{PLACE}, sensorName: "watch"}}) {{
    ... on Sensor {{id}}}}}}"""


def with_arguments_that_are_meant(pages, types):
    """What some mutations need before they ask who may: something that there is, or an option."""
    backfill, ended = (
        pages.undefended.query(STARTED)["data"]["launchPartitionBackfill"]["backfillId"]
        for _ in range(2)
    )
    with closing(sqlite3.connect(pages.folder / "home/dagster/history/runs.db")) as runs, runs:
        runs.execute(  # as the daemon would, which is not there
            "update bulk_actions set body = replace(body, 'Status.REQUESTED', 'Status.CANCELED') "
            "where key = ?",
            [ended],
        )
    ids = pages.undefended.query(IDS)["data"]
    again = f"executionParams: {{selector: {selector(types)}}}"
    ended_again = f'reexecutionParams: {{parentRunId: "{ended}", strategy: ALL_STEPS}}'
    return {
        "launchPipelineReexecution": again,
        "launchRunReexecution": again,
        "stopRunningSchedule": f'id: "{ids["scheduleOrError"]["id"]}"',
        "stopSensor": f'id: "{ids["sensorOrError"]["id"]}"',
        "sensorDryRun": f'selectorData: {{{PLACE}, sensorName: "watch"}}, cursor: ""',
        "scheduleDryRun": f'selectorData: {{{PLACE}, scheduleName: "tiny_night"}}, timestamp: 1',
        "launchPartitionBackfill": STARTED[STARTED.index("(") + 1 : STARTED.index(")")],
        "resumePartitionBackfill": f'backfillId: "{backfill}"',
        "cancelPartitionBackfill": f'backfillId: "{backfill}"',
        "reexecutePartitionBackfill": ended_again,
    }


SHOWN = {
    "launchMultipleRuns":
        "{... on LaunchMultipleRunsResult {launchMultipleRunsResult {__typename}}}",
    "terminateRuns": "{... on TerminateRunsResult {terminateRunResults {__typename}}}",
}  # fmt: skip


def test_what_read_only_stops_is_every_mutation_that_there_is(pages):
    schema = pages.undefended.query(MUTATIONS)["data"]["__schema"]
    types = {found["name"]: found for found in schema["types"]}
    meant = with_arguments_that_are_meant(pages, types)
    passed = {}
    for mutation in schema["mutationType"]["fields"]:
        name = mutation["name"]
        given = {a["name"]: literal(a["name"], a["type"], types) for a in mutation["args"]}
        words = meant.get(name) or ", ".join(f"{k}: {v}" for k, v in given.items() if v is not None)
        inner = mutation["type"].get("ofType") or mutation["type"]
        shown = SHOWN.get(name, "" if inner["kind"] == "SCALAR" else "{__typename}")
        call = f"{name}({words})" if words else name
        said = json.dumps(pages.readers.query(f"mutation {{{call} {shown}}}"))
        if "UnauthorizedError" not in said:
            passed[name] = said[:300]
    assert len(schema["mutationType"]["fields"]) > 30
    assert set(passed) == PASSED, passed


# --- the door -------------------------------------------------------------------------------------


@needs_nginx
def test_who_has_no_login_gets_nothing(shut):
    for audience in ("readers", "engineers"):
        for login in (None, ("reader", "nine-herons"), ("nobody", ""), ("reader", "")):
            front = shut.to(audience, login)
            for method, path in (("GET", "/"), ("GET", "/server_info"), ("GET", "/logs/x")):
                assert front.ask(method, path)[0] == 401
            assert by_json(front, "{version}")[0] == 401
            assert front.websocket(front.origin) == 401


@needs_nginx
def test_a_reader_looks_and_an_engineer_changes(pages, shut):
    for login in (READER, ENGINEER):
        front = shut.to("readers", login)
        assert "version" in front.query("{version}")["data"]
        assert front.websocket(front.origin) == 101
        assert not changed(pages, by_json, front)[0]
    assert shut.to("engineers", READER).ask("GET", "/")[0] == 401
    front = shut.to("engineers", ENGINEER)
    assert front.websocket(front.origin) == 101
    assert changed(pages, by_json, front) == (True, 200)


@needs_nginx
def test_the_pages_for_readers_are_another_origin_than_those_for_engineers(pages, shut):
    front = shut.to("engineers", ENGINEER)
    looking = shut.to("readers").origin
    assert changed(pages, lambda f, t: by_json(f, t, Origin=looking), front) == (False, 403)
    assert front.websocket(looking) == 403


@needs_nginx
def test_the_door_has_one_name_and_speaks_tls_only(shut):
    front = shut.to("readers", READER)
    assert front.ask("GET", "/", Host="evil.example")[0] == 421
    assert front.ask("GET", "/")[2]["Strict-Transport-Security"]
    with pytest.raises(ssl.SSLError):
        replace(front, name="evil.example").ask("GET", "/")
    assert replace(front, tls=None).ask("GET", "/")[0] == 400


@needs_nginx
def test_no_password_goes_further_than_the_door():
    with web_server(lambda request: Answer(b"here")) as behind:
        address = behind.address.removeprefix("http://")
        with door.door(
            dict.fromkeys(("unix:/run/csp/pages.sock", "unix:/run/csp/engineers.sock"), address)
        ) as found:
            assert found.to("readers", READER).ask("GET", "/", Cookie="a=b")[:2] == (200, "here")
    (request,) = behind.requests
    assert not {"Authorization", "Cookie"} & set(request.headers)


@needs_nginx
def test_the_partnerships_own_accounts_can_be_the_login():
    """oauth2-proxy is played by a server that answers as its documentation says."""

    def oauth2_proxy(request):
        groups = {"reader": "csp-readers", "engineer": "csp-engineers"}
        who = request.headers.get("Cookie", "")
        if request.path != "/oauth2/auth":
            return Answer(b"sign in")
        if who not in groups:
            return Answer(status=401)
        return Answer(status=202 if groups[who] == request.query["allowed_groups"] else 403)

    with web_server(oauth2_proxy) as provider, web_server(lambda _: Answer(b"here")) as behind:
        address = behind.address.removeprefix("http://")
        instead = dict.fromkeys(
            ("unix:/run/csp/pages.sock", "unix:/run/csp/engineers.sock"), address
        )
        instead["http://127.0.0.1:4180"] = provider.address
        with door.door(instead, login="login-oidc.conf") as found:
            status, _, headers = found.to("engineers").ask("GET", "/runs")
            assert status == 302
            assert headers["Location"].endswith("/oauth2/start?rd=/")
            assert found.to("engineers").ask("GET", "/oauth2/start")[:2] == (200, "sign in")
            assert found.to("engineers").ask("GET", "/", Cookie="reader")[0] == 403
            assert found.to("engineers").ask("GET", "/", Cookie="engineer")[1] == "here"
            assert found.to("readers").ask("GET", "/", Cookie="reader")[1] == "here"
            assert found.to("readers").ask("GET", "/door/login", Cookie="reader")[0] == 404
            assert found.to("readers").ask("GET", "/", Cookie="reader", Origin=ELSEWHERE)[0] == 403


# --- where the pages listen -----------------------------------------------------------------------


def test_a_place_that_is_taken_is_one_sentence_and_one_left_behind_is_used_again(tmp_path):
    settings = settings_at(tmp_path / "home")
    workspace = tmp_path / "workspace.yaml"
    with pytest.raises(SettingsError, match="--workspace"):
        served.serve(settings, workspace, is_writable=False, at=1)
    port = door.free_port()
    taken = pytest.raises(SettingsError, match=f"port {port} of 127.0.0.1: address already in")
    with served._listening(port), taken:
        next(served._listening(port).gen)
    place = tmp_path / "s"
    with served._listening(place):
        assert place.stat().st_mode & 0o777 == 0o660
        with pytest.raises(SettingsError, match="other pages listen"):
            next(served._listening(place).gen)
    assert not place.exists()
    with pytest.raises(SettingsError, match="no such file"):
        next(served._listening(tmp_path / "gone" / "s").gen)
    import socket

    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(place))
    with served._listening(place):
        assert place.is_socket()
