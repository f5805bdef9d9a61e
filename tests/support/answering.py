"""A local HTTP server that answers as a test says, and the environment without anybody's keys."""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from selfinstruct.models.providers import PROVIDERS

__all__ = ["ACCESS_VARIABLES", "Answering", "Asked", "answering", "chat_reply", "error"]

ACCESS_VARIABLES = frozenset(
    name for row in PROVIDERS.values() for name in (*row.keys, *re.findall(r"[A-Z_]{4,}", row.base_url))
)
"""Every variable that a key or an address is read from."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came. path: with its query. body: empty for none."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


Answer = Callable[[Asked], tuple[int, Any] | tuple[int, Any, Mapping[str, str]]]
"""From a request to a status, a body and perhaps headers. The body is JSON, or text as it is, which is sent
as a web page unless the headers say otherwise."""


@dataclass(slots=True)
class Answering:
    """A server, and what it was asked so far."""

    address: str
    asked: list[Asked] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        """As OpenAI-compatible servers have it."""
        return f"{self.address}/v1"


def chat_reply(text: str = '{"answer": "yes"}') -> dict[str, Any]:
    """A whole reply to a chat request: 9 tokens of prompt, 5 of reply."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    return {"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 5}}


def error(message: str, **fields: Any) -> dict[str, Any]:
    """OpenAI's error body."""
    return {"error": {"message": message, "type": "invalid_request_error", **fields}}


@contextlib.contextmanager
def answering(answer: Answer) -> Iterator[Answering]:
    """The server, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.reply()

        def do_POST(self) -> None:
            self.reply()

        def reply(self) -> None:
            read = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = Asked(self.command, self.path, dict(self.headers), json.loads(read or "{}"))
            running.asked.append(asked)
            status, body, *rest = answer(asked)
            page = isinstance(body, str)
            headers = {
                "Content-Type": "text/html" if page else "application/json",
                **(rest[0] if rest else {}),
            }
            sent = body.encode() if page else json.dumps(body).encode()
            with contextlib.suppress(ConnectionError):  # the client may have gone
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        running = Answering(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield running
        finally:
            server.shutdown()
            thread.join()
