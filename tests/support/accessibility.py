"""Asks a real browser and axe-core what they think of a page: violations, requests, sideways scroll."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HEIGHT = 900
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


class Found(NamedTuple):
    """What was found: violations as sentences, addresses asked for, pixels of sideways scroll."""

    violations: list[str]
    requests: list[str]
    overflow: int


def browser_path() -> str | None:
    """The Chromium of this machine, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def check(page_path: Path, width: int) -> Found:
    """Open the page at a width in pixels, open every fold, and let axe-core judge it (WCAG 2.2 AA).

    Raises:
        RuntimeError: there is no browser, or axe could not judge.
    """
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    path = browser_path()
    if path is None:
        raise RuntimeError("there is no Chromium browser; sh tests/support/browser.sh installs one")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            page = browser.new_page(viewport={"width": width, "height": HEIGHT})
            asked: list[str] = []
            own = page_path.resolve().as_uri()
            page.on("request", lambda request: asked.append(request.url))
            page.goto(own, wait_until="load")
            page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
            judged = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
            overflow = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        finally:
            browser.close()
    return Found(
        [_sentence(one) for one in judged.response["violations"]],
        [url for url in asked if url != own],
        overflow,
    )


def _sentence(violation: dict) -> str:
    nodes = violation["nodes"]
    return f"{violation['id']}: {violation['help']} ({len(nodes)}, first {nodes[0]['html'][:160]})"
