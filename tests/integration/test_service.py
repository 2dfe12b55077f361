"""Proves the service as it is shipped: the commands of the units, on PostgreSQL; a night of the
schedule; a daemon that is killed in the middle of it; the page of the run; backup and restore."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from orchestration.core.settings import PROJECT
from orchestration.release.verify import differences
from orchestration.synthetic import reference, sample
from tests.conftest import NOW, settings_at
from tests.integration.test_ui import ARGUMENTS, MILLISECONDS_TO_SHOW, browser_path
from tests.support import door, sandbox
from tests.support.commands import csp
from tests.support.door import Front
from tests.support.nights import tables_of
from tests.support.postgres import postgresql, restart
from tests.support.units import DEPLOY, Unit, environment

FEEDS = ["police/street_crime", "police/missing_episodes", "fire/incidents", *reference.FEEDS]
LONGEST = 600  # seconds; at a load of ten runs a core, 270 were seen
RUNS = """{runsOrError {... on Runs {results {
    runId status jobName tags {key value} canTerminate}}}}"""
WHY = """query($run: ID!) {logsForRun(runId: $run) {... on EventConnection {events {
    __typename ... on MessageEvent {message}}}}}"""


class Service:
    """The two processes of the service over one home, and what they say on loopback."""

    def __init__(self, folder, address):
        self.settings = settings_at(folder / "home")
        self.source, self.logs = folder / "source", folder
        sample.write(self.settings, self.source, months=2, only=FEEDS)
        self.environment = environment(
            self.settings.home,
            CSP_NOW=NOW,
            CSP_SOURCE=str(self.source),
            CSP_DATABASE=address,
            CSP_SCHEDULE="* * * * *",  # the only thing that is not as it is shipped
        )
        self.pages = Front(folder / "pages.sock")
        self.processes = {}

    def start(self, name):
        """Start a unit by its own commands: what goes before, then the service."""
        unit = Unit(f"{name}.service")
        subprocess.run(
            unit.command("ExecStartPre"),
            cwd=PROJECT, env=self.environment, check=True, capture_output=True,
        )  # fmt: skip
        command = unit.command("ExecStart", **{"/run/csp/pages.sock": str(self.pages.at)})
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                sandbox.under(unit["Service"]["SystemCallFilter"], command),
                cwd=PROJECT,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def end(self, name, sign):
        """Send a signal to a service and all it started, as systemd does; wait until it is gone."""
        process = self.processes.pop(name)
        os.killpg(process.pid, sign)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise

    def stop(self):
        for name in list(self.processes):
            self.end(name, signal.SIGTERM)

    def ask(self, query, **variables):
        """GraphQL, as the pages ask it."""
        found = self.pages.query(query, **variables)
        if "errors" in found:
            raise ConnectionError(found["errors"])  # their database is not there
        return found["data"]

    def runs(self):
        """The runs, oldest first: status, and tags by name."""
        found = self.ask(RUNS)["runsOrError"]["results"]
        for run in found:
            run["tags"] = {tag["key"]: tag["value"] for tag in run["tags"]}
        return found[::-1]

    def recorded(self, query):
        """What Dagster's database holds."""
        with psycopg2.connect(self.environment["CSP_DATABASE"]) as connection:
            cursor = connection.cursor()
            cursor.execute(query)
            return cursor.fetchall()

    def wait_for(self, is_so, what):
        """Look twice a second until the runs are so; the processes must be there meanwhile."""
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            for name, process in self.processes.items():
                assert process.poll() is None, f"{name} ended: {self.log(name)}"
            try:
                if found := is_so(self.runs()):
                    return found
            except OSError:  # the pages, or their database, are not there yet
                pass
            time.sleep(0.5)
        pytest.fail(f"{what} was not seen in {LONGEST} s: {self.log('csp-daemon')}")

    def log(self, name):
        return (self.logs / f"{name}.log").read_text(encoding="utf-8")[-2000:]


def first(status, runs):
    """The first run of the nightly schedule with a status."""
    return next((run for run in runs if run["status"] == status and is_scheduled(run)), None)


