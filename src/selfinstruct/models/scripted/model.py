"""The fake model that ships in the package: deterministic, instant, no network.

For a first look without a key or a download, for dry runs, benchmarks and tests. Not a language model: it
answers from a script, and where that is silent from templates.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError
from selfinstruct.models.scripted.words import VERSION
from selfinstruct.models.scripted.writer import CHARACTERS_A_TOKEN, ScriptedReply, asked_for, reply
from selfinstruct.paths import read_bytes
from selfinstruct.records import Completion, Request

__all__ = ["ScriptRow", "ScriptedModel", "ScriptedReply", "asked_for", "reply"]


@dataclass(frozen=True, slots=True)
class ScriptRow:
    """Answers prompts that contain `contains` (the empty text: all) with one of `replies`, by the request's
    seed modulo their number."""

    contains: str
    replies: tuple[str, ...]
    finish_reason: str = "stop"


class ScriptedModel:
    """Satisfies `Model`. The first row of the script that matches answers; otherwise the built-in writer.

    A script's replies are given as they stand, however long; the writer's are cut at max_tokens.
    """

    def __init__(self, script: tuple[ScriptRow, ...] = ()) -> None:
        self._script = script
        rows = [[row.contains, row.replies, row.finish_reason] for row in script]
        self.digest: str = hashlib.sha256(json.dumps([VERSION, rows]).encode()).hexdigest()
        """SHA-256 of the script and the built-in writer's version: equal digests, equal replies."""

    @classmethod
    def from_file(cls, path: Path | str) -> ScriptedModel:
        """One row a line: {"contains": TEXT, "reply": TEXT or [TEXT, …], "finish_reason"?: TEXT}; blank
        lines are skipped. Raises `ConfigError` naming the file and the line."""
        try:
            lines = read_bytes(Path(path), ConfigError, "the script").decode().splitlines()
        except UnicodeDecodeError as error:
            raise ConfigError(f"The script {path} cannot be read: {error}.") from error
        rows = enumerate(lines, start=1)
        return cls(tuple(_row(line, f"{path}, line {number}") for number, line in rows if line.strip()))

    @property
    def default_concurrency(self) -> int:
        """More than one, so that demos show requests in flight."""
        return 8

    @property
    def context_window(self) -> int | None:
        """None: it reads prompts of any length."""
        return None

    def count_tokens(self, text: str) -> int:
        """Exact, by definition."""
        return math.ceil(len(text) / CHARACTERS_A_TOKEN)

    async def complete(self, request: Request) -> Completion:
        """Always succeeds, in no time; gives way to other requests once."""
        await asyncio.sleep(0)
        prompt = request.prompt.preamble + request.prompt.body
        said = self.answer(prompt, request.seed, request.prompt.sampling.max_tokens)
        return Completion(
            text=said.text,
            finish_reason=said.finish_reason,
            prompt_tokens=self.count_tokens(prompt),
            completion_tokens=self.count_tokens(said.text),
            estimated=False,
            seconds=0.0,
        )

    def answer(self, prompt_text: str, seed: int, max_tokens: int) -> ScriptedReply:
        """The script's reply or the writer's."""
        for row in self._script:
            if row.contains in prompt_text:
                return ScriptedReply(row.replies[seed % len(row.replies)], row.finish_reason)
        return reply(prompt_text, seed, max_tokens)

    async def aclose(self) -> None:
        """Nothing to release."""


def _row(line: str, where: str) -> ScriptRow:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where} is not JSON ({error}).") from error
    if not isinstance(value, dict) or (unknown := value.keys() - {"contains", "reply", "finish_reason"}):
        found = f"unknown: {', '.join(sorted(unknown))}" if isinstance(value, dict) else "not an object"
        raise ConfigError(f"{where} is not a row of a script ({found}).", _ROW_HINT)
    replies: Any = value.get("reply")
    replies = [replies] if isinstance(replies, str) else replies
    if not (isinstance(replies, list) and replies and all(isinstance(text, str) for text in replies)):
        raise ConfigError(f'{where}: "reply" is neither a text nor a list of texts.', _ROW_HINT)
    contains, finish_reason = value.get("contains"), value.get("finish_reason", "stop")
    if not isinstance(contains, str) or not isinstance(finish_reason, str):
        raise ConfigError(f'{where}: "contains" or "finish_reason" is not a text.', _ROW_HINT)
    return ScriptRow(contains, tuple(replies), finish_reason)


_ROW_HINT = 'A row looks like {"contains": "9.", "reply": " Name a colour."}.'
