"""Serving pages on this machine until Ctrl-C or SIGTERM.

    application = web.Application()
    application.router.add_get("/", show)
    serve(application, announce=print)

Shutting down lets replies that are under way be finished, for two seconds.
"""

from __future__ import annotations

import asyncio
import errno
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from selfinstruct.errors import ConfigError
from selfinstruct.pages.guard import Guard, is_loopback

__all__ = ["Address", "listening", "serve", "warning"]

LOOPBACK = "127.0.0.1"
USUAL_PORT = 8765
"""Taken where it is free, so that a page finds what its browser keeps for it; otherwise any other."""

SHUTDOWN_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens. `token` lets in whoever has it."""

    host: str
    port: int
    token: str

    @property
    def url(self) -> str:
        """To open in a browser on this machine, or with the machine's own name in place of a 0.0.0.0."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{name}:{self.port}/?token={self.token}"


@asynccontextmanager
async def listening(
    application: web.Application,
    host: str = LOOPBACK,
    port: int | None = None,
    *,
    inline_styles: bool = False,
) -> AsyncIterator[Address]:
    """Guards the application and serves it inside the block.

    port: None for the usual one, or any where that is taken; 0 for any.
    inline_styles: as in `Guard`.

    Raises ConfigError where it cannot listen there.
    """
    guard = Guard(host, inline_styles=inline_styles)
    guard.install(application)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        guard.port = await _listen(runner, host, port)
        yield Address(host, guard.port, guard.token)
    finally:
        await runner.cleanup()


def serve(
    application: web.Application,
    host: str = LOOPBACK,
    port: int | None = None,
    *,
    announce: Callable[[Address], None],
    inline_styles: bool = False,
) -> None:
    """Blocks until Ctrl-C or SIGTERM. `announce` is told the address once it answers.

    Raises what `listening` raises.
    """

    async def run() -> None:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stopped.set)
        async with listening(application, host, port, inline_styles=inline_styles) as address:
            announce(address)
            await stopped.wait()

    asyncio.run(run())


def warning(host: str) -> str:
    """What to tell a user whose pages others can reach; empty on loopback."""
    if is_loopback(host):
        return ""
    return (
        f"Warning: on {host} others on the network can reach this server. It speaks plain http: anyone who "
        f"can read the traffic sees the token and all texts. Safer: stay on 127.0.0.1 and forward the port "
        f"with ssh -L."
    )


async def _listen(runner: web.AppRunner, host: str, port: int | None) -> int:
    """The port that it listens on."""
    for wanted in (USUAL_PORT, 0) if port is None else (port,):
        site = web.TCPSite(runner, host, wanted)
        try:
            await site.start()
        except OSError as error:
            if port is None and wanted and error.errno == errno.EADDRINUSE:
                continue
            raise ConfigError(
                f"Cannot listen on {host}, port {wanted}: {error.strerror or error}.",
                "Name another with `port` (0 takes a free one), or another `host`.",
            ) from error
        return int(runner.addresses[0][1])
    raise AssertionError("port 0 was tried last")
