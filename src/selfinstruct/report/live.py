"""A run's page that follows it: the same report, computed anew while the run is written.

The page asks every few seconds for what it does not show yet. Figures are computed in a thread, one at a
time, and only where the run's files have changed; where that takes long (a large run), less often.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from aiohttp import web

from selfinstruct.pages.guard import NONCE
from selfinstruct.ratings.scores import judged_figures, read_all_scores
from selfinstruct.ratings.summary import ratings_of_run
from selfinstruct.report.figures import compute, read_for_report
from selfinstruct.report.page import Page, content_of, render_page, run_page
from selfinstruct.report.signals import A_FEW
from selfinstruct.store.directory import RunPaths, read_run_config
from selfinstruct.store.lock import is_held
from selfinstruct.store.reader import RunReader

__all__ = ["follow"]

REFRESH = 3.0
"""Seconds between two questions of the page."""

REST = 4.0
"""Times as long as computing took, that nothing is computed after it: at most a fifth of a core."""

SAMPLES = 1_000
"""Tasks in the sample browser of a page that is sent again every few seconds."""

_Stamp = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _State:
    """What there is to show. version: changes with it. standing: a few words for the page's head."""

    version: str
    standing: str
    page: Page


class _Follower:
    """The latest state of one run, computed when somebody asks and it is old."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._state: _State | None = None
        self._stamp: _Stamp = ()
        self._due = 0.0
        self._lock = asyncio.Lock()

    async def state(self) -> _State:
        """Raises what reading a run raises."""
        async with self._lock:
            if self._state is None or monotonic() >= self._due:
                began = monotonic()
                stamp = _stamp(self._directory)
                if self._state is None or stamp != self._stamp:
                    self._state = await asyncio.to_thread(self._look)
                    self._stamp = stamp
                self._due = monotonic() + max(REFRESH / 2, REST * (monotonic() - began))
            return self._state

    def _look(self) -> _State:
        name = self._directory.resolve().name
        if read_run_config(self._directory) is None:
            return _State("", "waiting for the run to begin", _waiting_page(name))
        reader = RunReader(self._directory)
        running = reader.is_being_written
        figures = compute(
            read_for_report(reader),
            name,
            running=running,
            ratings=ratings_of_run(reader),
            judges=judged_figures(reader),
            scores=read_all_scores(self._directory),
            most_samples=SAMPLES,
            most_rows=A_FEW,
        )
        page = run_page(figures)
        standing = f"{figures.run.tasks:,} of {figures.run.wanted:,} tasks, " + (
            "running" if running else "at rest"
        )
        return _State(hashlib.sha256(content_of(page).encode()).hexdigest()[:16], standing, page)


def follow(directory: Path) -> web.Application:
    """The page at `/`, and at `/figures` what it asks for. `directory` may hold no run yet.

    Raises NotARunError where it is somebody else's, or the run is of a newer version.
    """
    read_run_config(directory)
    follower = _Follower(directory)

    async def show(request: web.Request) -> web.Response:
        state = await follower.state()
        text = render_page(
            state.page,
            nonce=request[NONCE],
            refresh=REFRESH,
            version=state.version,
            standing=state.standing,
        )
        return web.Response(text=text, content_type="text/html")

    async def figures(request: web.Request) -> web.Response:
        state = await follower.state()
        news: dict[str, Any] = {"version": state.version, "standing": state.standing}
        if request.query.get("since") != state.version:
            sections = list(state.page.sections.items())
            news |= {"main": content_of(state.page), "sections": sections, "data": state.page.data()}
        return web.json_response(news)

    application = web.Application()
    application.router.add_get("/", show)
    application.router.add_get("/figures", figures)
    return application


def _stamp(directory: Path) -> _Stamp:
    """Changes whenever somebody writes to the run or its ratings, and when its writer comes or goes."""
    found: list[object] = [is_held(RunPaths(directory).lock)]
    for name in ("run.db", "run.db-wal", "ratings.db", "ratings.db-wal"):
        with suppress(FileNotFoundError):
            status = (directory / name).stat()
            found.append((name, status.st_mtime_ns, status.st_size))
    return tuple(found)


def _waiting_page(name: str) -> Page:
    return Page(
        content="waiting.html",
        title=f"{name} – Self-Instruct report",
        sections={"summary": "Summary"},
        charts={},
        values={"name": name},
    )
