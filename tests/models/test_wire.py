"""The short way over HTTP, against servers that say what no sane one does, byte by byte."""

import asyncio
import gzip
import json
from contextlib import asynccontextmanager

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selfinstruct.models.http.wire import NotHttpError, Wire

BODY = b'{"choices": []}'
HEADERS = {"Authorization": "Bearer sk-secret"}


@asynccontextmanager
async def server(*replies, pieces=1, close=False):
    """Sends these replies, one a request, each in so many pieces; closes after the last where told to."""
    seen, connections, serving = [], [], []

    async def serve(reader, writer):
        connections.append(writer)
        serving.append(asyncio.current_task())
        try:
            for _ in range(len(replies)):
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                seen.append((head.decode(), await reader.readexactly(length)))
                reply = replies[(len(seen) - 1) % len(replies)]
                for number in range(pieces):
                    size = -(-len(reply) // pieces)
                    writer.write(reply[number * size : (number + 1) * size])
                    await writer.drain()
                    await asyncio.sleep(0)
                if close:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1/completions?api-version=2", seen, connections
    finally:
        listening.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        await asyncio.sleep(0)  # where the loop closes what they left


def asked(*replies, times=None, **how):
    """What came back for each of so many requests, one after the other; the requests; how many connections
    there were."""

    async def ask():
        async with server(*replies, **how) as (url, seen, connections):
            wire = Wire(url, HEADERS, connect_seconds=5)
            try:
                async with asyncio.timeout(5):
                    found = [await wire.post(url, b"{}") for _ in range(times or len(replies))]
            finally:
                await wire.aclose()
            return found, seen, len(connections)

    return asyncio.run(ask())


def plain(body, *fields, status="200 OK", version="1.1"):
    lines = [f"HTTP/{version} {status}", "Content-Type: application/json", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def sized(body, *fields, **first_line):
    return plain(body, f"Content-Length: {len(body)}", *fields, **first_line)


def chunked(body, size, extension=b"", trailer=b""):
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    chunks = b"".join(b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in parts)
    return plain(chunks + b"0\r\n" + trailer + b"\r\n", "Transfer-Encoding: chunked")


def test_what_is_sent():
    _, [(head, body)], _ = asked(sized(BODY))
    first, *fields = head.strip().split("\r\n")
    assert first == "POST /v1/completions?api-version=2 HTTP/1.1"
    assert body == b"{}"
    assert "Authorization: Bearer sk-secret" in fields
    assert "Content-Type: application/json" in fields
    assert fields[0].startswith("Host: 127.0.0.1:")


def test_one_connection_does_for_many_requests():
    found, seen, connections = asked(sized(BODY), sized(b"{}", status="429 Too Many"), chunked(BODY, 4))
    assert [(reply.status, reply.body) for reply in found] == [(200, BODY), (429, b"{}"), (200, BODY)]
    assert found[0].headers["content-type"] == "application/json"
    assert (len(seen), connections) == (3, 1)


@pytest.mark.parametrize(
    "reply",
    [
        sized(BODY, "Connection: close"),
        sized(BODY, version="1.0"),
        sized(BODY) + b"and more",
        plain(BODY, "Connection: close"),
    ],
)
def test_connections_that_are_not_used_again(reply):
    found, _, connections = asked(reply, times=2, close=True)
    assert [each.body for each in found] == [BODY, BODY]
    assert connections == 2


@settings(max_examples=50, deadline=None)
@given(
    st.binary(min_size=1, max_size=300),
    st.integers(1, 300),
    st.integers(1, 40),
    st.sampled_from([b"", b"Expires: never\r\n"]),
)
def test_a_reply_may_come_in_any_pieces(body, size, pieces, trailer):
    found, _, _ = asked(chunked(body, size, b";a=b", trailer), sized(body), pieces=pieces)
    assert [reply.body for reply in found] == [body, body]


@pytest.mark.parametrize(
    ("reply", "body"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n" + sized(BODY), BODY),
        (plain(b"", status="204 No Content"), b""),
        (sized(gzip.compress(BODY), "Content-Encoding: gzip"), BODY),
        (sized(BODY).replace(b"\r\n", b"\n"), BODY),
        (sized(b"", status="302 Found"), b""),
    ],
)
def test_what_servers_may_do_besides(reply, body):
    [found], _, _ = asked(reply)
    assert found.body == body


@pytest.mark.parametrize(
    "reply",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        plain(b"", "Content-Length: many"),
        plain(b"xyz\r\n", "Transfer-Encoding: chunked"),
        plain(b"-1\r\n", "Transfer-Encoding: chunked"),
        sized(b"no gzip", "Content-Encoding: gzip"),
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000,
    ],
)
def test_what_is_no_http(reply):
    with pytest.raises(NotHttpError):
        asked(reply)


@pytest.mark.parametrize(
    "reply", [b"", b"HTTP/1.1 200", plain(b"{", "Content-Length: 9"), chunked(BODY, 4)[:-9]]
)
def test_a_reply_that_breaks_off(reply):
    with pytest.raises(aiohttp.ClientError):
        asked(reply, close=True)


def test_a_connection_that_cannot_be_made_is_left_to_others():
    async def ask():
        async with server(b"") as (url, _, _):
            pass
        return await Wire(url, {}, connect_seconds=5).post(url, b"{}")

    assert asyncio.run(ask()) is None


def test_cancelled_it_closes_its_connection_and_no_other():
    async def ask():
        async with server(sized(BODY), b"HTTP/1.1 200 OK\r\n", sized(BODY)) as (url, _, connections):
            wire = Wire(url, {}, connect_seconds=5)
            await wire.post(url, b"{}")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await wire.post(url, b"{}")
            found = await wire.post(url, b"{}")
            await wire.aclose()
            return found, len(connections)

    found, connections = asyncio.run(ask())
    assert (found.body, connections) == (BODY, 2)


def test_a_connection_that_the_server_closed_meanwhile_is_not_used():
    async def ask():
        async with server(sized(BODY), close=True) as (url, _, connections):
            wire = Wire(url, {}, connect_seconds=5)
            for _ in range(3):
                await wire.post(url, b"{}")
                await asyncio.sleep(0.02)
            await wire.aclose()
            return len(connections)

    assert asyncio.run(ask()) == 3


def test_many_at_once_have_a_connection_each():
    async def ask():
        async with server(*[sized(json.dumps(n).encode()) for n in range(8)]) as (url, seen, connections):
            wire = Wire(url, {}, connect_seconds=5)
            found = await asyncio.gather(*(wire.post(url, b"{}") for _ in range(8)))
            await wire.aclose()
            return sorted(reply.body for reply in found), len(seen), len(connections)

    bodies, requests, connections = asyncio.run(ask())
    assert (bodies, requests, connections) == ([b"%d" % n for n in range(8)], 8, 8)
