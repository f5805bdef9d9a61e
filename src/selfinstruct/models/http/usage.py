"""How many tokens a request took, wherever and however an endpoint says so.

Dialects differ in the field, in whether tokens from a cache are part of the prompt's, and in whether thinking
is part of the completion's. In what comes out both are, as in `TokenCounts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Usage", "read_usage"]

MOST = 10**12
"""Beyond it a count is not one."""


def _fields(*paths: str) -> tuple[tuple[str, str], ...]:
    """Each as the object that holds it, empty for the counts' own, and its name there."""
    return tuple((box, name) for box, _, name in (path.rpartition(".") for path in paths))


_PROMPT = _fields("prompt_tokens", "promptTokenCount", "input_tokens", "inputTokens", "inputTokenCount")
_COMPLETION = _fields(
    "completion_tokens", "candidatesTokenCount", "output_tokens", "outputTokens", "outputTokenCount",
)  # fmt: skip
_TOTAL = _fields("total_tokens", "totalTokenCount", "totalTokens", "total_token_count")
_CACHED_WITHIN = _fields(
    "prompt_tokens_details.cached_tokens",  # OpenAI and most others
    "input_tokens_details.cached_tokens",  # its Responses API
    "prompt_cache_hit_tokens",  # DeepSeek
    "cachedContentTokenCount",  # Gemini
    "cached_tokens",  # Moonshot
    "num_cached_tokens",
)
_CACHED = _fields(
    "cache_read_input_tokens", "cacheReadInputTokens", "cacheReadInputTokenCount", "cache_read_tokens",
)  # fmt: skip
_WRITTEN_WITHIN = _fields(
    "prompt_tokens_details.cache_write_tokens", "input_tokens_details.cache_write_tokens"
)
_WRITTEN = _fields(
    "cache_creation_input_tokens", "cacheWriteInputTokens", "cacheWriteInputTokenCount", "cache_write_tokens",
    "prompt_tokens_details.cache_creation_tokens", "prompt_tokens_details.cache_creation_input_tokens",
)  # fmt: skip
_REASONING = _fields(
    "completion_tokens_details.reasoning_tokens", "output_tokens_details.reasoning_tokens",
    "output_tokens_details.thinking_tokens", "reasoning_tokens", "thinking_tokens",
)  # fmt: skip
_THOUGHTS_APART = _fields("thoughtsTokenCount")  # Gemini: not among the candidates' tokens
_COMPUTED, _PREDICTED, _FROM_CACHE = _fields("prompt_n"), _fields("predicted_n"), _fields("cache_n")


@dataclass(frozen=True, slots=True)
class Usage:
    """As `TokenCounts` has them; prompt_tokens and completion_tokens are None where the endpoint does not
    say."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0


def read_usage(reply: Mapping[str, Any]) -> Usage:
    """Of a whole reply. Counts that cannot be read (negative, not a number) count as missing."""
    for usage in _holders(reply):
        found = _read(usage)
        if found.prompt_tokens is not None or found.completion_tokens is not None:
            return found
    return _from_timings(reply.get("timings"))


def _holders(reply: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """What may hold the counts: the reply's own fields, those of its first choice (Moonshot's streams), and
    those of a provider's own box (Groq's streams, Bedrock)."""
    choices = reply.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    for holder in (reply, choice, reply.get("x_groq")):
        if isinstance(holder, dict):
            for name in ("usage", "usageMetadata", "usage_metadata", "amazon-bedrock-invocationMetrics"):
                usage = holder.get(name)
                if isinstance(usage, dict):
                    yield usage
                    if isinstance(usage.get("tokens"), dict):  # Cohere's, beside what it bills
                        yield usage["tokens"]


def _read(usage: Mapping[str, Any]) -> Usage:
    prompt, completion = _count(usage, _PROMPT), _count(usage, _COMPLETION)
    if prompt is None and completion is None:
        return Usage()
    total = _count(usage, _TOTAL)
    prompt, cached, written = _cache(usage, prompt, completion, total)
    reasoning = _count(usage, _REASONING) or 0
    if completion is not None:
        apart = _count(usage, _THOUGHTS_APART) or 0
        completion, reasoning = completion + apart, reasoning + apart
        if total is None and reasoning > completion:  # it cannot be a part of it
            completion += reasoning
        elif total is not None and prompt is not None and total > prompt + completion:
            hidden = total - prompt - completion
            completion, reasoning = completion + hidden, max(reasoning, hidden)
        reasoning = min(reasoning, completion)
    return Usage(prompt, completion, cached, written, reasoning)


def _cache(
    usage: Mapping[str, Any], prompt: int | None, completion: int | None, total: int | None
) -> tuple[int | None, int, int]:
    """The prompt's tokens with those of the cache, and these: read, written.

    Fields of Anthropic's kind stand beside its `input_tokens`, which do not hold them; gateways that have put
    them into OpenAI's form may or may not have added them to `prompt_tokens`, which the total tells.
    """
    within, beside = _count(usage, _CACHED_WITHIN), _count(usage, _CACHED)
    written_within, written_beside = _count(usage, _WRITTEN_WITHIN), _count(usage, _WRITTEN)
    cached = within if within is not None else beside or 0
    written = written_within if written_within is not None else written_beside or 0
    if prompt is None:
        return None, 0, 0
    outside = (0 if within is not None else cached) + (0 if written_within is not None else written)
    if outside and _stands_beside(usage, prompt, completion or 0, outside, total):
        prompt += outside
    cached = min(cached, prompt)
    return prompt, cached, min(written, prompt - cached)


def _stands_beside(
    usage: Mapping[str, Any], prompt: int, completion: int, outside: int, total: int | None
) -> bool:
    if outside > prompt:
        return True
    if total is not None:
        return total >= prompt + completion + outside
    return "prompt_tokens" not in usage


def _from_timings(timings: Any) -> Usage:
    """llama.cpp's, of a reply without counts: the prompt's part that was computed, and the cached one."""
    if not isinstance(timings, dict):
        return Usage()
    computed, written = _count(timings, _COMPUTED), _count(timings, _PREDICTED)
    cached = _count(timings, _FROM_CACHE) or 0
    return Usage(
        None if computed is None else computed + cached, written, cached if computed is not None else 0
    )


def _count(usage: Mapping[str, Any], fields: tuple[tuple[str, str], ...]) -> int | None:
    """The first of these fields that holds a count."""
    for box, name in fields:
        holder = usage.get(box) if box else usage
        if isinstance(holder, dict):
            value = holder.get(name)
            if value is not None and (count := _number(value)) is not None:
                return count
    return None


def _number(value: Any) -> int | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= MOST else None  # False for NaN
