"""Fitting prompts to a model's context window: how many demonstrations may be shown.

The caller says how tokens are counted: a local model's own tokenizer, or an estimate where that of an
endpoint is not at hand; hence the generous margins.
"""

from __future__ import annotations

from collections.abc import Callable

from selfinstruct.config import StageSampling
from selfinstruct.errors import ConfigError
from selfinstruct.records import Sampling

__all__ = ["FEWEST", "INSTRUCTION_TOKENS", "largest_fitting", "reply_tokens", "stage_sampling"]

INSTRUCTION_TOKENS = 220
"""Kept free for the instruction after the few-shot examples: 150 words, the longest that the filters admit
by default."""

FEWEST = 2
"""Demonstrations below which a prompt no longer shows what varies between them."""


def reply_tokens(wanted: int, context_window: int | None) -> int:
    """The config's `max_tokens`, but at most half of the window: the other half belongs to the prompt."""
    return wanted if context_window is None else min(wanted, max(1, context_window // 2))


def stage_sampling(
    asked: StageSampling, context_window: int | None, *, own_stops: tuple[str, ...] = (), schema: str = ""
) -> Sampling:
    """How a stage's completions are drawn: as the config says, the reply capped to the window, with the
    recipe's stops where the config has none."""
    return Sampling(
        temperature=asked.temperature,
        top_p=asked.top_p,
        frequency_penalty=asked.frequency_penalty,
        presence_penalty=asked.presence_penalty,
        max_tokens=reply_tokens(asked.max_tokens, context_window),
        stop=own_stops if asked.stop is None else asked.stop,
        response_schema=schema,
    )


def largest_fitting(
    stage: str,
    prompt_tokens: Callable[[int], int],
    *,
    most: int,
    max_tokens: int,
    context_window: int | None,
) -> int:
    """The largest number of demonstrations, `most` at most, whose prompt and reply fit the window.

    prompt_tokens: tokens of a prompt with so many demonstrations.
    Raises ConfigError, naming `stage` and both numbers, where not even `FEWEST` fit.
    """
    fewest = min(FEWEST, most)
    if context_window is None:
        return most
    for count in range(most, fewest - 1, -1):
        if prompt_tokens(count) + max_tokens <= context_window:
            return count
    needed = prompt_tokens(fewest) + max_tokens
    raise ConfigError(
        f"The {stage} prompt needs about {needed} tokens with {fewest} demonstrations and its reply, "
        f"but the model's context window holds {context_window}.",
        "Choose a model with a larger window; if this one has, say so with `context_window`.",
    )
