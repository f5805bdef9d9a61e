"""Debian's Chromium, driven by Playwright, as tests of pages use it.

    def test_a_page(page: Page, visit: Visit) -> None:
        page.goto("file:///…/report.html")

Playwright's plain interface keeps an event loop running in the thread that it lives in, where `asyncio.run`
would then fail for every test to come. So it lives in a thread of its own, one browser for all tests, and a
test that asks for `page` is itself run in that thread (`pytest_pyfunc_call`); its other fixtures are not.

After each such test the console must hold no error, and no request may have left this machine. A test that
expects either empties the list in `visit`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TypeVar
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, ViewportSize, expect, sync_playwright

__all__ = ["BrowserThread", "Visit", "browser", "page", "pytest_pyfunc_call", "visit"]

T = TypeVar("T")

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",  # containers run tests as root, and Chromium's sandbox refuses that
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)
WIDE = ViewportSize(width=1280, height=900)
PATIENCE = 60_000
"""Milliseconds: whatever takes long does so because the machine is busy."""


@dataclass  # Playwright puts attributes of its own on whoever listens
class Visit:
    """What a page did besides showing itself: errors on its console, addresses asked for beyond this
    machine."""

    errors: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """From now on. A further page of a test is watched by calling this for it."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and not _is_loopback(address.hostname or ""):
            self.strangers.append(request.url)


class BrowserThread:
    """Chromium and the one thread that may talk to it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "browser")
        self._browser: Browser = self.call(self._launch)

    def call(self, function: Callable[..., T], *arguments: object, **named: object) -> T:
        """Run a function in that thread."""
        return self._thread.submit(function, *arguments, **named).result()

    def new_page(self) -> Page:
        """A page with storage of its own. Call it in the thread, as everything of Playwright's."""
        page = self._browser.new_context(viewport=WIDE, reduced_motion="reduce").new_page()
        page.set_default_timeout(PATIENCE)
        return page

    def close(self) -> None:
        """End the browser and the thread."""
        self.call(self._end)
        self._thread.shutdown()

    def _launch(self) -> Browser:
        expect.set_options(timeout=PATIENCE)
        self._playwright = sync_playwright().start()
        return self._playwright.chromium.launch(executable_path=_executable(), args=ARGUMENTS)

    def _end(self) -> None:
        self._browser.close()
        self._playwright.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[BrowserThread]:
    """One for all tests."""
    running = BrowserThread()
    yield running
    running.close()


@pytest.fixture
def visit() -> Visit:
    """What `page` does."""
    return Visit()


@pytest.fixture
def page(browser: BrowserThread, visit: Visit) -> Iterator[Page]:
    """A fresh page, watched."""
    opened = browser.call(browser.new_page)
    browser.call(visit.watch, opened)
    yield opened
    browser.call(opened.context.close)
    assert visit.errors == [], visit.errors
    assert visit.strangers == [], visit.strangers


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run the tests that use `page` in the browser's thread."""
    if not isinstance(pyfuncitem.funcargs.get("page"), Page):
        return None
    running = pyfuncitem.funcargs["browser"]
    assert isinstance(running, BrowserThread)
    names = pyfuncitem._fixtureinfo.argnames
    running.call(pyfuncitem.obj, **{name: pyfuncitem.funcargs[name] for name in names})
    return True


def _executable() -> str:
    """The path in the environment variable CHROMIUM, or what is installed."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.fail(
            "Tests of pages need Chromium. On Debian: apt-get install chromium. Elsewhere install it by hand,"
            " or name another Chromium browser in the environment variable CHROMIUM."
        )
    return path


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
