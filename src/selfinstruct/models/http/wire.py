"""The short way to an endpoint: HTTP/1.1 posts over connections of our own, which stay open.

A request takes a third of the processor time that it takes in aiohttp, which builds a dozen objects for
each; at thousands a second that decides how fast a run is. Only what an ordinary API needs is here. Whatever
else there is (proxies, streams, the first request, which shows how the server answers, and a connection that
cannot be made, which aiohttp's errors explain) is left to aiohttp: see `HttpModel`.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import zlib
from collections.abc import Mapping
from time import monotonic
from typing import NamedTuple

import aiohttp
from multidict import CIMultiDict
from yarl import URL

__all__ = ["NotHttpError", "Reply", "Wire"]

IDLE_SECONDS = 15.0
"""A connection that was not used for so long is not used again: many servers close it soon after."""
LONGEST_HEAD = 1 << 16
_OF_THE_CONNECTION = frozenset({"accept-encoding", "connection", "expect", "host", "te", "upgrade"})
_STATUS = re.compile(rb"HTTP/1\.(\d) (\d{3})(?: |$)")
_HEAD_ENDS = re.compile(rb"\r?\n\r?\n")


class NotHttpError(aiohttp.ClientError):
    """What came back is no reply in HTTP/1.1. It stands with aiohttp's errors, as one of which it is told."""


class Reply(NamedTuple):
    """A whole reply, whatever its status."""

    status: int
    headers: CIMultiDict[str]
    body: bytes


