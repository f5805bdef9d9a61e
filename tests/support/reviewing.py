"""Reviews as people use them: the command in a process of its own, or its pages in this one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from command import Started, start
from playwright.sync_api import Page, expect

from selfinstruct.pages.server import listening
from selfinstruct.review.items import Material
from selfinstruct.review.session import Session
from selfinstruct.review.web import application
from selfinstruct.store.rating_log import RatingLog, read_events
from selfinstruct.store.ratings import Event, Standing

__all__ = ["Command", "Reviewing", "held", "reviewing", "serving"]


class Reviewing:
    """A server that runs. `address` has its token, `site` is what all of its addresses begin with."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.site = address.partition("/?")[0]
        self.port = urlsplit(address).port

    def enter(self, page: Page) -> None:
        """Open the address, and wait until it has led on."""
        page.goto(self.address)
        expect(page.locator("main")).to_be_visible()


class Command(Reviewing):
    """In a process of its own."""

    def __init__(self, started: Started) -> None:
        assert started.process.stdout is not None
        super().__init__(started.process.stdout.readline().strip())
        assert self.address.startswith("http://"), started.wait().stderr
        self._started = started

    def kill(self) -> None:
        """SIGKILL."""
        self._started.kill()

    def end(self) -> tuple[int, str]:
        """Ctrl-C; exit code, and what stands on standard error."""
        self._started.interrupt()
        done = self._started.wait(20)
        return done.code, done.stderr


@contextmanager
def reviewing(*arguments: object) -> Iterator[Command]:
    """`selfinstruct review ARGUMENTS`, on a free port if none is named; killed at the end."""
    port = () if "--port" in arguments else ("--port", 0)
    started = start("review", *arguments, *port)
    try:
        yield Command(started)
    finally:
        if started.process.poll() is None:
            started.kill()


@contextmanager
def serving(material: Material, rater: str | None = None) -> Iterator[Reviewing]:
    """The same pages, from a thread: a process takes seconds to start."""
    log = RatingLog.open(material.directory)
    addresses: list[str] = []
    ready = threading.Event()

    async def run() -> None:
        async with listening(application(Session(material, log), rater), port=0) as address:
            addresses.append(address.url)
            loop, stopped = asyncio.get_running_loop(), asyncio.Event()
            stops.append(lambda: loop.call_soon_threadsafe(stopped.set))
            ready.set()
            await stopped.wait()

    stops: list[object] = []
    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert ready.wait(20)
    try:
        yield Reviewing(addresses[0])
    finally:
        stops[0]()  # type: ignore[operator]
        thread.join()
        log.close()


def held(directory: Path) -> dict[tuple[str, str, str], Event]:
    """The ratings that hold, by rater, item and system."""
    ratings = Standing(read_events(directory)).ratings()
    return {(rating.rater, rating.item, rating.system): rating for rating in ratings}
