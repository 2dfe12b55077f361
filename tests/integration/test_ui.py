"""Proves that the Dagster UI shows a finished night: groups, the grid of months, checks and the run."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from orchestration.core.settings import PROJECT
from tests.conftest import MONTHS, NOW

SECONDS_TO_START = 120
MILLISECONDS_TO_SHOW = 60_000
# No sandbox, since tests may run as root; nothing that calls out.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


def browser_path():
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


pytestmark = pytest.mark.skipif(
    browser_path() is None,
    reason="there is no Chromium browser; sh tests/support/browser.sh installs one",
)


@pytest.fixture(scope="module")
def finished_night(built, tmp_path_factory):
    """A copy of the home after `csp refresh`: its environment, and the id of the run in its instance."""
    home = tmp_path_factory.mktemp("ui") / "home"
    shutil.copytree(built.settings.home, home, symlinks=True)
    environment = {
        **os.environ,
        "CSP_HOME": str(home),
        "CSP_SOURCE": str(built.source),
        "CSP_NOW": NOW,
        "DAGSTER_HOME": str(home / "dagster"),
    }
    return environment, built.run.run_id


@pytest.fixture(scope="module")
def address(finished_night, tmp_path_factory):
    """The address of a web server on the finished night; it is gone when the tests are."""
    environment, _ = finished_night
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path_factory.mktemp("server") / "log"
    arguments = ["pages", "--write", "--port", str(port)]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "orchestration.cli", *arguments],
            cwd=PROJECT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # its code server is a child, and must go with it
        )
        try:
            found = f"http://127.0.0.1:{port}"
            wait_until_ready(found, server, log)
            yield found
        finally:
            stop(server)


def wait_until_ready(address, server, log):
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/server_info", timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the web server did not start: {log.read_text(encoding='utf-8')[-2000:]}")


def stop(server):
    """End the server and its children, politely and then not."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, sign)
        except ProcessLookupError:
            break
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            continue
    server.wait()


@pytest.fixture(scope="module")
def page(address):
    """A browser's page on the server; whatever it asks of other hosts is noted."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_path(), args=ARGUMENTS)
        try:
            page = browser.new_page(base_url=address, viewport={"width": 1600, "height": 1000})
            page.set_default_timeout(MILLISECONDS_TO_SHOW)
            page.asked_elsewhere = []
            page.on(
                "request",
                lambda request: (
                    None
                    if request.url.startswith((address, "data:", "blob:"))
                    else page.asked_elsewhere.append(request.url)
                ),
            )
            yield page
        finally:
            browser.close()


def see(page, path, *texts):
    """Open a page and wait until it shows all the texts."""
    page.goto(path, wait_until="domcontentloaded")
    for text in texts:
        page.get_by_text(re.compile(text)).first.wait_for()


def test_the_graph_shows_the_groups(page):
    see(page, "/asset-groups", "^feeds_police$", "^staging$", "^marts$", "^published$")


def test_a_mart_says_what_a_row_is(page):
    see(
        page,
        "/assets/marts/fct_measure?view=overview",
        "Grain: one row per measure",
        "missing_reason",
    )


def test_a_feed_shows_its_months(page):
    see(
        page,
        "/assets/police/street_crime?view=partitions",
        rf"Materialized \({MONTHS}\)",
        r"Missing \(\d+\)",
        "^2026-08$",
        "^2026-07$",
    )


def test_a_feed_shows_its_contract_check(page):
    see(
        page,
        "/assets/police/street_crime?view=checks&checkDetail=contract",
        "keeps the contract",
        "^Passed$",
    )


def test_the_run_shows_its_success(page, finished_night):
    _, run_id = finished_night
    see(page, f"/runs/{run_id}", "^Success$", r"^Succeeded \(7\)$", "^dbt_build$")


def test_the_schedule_is_there(page):
    see(page, "/automation", "nightly_at_two")


def test_the_pages_ask_nobody_else(page):
    see(page, "/asset-groups", "^marts$")
    assert page.asked_elsewhere == []
