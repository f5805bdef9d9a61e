"""An OpenAI-compatible endpoint that misbehaves as told, in a process of its own, for tests and benchmarks.

    python tests/support/endpoint.py --latency 0.2 --refuse-429 0.1 --log requests.jsonl

Prints {"port": N} once it listens. Replies are the scripted model's. Which request meets which fault is
drawn from (--seed-faults, the request's body, how often that body has come), so that runs can be repeated
and a retried request succeeds in the end. GET /stats tells what happened.

On aiohttp's bare server, without routes or access log: a benchmark sends it 2,500 requests a second.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from aiohttp import web
from anthropic_provider import AnthropicProvider
from batch_provider import BatchProvider, add_options, is_batch_call
from gemini_provider import GeminiProvider

from selfinstruct.models.scripted.model import ScriptedModel, asked_for

DRESSES = (
    "plain", "stream", "think", "think-only", "hidden-thinking", "tool-call", "other-tool-call", "empty",
)  # fmt: skip
HIDDEN_THINKING = 50  # tokens
CALLS = {
    "/v1/completions": "completions",
    "/v1/chat/completions": "chat",
    "/v1beta/openai/chat/completions": "chat",  # Gemini's
}
EMBEDDINGS = "/v1/embeddings"
NUMBERS = 64  # in a vector


def parser() -> argparse.ArgumentParser:
    """Shares are of all requests, 0 to 1, and exclude each other; times are in seconds."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add = options.add_argument
    add("--port", type=int, default=0, help="0: any free one")
    add("--latency", type=float, default=0.0)
    add("--slow-share", type=float, default=0.0)
    add("--slow-factor", type=float, default=10.0, help="how much longer the slow ones take")
    add("--api", choices=("completions", "chat", "both"), default="both")
    add("--model", default="", help="the only model that is known; by default any is")
    add("--key", default="", help="the only key that is accepted; by default any is, or none")
    add("--script", type=Path, help="a script for the scripted model")
    add("--refuse-429", type=float, default=0.0)
    add("--retry-after", default="", help="sent with each 429, as it stands")
    add("--fail-500", type=float, default=0.0)
    add("--break", type=float, default=0.0, dest="break_share", help="half at once, half within the body")
    add("--seed-faults", type=int, default=0)
    add(
        "--reject-parameters",
        default="",
        help="comma-separated; `system` stands for messages of that role, as chat templates reject them",
    )
    add("--like", choices=("", "gpt-5"), default="", help="refuse what such models do, in their words")
    add("--dress", choices=DRESSES, default="plain", help="how replies come, and where the text stands")
    add("--cached-share", type=float, default=0.0, help="of a prompt's tokens, reported as read from a cache")
    add("--refuse-content-containing", default="")
    add("--max-context", type=int, default=0, help="tokens of four characters, prompt and reply together")
    add("--log", type=Path, help="one JSON line a request, just after its reply; /stats answers later")
    add_options(options)
    return options


@dataclass(slots=True)
class Fate:
    """What becomes of a request before the model sees it."""

    outcome: str
    latency: float


