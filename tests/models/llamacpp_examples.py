"""Requests to a llama.cpp model, and what comes back: in this process, over HTTP, in a process of its own."""

import asyncio
import json
import subprocess
import sys
import textwrap
import urllib.request
from pathlib import Path
from typing import Any

from selfinstruct.models.base import Model
from selfinstruct.models.llamacpp.model import LlamaCppModel
from selfinstruct.models.llamacpp.server import ServedModel
from selfinstruct.records import Completion, Prompt, Request, Sampling, Stage


def ask(
    body: str = "Come up with a series of tasks:",
    *,
    seed: int = 0,
    preamble: str = "",
    temperature: float = 0.7,
    top_p: float = 1.0,
    frequency_penalty: float = 0.0,
    presence_penalty: float = 0.0,
    max_tokens: int = 40,
    stop: tuple[str, ...] = (),
) -> Request:
    sampling = Sampling(temperature, top_p, frequency_penalty, presence_penalty, max_tokens, stop)
    return Request(Stage.INSTRUCTIONS, 0, Prompt(preamble, body, sampling, 0), seed)


def replies(
    path: Path, requests: list[Request], *, concurrency: int = 1, servers: int | None = None
) -> list[Completion]:
    async def run() -> list[Completion]:
        model: Model = LlamaCppModel(path, servers=servers)
        free = asyncio.Semaphore(concurrency)

        async def one(request: Request) -> Completion:
            async with free:
                return await model.complete(request)

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(request)) for request in requests]
            return [task.result() for task in tasks]
        finally:
            await model.aclose()

    return asyncio.run(run())


def reply(path: Path, request: Request) -> Completion:
    async def run() -> Completion:
        model = LlamaCppModel(path)
        try:
            return await model.complete(request)
        finally:
            await model.aclose()

    return asyncio.run(run())


def post(served: ServedModel, body: dict[str, object]) -> Any:
    request = urllib.request.Request(
        f"{served.base_url}/completions", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(request, timeout=10) as answer:
        return json.load(answer)


def run_python(program: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
