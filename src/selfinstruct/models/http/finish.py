"""Why a reply ended: one normal form of what providers write in more than forty spellings.

Known from their documents and servers: OpenAI and those like it (`stop`, `length`, `content_filter`,
`tool_calls`), Anthropic (`end_turn`, `max_tokens`, `model_context_window_exceeded`, `refusal`), Gemini
(`STOP`, `MAX_TOKENS`, `SAFETY`, `RECITATION` …), Mistral (`model_length`), Cohere (`COMPLETE`,
`ERROR_LIMIT`, `ERROR_TOXIC`), Bedrock (`guardrail_intervened`), DeepSeek (`insufficient_system_resource`),
Zhipu (`sensitive`, `network_error`), text-generation-inference (`eos_token`), llama.cpp (`limit`), Ollama
(`load`). Others are read by the signs that these have in common.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Literal

__all__ = ["Ending", "ending", "stated_reason"]

Ending = Literal["stop", "length", "refused", "failed"]
"""`stop`: the model was done. `length`: cut at a number of tokens. `refused`: cut, or not begun, for its
content. `failed`: broken off by the provider, so that the request may be sent again."""

_FIELDS = ("finish_reason", "finishReason", "done_reason", "stop_type", "stop_reason")

_SIGNS: tuple[tuple[re.Pattern[str], Ending], ...] = (
    (
        re.compile(
            r"filter|safety|unsafe|recitation|prohibit|block|refus|sensitive|moderat|flagged|guardrail|policy"
            r"|spii|toxic|harm|violat|censor|copyright|^language$"
        ),
        "refused",
    ),
    (re.compile(r"time ?out|deadline|(time|rate|usage|quota|spending) limit"), "failed"),
    (
        re.compile(
            r"length|limit|truncat|incomplete|cut ?off|max.*tok|tok.*max|out of tok|context.*full"
            r"|(context|token|window|budget).*exceed"
        ),
        "length",
    ),
    (
        re.compile(
            r"error|fail|abort|cancel|insufficient|unavailable|overload|disconnect|interrupt|malformed"
            r"|preempt|shut ?down|^(un)?load$"
        ),
        "failed",
    ),
    (
        re.compile(
            r"^(eos|end|finish|complete|done|normal|success)|stop|\beos\b|end of|tool|function call|^$"
        ),
        "stop",
    ),
)
"""From the most telling to the least: `ERROR_TOXIC` is a refusal, `ERROR_LIMIT` a cut."""


@lru_cache(maxsize=64)  # an endpoint has a handful of words
def ending(reason: str) -> Ending | None:
    """None for a word that says none of these."""
    words = " ".join(re.split(r"[\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", reason).lower())).strip()
    words = words.rpartition("reason ")[2]  # FINISH_REASON_MAX_TOKENS, FinishReason.STOP
    return next((found for sign, found in _SIGNS if sign.search(words)), None)


def stated_reason(*holders: Any) -> str:
    """The first that any of them gives, whatever the field is called there; empty where none does.

    Each is a choice, or the whole of a reply. A reason may be an object that names its `type`.
    """
    for holder in holders:
        for name in _FIELDS:
            reason = holder.get(name) if isinstance(holder, dict) else None
            if isinstance(reason, dict):
                reason = reason.get("type") or reason.get("reason")
            if isinstance(reason, str) and reason:
                return reason
    return ""
