"""The server of pages: who gets in, who may write, what every reply forbids."""

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import pytest
from aiohttp import web

from selfinstruct.errors import ConfigError, StorageError
from selfinstruct.pages.guard import FORM_FIELD, FORM_TOKEN, is_loopback
from selfinstruct.pages.server import Address, listening, serve, warning


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser that has opened the address."""

    session: aiohttp.ClientSession
    address: Address
    written: list[str]

    @property
    def origin(self) -> str:
        return f"http://{self.address.host}:{self.address.port}"

    async def get(self, path: str = "/", **headers: str) -> tuple[int, str]:
        async with self.session.get(self.origin + path, headers=headers, allow_redirects=False) as reply:
            return reply.status, await reply.text()

    async def post(self, token: str | None = None, **headers: str) -> tuple[int, str]:
        form = {FORM_FIELD: (await self.get("/token"))[1] if token is None else token, "text": "hello"}
        async with self.session.post(self.origin + "/", data=form, headers=headers) as reply:
            return reply.status, await reply.text()


@asynccontextmanager
async def visited(**options: object) -> AsyncIterator[Visitor]:
    written: list[str] = []

    async def show(_: web.Request) -> web.Response:
        return web.Response(text="welcome")

    async def token(request: web.Request) -> web.Response:
        return web.Response(text=request[FORM_TOKEN])

    async def write(request: web.Request) -> web.Response:
        written.append(str((await request.post())["text"]))
        return web.Response(text="written")

    async def fail(_: web.Request) -> web.Response:
        raise StorageError("The disk is full: <b>ratings.db</b>.")

    application = web.Application()
    application.add_routes(
        [web.get("/", show), web.get("/token", token), web.get("/fail", fail), web.post("/", write)]
    )
    jar = aiohttp.CookieJar(unsafe=True)  # cookies of addresses in figures too
    async with (
        listening(application, **{"port": 0} | options) as address,  # type: ignore[arg-type]
        aiohttp.ClientSession(cookie_jar=jar) as session,
    ):
        visitor = Visitor(session, address, written)
        assert (await visitor.get(f"/?token={address.token}"))[0] == 200
        yield visitor


def as_visitor(test: Callable[[Visitor], Awaitable[None]], **options: object) -> None:
    async def run() -> None:
        async with visited(**options) as visitor:
            await test(visitor)

    asyncio.run(run())


def test_the_address_opens_the_page_once_and_the_cookie_from_then_on() -> None:
    async def test(visitor: Visitor) -> None:
        assert await visitor.get() == (200, "welcome")
        async with visitor.session.get(visitor.address.url) as reply:
            assert 'content="0; url=/"' in await reply.text()
            cookie = reply.cookies[f"selfinstruct-{visitor.address.port}"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"

    as_visitor(test)


def test_the_token_does_not_lead_to_another_site() -> None:
    async def test(visitor: Visitor) -> None:
        _, text = await visitor.get(f"//elsewhere.example/x?token={visitor.address.token}")
        assert 'url=/elsewhere.example/x"' in text

    as_visitor(test)


@pytest.mark.parametrize("query", ["", "?token=", "?token=guess"])
def test_a_stranger_sees_nothing(query: str) -> None:
    async def test(visitor: Visitor) -> None:
        async with aiohttp.ClientSession() as session, session.get(f"{visitor.origin}/{query}") as reply:
            text = await reply.text()
        assert reply.status == 403
        assert "Open the address shown in the terminal" in text
        assert "welcome" not in text

    as_visitor(test)


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8765", "127.0.0.1.evil.example", "10.0.0.1", ""]
)
def test_another_name_for_this_machine_is_refused(host: str) -> None:
    async def test(visitor: Visitor) -> None:
        status, text = await visitor.get(Host=host)
        assert status == 403
        assert "not one of this server" in text

    as_visitor(test)


def test_a_forwarded_port_is_let_in() -> None:
    async def test(visitor: Visitor) -> None:
        cookie = f"selfinstruct-{visitor.address.port}={visitor.address.token}"
        assert await visitor.get(Host="localhost:9000", Cookie=cookie) == (200, "welcome")

    as_visitor(test)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:1"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "OWN"},
        {"Sec-Fetch-Site": "same-site", "Origin": "OWN"},
        {"Sec-Fetch-Site": "none"},
        {},
    ],
)
def test_a_write_from_elsewhere_is_refused(headers: dict[str, str]) -> None:
    async def test(visitor: Visitor) -> None:
        sent = {name: visitor.origin if value == "OWN" else value for name, value in headers.items()}
        status, text = await visitor.post(**sent)
        assert status == 403
        assert "did not come from a page of this server" in text
        assert visitor.written == []

    as_visitor(test)


def test_a_write_without_the_pages_token_is_refused() -> None:
    async def test(visitor: Visitor) -> None:
        status, text = await visitor.post("guess", Origin=visitor.origin)
        assert status == 403
        assert "Reload it" in text
        assert visitor.written == []

    as_visitor(test)


def test_a_write_from_the_page_is_carried_out() -> None:
    async def test(visitor: Visitor) -> None:
        assert await visitor.post(Origin=visitor.origin) == (200, "written")
        assert (await visitor.post(**{"Sec-Fetch-Site": "same-origin"}))[0] == 200
        assert visitor.written == ["hello", "hello"]

    as_visitor(test)


def test_every_reply_says_what_it_may_not_do() -> None:
    async def test(visitor: Visitor) -> None:
        policies = set()
        for path in ("/", "/missing", "/fail"):
            async with visitor.session.get(visitor.origin + path) as reply:
                policies.add(policy := reply.headers["Content-Security-Policy"])
                assert "default-src 'none'" in policy
                assert "unsafe" not in policy
                assert reply.headers["X-Content-Type-Options"] == "nosniff"
                assert reply.headers["Referrer-Policy"] == "same-origin"
                assert reply.headers["Cache-Control"] == "no-store"
        assert len(policies) == 3, "the nonce is new in each"

    as_visitor(test)


def test_errors_are_pages() -> None:
    async def test(visitor: Visitor) -> None:
        status, text = await visitor.get("/missing")
        assert (status, "no such page" in text) == (404, True)
        status, text = await visitor.get("/fail")
        assert status == 500
        assert "The disk is full: &lt;b&gt;ratings.db" in text
        status, text = await visitor.get("/fail", Accept="application/json")
        assert (status, text) == (500, '{"problem": "The disk is full: <b>ratings.db</b>."}')

    as_visitor(test)


def test_a_chart_library_may_style_its_page_where_that_is_asked_for() -> None:
    async def test(visitor: Visitor) -> None:
        async with visitor.session.get(visitor.origin) as reply:
            assert "style-src 'unsafe-inline'" in reply.headers["Content-Security-Policy"]
            assert "script-src 'nonce-" in reply.headers["Content-Security-Policy"]

    as_visitor(test, inline_styles=True)


def test_beyond_loopback_any_address_in_figures_is_this_machine() -> None:
    async def test(visitor: Visitor) -> None:
        cookie = f"selfinstruct-{visitor.address.port}={visitor.address.token}"
        for host, status in (("192.168.7.7:80", 200), (socket.gethostname(), 200), ("evil.example", 403)):
            assert (await visitor.get(Host=host, Cookie=cookie))[0] == status, host

    as_visitor(test, host="0.0.0.0")


def test_a_port_that_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=f"Cannot listen on 127.0.0.1, port {port}: .*`port`"):
            serve(web.Application(), port=port, announce=print)


def test_the_usual_port_gives_way_to_any() -> None:
    async def ports() -> set[int]:
        async with listening(web.Application()) as one, listening(web.Application()) as other:
            return {one.port, other.port}

    assert len(asyncio.run(ports())) == 2


def test_loopback_and_beyond() -> None:
    for host in ("127.0.0.1", "127.1.2.3", "::1", "localhost"):
        assert is_loopback(host)
        assert warning(host) == ""
    for host in ("0.0.0.0", "::", "192.168.7.7", "example.org"):
        assert not is_loopback(host)
        assert "others on the network" in warning(host)
    assert Address("::1", 80, "x").url == "http://[::1]:80/?token=x"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(number: int) -> None:
    program = (
        "from aiohttp import web\nfrom selfinstruct.pages.server import serve\n"
        "serve(web.Application(), port=0, announce=lambda address: print(address.url, flush=True))\n"
        "print('ended')"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().startswith("http://127.0.0.1:")
    process.send_signal(number)
    assert process.communicate(timeout=10)[0] == "ended\n"
    assert process.returncode == 0