def is_scheduled(run):
    return run["tags"].get("dagster/schedule_name") == "nightly_at_two"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The service after a night whose daemon was killed and one in which PostgreSQL was restarted:
    itself, the run that was lost with the daemon, and one that ended well."""
    with postgresql() as address:
        service = Service(tmp_path_factory.mktemp("service"), address)
        try:
            service.start("csp-webserver")
            service.start("csp-daemon")
            lost = service.wait_for(lambda runs: first("STARTED", runs), "a run of the schedule")
            service.end("csp-daemon", signal.SIGKILL)
            assert first("STARTED", service.runs()) is not None  # nobody has told Dagster
            service.start("csp-daemon")
            service.wait_for(lambda runs: first("STARTED", runs[1:]), "a run after the lost one")
            restart(address)
            done = service.wait_for(lambda runs: first("SUCCESS", runs), "a night that ended well")
            yield service, lost["runId"], done
        finally:
            service.stop()


def test_the_schedule_ran_the_night_by_itself(served):
    service, _, done = served
    assert done["jobName"] == "nightly"
    assert done["tags"]["why"]
    assert differences(service.settings.published) == []
    manifest = json.loads((service.settings.published / "manifest.json").read_text("utf-8"))
    assert {delivery["feed"] for delivery in manifest["deliveries"]} == set(FEEDS)


def test_the_runs_are_in_postgresql_and_nowhere_else(served):
    service, lost, done = served
    found = dict(service.recorded("select run_id, status from runs"))
    assert found[done["runId"]] == "SUCCESS"
    assert found[lost] == "FAILURE"
    assert list((service.settings.home / "dagster").rglob("*.db")) == []


def test_the_run_of_a_killed_daemon_was_found_dead_and_tried_again(served):
    service, lost, _ = served
    (run,) = [run for run in service.runs() if run["runId"] == lost]
    assert run["status"] == "FAILURE"
    events = service.ask(WHY, run=lost)["logsForRun"]["events"]
    assert any("its code server is gone" in event.get("message", "") for event in events)
    retries = [r for r in service.runs() if r["tags"].get("dagster/parent_run_id") == lost]
    assert [retry["tags"]["dagster/retry_number"] for retry in retries] == ["1"]


def test_a_run_in_which_postgresql_was_restarted_came_to_an_end(served):
    """It ended well, or was found dead and tried again: none hangs while later ones end."""
    service, _, _ = served
    hanging = service.recorded(
        "select count(*) from runs as a join runs as b on a.start_time < b.start_time "
        "where a.status not in ('SUCCESS', 'FAILURE', 'CANCELED') and b.status = 'SUCCESS'"
    )
    assert hanging == [(0,)]


def test_one_run_at_a_time(served):
    service, _, _ = served
    together = service.recorded(
        "select count(*) from runs as a join runs as b on a.run_id < b.run_id "
        "where a.status = 'SUCCESS' and b.status = 'SUCCESS' "
        "and a.start_time < b.end_time and b.start_time < a.end_time"
    )
    assert together == [(0,)]


def test_the_pages_listen_on_their_socket_only(served):
    service, _, _ = served
    assert service.pages.at.stat().st_mode & 0o777 == 0o660
    listening = {
        line.split()[9]
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/net/{table}").read_text("utf-8").splitlines()[1:]
        if line.split()[3] == "0A"
    }
    group = service.processes["csp-webserver"].pid
    members = subprocess.run(
        ["ps", "-e", "-o", "pgid=,pid="], capture_output=True, text=True, check=True
    )
    pids = [pid for pgid, pid in map(str.split, members.stdout.splitlines()) if pgid == str(group)]
    assert len(pids) > 1  # the code server as well
    held = {str(fd.readlink()) for pid in pids for fd in Path(f"/proc/{pid}/fd").iterdir()}
    assert not {f"socket:[{inode}]" for inode in listening} & held


def test_nobody_changes_anything_by_the_pages(served):
    service, lost, _ = served
    answer = service.pages.query(f'mutation {{deleteRun(runId: "{lost}") {{__typename}}}}')
    assert answer["data"]["deleteRun"]["__typename"] == "UnauthorizedError"
    assert lost in {run["runId"] for run in service.runs()}


@pytest.mark.skipif(
    browser_path() is None, reason="no Chromium; sh tests/support/browser.sh installs one"
)
def test_the_page_of_the_run_shows_it_through_the_door(served, tmp_path):
    from playwright.sync_api import sync_playwright

    service, _, done = served
    with (
        sync_playwright() as playwright,
        door.door({"/run/csp": str(service.pages.at.parent)}) as shut,
    ):
        front, (name, word) = shut.to("readers"), door.READER
        finds = f"--host-resolver-rules=MAP {front.name} 127.0.0.1"
        browser = playwright.chromium.launch(
            executable_path=browser_path(), args=[*ARGUMENTS, finds]
        )
        try:
            page = browser.new_page(
                viewport={"width": 1600, "height": 1000}, ignore_https_errors=True,
                http_credentials={"username": name, "password": word},
            )  # fmt: skip
            page.set_default_timeout(MILLISECONDS_TO_SHOW)
            page.goto(f"{front.origin}/runs/{done['runId']}", wait_until="domcontentloaded")
            for text in ("^Success$", r"^Succeeded \([1-9]\d*\)$", "^dbt_build$", "^nightly$"):
                page.get_by_text(re.compile(text)).first.wait_for()
            picture = tmp_path / "run.png"
            page.screenshot(path=picture)
        finally:
            browser.close()
    assert picture.stat().st_size > 20_000


@pytest.mark.skipif(not sandbox.is_there(), reason="no systemd-analyze and libseccomp")
def test_the_filter_that_the_service_ran_under_holds():
    group = Unit("csp-daemon.service")["Service"]["SystemCallFilter"]
    for code, expected in (("'open'", 0), ("'mount'", -signal.SIGSYS)):
        mount = f"import ctypes; ctypes.CDLL(None)[{code}](0, 0, 0, 0, 0)"
        finished = subprocess.run(sandbox.under(group, [sys.executable, "-c", mount]), check=False)
        assert finished.returncode == expected


def test_what_is_private_stays_private(served):
    """The unit's UMask, which a test cannot set for systemd, is not what keeps files private."""
    service, _, _ = served
    home = service.settings.home
    loose = [
        path.relative_to(home).as_posix()
        for folder in ("landing", "raw")
        for path in (home / folder).rglob("*")
        if path.is_file() and path.stat().st_mode & 0o077
    ]
    assert loose == []