class Server:
    """Counts in plain attributes; everything runs on one loop."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.model = ScriptedModel.from_file(options.script) if options.script else ScriptedModel()
        self.rejected = [name for name in options.reject_parameters.split(",") if name]
        self.log: IO[str] | None = (
            options.log.open("a", encoding="utf-8", buffering=1) if options.log else None
        )
        self.received = self.completed = self.in_flight = self.max_in_flight = 0
        kinds = (AnthropicProvider, options.batch_anthropic), (GeminiProvider, options.batch_gemini)
        self.batches = next((kind for kind, wanted in kinds if wanted), BatchProvider)(self)
        self.outcomes: Counter[str] = Counter()
        self.attempts: Counter[bytes] = Counter()
        self.completions: Counter[bytes] = Counter()
        self.bounds = (
            options.refuse_429,
            options.refuse_429 + options.fail_500,
            options.refuse_429 + options.fail_500 + options.break_share / 2,
            options.refuse_429 + options.fail_500 + options.break_share,
        )

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Every request, whatever its path."""
        if request.path == "/stats":
            return web.json_response(self.stats())
        if (request.method, request.path) == ("GET", "/v1/models"):
            return web.json_response({"object": "list", "data": [{"id": self.options.model or "any"}]})
        if is_batch_call(request.path):
            return await self.batches.handle(request)
        body = await request.read()
        self.received += 1
        self.in_flight += 1
        self.max_in_flight = max(self.max_in_flight, self.in_flight)
        digest, stage, outcome = hashlib.blake2b(body, digest_size=16).digest(), "", "aborted"
        try:
            self.attempts[digest] += 1
            fate = self.fate(digest, self.attempts[digest])
            if fate.latency > 0:
                await asyncio.sleep(fate.latency)
            sent, prompt = read_request(body)
            if request.path == EMBEDDINGS:
                stage = "meaning"
                response, outcome = self.embed(request, sent, fate.outcome)
            else:
                stage = asked_for(prompt).value
                response, outcome = self.answer(request, sent, prompt, fate.outcome)
            outcome = await deliver(request, response, outcome)
        finally:
            self.in_flight -= 1
            self.count(digest, stage, outcome)
        return response

    def fate(self, digest: bytes, attempt: int) -> Fate:
        """Drawn from (seed, body, attempt); two draws, of the fault and of slowness."""
        key = b"%d %d " % (self.options.seed_faults, attempt)
        drawn = hashlib.blake2b(key + digest, digest_size=16).digest()
        fault, slowness = (int.from_bytes(half, "big") / 2**64 for half in (drawn[:8], drawn[8:]))
        names = ("429", "500", "broken_at_once", "broken")
        outcome = next((name for name, bound in zip(names, self.bounds, strict=True) if fault < bound), "ok")
        factor = self.options.slow_factor if slowness < self.options.slow_share else 1.0
        return Fate(outcome, self.options.latency * factor)

    def answer(
        self,
        request: web.BaseRequest,
        sent: dict[str, Any],
        prompt: str,
        outcome: str,
        *,
        keyed: bool = False,
    ) -> tuple[web.Response, str]:
        """The reply and what to call it. keyed: the key was looked at before."""
        if outcome == "429":
            wait = {"Retry-After": self.options.retry_after} if self.options.retry_after else {}
            return error(429, "Rate limit reached.", "rate_limit_exceeded", headers=wait), outcome
        if outcome == "500":
            return error(500, "The server had an error.", "server_error"), outcome
        refused = self.refused(request, sent, prompt, keyed=keyed)
        if refused is not None:
            return refused, str(refused.status)
        said = self.model.answer(prompt, int(sent.get("seed") or 0), max_tokens(sent))
        chat = CALLS[request.path] == "chat"
        counts = {"prompt_tokens": len(prompt) // 4, "completion_tokens": -(-len(said.text) // 4)}
        reply = dressed(self.options.dress, said.text, said.finish_reason, counts, chat=chat)
        if self.options.cached_share:
            cached = int(counts["prompt_tokens"] * self.options.cached_share)
            reply["usage"]["prompt_tokens_details"] = {"cached_tokens": cached}
        if self.options.dress == "stream":
            return as_stream(reply, counted="stream_options" in sent), outcome
        return web.Response(body=json.dumps(reply).encode(), content_type="application/json"), outcome

    def embed(self, request: web.BaseRequest, sent: dict[str, Any], outcome: str) -> tuple[web.Response, str]:
        """Vectors of the texts' words: texts that share most of them, in whatever order, are near."""
        if outcome == "429":
            return error(429, "Rate limit reached.", "rate_limit_exceeded"), outcome
        if outcome == "500":
            return error(500, "The server had an error.", "server_error"), outcome
        texts = sent["input"]
        flagged = self.options.refuse_content_containing
        if flagged and any(flagged in text for text in texts):
            refused = error(400, "The prompt was flagged by our content policy.", "content_policy_violation")
            return refused, "400"
        most = self.options.max_context
        if most and max(map(len, texts)) // 4 > most:
            limit = f"This model's maximum context length is {most} tokens."
            return error(400, limit, "context_length_exceeded", "input"), "400"
        rows = [
            {"object": "embedding", "index": place, "embedding": embedding(text)}
            for place, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": sum(len(text) // 4 for text in texts)}
        return web.json_response({"object": "list", "data": rows[::-1], "usage": usage}), outcome

    def answer_row(
        self, request: Any, sent: dict[str, Any], body: bytes, outcome: str
    ) -> tuple[web.Response, str]:
        """A request that came in a batch; it needs no key of its own."""
        assert "stream" not in sent
        return self.answer(request, sent, read_request(body)[1], outcome, keyed=True)

    def refused(
        self, request: web.BaseRequest, sent: dict[str, Any], prompt: str, *, keyed: bool = False
    ) -> web.Response | None:
        """What a real endpoint checks, in its order and with its words."""
        options, call = self.options, CALLS.get(request.path)
        if options.key and not keyed and request.headers.get("Authorization") != f"Bearer {options.key}":
            given = request.headers.get("Authorization", "").removeprefix("Bearer ")
            return error(401, f"Incorrect API key provided: {given}.", "invalid_api_key")
        if call is None or request.method != "POST":
            return error(404, f"Invalid URL ({request.method} {request.path})", None)
        if options.api not in (call, "both"):
            other = next(path for path, name in CALLS.items() if name != call)
            kind = "a chat model" if call == "completions" else "not a chat model"
            here = request.path.lstrip("/")
            return error(
                404,
                f"This is {kind} and thus not supported in the {here} endpoint. "
                f"Did you mean to use {other.lstrip('/')}?",
                None,
                "model",
            )
        if options.model and sent.get("model") != options.model:
            return error(404, f"The model `{sent.get('model')}` does not exist", "model_not_found")
        for name in self.rejected:
            if name == "system" and any(message["role"] == name for message in sent.get("messages", ())):
                return error(400, "System role not supported", "BadRequestError")  # Gemma's, by way of vLLM
            if name == "response_format" and name in sent:  # DeepSeek's
                return error(400, "This response_format type is unavailable now", "invalid_request_error")
            if name in sent:
                return error(400, f"Unsupported parameter: '{name}'", "unsupported_parameter", name)
        if options.dress == "stream" and "stream" not in sent:
            return error(400, "This model only support stream mode", "invalid_parameter_error", "stream")
        refused = like_gpt_5(sent) if options.like == "gpt-5" else None
        if refused is not None:
            return refused
        if options.max_context and len(prompt) // 4 + max_tokens(sent) > options.max_context:
            limit = f"This model's maximum context length is {options.max_context} tokens."
            return error(400, limit, "context_length_exceeded", "messages")
        if options.refuse_content_containing and options.refuse_content_containing in prompt:
            return error(400, "The prompt was flagged by our content policy.", "content_policy_violation")
        return None

    def count(self, digest: bytes, stage: str, outcome: str) -> None:
        """A body is completed when all of its reply was handed to the socket."""
        self.outcomes[outcome] += 1
        if outcome == "ok":
            self.completed += 1
            self.completions[digest] += 1
        if self.log is not None:
            line = {"body": digest.hex(), "stage": stage, "outcome": outcome, "t": time.time()}
            self.log.write(json.dumps(line) + "\n")

    def stats(self) -> dict[str, Any]:
        """`repeated_completed`: bodies that were completed more than once."""
        return {
            "received": self.received,
            "completed": self.completed,
            "by_outcome": dict(self.outcomes),
            "repeated_completed": sum(count > 1 for count in self.completions.values()),
            "max_in_flight": self.max_in_flight,
        } | self.batches.stats()


async def deliver(request: web.BaseRequest, response: web.Response, outcome: str) -> str:
    """Write the reply, or as much of it as its outcome says; `aborted` where the client had gone."""
    transport = request.transport
    if transport is None or transport.is_closing():
        return "aborted"
    try:
        if outcome == "broken_at_once":
            transport.close()
            return "broken"
        if outcome == "broken":
            body = response.body
            assert isinstance(body, bytes)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            transport.write(head.encode() + body[: len(body) // 2])
            transport.close()
            return "broken"
        await response.prepare(request)
        await response.write_eof()
    except ConnectionError:
        return "aborted"
    return outcome


def read_request(body: bytes) -> tuple[dict[str, Any], str]:
    """The body and its prompt; a chat's messages put together again."""
    try:
        sent = json.loads(body)
    except ValueError:
        return {}, ""
    prompt = sent.get("prompt")
    if prompt is None:
        prompt = "".join(message["content"] for message in sent.get("messages", ()))
    return sent, prompt


def embedding(text: str) -> list[float]:
    """A sum over its words of numbers drawn from each."""
    total = [0.0] * NUMBERS
    for word in re.findall(r"\w+", text.lower()):
        drawn = hashlib.shake_128(word.encode()).digest(NUMBERS)
        total = [number + (byte - 127.5) / 127.5 for number, byte in zip(total, drawn, strict=True)]
    return total


def max_tokens(sent: dict[str, Any]) -> int:
    """Under either name; 16 by default, as OpenAI has it."""
    return int(sent.get("max_tokens") or sent.get("max_completion_tokens") or 16)


def dressed(
    dress: str, text: str, finish_reason: str, counts: dict[str, int], *, chat: bool
) -> dict[str, Any]:
    """A reply as one kind of endpoint or another sends it."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    usage: dict[str, Any] = dict(counts)
    match dress:
        case "think":
            thinking = "<think>\nTask: so.\n\n1. Hm.\n</think>\n\n"
            message["content"] = thinking + text
            usage["completion_tokens"] += len(thinking) // 4
        case "think-only":
            message["content"], finish_reason = "<think>\nHm, so", "length"
        case "hidden-thinking":
            usage["total_tokens"] = sum(counts.values()) + HIDDEN_THINKING
        case "tool-call":
            calls = [{"id": "1", "type": "function", "function": {"name": "write", "arguments": text}}]
            message |= {"content": None, "tool_calls": calls}
            finish_reason = "tool_calls"
        case "other-tool-call":
            call = {"name": "search_web", "arguments": {"query": "tasks"}}
            message |= {"content": None, "tool_calls": [{"id": "1", "type": "function", "function": call}]}
            finish_reason = "tool_calls"
        case "empty":
            message["content"] = ""
    content = {"message": message} if chat else {"text": message["content"]}
    return {
        "id": "reply",
        "choices": [{"index": 0, **content, "finish_reason": finish_reason}],
        "usage": usage,
    }


def as_stream(reply: dict[str, Any], *, counted: bool) -> web.Response:
    """The same in pieces of ten characters, with comments between them; the counts in an event of their own,
    where they were asked for."""
    choice = reply["choices"][0]
    chat = "message" in choice
    text = choice["message"]["content"] if chat else choice["text"]
    pieces = [text[start : start + 10] for start in range(0, len(text), 10)]
    events: list[dict[str, Any]] = [
        {"choices": [{"index": 0, **({"delta": {"content": piece}} if chat else {"text": piece})}]}
        for piece in pieces
    ]
    ended: dict[str, Any] = {"delta": {}} if chat else {"text": ""}
    events.append({"choices": [{"index": 0, **ended, "finish_reason": choice["finish_reason"]}]})
    if counted:
        events.append({"choices": [], "usage": reply["usage"]})
    body = "".join(f": keep-alive\r\n\r\ndata: {json.dumps(event)}\r\n\r\n" for event in events)
    return web.Response(body=f"{body}data: [DONE]\r\n\r\n".encode(), content_type="text/event-stream")


def like_gpt_5(sent: dict[str, Any]) -> web.Response | None:
    """The refusal of a model that reasons: of fields, and of values of fields."""
    for name, instead in {"max_tokens": "max_completion_tokens", "top_p": "", "stop": ""}.items():
        if name in sent:
            use = f" Use '{instead}' instead." if instead else ""
            message = f"Unsupported parameter: '{name}' is not supported with this model.{use}"
            return error(400, message, "unsupported_parameter", name)
    for name, default in {"temperature": 1, "presence_penalty": 0, "frequency_penalty": 0}.items():
        if sent.get(name, default) != default:
            message = (
                f"Unsupported value: '{name}' does not support {sent[name]} with this model. "
                f"Only the default ({default}) value is supported."
            )
            return error(400, message, "unsupported_value", name)
    if max_tokens(sent) < 16:
        message = (
            "Invalid 'max_output_tokens': integer below minimum value. "
            f"Expected a value >= 16, but got {max_tokens(sent)} instead."
        )
        return error(400, message, "integer_below_min_value", "max_output_tokens")
    return None


def error(
    status: int,
    message: str,
    code: str | None,
    param: str | None = None,
    headers: dict[str, str] | None = None,
) -> web.Response:
    """OpenAI's error body."""
    complaint = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return web.json_response({"error": complaint}, status=status, headers=headers)


async def serve(options: argparse.Namespace) -> None:
    """Until SIGTERM or SIGINT."""
    server = Server(options)
    runner = web.ServerRunner(web.Server(server.handle, access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", options.port, backlog=2048)
    await site.start()
    print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await runner.cleanup()


class RunningEndpoint:
    """A server process, and what it counted."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self.base_url = f"http://127.0.0.1:{port}/v1"

    def stats(self) -> dict[str, Any]:
        """As `Server.stats`."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://127.0.0.1:{self.port}/stats", timeout=10) as reply:
            stats: dict[str, Any] = json.load(reply)
        return stats

    def stop(self) -> None:
        """At once; may be called twice."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextlib.contextmanager
def running_endpoint(**options: Any) -> Iterator[RunningEndpoint]:
    """Options as on the command line, with underscores; `break_` for --break, a list where commas stand."""
    arguments = []
    for name, value in options.items():
        text = ",".join(value) if isinstance(value, list | tuple) else str(value)
        arguments.append(f"--{name.strip('_').replace('_', '-')}={text}")
    process = subprocess.Popen([sys.executable, __file__, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    first_line = process.stdout.readline()
    if not first_line:
        process.wait()
        process.stdout.close()
        raise RuntimeError(f"the endpoint did not start: {arguments}")
    endpoint = RunningEndpoint(process, json.loads(first_line)["port"])
    try:
        yield endpoint
    finally:
        endpoint.stop()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser().parse_args()))