class Wire:
    """Connections to the server of one API, as many as are used at once.

    url: any of the API's, for the server. headers: of every request, the key's included.
    """

    def __init__(self, url: str, headers: Mapping[str, str], *, connect_seconds: float) -> None:
        server = URL(url)
        assert server.raw_host is not None, "`Endpoint` takes no other"
        assert server.port is not None, "http and https have one"
        self._host, self._port = server.raw_host, server.port
        self._ssl = _tls_context() if server.scheme == "https" else None
        self._connect_seconds = connect_seconds
        lines = [f"Host: {server.host_port_subcomponent}", *(f"{name}: {headers[name]}" for name in headers)]
        self._headers = "\r\n".join([*lines, "Content-Type: application/json", "Content-Length: "])
        self._heads: dict[str, bytes] = {}  # of each address that was posted to
        self._idle: list[_Connection] = []  # the one used last is taken first

    @staticmethod
    def suits(response: aiohttp.ClientResponse, headers: Mapping[str, str]) -> bool:
        """Whether a server that answered so, to requests with these headers, can be asked this way."""
        return (
            response.version == aiohttp.HttpVersion11
            and response.content_type != "text/event-stream"
            and _OF_THE_CONNECTION.isdisjoint(name.lower() for name in headers)
        )

    async def post(self, url: str, body: bytes) -> Reply | None:
        """The reply; None, and nothing was sent, where no connection can be made.

        Raises aiohttp's errors for a connection that breaks, and `NotHttpError`. Cancelled, it closes the
        connection.
        """
        connection = self._take_idle() or await self._connect()
        if connection is None:
            return None
        head = self._heads.get(url)
        if head is None:
            head = f"POST {URL(url).raw_path_qs} HTTP/1.1\r\n{self._headers}".encode()
            self._heads[url] = head
        try:
            reply = await connection.exchange(b"%s%d\r\n\r\n%s" % (head, len(body), body))
        except BaseException:
            connection.transport.abort()
            raise
        if connection.may_be_kept:
            connection.used = monotonic()
            self._idle.append(connection)
        else:
            connection.transport.close()
        return reply

    async def aclose(self) -> None:
        """Close what no request uses."""
        while self._idle:
            self._idle.pop().transport.abort()
        await asyncio.sleep(0)  # where the loop closes them

    def _take_idle(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open and monotonic() - connection.used < IDLE_SECONDS:
                return connection
            connection.transport.abort()
        return None

    async def _connect(self) -> _Connection | None:
        connecting = asyncio.get_running_loop().create_connection(
            _Connection, self._host, self._port, ssl=self._ssl, happy_eyeballs_delay=0.25
        )
        try:
            _, connection = await asyncio.wait_for(connecting, self._connect_seconds)
        except (OSError, UnicodeError):  # a TimeoutError and TLS errors included
            return None
        return connection


class _Connection(asyncio.Protocol):
    """One request at a time."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.is_open = self.may_be_kept = False
        self.used = 0.0
        self._reply: asyncio.Future[Reply] | None = None
        self._received = bytearray()  # and not yet taken
        self._head: tuple[int, CIMultiDict[str]] | None = None
        self._chunks: bytearray | None = None  # of a reply that comes in chunks, those before `_received`

    async def exchange(self, request: bytes) -> Reply:
        """Send it, and wait for all of the reply."""
        if not self.is_open:
            raise aiohttp.ServerDisconnectedError
        self._reply = asyncio.get_running_loop().create_future()
        self._head = self._chunks = None
        self.transport.write(request)
        return await self._reply

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.is_open = transport, True

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._read(ended=False)

    def connection_lost(self, exc: Exception | None) -> None:
        self.is_open = self.may_be_kept = False
        self._read(ended=True)
        if self._reply is not None and not self._reply.done():
            broken = aiohttp.ServerDisconnectedError() if exc is None else aiohttp.ClientOSError(*exc.args)
            self._reply.set_exception(broken)

    def _read(self, *, ended: bool) -> None:
        """Give the reply to whoever waits for it, once all of it is there. ended: nothing more will come."""
        if self._reply is None or self._reply.done():  # nobody asked for what came
            self.is_open = self.may_be_kept = False
            return
        try:
            body = self._body(ended=ended)
            if body is not None and self._head is not None:
                self._reply.set_result(Reply(*self._head, _decoded(body, self._head[1])))
        except (ValueError, zlib.error) as error:
            self._reply.set_exception(NotHttpError(str(error)))

    def _body(self, *, ended: bool) -> bytes | None:
        """None while some is missing. Raises ValueError for what is no HTTP."""
        while self._head is None:
            end = _HEAD_ENDS.search(self._received)
            if end is None:
                if len(self._received) > LONGEST_HEAD:
                    raise ValueError("its head does not end")
                return None
            minor, status, headers = _parsed_head(bytes(self._received[: end.start()]))
            del self._received[: end.end()]
            if status < 200:  # only says that the reply is to come
                continue
            self._head = status, headers
            words = headers.get("Connection", "").lower()
            self.may_be_kept = self.is_open and "close" not in words and (minor > 0 or "keep-alive" in words)
        status, headers = self._head
        if status in (204, 304):
            return self._taken(0)
        if "chunked" in headers.get("Transfer-Encoding", "").lower():
            return self._dechunked()
        if (length := headers.get("Content-Length")) is not None:
            if not length.isdecimal():
                raise ValueError("its length is no number")
            return self._taken(int(length))
        self.may_be_kept = False  # it ends where the connection does
        return self._taken(len(self._received)) if ended else None

    def _taken(self, size: int) -> bytes | None:
        if len(self._received) < size:
            return None
        taken = bytes(self._received[:size])
        del self._received[:size]
        self.may_be_kept = self.may_be_kept and not self._received  # more than was asked for
        return taken

    def _dechunked(self) -> bytes | None:
        chunks = self._chunks = bytearray() if self._chunks is None else self._chunks
        while (line := self._received.find(b"\n")) >= 0:
            size = int(bytes(self._received[:line]).partition(b";")[0], 16)
            if size < 0:
                raise ValueError("a chunk's length is negative")
            if size == 0:
                return self._after_last_chunk(line + 1)
            end = line + 1 + size
            closing = self._received.find(b"\n", end)
            if closing < 0:
                return None
            chunks += self._received[line + 1 : end]
            del self._received[: closing + 1]
        return None

    def _after_last_chunk(self, place: int) -> bytes | None:
        """Trailing fields up to an empty line, which nobody reads."""
        while (line := self._received.find(b"\n", place)) >= 0:
            if not self._received[place:line].strip():
                assert self._chunks is not None, "they were read before"
                del self._received[: line + 1]
                self.may_be_kept = self.may_be_kept and not self._received
                return bytes(self._chunks)
            place = line + 1
        return None


def _parsed_head(head: bytes) -> tuple[int, int, CIMultiDict[str]]:
    """Minor version, status and headers. Raises ValueError."""
    first, *lines = head.splitlines()
    status = _STATUS.match(first)
    if status is None:
        raise ValueError("its first line is none of HTTP/1.1")
    headers: CIMultiDict[str] = CIMultiDict()
    for line in lines:
        name, colon, value = line.decode("utf-8", "surrogateescape").partition(":")
        if not colon:
            raise ValueError("a header has no name")
        headers.add(name, value.strip())
    return int(status[1]), int(status[2]), headers


def _decoded(body: bytes, headers: CIMultiDict[str]) -> bytes:
    """Of a server that compresses without being asked to. Raises `zlib.error`."""
    encoding = headers.get("Content-Encoding", "").lower()
    return zlib.decompress(body, zlib.MAX_WBITS | 32) if body and encoding in ("gzip", "deflate") else body


def _tls_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