def test_a_backup_is_restored_to_the_same_figures(served, tmp_path):
    service, _, _ = served
    home, backups = service.settings.home, tmp_path / "backups"
    backups.mkdir()
    old = backups / "csp-20200101T000000Z.tar.gz"
    old.touch()
    os.utime(old, (0, 0))
    script, *_ = Unit("csp-backup.service").command("ExecStart")
    assert Path(script) == DEPLOY / "backup.sh"
    service.stop()
    waived = csp(
        "waive", "completeness", "--scope", "health/ambulance_calls", "--until", "2026-12-31",
        "--by", "Chair of the Partnership", "--reason", "The service moved in May; figures follow.",
        home=home,
    )  # fmt: skip
    assert waived.code == 0, waived.error
    subprocess.run([script, str(home), str(backups)], check=True, capture_output=True, timeout=300)
    (archive,) = backups.glob("*.gz")  # the one of six years ago is gone
    assert archive.stat().st_mode & 0o077 == 0

    restored = settings_at(tmp_path / "restored")
    restored.home.mkdir()
    unpack = ["tar", "--extract", "--gzip", f"--file={archive}", f"--directory={restored.home}"]
    subprocess.run(unpack, check=True)
    assert {path.name for path in restored.home.iterdir()} == {"landing", "ledger", "partnership"}
    kept = restored.waivers.read_text(encoding="utf-8")
    assert "health/ambulance_calls" in kept
    assert kept == (home / "partnership" / "waivers.yaml").read_text(encoding="utf-8")
    nothing = tmp_path / "nothing"
    nothing.mkdir()
    answer = csp("refresh", home=restored.home, source=nothing)
    assert answer.code == 0, answer.error
    assert tables_of(restored) == tables_of(service.settings)
    shutil.rmtree(restored.home)
